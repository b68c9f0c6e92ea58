"""Style sheets, joined under a name made from their content, and other assets as they are."""

import hashlib
from pathlib import Path, PurePosixPath

from builder.mathjax.typeset import depth_css
from builder.model import OutputFile

_CSS = PurePosixPath("css")


def make_assets(folder: Path) -> tuple[OutputFile, ...]:
    """The files below `/assets/`; the first is the style sheet."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {PurePosixPath(path.relative_to(folder).as_posix()): path for path in files}
    sheets = [
        path.read_text(encoding="utf-8")
        for name, path in named.items()
        if name.parent == _CSS and name.suffix == ".css"
    ]
    style = "\n".join((*sheets, depth_css())).encode()
    name = f"site.{hashlib.sha256(style).hexdigest()[:12]}.css"
    others = (
        OutputFile("assets" / name, path.read_bytes())
        for name, path in named.items()
        if name.parent != _CSS and not any(part.startswith(".") for part in name.parts)
    )
    return (OutputFile(PurePosixPath("assets") / name, style), *others)
