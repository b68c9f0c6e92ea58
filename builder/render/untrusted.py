"""What of a post may be published whose author is not trusted: harmless HTML, harmless files.

nh3 decides on the HTML. Files are judged by their names, by which a host tells browsers what they
are: a picture that is drawn by a program of its own, as SVG is, or a page would run on the site.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import nh3

_TAGS = {
    *nh3.ALLOWED_TAGS,
    *("aside", "figure", "figcaption", "section", "article", "progress", "meter", "input"),
}
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": {"class", "id", "title", "lang", "dir", "role", "aria-label", "aria-hidden", "tabindex"},
    "details": {"open", "name"},
    "input": {"checked", "disabled"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "th": {"scope", "colspan", "rowspan", "headers"},
    "td": {"colspan", "rowspan", "headers"},
    "img": {"src", "alt", "width", "height"},
    "progress": {"value", "max"},
    "meter": {"value", "min", "max"},
}
_SCHEMES = {"http", "https", "mailto"}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_ADDRESSES = ("href", "src", "cite", "action", "formaction", "data", "poster")
_LOOKS = ("style", "align", "valign", "width", "height", "border", "toc")
"""What is left out without a word: it runs nothing, and a style sheet says it better."""

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})
FILES = PICTURES | {
    *(".pdf", ".txt", ".md", ".csv", ".tsv", ".json", ".npy", ".npz", ".parquet"),
    *(".py", ".ipynb", ".zip", ".gz", ".mp3", ".mp4", ".webm", ".ogg"),
}


class Sieve:
    """Cleans the HTML of Markdown, and remembers what it has left out."""

    def __init__(self) -> None:
        self._left_out: dict[str, str] = {}

    def clean(self, page: str) -> str:
        """HTML without all that could run, load, be filled in, or look like another page."""
        doubts = _Doubts()
        doubts.feed(page)
        doubts.close()
        self._left_out |= doubts.found
        return nh3.clean(
            page,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes=_SCHEMES,
            set_tag_attribute_values={"input": {"type": "checkbox"}},
            link_rel=None,
        )

    def take_left_out(self) -> dict[str, str]:
        """What was left out since this was asked last, each with the words to look for."""
        left_out, self._left_out = self._left_out, {}
        return left_out


class _Doubts(HTMLParser):
    """Tells what nh3 will leave out. It decides nothing: where it errs, a message is missing."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        if tag not in _TAGS:
            self.found[f"<{tag}>"] = f"<{tag}"
            return
        known = _ATTRIBUTES.get(tag, set()) | _ATTRIBUTES["*"] | {"type"}
        for name, value in attrs:
            scheme = _SCHEME.match(re.sub(r"[\0-\x20]", "", value or ""))
            if name in _ADDRESSES and scheme and scheme[1].lower() not in _SCHEMES:
                self.found[f"the address {value!r}"] = value or ""
            elif name not in known and name not in _LOOKS:
                self.found[f"the attribute {name!r}"] = name


def is_harmless(path: Path, endings: frozenset[str]) -> bool:
    """Whether a file that a post names may be published; a link to it is followed."""
    return {path.suffix.lower(), path.resolve().suffix.lower()} <= endings
