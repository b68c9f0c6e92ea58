"""Articles as feeds carry them: HTML that stands anywhere, with every formula as a picture.

Readers of feeds drop `<svg>`, `<math>`, forms and classes, some of them with what is inside, and
resolve no relative address. So nothing of that is left in it.
"""

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import PurePosixPath
from urllib.parse import urljoin

import nh3

from builder.cache.store import Store, digest
from builder.mathjax.typeset import picture_file
from builder.model import LateFile, PostPage

_KIND, _NAMES = "feeds", "feed-names"
_FOLDER = PurePosixPath("assets/formulas")
_VERSION = "1"
_FORMULA = re.compile(
    r'<(?P<tag>span|div) class="math(?P<kind>[ \w-]*)"[^>]*>'
    r'(?P<anchors>(?:<span id="[^"]*"></span>)*)'
    r'(?P<picture>(?:<span class="math-numbered">)?(?:<svg.*?</svg>)+(?:</span>)?)'
    r'<span class="math-spoken">.*?</span>'
    r'<span class="math-tex"[^>]*>\$\$?(?P<tex>.*?)\$\$?</span></(?P=tag)>',
    re.DOTALL,
)
# Braces and arrows that are stretched are drawings within the drawing, without a class.
_SVG = re.compile(r"<svg class=.*?</svg>(?=<svg class=|</span>|\Z)", re.DOTALL)
_UNSEEN = re.compile(
    r'<img class="only-(?:dark[^"]*|light still)"[^>]*>'
    r'|<input type="checkbox" id="still-[^>]*><label[^>]*>.*?</label>'
    r'|<div class="sweep-axes">.*?</div>|<a class="footnote-backref".*?</a>'
    r'|<a class="note"[^>]*>(?P<note>.*?)</a>',
    re.DOTALL,
)
_TASK = re.compile(r'<input type="checkbox" disabled(?P<is_done>(?: checked)?) aria-label[^>]*>')
_TAGS = nh3.ALLOWED_TAGS - {"math", "map", "area", "center", "tt", "strike", "span"} | {
    *("figure", "figcaption", "details", "summary", "section", "video", "audio", "source"),
}
_DROPPED = {"script", "style", "svg", "math", "button", "label", "legend", "select", "form"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "reversed"},
    "video": {"src", "controls", "poster"},
    "audio": {"src", "controls"},
    "source": {"src", "type"},
    "time": {"datetime"},
    "abbr": {"title"},
}
_ADDRESSES = ("href", "src", "poster")


@dataclass(frozen=True, slots=True)
class _Made:
    content: str
    pictures: Mapping[str, str]
    """Of formulas, by the names of their files."""


@dataclass
class Syndication:
    """Makes the articles of feeds, unless an earlier build has made them.

    Args:
        root: address of the site's root, with scheme, host and base path.
        store: where they are kept.
    """

    root: str
    store: Store
    _used: dict[str, list[str]] = field(default_factory=dict)
    _at_hand: dict[str, _Made] = field(default_factory=dict)

    def content(self, post: PostPage, url: str) -> str:
        """The article of a post, whose page has the address `url`."""
        return self._made(self._key(post), post, url).content

    def files(self, post: PostPage, url: str) -> Iterator[LateFile]:
        """The pictures of its formulas."""
        key = self._key(post)
        names = self._known.get(key)
        if names is None:
            names = sorted(self._made(key, post, url).pictures)
        self._used[key] = names
        for name in names:
            yield LateFile(_FOLDER / name, name, partial(self._picture, name, key, post, url))

    def end(self) -> None:
        """Note for the next build which pictures there are."""
        if self._used != self._known:
            self.store.put(_NAMES, digest(self.root), json.dumps(self._used).encode())

    def _key(self, post: PostPage) -> str:
        return digest(_VERSION, self.root, post.card.key)

    @cached_property
    def _known(self) -> dict[str, list[str]]:
        body = self.store.get(_NAMES, digest(self.root))
        known: dict[str, list[str]] = json.loads(body) if body else {}
        return known

    def _picture(self, name: str, key: str, post: PostPage, url: str) -> bytes:
        return self._made(key, post, url).pictures[name].encode()

    def _made(self, key: str, post: PostPage, url: str) -> _Made:
        made = self._at_hand.get(key)
        if made is None:
            made = self._at_hand[key] = self._recalled(key) or self._make(key, post, url)
        return made

    def _recalled(self, key: str) -> _Made | None:
        body = self.store.get(_KIND, key)
        if body is None:
            return None
        self.store.touch(_KIND, key)
        return _Made(*json.loads(body))

    def _make(self, key: str, post: PostPage, url: str) -> _Made:
        rendered = post.load()
        made = syndicate(rendered.article, rendered.glyphs, self.root, url)
        self.store.put(_KIND, key, json.dumps([made.content, made.pictures]).encode())
        return made


def syndicate(article: str, glyphs: Mapping[str, str], root: str, url: str) -> _Made:
    """An article for feeds.

    Args:
        article: as it stands in its page.
        glyphs: outlines of the letters in its formulas.
        root: address of the site's root, with scheme, host and base path.
        url: address of the page.
    """
    pictures: dict[str, str] = {}

    def picture(match: re.Match[str]) -> str:
        text, width, height = picture_file(_SVG.findall(match["picture"]), glyphs)
        name = f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.svg"
        pictures[name] = text
        image = (
            f'<img src="{root}/{_FOLDER}/{name}" alt="{_attribute(match["tex"])}" '
            f'width="{width}" height="{height}">'
        )
        return f"<p>{image}</p>" if match["tag"] == "div" else image

    page = _FORMULA.sub(picture, article)
    page = _UNSEEN.sub(lambda match: match["note"] or "", page)
    page = _TASK.sub(lambda match: "☑" if match["is_done"] else "☐", page)

    def absolute(_tag: str, name: str, value: str) -> str:
        try:
            return urljoin(url, value) if name in _ADDRESSES else value
        except ValueError:  # it is no address
            return value

    content = nh3.clean(
        page,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        attribute_filter=absolute,
        link_rel=None,
    )
    return _Made(content, pictures)


def _attribute(text: str) -> str:
    return html.escape(html.unescape(text).strip())
