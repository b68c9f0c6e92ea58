"""Feeds: Atom and JSON Feed, of the site and of each tag and series."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import unquote

from builder.cache.store import digest
from builder.compose.context import Entry, FeedContext, FeedEntry
from builder.compose.library import Library
from builder.compose.pages import PageMaker
from builder.compose.syndication import Syndication
from builder.model import LateFile, PostPage

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class _Feed:
    title: str
    page: str
    """Address of the page that lists the same, without scheme and host."""

    atom: str
    json: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Feeds:
    """Makes feeds and the pictures in them."""

    library: Library
    pages: PageMaker
    syndication: Syndication

    def all(self) -> Iterator[LateFile]:
        """Every feed in both forms, and every picture."""
        told: dict[str, Entry] = {}
        for feed in self._feeds():
            told |= {entry.href: entry for entry in feed.entries}
            key = digest(self.pages.everywhere, repr((feed.title, feed.page)), *self._keys(feed))
            yield self._late(feed.atom, key, feed)
            yield self._late(feed.json, key, feed)
        for href, entry in told.items():
            yield from self.syndication.files(self._posts[href], entry.url)
        self.syndication.end()

    def _late(self, href: str, key: str, feed: _Feed) -> LateFile:
        make = self._json if href == feed.json else self._atom
        path = unquote(href).removeprefix(self.library.config.base_path)
        return self.pages.late(path, digest(key, href), lambda: make(feed))

    def _feeds(self) -> Iterator[_Feed]:
        site, size = self.pages.site, self.library.config.feed_size
        public = tuple(entry for entry in self.library.entries if not entry.is_draft)
        yield _Feed(site.title, site.home, site.feed, site.json_feed, public[:size])
        for group in self.library.tags:
            its = tuple(entry for entry in group.entries if not entry.is_draft)
            title = f"{group.name} · {site.title}"
            yield _Feed(title, group.href, group.feed, group.json_feed, its[:size])
        for group in self.library.series:
            its = tuple(entry for entry in reversed(group.entries) if not entry.is_draft)
            title = f"{group.name} · {site.title}"
            yield _Feed(title, group.href, group.feed, group.json_feed, its[:size])

    @cached_property
    def _posts(self) -> dict[str, PostPage]:
        library = self.library
        return {e.href: post for e, post in zip(library.entries, library.posts, strict=True)}

    def _keys(self, feed: _Feed) -> Iterator[str]:
        for entry in feed.entries:
            yield entry.key
            yield self._posts[entry.href].card.key

    def _content(self, entry: Entry) -> str:
        return self.syndication.content(self._posts[entry.href], entry.url)

    def _atom(self, feed: _Feed) -> bytes:
        site = self.pages.site
        context = FeedContext(
            site=site,
            title=feed.title,
            page_url=site.url + feed.page,
            feed_url=site.url + feed.atom,
            updated=max((e.updated or e.date for e in feed.entries), default=_EPOCH),
            entries=tuple(FeedEntry(entry, self._content(entry)) for entry in feed.entries),
        )
        return self.pages.templates.fill("feed.xml", context)

    def _json(self, feed: _Feed) -> bytes:
        """JSON Feed, version 1.1 (https://www.jsonfeed.org/version/1.1/)."""
        site = self.pages.site
        told = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": site.url + feed.page,
            "feed_url": site.url + feed.json,
            "language": site.language,
            **({"description": site.description} if site.description else {}),
            "authors": [{"name": site.author or site.title}],
            "items": [self._item(entry) for entry in feed.entries],
        }
        return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()

    def _item(self, entry: Entry) -> dict[str, object]:
        changed = entry.updated
        return {
            "id": entry.url,
            "url": entry.url,
            "title": entry.title,
            "content_html": self._content(entry),
            "summary": entry.excerpt,
            "date_published": f"{entry.date.isoformat()}T00:00:00Z",
            **({"date_modified": f"{changed.isoformat()}T00:00:00Z"} if changed else {}),
            **({"tags": [tag.name for tag in entry.tags]} if entry.tags else {}),
        }
