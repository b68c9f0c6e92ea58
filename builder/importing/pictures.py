"""The pictures of a notebook: those that its cells hold, and those that lie beside it."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from builder.importing.reading import Cell
from builder.importing.stretches import rewrite_prose

_SUFFIXES: Mapping[str, str] = {
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
}
_REFERENCE = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<head>!\[(?:\\.|(?!!\[)[^\]\\])*+\]\([ \t]*)(?:<(?P<angled>[^<>\n]*)>|(?P<bare>[^\s()]+))"
    r"|(?P<tag><img\b[^>]*?\bsrc[ \t]*=[ \t]*)(?P<mark>[\"'])(?P<quoted>[^\"'>]*)(?P=mark)",
    re.DOTALL | re.IGNORECASE,
)
_ATTACHMENT = "attachment:"


def local_pictures(cells: tuple[Cell, ...], notes: list[str]) -> tuple[str, ...]:
    """The files beside the notebook that its text shows, each once, in order.

    Args:
        cells: all of the notebook.
        notes: takes what cannot be copied.
    """
    found: dict[str, None] = {}
    for cell in cells:
        for target in _targets(cell.source) if cell.kind == "markdown" else ():
            try:
                address = urlsplit(target)
            except ValueError:  # such as `http://[x`, which is no file
                continue
            path = PurePosixPath(unquote(address.path))
            if address.scheme or address.netloc or not address.path:
                continue
            if path.is_absolute() or not _is_inside(path):
                notes.append(f"cell {cell.number}: {target!r} does not lie beside the notebook")
            else:
                found[_normal(path)] = None
    return tuple(found)


class Attachments:
    """Gives the pictures that cells hold names beside the post.

    Args:
        taken: names that are others' already.
        notes: takes what is missing.
    """

    def __init__(self, taken: tuple[str, ...], notes: list[str]) -> None:
        self._notes = notes
        self._names = {name.lower() for name in taken}
        self._files: dict[str, bytes] = {}

    @property
    def files(self) -> tuple[tuple[str, bytes], ...]:
        """Each name with its content, in the order in which they were met."""
        return tuple(self._files.items())

    def place(self, cell: Cell) -> str:
        """The text of a cell, referring to files for what it holds."""
        known: dict[str, str] = {}

        def to_file(match: re.Match[str]) -> str:
            target = _target(match)
            if not target.startswith(_ATTACHMENT):
                return match[0]
            name = unquote(target.removeprefix(_ATTACHMENT))
            if name not in known:
                known[name] = self._keep(cell, name)
            file = quote(known[name])
            if match["tag"]:
                return f"{match['tag']}{match['mark']}{file}{match['mark']}"
            return f"{match['head']}{file}"

        return rewrite_prose(cell.source, lambda text: _REFERENCE.sub(to_file, text))

    def _keep(self, cell: Cell, name: str) -> str:
        """The file's name for an attachment; its own where there is none."""
        attachment = next((a for a in cell.attachments if a.name == name), None)
        if attachment is None:
            self._notes.append(f"cell {cell.number}: the attachment {name!r} is missing")
            return name
        wanted = _safe(name, _SUFFIXES.get(attachment.media_type, ""))
        if self._files.get(wanted) == attachment.content:
            return wanted
        file, count = wanted, 1
        while file.lower() in self._names:
            count += 1
            path = PurePosixPath(wanted)
            file = f"{path.stem}-{count}{path.suffix}"
        self._names.add(file.lower())
        self._files[file] = attachment.content
        return file


def _targets(text: str) -> list[str]:
    """What the pictures in a text refer to, but for attachments."""
    found: list[str] = []

    def look(stretch: str) -> str:
        found.extend(map(_target, _REFERENCE.finditer(stretch)))
        return stretch

    rewrite_prose(text, look)
    return [target for target in found if not target.startswith(_ATTACHMENT)]


def _target(match: re.Match[str]) -> str:
    return match["angled"] or match["bare"] or match["quoted"] or ""


def _is_inside(path: PurePosixPath) -> bool:
    """Whether no `..` leads out of the notebook's folder."""
    depth = 0
    for part in path.parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return False
    return depth > 0


def _normal(path: PurePosixPath) -> str:
    """The path without `..`, which is inside."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _safe(name: str, suffix: str) -> str:
    """A name for a file of any system, with the suffix of what it is."""
    words = re.sub(r"[^\w.-]+", "-", name.replace("\\", "/").rpartition("/")[2]).strip(".-")
    path = PurePosixPath(words or "picture")
    return str(path) if path.suffix else f"{path}{suffix}"
