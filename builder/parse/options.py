"""Read the options of a code block, as Quarto, R Markdown and MyST write them.

    site's `execute`  <  post's `execute:`  <  `{python name, echo=FALSE}`  <  tags  <  `#|`

What stands further right wins.
"""

import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from builder.errors import Location, PostError, Problem, did_you_mean
from builder.kinds import WORD, Kind, Schema, kind
from builder.model import ANY_ERROR, BlockOptions, Scalar
from builder.parse.expectations import read_expectation
from builder.parse.line_numbers import read_lines
from builder.parse.yaml_mapping import Entry, read_mapping, read_value, shown

SWEEP_VALUES = 12
"""As many as the style sheet has rules for."""

_MARK = "#|"
_HEADER_PART = re.compile(
    r"""\s*([\w.#-]+)\s*(?:=\s*("[^"]*"|'[^']*'|[^\s,]+))?\s*(?:,|$|(?=\s))"""
)


_TEXTS: Schema = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_SWEEP: Schema = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 2,
    "propertyNames": {"pattern": WORD, "not": {"enum": keyword.kwlist}},
    "additionalProperties": {
        "type": "array",
        "items": {"type": ["number", "string", "boolean"]},
        "minItems": 2,
        "maxItems": SWEEP_VALUES,
        "uniqueItems": True,
    },
}


def split_options(code: str) -> tuple[str, str]:
    """Part the option lines of a block (as YAML) from the code that follows them."""
    lines = code.split("\n")
    count = next((n for n, line in enumerate(lines) if not line.startswith(_MARK)), len(lines))
    head = (line.removeprefix(_MARK).removeprefix(" ") for line in lines[:count])
    return "\n".join(head), "\n".join(lines[count:])


def read_options(head: str, path: PurePosixPath, first_line: int) -> tuple[Entry, ...]:
    """The `#|` lines of a block; `first_line` is the post's line of the first one.

    Raises:
        PostError: they are not YAML lines of `key: value`.
    """
    return read_mapping(head, Location(path, first_line), "block options") if head else ()


def read_header(header: str, location: Location) -> tuple[Entry, ...]:
    """The options behind the language: `{python name, echo=FALSE, fig.cap="A curve"}`.

    Raises:
        PostError: it is no list of names and values.
    """
    entries, at = [], 0
    header = header.strip().lstrip(",")
    while at < len(header):
        match = _HEADER_PART.match(header, at)
        if not match:
            raise PostError(
                Problem(
                    code="unknown-option",
                    message=f"unknown block header {header!r}",
                    location=location,
                    hint="write options as '#| key: value' lines at the head of the block",
                )
            )
        name, value = match[1], match[2]
        key, told = _named(name) if value is None else (name.replace(".", "-"), value)
        read = told if value is None else _header_value(key, told, location)
        entries.append(Entry(key, read, None, location))
        at = max(match.end(), at + 1)
    return tuple(entries)


def as_entries(value: object, location: Location) -> tuple[Entry, ...]:
    """The defaults that `execute:` gives.

    Raises:
        PostError: it is no mapping.
    """
    if not isinstance(value, Mapping):
        message = "execute: is not a mapping of options"
        raise PostError(Problem(code="wrong-value", message=message, location=location))
    return tuple(Entry(str(key), told, None, location) for key, told in value.items())


def make_options(entries: Iterable[Entry]) -> BlockOptions:
    """Validate options; of two for one key, the later wins.

    Raises:
        PostError: an option is unknown or has a value of the wrong kind.
    """
    values: dict[str, object] = {}
    for entry in entries:
        option = BLOCK_OPTIONS.get(entry.key)
        if option is None:
            raise _unknown(entry.key, entry.location)
        try:
            found = option.kind(entry.value)
        except ValueError as error:
            message = f"{entry.key}: {_shown(entry)} is not {error}"
            raise PostError(
                Problem(code="wrong-value", message=message, location=entry.location)
            ) from None
        values |= found if isinstance(found, dict) else {option.field: found}
    return BlockOptions(**values)  # type: ignore[arg-type]  # each was read by its reader


def _named(word: str) -> tuple[str, str]:
    """What a word alone says: a label, or a class as Pandoc writes it."""
    return ("classes", word) if word.startswith(".") else ("label", word.lstrip("#"))


def _header_value(key: str, text: str, location: Location) -> object:
    """A value as R and Python write it."""
    known = {"TRUE": True, "T": True, "True": True, "FALSE": False, "F": False, "False": False}
    if text in known:
        return known[text]
    if text[:1] in ("'", '"'):
        return text[1:-1]
    return read_value(text, key, location, "block header")


def _unknown(key: str, location: Location) -> PostError:
    hint = did_you_mean(key, BLOCK_OPTIONS) or f"known are {', '.join(sorted(BLOCK_OPTIONS))}"
    message = f"unknown block option {key!r}"
    return PostError(Problem(code="unknown-option", message=message, location=location, hint=hint))


def _shown(entry: Entry) -> str:
    """The value as YAML writes it, where the writer would not know Python's way."""
    return (
        {True: "true", False: "false"}[entry.value]
        if isinstance(entry.value, bool)
        else shown(entry.value)
    )


@kind({"type": "boolean"})
def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


@kind({"type": "string"})
def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return " ".join(value.split())


@kind({"type": "string", "pattern": r"^\s*\S*\s*$"})
def _label(value: object) -> str:
    """An id, which HTML knows without white space alone."""
    label = _text(value)
    if " " in label:
        raise ValueError(f"a name without spaces, such as {label.replace(' ', '-')!r}")
    return label


@kind(_TEXTS)
def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(_text(item) for item in value)
    if isinstance(value, str):
        return (_text(value),)
    raise ValueError("a text or a list of texts")


@kind(_TEXTS)
def _words(value: object) -> tuple[str, ...]:
    """Names of classes; a dot before them is Pandoc's way."""
    return tuple(word.lstrip(".") for text in _texts(value) for word in text.split())


@kind({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1_000_000})
def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise ValueError("a number of seconds above 0")
    return float(value)


@kind({"type": "number", "minimum": 0.5, "maximum": 40})
def _inches(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.5 <= value <= 40:
        raise ValueError("a number of inches from 0.5 to 40")
    return float(value)


@kind({"type": "integer", "minimum": 1})
def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("a whole number of at least 1")
    return value


@kind({"type": "integer", "minimum": 0})
def _count_or_none(value: object) -> int:
    return 0 if value == 0 and not isinstance(value, bool) else _count(value)


@kind({"type": "integer", "minimum": 0, "maximum": 2**32 - 1})
def _seed(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
        raise ValueError("a whole number from 0 to 4294967295")
    return value


@kind({"oneOf": [{"type": "boolean"}, {"type": "string", "pattern": WORD}]})
def _error(value: object) -> str | None:
    if isinstance(value, bool):
        return ANY_ERROR if value else None
    if isinstance(value, str) and value.isidentifier():
        return value
    raise ValueError("true, false or the name of an exception")


@kind({"enum": ["svg", "png", "retina"]})
def _format(value: object) -> str:
    """Quarto's `retina` is what a PNG is in any case: twice as dense as the page."""
    formats = {"svg": "svg", "png": "png", "retina": "png"}
    if not isinstance(value, str) or value not in formats:
        raise ValueError("'svg' or 'png'")
    return formats[value]


@kind({"type": "integer", "minimum": 36, "maximum": 600})
def _dots(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 36 <= value <= 600:
        raise ValueError("a whole number of dots an inch from 36 to 600")
    return value


@kind(_SWEEP)
def _sweep(value: object) -> tuple[tuple[str, tuple[Scalar, ...]], ...]:
    if not isinstance(value, dict) or not 1 <= len(value) <= 2:
        raise ValueError("one or two names with a list of values, such as {lr: [0.01, 0.1]}")
    return tuple((_name(name), _values(name, values)) for name, values in value.items())


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"possible: {shown(name)} is no name that Python can give a value")
    return name


def _values(name: object, values: object) -> tuple[Scalar, ...]:
    if not isinstance(values, list) or not 2 <= len(values) <= SWEEP_VALUES:
        raise ValueError(f"possible: {name} needs a list of 2 to {SWEEP_VALUES} values")
    for value in values:
        if not isinstance(value, int | float | str | bool):
            raise ValueError(f"possible: a value of {name} must be a number, a text, true or false")
    if len({repr(value) for value in values}) < len(values):
        raise ValueError(f"possible: a value of {name} is said twice")
    return tuple(values)


@kind({"enum": [True, False, "show"]})
def _fold(value: object) -> str:
    if value == "show":
        return "open"
    if not isinstance(value, bool):
        raise ValueError("true, false or 'show'")
    return "closed" if value else "no"


_TAGS: Mapping[str, dict[str, object]] = {
    "hide-input": {"code_fold": "closed"},
    "hide-output": {"output_fold": True},
    "hide-cell": {"code_fold": "closed", "output_fold": True},
    "remove-input": {"echo": False},
    "remove-output": {"output": False},
    "remove-cell": {"include": False},
    "remove-stdout": {"has_stdout": False},
    "remove-stderr": {"warning": False},
    "raises-exception": {"expected_error": ANY_ERROR},
    "skip-execution": {"eval": False},
}


@kind({**_TEXTS, "examples": [list(_TAGS)]})
def _tags(value: object) -> dict[str, object]:
    """What MyST's tags mean; all others are the author's own."""
    found: dict[str, object] = {}
    for tag in _texts(value):
        found |= _TAGS.get(tag, {})
    return found


@dataclass(frozen=True, slots=True)
class Option:
    """A block option: what `BlockOptions` calls it, how it is read, and what it means."""

    field: str
    kind: Kind[Any]
    meaning: str


BLOCK_OPTIONS: Mapping[str, Option] = {
    "label": Option("label", _label, "an id to link to"),
    "echo": Option("echo", _flag, "whether the source is shown"),
    "eval": Option("eval", _flag, "whether it runs"),
    "output": Option("output", _flag, "whether what it gives is shown"),
    "include": Option("include", _flag, "false runs it and shows nothing"),
    "warning": Option("warning", _flag, "whether standard error is shown"),
    "error": Option("expected_error", _error, "the exception that it must raise; true for any"),
    "seed": Option("seed", _seed, "seeds every generator before it runs"),
    "timeout": Option("timeout_s", _seconds, "seconds that it may take"),
    "memory": Option(
        "memory_mb", _count, "megabytes that the post's processes may hold together while it runs"
    ),
    "processes": Option("processes", _count_or_none, "processes that it may start"),
    "output-limit": Option(
        "output_limit", _count, "bytes of text that it may print; the rest is counted"
    ),
    "depends": Option("depends", _texts, "files that it uses in ways that cannot be seen"),
    "cache": Option("is_kept", _flag, "false runs it, and the blocks after it, in every build"),
    "tags": Option("tags", _tags, "MyST's tags, such as hide-input; others are your own"),
    "code-fold": Option("code_fold", _fold, "true folds the source away; show lets it be folded"),
    "code-summary": Option("code_summary", _text, "what stands on the fold"),
    "filename": Option("filename", _text, "a name above the source"),
    "classes": Option("classes", _words, "classes for a style sheet of yours"),
    "fig-alt": Option(
        "fig_alt",
        _texts,
        "what the figure shows, for those who cannot see it; a list for several figures",
    ),
    "fig-cap": Option("fig_cap", _text, "a caption, in Markdown with formulas"),
    "tbl-cap": Option("tbl_cap", _text, "a caption for a value"),
    "lst-cap": Option("lst_cap", _text, "a caption for the source"),
    "fig-subcap": Option("fig_subcap", _texts, "captions for each of several figures"),
    "fig-width": Option("fig_width_in", _inches, "width in inches of the figures that it makes"),
    "fig-height": Option("fig_height_in", _inches, "height in inches of the figures that it makes"),
    "fig-format": Option(
        "fig_format", _format, "a drawing or dots; without it, the size of the drawing decides"
    ),
    "fig-dpi": Option(
        "fig_dpi", _dots, "dots an inch of figures that are made of dots, and of animations"
    ),
    "layout-ncol": Option("layout_ncol", _count, "figures side by side, where there is room"),
    "sweep": Option("sweep", _sweep, "run once for each value of one name or two"),
    "emphasize-lines": Option(
        "emphasize_lines", read_lines, "lines that stand out, counted below the options"
    ),
    "running-time": Option("running_time", _flag, "tell readers how long it ran"),
    "expect": Option("expect", read_expectation, "how far a recheck may find it from what it was"),
}


def options_schema() -> Schema:
    """What editors are told of the options of a block."""
    properties = {
        name: {"description": option.meaning} | dict(option.kind.schema)
        for name, option in BLOCK_OPTIONS.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}
