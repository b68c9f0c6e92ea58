"""The text that a reader sees of a value that is HTML: a line for each row of a table."""

import re
from hashlib import sha256
from html.parser import HTMLParser

_BLOCKS = frozenset(
    (
        *("address", "article", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt"),
        *("figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"),
        *("section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    )
)
_CELLS = ("td", "th")
_UNSEEN = ("script", "style", "template", "title")
_SPACE = re.compile(r"[^\S\n]+")
_LONG = 200


def text_of_html(html: str) -> str:
    """The text of HTML: cells of a row with a bar between them, other blocks in their own lines."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    """Collects what is seen."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0
        self._is_first = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _CELLS:
            self.parts.append("" if self._is_first else " | ")
            self._is_first = False
        elif tag == "img":
            told = dict(attrs)
            self.parts.append(f" [picture {told.get('alt') or ''} {_short(told.get('src') or '')}]")
        elif tag in _BLOCKS:
            self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data.replace("\n", " "))

    def _break(self, tag: str) -> None:
        self.parts.append("\n")
        self._is_first = self._is_first or tag == "tr"


def _short(address: str) -> str:
    """An address; a digest of one that holds the picture itself."""
    return address if len(address) < _LONG else sha256(address.encode()).hexdigest()[:16]
