"""Readers of what writers say, each with the JSON Schema that editors are told of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from builder.model import Dollar

T = TypeVar("T")
Schema = Mapping[str, object]

WORD = r"^[^\s\d!-/:-@\[-^`{-~][^\s!-/:-@\[-^`{-~]*$"
"""A name in Python, as near as a pattern for every editor comes to it."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """Reads a value, or raises ValueError with what it should be."""

    read: Callable[[object], T]
    schema: Schema

    def __call__(self, value: object) -> T:
        """Read a value."""
        return self.read(value)


def kind(schema: Schema) -> Callable[[Callable[[object], T]], Kind[T]]:
    """Say what a reader accepts; where a schema cannot say it, more than it does, never less."""
    return lambda read: Kind(read, schema)


@kind(
    {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z]+$"},
        "additionalProperties": {
            "oneOf": [
                {"type": "string"},
                {
                    "type": "array",
                    "prefixItems": [
                        {"type": "string"},
                        {"type": "integer", "minimum": 1, "maximum": 9},
                    ],
                    "minItems": 2,
                    "maxItems": 2,
                },
            ]
        },
    }
)
def read_macros(value: object) -> Mapping[str, str | tuple[str, int]]:
    """Read TeX macros, of a site or of a post.

    Raises:
        ValueError: they are none; the message goes behind what they stand under.
    """
    if not isinstance(value, dict):
        raise ValueError(r"must be a table, such as {R = '\mathbb{R}'}")
    return {name: _macro(name, told) for name, told in value.items()}


@kind(
    {
        "type": "object",
        "properties": {"dollar": {"enum": [False, "pandoc", "kramdown"]}},
        "required": ["dollar"],
        "additionalProperties": False,
    }
)
def read_math(value: object) -> Dollar | None:
    """Read how formulas are written, of a site or of a post.

    Raises:
        ValueError: it is no such table; the message goes behind what it stands under.
    """
    match value:
        case {"dollar": False, **others} if not others:
            return None
        case {"dollar": "pandoc" | "kramdown" as dollar, **others} if not others:
            return "pandoc" if dollar == "pandoc" else "kramdown"
    raise ValueError("must be {dollar = false}, {dollar = 'pandoc'} or {dollar = 'kramdown'}")


def _macro(name: str, value: object) -> str | tuple[str, int]:
    if re.fullmatch(r"[A-Za-z]+", str(name)):
        match value:
            case str():
                return value
            case [str(tex), int(count)] if 0 < count < 10:
                return tex, count
    raise ValueError(
        f"macro {name!r} must be letters, and stand for TeX or for [TeX, number of arguments]"
    )
