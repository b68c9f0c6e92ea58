"""What a terminal is sent: colours where they are wanted, and nothing that only posts could want.

Colours are those that every terminal adapts to its own background.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import TextIO

COLOR_CHOICES = ("auto", "always", "never")

Paint = Callable[[str, str], str]
"""Gives a text the look of what it is, such as `error`, `place` or `hint`."""

_LOOKS: Mapping[str, str] = {
    "error": "1;31",
    "warning": "1;35",
    "note": "1;36",
    "place": "1",
    "caret": "1;32",
    "hint": "36",
    "count": "1",
}
# Escape sequences begin with these; the last ones turn the direction of what follows.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(_look: str, text: str) -> str:
    """Leave a text as it is."""
    return text


def colored(look: str, text: str) -> str:
    """Give a text the colour of what it is."""
    return f"\x1b[{_LOOKS[look]}m{text}\x1b[0m"


def painter(choice: str, stream: TextIO, environment: Mapping[str, str]) -> Paint:
    """How texts are to be painted on a stream.

    Args:
        choice: `always`, `never`, or `auto` for what the environment and the stream say.
        stream: where they go.
        environment: of the process: https://no-color.org, FORCE_COLOR and CLICOLOR_FORCE.
    """
    if choice == "auto":
        is_forced = any(environment.get(n, "0") not in ("", "0") for n in _FORCING)
        is_wanted = not environment.get("NO_COLOR") and (
            is_forced or can_be_controlled(stream, environment)
        )
    else:
        is_wanted = choice == "always"
    return colored if is_wanted else plain


_FORCING = ("FORCE_COLOR", "CLICOLOR_FORCE")


def can_be_controlled(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether a stream is a terminal that knows escape sequences."""
    is_known = os.name != "nt" or "WT_SESSION" in environment
    return is_known and environment.get("TERM") != "dumb" and stream.isatty()


def visible(text: str) -> str:
    """A text in which control characters are seen and do nothing; lines and tabs stay."""
    return _CONTROL.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    number = ord(match[0])
    if number < 0x20:
        return chr(0x2400 + number)
    if number == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def cut(text: str, width: int) -> str:
    """As much of a text as `width` columns of a terminal hold."""
    if sum(map(_columns, text)) <= width:
        return text
    kept, left = [], width - 1
    for character in text:
        left -= _columns(character)
        if left < 0:
            break
        kept.append(character)
    return "".join((*kept, "…"))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
