"""Style sheets, joined under a name made from their content, and other assets as they are."""

import hashlib
from pathlib import Path, PurePosixPath

from builder.errors import SiteError
from builder.mathjax.typeset import depth_css
from builder.model import OutputFile

_CSS = PurePosixPath("css")


def make_assets(folders: tuple[Path, ...]) -> tuple[OutputFile, ...]:
    """The files below `/assets/`; the first is the style sheet.

    Args:
        folders: the project's assets, and the site's own, which take the place of those with
            their names.

    Raises:
        SiteError: a style sheet is not UTF-8.
    """
    named = {
        PurePosixPath(path.relative_to(folder).as_posix()): path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    named = dict(sorted(named.items()))
    sheets = [
        _read(path) for name, path in named.items() if name.parent == _CSS and name.suffix == ".css"
    ]
    style = "\n".join((*sheets, depth_css())).encode()
    name = f"site.{hashlib.sha256(style).hexdigest()[:12]}.css"
    others = (
        OutputFile("assets" / name, path.read_bytes())
        for name, path in named.items()
        if name.parent != _CSS and not any(part.startswith(".") for part in name.parts)
    )
    return (OutputFile(PurePosixPath("assets") / name, style), *others)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SiteError(f"assets/css/{path.name}: not UTF-8 at byte {error.start}") from None
