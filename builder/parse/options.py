"""Read the `#| key: value` lines at the head of a code block, as Quarto writes them."""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from builder.errors import Location, PostError, Problem, did_you_mean
from builder.model import BlockOptions
from builder.parse.yaml_mapping import Entry, read_mapping, shown

_MARK = "#|"


def split_options(code: str) -> tuple[str, str]:
    """Part the option lines of a block (as YAML) from the code that follows them."""
    lines = code.split("\n")
    count = next((n for n, line in enumerate(lines) if not line.startswith(_MARK)), len(lines))
    head = (line.removeprefix(_MARK).removeprefix(" ") for line in lines[:count])
    return "\n".join(head), "\n".join(lines[count:])


def read_options(head: str, path: PurePosixPath, first_line: int) -> BlockOptions:
    """Validate the options of a block; `first_line` is the post's line of the first one.

    Raises:
        PostError: an option is unknown or has a value of the wrong kind.
    """
    if not head:
        return BlockOptions()
    values: dict[str, object] = {}
    for entry in read_mapping(head, path, first_line, "block options"):
        field, read = BLOCK_OPTIONS.get(entry.key, (None, None))
        if field is None or read is None:
            raise _unknown(entry.key, entry.location)
        try:
            values[field] = read(entry.value)
        except ValueError as error:
            message = f"{entry.key}: {_shown(entry)} is not {error}"
            raise PostError(Problem(message=message, location=entry.location)) from None
    return BlockOptions(**values)  # type: ignore[arg-type]  # each was read by its reader


def _unknown(key: str, location: Location) -> PostError:
    hint = did_you_mean(key, BLOCK_OPTIONS) or f"known are {', '.join(sorted(BLOCK_OPTIONS))}"
    return PostError(Problem(message=f"unknown block option {key!r}", location=location, hint=hint))


def _shown(entry: Entry) -> str:
    """The value as YAML writes it, where the writer would not know Python's way."""
    return (
        {True: "true", False: "false"}[entry.value]
        if isinstance(entry.value, bool)
        else shown(entry.value)
    )


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return " ".join(value.split())


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(_text(item) for item in value)
    if isinstance(value, str):
        return (_text(value),)
    raise ValueError("a text or a list of texts")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise ValueError("a number of seconds above 0")
    return float(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("a whole number of at least 1")
    return value


def _count_or_none(value: object) -> int:
    return 0 if value == 0 and not isinstance(value, bool) else _count(value)


BLOCK_OPTIONS: Mapping[str, tuple[str, Callable[[object], object]]] = {
    "label": ("label", _text),
    "echo": ("echo", _flag),
    "eval": ("eval", _flag),
    "output": ("output", _flag),
    "include": ("include", _flag),
    "timeout": ("timeout_s", _seconds),
    "memory": ("memory_mb", _count),
    "processes": ("processes", _count_or_none),
    "output-limit": ("output_limit", _count),
    "depends": ("depends", _texts),
    "cache": ("is_kept", _flag),
    "fig-alt": ("fig_alt", _texts),
}
