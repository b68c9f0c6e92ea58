"""The pages of posts, with all that stands around an article."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import PurePosixPath

from markupsafe import Markup

from builder.cache.store import digest
from builder.compose.addresses import page_path
from builder.compose.context import Download, Entry, Heading, Link, PostContext, Surroundings
from builder.compose.library import Library, day_address
from builder.compose.listings import script_json
from builder.compose.pages import PageMaker
from builder.dates import in_words
from builder.model import LateFile, PostPage, tell_versions

_FORMS = {".ipynb": "Jupyter notebook", ".py": "Python file"}
_HEADING = re.compile(
    r'<h(?P<level>[23])(?P<said>(?:[^<>"]|"[^"]*")*)>(?P<words>.*?)</h(?P=level)>', re.DOTALL
)
_ID = re.compile(r'\sid="([^"]*)"')
_LEFT_OUT = re.compile(r'\sclass="(?:[^"]* )?no_toc[ "]')
_NOTE_REF = re.compile(
    r'(<sup id="fnref:[^"]*"><a class="footnote-ref)(" href="[^"]*">)(\d+)(?=</a>)'
)
_ANCHOR = re.compile(r'</?a\b[^>]*>|<sup\b.*?</sup>| id="[^"]*"', re.DOTALL)


@dataclass(frozen=True)
class Articles:
    """Makes the pages of posts.

    Args:
        library: all of them.
        pages: makes pages.
        cards: the social cards of posts, by the paths of their files.
    """

    library: Library
    pages: PageMaker
    cards: Mapping[PurePosixPath, LateFile]

    def all(self) -> Iterator[LateFile]:
        """The page of each post."""
        yield from map(self.page, range(len(self.library.posts)))

    def page(self, index: int) -> LateFile:
        """The page of the post at this place of the library."""
        post = self.library.posts[index]
        entry, around = self.library.entries[index], self.library.around(index)
        file = self.cards.get(post.card.path)
        card = file.path if file else None
        key = digest(self.pages.everywhere, post.card.key, entry.key, repr(around), str(card))
        make = partial(self._make, post, entry, around, card)
        return self.pages.late(page_path(post.card.address), key, make)

    def _make(
        self, page: PostPage, entry: Entry, around: Surroundings, card: PurePosixPath | None
    ) -> bytes:
        post, site, library = page.load(), self.pages.site, self.library
        picture = site.url + library.href(f"/{card}") if card else None
        day = library.href(day_address(entry.date))
        context = PostContext(
            site=site,
            entry=entry,
            title=Markup(post.title),
            article=Markup(_with_note_places(post.article)),  # the author's own HTML
            sprite=_sprite(post.glyphs),
            contents=contents_of(post.article),
            downloads=tuple(
                Download(_FORMS[file.path.suffix], library.href(f"/{file.path}"))
                for file in post.downloads
            ),
            made_with=tell_versions(version.short for version in post.versions),
            around=around,
            day=Link(in_words(entry.date), day) if day != entry.href else None,
            card=picture,
            json_ld=self._json_ld(entry, picture),
        )
        return self.pages.templates.fill(f"{post.front.layout}.html", context)

    def _json_ld(self, entry: Entry, picture: str | None) -> Markup:
        config = self.library.config
        author = config.author or config.title
        changed = entry.updated or entry.date
        return script_json(
            {
                "@context": "https://schema.org",
                "@type": "BlogPosting",
                "headline": entry.title,
                "description": entry.excerpt,
                "url": entry.url,
                "mainEntityOfPage": entry.url,
                "datePublished": entry.date.isoformat(),
                "dateModified": changed.isoformat(),
                "inLanguage": config.language,
                "author": {"@type": "Person", "name": author},
                **({"keywords": [tag.name for tag in entry.tags]} if entry.tags else {}),
                **({"image": picture} if picture else {}),
                "isPartOf": {
                    "@type": "Blog",
                    "name": config.title,
                    "url": config.url + self.pages.site.home,
                },
            }
        )


def files_of(page: PostPage) -> Iterator[LateFile]:
    """Figures, pictures and downloads of a post."""

    def content(path: PurePosixPath, key: str) -> bytes:
        post = page.load()
        named = (file for file in (*post.files, *post.downloads) if file.path == path)
        return next(file.content for file in named if digest(file.content) == key)

    for path, key in page.card.files:
        yield LateFile(path, key, partial(content, path, key))


def contents_of(article: str) -> tuple[Heading, ...]:
    """The table of contents; none for a single heading, or where the author has set one."""
    if '<div class="toc"' in article:
        return ()
    found = tuple(
        Heading(
            int(match["level"]), html.unescape(name[1]), Markup(_ANCHOR.sub("", match["words"]))
        )
        for match in _HEADING.finditer(article)
        if (name := _ID.search(match["said"])) and not _LEFT_OUT.search(match["said"])
    )
    return found if len(found) > 1 else ()


def _with_note_places(article: str) -> str:
    """An article whose first reference to each footnote has a class with its number."""
    return _NOTE_REF.sub(r"\1 note-ref-\3\2\3", article)


def _sprite(glyphs: Mapping[str, str]) -> Markup:
    """Each letter once, for all formulas of a page to refer to."""
    if not glyphs:
        return Markup()
    paths = "".join(_glyph(name, outline) for name, outline in sorted(glyphs.items()))
    return Markup(  # made of MathJax's own outlines
        '<svg class="math-sprite" aria-hidden="true" width="0" height="0">'
        f"<defs>{paths}</defs></svg>"
    )


@cache
def _glyph(name: str, outline: str) -> str:
    """A letter of a sprite; a site has few different ones."""
    return f'<path id="{html.escape(name)}" d="{html.escape(outline)}"/>'
