"""Reads an HTML page: where it leads, what it shows, and what others may lead to in it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple


class Link(NamedTuple):
    """An address that a page names."""

    target: str
    element: str
    line: int
    column: int
    is_prose: bool
    """Whether the author of the post has written it, and not the theme."""

    is_silent: bool = False
    """Whether it is a link that nobody can see or hear: there is nothing in it."""


class Heading(NamedTuple):
    """A heading of the author's."""

    level: int
    id: str
    words: str


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be known of a page."""

    links: tuple[Link, ...]
    headings: tuple[Heading, ...]
    ids: frozenset[str]
    """What a fragment may name."""

    repeated: tuple[tuple[str, int, bool], ...]
    """Ids that stand there twice, with the line of the second and whether that is prose."""

    without_alt: tuple[tuple[str, int], ...]
    """Pictures of the theme's that have no `alt`, with their lines."""


_ADDRESSES = {
    "a": ("href",),
    "area": ("href",),
    "link": ("href",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "image": ("href", "xlink:href"),
    "video": ("src", "poster"),
    **dict.fromkeys(("audio", "script", "iframe", "embed", "track"), ("src",)),
    "object": ("data",),
    "form": ("action",),
}
PICTURES = ("img", "source", "image")
_PROPERTIES = ("og:image", "og:url", "twitter:image")
_THEME = ("header", "footer", "nav", "aside")
_VISIBLE = ("img", "svg", "image", "video", "audio", "input", "button", "object", "picture")
_HEADING = re.compile(r"h[1-6]")
_CANDIDATE = re.compile(r"\s*(\S*[^\s,])(?:\s+[^,]*)?,?")

# Most of a page's weight; they refer to nothing but the outlines of their own letters.
_FORMULA = re.compile(r'<svg class="math-d\d+".*?</svg>|<math\b.*?</math>', re.DOTALL)


def read_page(text: str) -> Page:
    """What is to be known of a page."""
    reader = _Reader()
    reader.feed(_FORMULA.sub(_only_links, text))
    reader.close()
    return reader.page()


def _only_links(match: re.Match[str]) -> str:
    """Nothing of a formula, unless there is a link in it."""
    formula = match[0]
    is_linking = "<a " in formula and formula.startswith("<svg")
    return formula if is_linking else "\n" * formula.count("\n")


@dataclass
class _Open:
    """An element whose words count, while it is open."""

    words: list[str] = field(default_factory=list)
    has_picture: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._links: list[Link] = []
        self._headings: list[Heading] = []
        self._ids: dict[str, None] = {}
        self._repeated: list[tuple[str, int, bool]] = []
        self._without_alt: list[tuple[str, int]] = []
        self._depth: Counter[str] = Counter()
        self._anchor: tuple[Link, _Open] | None = None
        self._heading: tuple[Heading, _Open] | None = None

    def page(self) -> Page:
        """All that was read."""
        return Page(
            tuple(self._links),
            tuple(self._headings),
            frozenset(self._ids),
            tuple(self._repeated),
            tuple(self._without_alt),
        )

    @property
    def _is_prose(self) -> bool:
        return self._depth["article"] > 0 and not any(self._depth[name] for name in _THEME)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}  # the first one counts
        if tag in ("article", *_THEME):
            self._depth[tag] += 1
        if given.get("id"):
            self._take_id(given["id"])
        if tag == "a" and given.get("name") and given["name"] not in self._ids:
            self._ids[given["name"]] = None
        if tag in _VISIBLE:
            self._see()
        if tag == "img" and "alt" not in given and not self._is_prose:
            self._without_alt.append((given.get("src", ""), self.getpos()[0]))
        if _HEADING.fullmatch(tag) and self._is_prose:
            self._heading = (Heading(int(tag[1]), given.get("id", ""), ""), _Open())
        self._take_addresses(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("article", *_THEME):
            self._depth[tag] = max(0, self._depth[tag] - 1)
        elif tag == "a" and self._anchor is not None:
            link, opened = self._anchor
            is_silent = not (opened.has_picture or "".join(opened.words).strip())
            self._links.append(link._replace(is_silent=is_silent))
            self._anchor = None
        elif _HEADING.fullmatch(tag) and self._heading is not None:
            heading, opened = self._heading
            words = " ".join("".join(opened.words).split())
            self._headings.append(heading._replace(words=words))
            self._heading = None

    def handle_data(self, data: str) -> None:
        for opened in (self._anchor, self._heading):
            if opened is not None:
                opened[1].words.append(data)

    def _see(self) -> None:
        if self._anchor is not None:
            self._anchor[1].has_picture = True

    def _take_id(self, name: str) -> None:
        if name in self._ids:
            self._repeated.append((name, self.getpos()[0], self._is_prose))
        self._ids[name] = None

    def _take_addresses(self, tag: str, given: dict[str, str]) -> None:
        if tag == "meta":
            if given.get("property", given.get("name")) in _PROPERTIES:
                self._links.append(self._link(given.get("content", ""), tag))
            return
        for name in _ADDRESSES.get(tag, ()):
            if name not in given:
                continue
            if name == "srcset":
                found = _CANDIDATE.findall(given[name])
                self._links += [self._link(target, tag) for target in found]
            elif tag == "a":
                self._close_anchor()
                opened = _Open(has_picture=bool(given.get("aria-label") or given.get("title")))
                self._anchor = (self._link(given[name], tag), opened)
            else:
                self._links.append(self._link(given[name], tag))

    def _close_anchor(self) -> None:
        """A link within a link ends the outer one, as in browsers."""
        if self._anchor is not None:
            self.handle_endtag("a")

    def close(self) -> None:
        super().close()
        self._close_anchor()

    def _link(self, target: str, element: str) -> Link:
        line, column = self.getpos()
        return Link(target.strip(), element, line, column + 1, self._is_prose)
