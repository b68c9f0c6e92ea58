"""Make a post from a notebook: its text, its code as blocks that run, and its pictures."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from builder.dates import MONTHS
from builder.importing.blocks import to_block
from builder.importing.formulas import rewrite_formulas
from builder.importing.pictures import Attachments, local_pictures
from builder.importing.reading import Cell, read_cells
from builder.importing.stretches import close_fence
from builder.parse.fences import find_fences
from builder.parse.yaml_mapping import printable, write_line

_HEADING = re.compile(r"^ {0,3}#[ \t]+(?P<title>.*?)(?:[ \t]+#+)?[ \t]*$\n?", re.MULTILINE)
_DATE = re.compile(rf"\s*\*\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}\*[ \t]*(?:\n|\Z)")
_ATTRIBUTES = re.compile(r"[ \t]*\{[#.:][^{}]*\}\Z")
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(
    r"\\([!-/:-@\[-`{-~])|\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,2}|_{1,2}(?!\w)|`"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}-")
_RUNS = re.compile(r"^([ \t>]*(?:`{3,}|~{3,}))[ \t]*\{(python)\b[^}\n]*\}", re.MULTILINE)
_KEPT_RAW = ("text/html", "text/markdown", "html", "markdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPost:
    """A notebook as a post that is not yet written."""

    title: str
    tags: tuple[str, ...]
    body: str
    """Markdown, without front matter."""

    files: tuple[tuple[str, bytes], ...]
    """Pictures that the notebook held, by the names that they get beside the post."""

    pictures: tuple[str, ...]
    """Files that it refers to, relative to its folder, which are to be copied."""

    notes: tuple[str, ...]
    """What was left out or may need a look."""


def read_notebook(content: bytes, name: str) -> ImportedPost:
    """Make a post from a notebook.

    Args:
        content: the notebook's file.
        name: that file's name; it gives the title where nothing else does.

    Raises:
        SettingsError: it is no notebook, of a version to come, or not in Python.
    """
    notebook = read_cells(content, name)
    notes: list[str] = []
    title, cells = _take_title(notebook.cells)
    pictures = local_pictures(cells, notes)
    attachments = Attachments(pictures, notes)
    pieces = (_WRITERS[cell.kind](cell, attachments, notes) for cell in cells)
    body = "\n\n".join(filter(None, pieces))
    return ImportedPost(
        title=title or notebook.title or _title_from(name),
        tags=notebook.tags,
        body=f"{body}\n" if body else "",
        files=attachments.files,
        pictures=pictures,
        notes=tuple(notes),
    )


def to_post(imported: ImportedPost) -> str:
    """The whole text of a post, front matter first; its day stands in the name of its file."""
    front = [write_line("title", printable(imported.title))]
    if imported.tags:
        front.append(write_line("tags", [printable(tag) for tag in imported.tags]))
    return "\n".join(("---", *front, "---", "", imported.body))


def _take_title(cells: tuple[Cell, ...]) -> tuple[str, tuple[Cell, ...]]:
    """Part the first heading of the first level from the cells; empty if there is none."""
    for place, cell in enumerate(cells):
        match = _heading(cell.source) if cell.kind == "markdown" else None
        title = _plain(match["title"]) if match else ""
        if match and title:
            below = cell.source[match.end() :]
            dated = _DATE.match(below)
            below = below[dated.end() :] if dated else below
            rest = replace(cell, source=cell.source[: match.start()] + below)
            return title, (*cells[:place], rest, *cells[place + 1 :])
    return "", cells


def _heading(text: str) -> re.Match[str] | None:
    """The first heading of the first level that stands in no code."""
    code = [(found.start, found.end) for found in find_fences(text)]
    return next(
        (
            match
            for match in _HEADING.finditer(text)
            if not any(start <= match.start() < end for start, end in code)
        ),
        None,
    )


def _plain(title: str) -> str:
    """The words of a heading without their markup."""
    words = _LINK.sub(r"\1", _TAG.sub("", _ATTRIBUTES.sub("", title)))
    return html.unescape(" ".join(_MARKUP.sub(lambda m: m[1] or "", words).split()))


def _title_from(name: str) -> str:
    words = _DAY.sub("", PurePosixPath(name).stem).replace("_", " ").replace("-", " ").split()
    title = " ".join(words) or "Notebook"
    return title[:1].upper() + title[1:]


def _markdown(cell: Cell, attachments: Attachments, _notes: list[str]) -> str:
    """Text as it is, but for blocks that a notebook only shows, which would run here."""
    text = rewrite_formulas(attachments.place(cell))
    return close_fence(_trimmed(_RUNS.sub(r"\1\2", text)))


def _code(cell: Cell, _attachments: Attachments, notes: list[str]) -> str:
    return to_block(cell, notes)


def _raw(cell: Cell, _attachments: Attachments, notes: list[str]) -> str:
    """A raw cell that a page can hold; others are for other writers."""
    if cell.media_type in _KEPT_RAW:
        return _trimmed(cell.source)
    if cell.source.strip():
        notes.append(f"cell {cell.number}: a raw cell was left out")
    return ""


_WRITERS: Mapping[str, Callable[[Cell, Attachments, list[str]], str]] = {
    "markdown": _markdown,
    "code": _code,
    "raw": _raw,
}


def _trimmed(text: str) -> str:
    """Text without blank lines around it."""
    return re.sub(r"\A(?:[ \t]*\n)+", "", text).rstrip()
