"""Style sheets and scripts, each kind joined under a name made from its content; others as is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from builder.errors import SiteError
from builder.mathjax.typeset import depth_css
from builder.model import OutputFile

_JOINED = (PurePosixPath("css"), PurePosixPath("js"))


@dataclass(frozen=True, slots=True)
class Assets:
    """The files below `/assets/`."""

    style: OutputFile
    script: OutputFile
    others: tuple[OutputFile, ...]

    @property
    def all(self) -> tuple[OutputFile, ...]:
        """Every file."""
        return self.style, self.script, *self.others


def make_assets(folders: tuple[Path, ...]) -> Assets:
    """The files below `/assets/`.

    Args:
        folders: the project's assets, and the site's own, which take the place of those with
            their names.

    Raises:
        SiteError: a style sheet or a script is not UTF-8.
    """
    named = {
        PurePosixPath(path.relative_to(folder).as_posix()): path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    named = dict(sorted(named.items()))
    others = (
        OutputFile("assets" / name, path.read_bytes())
        for name, path in named.items()
        if name.parent not in _JOINED and not any(part.startswith(".") for part in name.parts)
    )
    return Assets(_joined(named, "css", [depth_css()]), _joined(named, "js", []), tuple(others))


def _joined(named: Mapping[PurePosixPath, Path], kind: str, more: list[str]) -> OutputFile:
    """All files of one kind as one, in the order of their names."""
    texts = [
        _read(path, name)
        for name, path in named.items()
        if name.parent == PurePosixPath(kind) and name.suffix == f".{kind}"
    ]
    content = "\n".join((*texts, *more)).encode()
    name = f"site.{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
    return OutputFile(PurePosixPath("assets") / name, content)


def _read(path: Path, name: PurePosixPath) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SiteError(f"assets/{name}: not UTF-8 at byte {error.start}") from None
