"""Turn a code cell into a block that runs, or into a listing where it is in another language."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from builder.errors import Location, PostError
from builder.fencing import fence_around
from builder.importing.reading import Cell
from builder.model import BlockOptions
from builder.parse.options import make_options, read_options, split_options
from builder.parse.yaml_mapping import Entry

_NOWHERE = Location(PurePosixPath("notebook"))
_RAISES = "raises-exception"
_CELL_MAGIC = re.compile(r"\s*%%(?P<name>[A-Za-z]\w*|!)[ \t]*(?P<rest>.*)\n?")
_LANGUAGES: Mapping[str, str] = {
    "!": "sh",
    "HTML": "html",
    "R": "r",
    "SVG": "xml",
    "bash": "bash",
    "cmd": "bat",
    "cython": "cython",
    "html": "html",
    "javascript": "javascript",
    "js": "javascript",
    "julia": "julia",
    "latex": "latex",
    "markdown": "markdown",
    "perl": "perl",
    "ruby": "ruby",
    "script": "sh",
    "sh": "sh",
    "sql": "sql",
    "svg": "xml",
    "sx": "sh",
    "system": "sh",
}
_FILES = ("writefile", "file")
_BY_SUFFIX: Mapping[str, str] = {
    ".css": "css",
    ".html": "html",
    ".js": "javascript",
    ".json": "json",
    ".md": "markdown",
    ".py": "python",
    ".sh": "sh",
    ".toml": "toml",
    ".yaml": "yaml",
    ".yml": "yaml",
}


def to_block(cell: Cell, notes: list[str]) -> str:
    """A code cell as a fenced block; empty for an empty cell.

    Args:
        cell: a code cell.
        notes: takes what may need a look.
    """
    if not cell.source.strip():
        return ""
    lines = cell.source.lstrip("\n")
    source = lines if lines.startswith("#|") else cell.source
    head, code = split_options(source)
    magic = _CELL_MAGIC.match(code)
    if magic and (info := _listing_info(magic)):
        notes.append(f"cell {cell.number}: %%{magic['name']} is shown and does not run")
        return _fenced(code[magic.end() :], info)
    entries, options = _options(head, cell, notes)
    option_count = head.count("\n") + 1 if source.startswith("#|") else 0
    kept, rest = source.split("\n")[:option_count], source.split("\n")[option_count:]
    tags = _tags(cell, {entry.key for entry in entries})
    if tags:
        kept.append(f"#| tags: [{', '.join(tags)}]")
    return _fenced("\n".join((*kept, *_without_settings(rest, options))), "{python}")


def _listing_info(magic: re.Match[str]) -> str:
    """What stands behind the fence of a cell that is not Python; empty where it is."""
    name, rest = magic["name"], magic["rest"].split()
    if name in _FILES and rest:
        path = PurePosixPath(rest[-1].strip("\"'"))
        return f'{_BY_SUFFIX.get(path.suffix, "text")} filename="{path}"'
    return _LANGUAGES.get(name, "")


def _options(head: str, cell: Cell, notes: list[str]) -> tuple[tuple[Entry, ...], BlockOptions]:
    """The options that a cell says itself; none where they are wrong, which is told."""
    try:
        entries = read_options(head, _NOWHERE.path, 1)
        return entries, make_options(entries)
    except PostError as error:
        problem = error.problem
        hint = f" ({problem.hint})" if problem.hint else ""
        notes.append(f"cell {cell.number}: {problem.message}{hint}")
        return (), BlockOptions()


def _tags(cell: Cell, said: set[str]) -> tuple[str, ...]:
    """The tags that mean something to a block; none where it says its own."""
    if "tags" in said:
        return ()
    return tuple(
        tag for tag in cell.tags if _is_known(tag) and not (tag == _RAISES and "error" in said)
    )


def _is_known(tag: str) -> bool:
    return make_options([Entry("tags", tag, tag, _NOWHERE)]) != BlockOptions()


def _without_settings(lines: list[str], options: BlockOptions) -> list[str]:
    """Code without the lines in which an export gives the names of a sweep their values."""
    settings = [re.compile(rf"{re.escape(name)} = .+  # one of ") for name, _ in options.sweep]
    is_exported = len(lines) >= len(settings) and all(map(re.Pattern.match, settings, lines))
    return lines[len(settings) :] if is_exported else lines


def _fenced(code: str, info: str) -> str:
    fence = fence_around(code)
    return f"{fence}{info}\n{code}\n{fence}"
