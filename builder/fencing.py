"""Fences of code in Markdown."""

import re


def fence_around(code: str) -> str:
    """As many backticks as no line of the code has, and three at least."""
    return "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
