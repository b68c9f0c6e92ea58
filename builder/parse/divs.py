"""Find fences of colons that are opened and never closed; `render` makes divs of the others."""

import re
from collections.abc import Iterator

_FENCE = re.compile(
    r"(?m)^ {0,3}:{3,}+[ \t]*+"
    r"(?P<told>\{[^{}\n]++\}[^:\n{}]*+|[A-Za-z][\w-]*+[^:\n{}]*+)?:*+[ \t]*+$"
)


def find_unclosed(text: str) -> Iterator[int]:
    """The offsets of opening fences that nothing closes.

    Args:
        text: Markdown without its fenced code.
    """
    begun: list[int] = []
    for fence in _FENCE.finditer(text):
        if fence["told"]:
            begun.append(fence.start())
        elif begun:
            begun.pop()
    yield from begun
