"""What each template may use: one dataclass per template."""

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteContext:
    """The same in every template, as `site`."""

    title: str
    author: str
    description: str
    language: str
    home: str
    """Path of the home page, with the base path."""

    feed: str
    stylesheet: str
    script: str
    """Pages are complete without it."""

    icon: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post in a list."""

    title: str
    href: str
    """Path of the post's page, with the base path."""

    url: str
    """The same with scheme and host."""

    date: date
    is_draft: bool
    tags: tuple[str, ...]
    excerpt: str


@dataclass(frozen=True, slots=True)
class Download:
    """A post in a form that runs elsewhere."""

    name: str
    """What a reader knows the form as."""

    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostContext:
    """For `post.html` and every other layout."""

    site: SiteContext
    entry: Entry
    title: Markup
    """With its formulas; `entry.title` is plain text."""

    article: Markup
    sprite: Markup
    """The letters of the page's formulas."""

    has_listings: bool
    downloads: tuple[Download, ...]
    older: Entry | None
    newer: Entry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexContext:
    """For `index.html`."""

    site: SiteContext
    entries: tuple[Entry, ...]
    """The latest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundContext:
    """For `404.html`."""

    site: SiteContext
    entries: tuple[Entry, ...]
    """A few of the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectContext:
    """For `redirect.html`, at an address where a post once was."""

    site: SiteContext
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapContext:
    """For `sitemap.xml`."""

    site: SiteContext
    home_url: str
    entries: tuple[Entry, ...]
    """Of all posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """For `feed.xml`."""

    site: SiteContext
    home_url: str
    feed_url: str
    updated: date
    entries: tuple[Entry, ...]
