"""What each template may use: one dataclass per template.

A value that is `Markup` is HTML of ours or the author's own; everything else is text, which
templates escape by themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from builder.compose.days import Calendar
from builder.model import Day


@dataclass(frozen=True, slots=True)
class Link:
    """A name that leads somewhere."""

    name: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteContext:
    """The same in every template, as `site`."""

    title: str
    author: str
    description: str
    language: str
    url: str
    """Scheme and host, for addresses that must be absolute."""

    home: str
    """Path of the home page, with the base path."""

    feed: str
    json_feed: str
    search: str | None
    """Path of the page to search from; None where there is no post."""

    navigation: tuple[Link, ...]
    """The pages that the site has, and the site's own links."""

    links: tuple[Link, ...]
    """Where the author is elsewhere."""

    assets: Mapping[str, str]
    """Path of each file in `assets/` by name: `site.assets["css"]` is the style sheet, `"js"`
    the scripts, of which pages are complete without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A plot in a list."""

    light: str
    dark: str | None
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Entry:
    """A post in a list."""

    key: str
    """Another one where anything of the entry is another."""

    def __repr__(self) -> str:
        """Its key, by which pages that list it tell whether they have changed."""
        return self.key

    title: str
    href: str
    """Path of the post's page, with the base path."""

    url: str
    """The same with scheme and host."""

    date: date
    updated: Day | None
    is_draft: bool
    tags: tuple[Link, ...]
    series: Link | None
    excerpt: str
    minutes: int
    """To read it."""

    picture: Picture | None
    markdown: str
    """Path of the post as Markdown."""

    @property
    def link(self) -> Link:
        """The post by its title."""
        return Link(self.title, self.href)


@dataclass(frozen=True, slots=True)
class Download:
    """A post in a form that runs elsewhere."""

    name: str
    """What a reader knows the form as."""

    href: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of a table of contents."""

    level: int
    """2 or 3."""

    id: str
    text: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlace:
    """Where a post stands in its series."""

    series: Link
    number: int
    total: int
    previous: Link | None
    next: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What stands around a post."""

    older: Link | None
    newer: Link | None
    place: SeriesPlace | None
    builds_on: tuple[Link, ...]
    leads_to: tuple[Link, ...]
    related: tuple[Link, ...]


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

    contents: tuple[Heading, ...]
    """Empty where there are fewer than two headings."""

    downloads: tuple[Download, ...]
    made_with: str
    """`Python 3.12, NumPy 2.3.5`; empty where nothing runs."""

    around: Surroundings
    day: Link | None
    """The page of its day, where that is another page."""

    card: str | None
    """Address of the picture for those who pass the post on, with scheme and host."""

    json_ld: Markup
    """The post as machines read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeContext:
    """For `index.html`."""

    site: SiteContext
    latest: Entry | None
    entries: tuple[Entry, ...]
    """Those before it, the latest first."""

    total: int
    archive: str
    calendar: Calendar | None
    months: tuple["Period", ...]
    """Those of the calendar."""

    json_ld: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A year, a month or a day with posts."""

    name: str
    href: str
    count: int
    iso: str
    """As in `<time datetime>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContext:
    """For `archive.html`: all years, each with its months."""

    site: SiteContext
    years: tuple[tuple[Period, tuple[Period, ...]], ...]
    """The latest first."""

    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodContext:
    """For `year.html`, `month.html` and `day.html`."""

    site: SiteContext
    period: Period
    parents: tuple[Period, ...]
    """The year, and the month."""

    groups: tuple[tuple[Period, tuple[Entry, ...]], ...]
    """By month or by day, the latest first."""

    calendar: Calendar | None
    """Of a year."""

    older: Period | None
    newer: Period | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A tag or a series."""

    name: str
    href: str
    feed: str
    json_feed: str
    entries: tuple[Entry, ...]
    """Of a tag the latest first, of a series in the order of reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsContext:
    """For `tags.html` and `series-list.html`."""

    site: SiteContext
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupContext:
    """For `tag.html` and `series.html`."""

    site: SiteContext
    group: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicItem:
    """A topic of the curriculum."""

    entry: Entry
    after: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicsContext:
    """For `topics.html`: the curriculum, as a graph and as a list."""

    site: SiteContext
    graph: Markup
    """Empty where no topic builds on another."""

    groups: tuple[tuple[Link | None, tuple[TopicItem, ...]], ...]
    """By series, those without one at the end; each in the order of reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchContext:
    """For `search.html`."""

    site: SiteContext
    archive: str
    tags: tuple[Group, ...]


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
class Address:
    """A page in the sitemap."""

    url: str
    changed: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapContext:
    """For `sitemap.xml`."""

    site: SiteContext
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmsContext:
    """For `llms.txt`, which tells language models what there is."""

    site: SiteContext
    groups: tuple[tuple[str, tuple[Entry, ...]], ...]


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A post in a feed."""

    entry: Entry
    content: str
    """HTML that stands anywhere: every address is absolute, formulas are pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """For `feed.xml`."""

    site: SiteContext
    title: str
    page_url: str
    feed_url: str
    updated: date
    entries: tuple[FeedEntry, ...]
