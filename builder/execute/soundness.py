"""Whether an event is what its type declares: a post may have made it, with anything in it."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from builder.execute.protocol import Displayed, Ended, Event, Fault, Raised
from builder.model import TRACEBACK, Display

_LARGEST = 1 << 63
_LAST_LINE = 10**9
_TEXTS = ("text/html", "text/markdown", "text/latex", "text/plain", TRACEBACK)
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif")
_FIGURES = ({"image/svg+xml"}, {"image/png"}, {"image/png", "image/webp"})
"""In each theme; the last is an animation."""


def is_sound(event: Event, blocks: int) -> bool:
    """Whether a post of so many blocks may have this event."""
    if not _is_whole(event, type(event)):
        return False
    match event:
        case Raised(fault):
            return fault.block in range(blocks) and _is_told(fault)
        case Displayed(display):
            return _is_shown(display)
        case Ended(trace=trace):
            lines = trace.untraceable.values()
            return event.block in range(blocks) and all(line in range(_LAST_LINE) for line in lines)
        case _:
            return getattr(event, "block", 0) in range(blocks)


def _is_whole(value: object, declared: Any) -> bool:
    """Whether a value is of a declared type, with all that it holds."""
    kind, parts = get_origin(declared), get_args(declared)
    if kind in (Union, UnionType):
        return any(_is_whole(value, part) for part in parts)
    if kind is tuple:  # as long as it likes
        return type(value) is tuple and all(_is_whole(item, parts[0]) for item in value)
    if kind is Mapping:
        return type(value) is dict and all(
            _is_whole(name, parts[0]) and _is_whole(item, parts[1]) for name, item in value.items()
        )
    if type(value) is not declared:
        return False
    if is_dataclass(declared):
        return all(
            hasattr(value, name) and _is_whole(getattr(value, name), part)
            for name, part in _fields(declared).items()
        )
    return _is_usual(value)


def _is_usual(value: object) -> bool:
    """Whether others can count with a number."""
    return not isinstance(value, int | float) or abs(value) < _LARGEST


@cache
def _fields(declared: type) -> Mapping[str, Any]:
    return get_type_hints(declared)


def _is_told(fault: Fault) -> bool:
    """Whether a fault can be shown where it says."""
    texts = (fault.message, fault.hint or "", fault.traceback, fault.shapes)
    return fault.line in range(_LAST_LINE) and all(map(_is_text, texts))


def _is_shown(display: Display) -> bool:
    """Whether it is a figure in both themes, or a value in media types that are known."""
    light, dark = display.in_theme("light"), display.in_theme("dark")
    if light or dark:
        is_one = light.keys() == dark.keys() and len(display.content) == 2 * len(light)
        return is_one and light.keys() in _FIGURES and _is_text(display.alt)
    are_known = (
        kind in _PICTURES or (kind in _TEXTS and _is_text(content))
        for kind, content in display.content.items()
    )
    return bool(display.content) and all(are_known) and _is_text(display.alt)


def _is_text(text: str | bytes) -> bool:
    """Whether it can be written as UTF-8, or is."""
    try:
        _ = text.encode() if isinstance(text, str) else text.decode()
    except UnicodeError:
        return False
    return True
