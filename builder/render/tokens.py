"""Placeholders for what Markdown must not see.

Formulas and blocks are taken out before Markdown runs and put back as HTML
after it. A placeholder is a number between two private-use characters, which no
rule of Markdown touches.
"""

import html
import re
from dataclasses import dataclass

_OPEN, _CLOSE = "\ue000", "\ue001"
_ESCAPES = {ord(c): f"&#{ord(c)};" for c in _OPEN + _CLOSE}
_TOKEN = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_PARAGRAPH = re.compile(f"<p>\\s*{_OPEN}(\\d+){_CLOSE}\\s*</p>")
_TAG = re.compile(f"<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*{_OPEN}?[^<>]*>")


@dataclass(frozen=True, slots=True)
class Insert:
    """What a placeholder stands for, in each place where it may end up."""

    block: str
    """HTML for a paragraph of its own."""

    inline: str
    """HTML within a line."""

    text: str
    """Plain text, for attributes, ids and summaries."""


class Tokens:
    """The placeholders of one post."""

    def __init__(self) -> None:
        self._inserts: list[Insert] = []

    @staticmethod
    def escape(prose: str) -> str:
        """Make sure that the author's text holds no placeholder."""
        return prose.translate(_ESCAPES)

    def add(self, insert: Insert) -> str:
        """Keep `insert` and give the placeholder that stands for it."""
        self._inserts.append(insert)
        return f"{_OPEN}{len(self._inserts) - 1}{_CLOSE}"

    def to_text(self, text: str) -> str:
        """Replace placeholders in plain text."""
        return _TOKEN.sub(lambda m: self._inserts[int(m[1])].text, text)

    def to_html(self, page: str) -> str:
        """Replace placeholders in HTML."""
        page = _TAG.sub(
            lambda tag: _TOKEN.sub(lambda m: html.escape(self._inserts[int(m[1])].text), tag[0]),
            page,
        )
        page = _PARAGRAPH.sub(lambda m: self._inserts[int(m[1])].block, page)
        return _TOKEN.sub(lambda m: self._inserts[int(m[1])].inline, page)
