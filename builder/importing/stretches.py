"""Rewrite Markdown and leave its fenced blocks, comments and indented code as they are."""

import re
from collections.abc import Callable

from builder.parse.fences import Fence, find_fences

_FENCE = re.compile("`+|~+")


def rewrite_prose(text: str, rewrite: Callable[[str], str]) -> str:
    """Markdown in which each stretch between blocks of code is rewritten."""
    at, pieces = 0, []
    for found in find_fences(text):
        pieces += [rewrite(text[at : found.start]), text[found.start : found.end]]
        at = found.end
    return "".join((*pieces, rewrite(text[at:])))


def close_fence(text: str) -> str:
    """Markdown whose last fence is closed: a cell ends what it opens, a post would go on."""
    fences = [found for found in find_fences(text) if isinstance(found, Fence)]
    mark = _FENCE.match(text, fences[-1].start) if fences else None
    if mark is None or fences[-1].is_closed or fences[-1].container.strip():
        return text
    return f"{text}\n{fences[-1].container}{mark[0]}"
