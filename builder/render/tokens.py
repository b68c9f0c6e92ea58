"""Placeholders for what Markdown must not see.

Formulas and blocks are taken out before Markdown runs and put back as HTML
after it. A placeholder is a number between two private-use characters, which no
rule of Markdown touches.
"""

import html
import re
from dataclasses import dataclass

_OPEN, _CLOSE = "\ue000", "\ue001"
_OWN = re.compile(f"[{_OPEN}{_CLOSE}]")
_TOKEN = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_PLACE = re.compile(
    f"<p(?:\\s[^<>]*+)?>\\s*+{_OPEN}(?P<paragraph>\\d+){_CLOSE}\\s*+"
    '(?:</p>|(?P<back>&#160;<a class="footnote-backref"))'
    f"|(?P<tag><[a-zA-Z](?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+>)"
    f"|{_OPEN}(?P<line>\\d+){_CLOSE}"
)


@dataclass(frozen=True, slots=True)
class Insert:
    """What a placeholder stands for, in each place where it may end up."""

    block: str
    """HTML for a paragraph of its own."""

    inline: str
    """HTML within a line."""

    text: str
    """Plain text, for attributes, ids and summaries."""

    notes_id: str | None = None
    """What the ids of notes begin with, where a list of them belongs right below."""


class Tokens:
    """The placeholders of one post."""

    def __init__(self) -> None:
        self._inserts: list[Insert] = []

    def escape(self, prose: str) -> str:
        """Make sure that the author's text holds no placeholder."""
        return _OWN.sub(lambda m: self.add(Insert(f"<p>{m[0]}</p>", m[0], m[0])), prose)

    def add(self, insert: Insert) -> str:
        """Keep `insert` and give the placeholder that stands for it."""
        self._inserts.append(insert)
        return f"{_OPEN}{len(self._inserts) - 1}{_CLOSE}"

    def notes_id(self, text: str) -> str | None:
        """What the ids of notes begin with, below a paragraph that consists of `text`."""
        match = _TOKEN.fullmatch(text.strip())
        return self._inserts[int(match[1])].notes_id if match else None

    def to_text(self, text: str) -> str:
        """Replace placeholders in plain text."""
        return _TOKEN.sub(lambda m: self._inserts[int(m[1])].text, text)

    def to_html(self, page: str) -> str:
        """Replace placeholders in HTML; what is put in is not looked at again."""

        def html_of(match: re.Match[str]) -> str:
            if match["tag"]:
                return _TOKEN.sub(self._attribute_text, match["tag"])
            if match["paragraph"]:
                back = f"<p>{match['back']}" if match["back"] else ""
                return self._inserts[int(match["paragraph"])].block + back
            return self._inserts[int(match["line"])].inline

        return _PLACE.sub(html_of, page)

    def _attribute_text(self, match: re.Match[str]) -> str:
        return html.escape(self._inserts[int(match[1])].text)
