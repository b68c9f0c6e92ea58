"""All posts as lists need them: by tag, by series, by day, and which belong together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath

from builder.cache.store import digest
from builder.compose.addresses import page_path, slug_of
from builder.compose.context import Entry, Group, Link, Picture, SeriesPlace, Surroundings
from builder.compose.curriculum import find_cycle
from builder.compose.days import DayPosts
from builder.config import SiteConfig
from builder.model import PostCard, PostPage, post_names
from builder.slugs import quoted

_ENTRY_FIELDS = fields(Entry)
_WORDS_A_MINUTE = 220
_RELATED = 3
_NEIGHBOURS = 12
"""Posts before and after it in each of its tags that a post may be related to."""


@dataclass(frozen=True)
class Library:
    """The posts of a site.

    Args:
        posts: the latest first.
        config: the site's settings.
    """

    posts: Sequence[PostPage]
    config: SiteConfig

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Each post as an entry of lists, the latest first."""
        return tuple(self._entry(post.card) for post in self.posts)

    @cached_property
    def tags(self) -> tuple[Group, ...]:
        """All tags by name, each with its posts, the latest first."""
        groups = _grouped((tag, entry) for entry in self.entries for tag in entry.tags)
        return tuple(sorted(groups, key=lambda g: (slug_of(g.name), g.name)))

    @cached_property
    def series(self) -> tuple[Group, ...]:
        """All series in the order of their first posts, each with its posts in order."""
        oldest_first = reversed(self.entries)
        return tuple(_grouped((e.series, e) for e in oldest_first if e.series is not None))

    @cached_property
    def days(self) -> tuple[DayPosts, ...]:
        """What was published on each day, in order."""
        by_date: dict[date, list[Entry]] = defaultdict(list)
        for entry in reversed(self.entries):
            by_date[entry.date].append(entry)
        return tuple(
            DayPosts(
                day,
                tuple(entry.title for entry in entries),
                sum(entry.minutes for entry in entries),
                entries[0].href if len(entries) == 1 else self.href(day_address(day)),
            )
            for day, entries in by_date.items()
        )

    @cached_property
    def after(self) -> Mapping[str, tuple[Entry, ...]]:
        """What each post builds on, by its address; nothing where they go round in a circle."""
        named: dict[str, Entry] = {}
        for post, entry in zip(self.posts, self.entries, strict=True):
            for name in post_names(post.card.path):
                named.setdefault(name, entry)
        after = {
            entry.href: tuple(
                dict.fromkeys(
                    named[name]
                    for name in post.card.front.after
                    if name in named and named[name] is not entry
                )
            )
            for post, entry in zip(self.posts, self.entries, strict=True)
        }
        cycle = find_cycle({href: [e.href for e in entries] for href, entries in after.items()})
        return {} if cycle else after

    @property
    def has_curriculum(self) -> bool:
        """Whether posts say what they build on, or belong to a series."""
        return bool(self.series) or any(self.after.values())

    @cached_property
    def _leads_to(self) -> Mapping[str, list[Entry]]:
        leads: dict[str, list[Entry]] = defaultdict(list)
        for entry in reversed(self.entries):
            for earlier in self.after.get(entry.href, ()):
                leads[earlier.href].append(entry)
        return leads

    @cached_property
    def _places(self) -> Mapping[str, SeriesPlace]:
        places = {}
        for group in self.series:
            near = (None, *(entry.link for entry in group.entries), None)
            for index, entry in enumerate(group.entries):
                places[entry.href] = SeriesPlace(
                    series=Link(group.name, group.href),
                    number=index + 1,
                    total=len(group.entries),
                    previous=near[index],
                    next=near[index + 2],
                )
        return places

    def around(self, index: int) -> Surroundings:
        """What stands around the post of that place in `entries`."""
        entry, entries = self.entries[index], self.entries
        builds_on = tuple(e.link for e in self.after.get(entry.href, ()))
        leads_to = tuple(e.link for e in self._leads_to.get(entry.href, ()))
        place = self._places.get(entry.href)
        told = {entry.href, *(e.href for e in (*builds_on, *leads_to))}
        if place:
            told |= {e.href for e in (place.previous, place.next) if e}
        return Surroundings(
            older=entries[index + 1].link if index + 1 < len(entries) else None,
            newer=entries[index - 1].link if index else None,
            place=place,
            builds_on=builds_on,
            leads_to=leads_to,
            related=self._related(entry, told),
        )

    @cached_property
    def _in_tags(self) -> Mapping[str, tuple[Group, Mapping[str, int]]]:
        """By a tag's address, its posts, and the place of each among them."""
        return {g.href: (g, {e.href: n for n, e in enumerate(g.entries)}) for g in self.tags}

    def _related(self, entry: Entry, told: set[str]) -> tuple[Link, ...]:
        """Posts that share rare tags with one; of two alike, the one nearer in time."""
        weights: Counter[str] = Counter()
        near: dict[str, Entry] = {}
        for tag in entry.tags:
            group, places = self._in_tags[tag.href]
            place = places[entry.href]
            for other in group.entries[max(0, place - _NEIGHBOURS) : place + _NEIGHBOURS + 1]:
                if other.href not in told:
                    near[other.href] = other
                    weights[other.href] += 1000 // len(group.entries)
        best = sorted(
            near.values(),
            key=lambda e: (-weights[e.href], abs((e.date - entry.date).days), e.href),
        )
        return tuple(e.link for e in best[:_RELATED])

    def href(self, address: str) -> str:
        """The address of a page as links have it."""
        return quoted(self.config.base_path + address)

    def _entry(self, card: PostCard) -> Entry:
        front, href = card.front, self.href(card.address)
        entry = Entry(
            key="",
            title=front.title,
            href=href,
            url=self.config.url + href,
            date=front.date,
            updated=front.updated,
            is_draft=front.is_draft,
            tags=tuple(self._named("tags", front.tags)),
            series=next(iter(self._named("series", [front.series] if front.series else [])), None),
            excerpt=card.excerpt,
            minutes=max(1, round(card.words / _WORDS_A_MINUTE)),
            picture=self._picture(card),
            markdown=self.href(f"/{markdown_path(card.address)}"),
        )
        told = (getattr(entry, f.name) for f in _ENTRY_FIELDS)
        return replace(entry, key=digest(*map(repr, told)))

    def _named(self, kind: str, names: Iterable[str]) -> Iterable[Link]:
        """Tags or series with their pages, each slug once, spelled as in the oldest post."""
        slugs = dict.fromkeys(map(slug_of, names))
        return (Link(self._spelled[kind, slug], self.href(f"/{kind}/{slug}/")) for slug in slugs)

    @cached_property
    def _spelled(self) -> Mapping[tuple[str, str], str]:
        names: dict[tuple[str, str], str] = {}
        for post in reversed(self.posts):
            front = post.card.front
            for tag in front.tags:
                names.setdefault(("tags", slug_of(tag)), tag)
            if front.series:
                names.setdefault(("series", slug_of(front.series)), front.series)
        return names

    def _picture(self, card: PostCard) -> Picture | None:
        plot = card.plot
        if plot is None:
            return None
        return Picture(
            light=self.href(f"/{plot.light}"),
            dark=self.href(f"/{plot.dark}") if plot.dark else None,
            alt=plot.alt,
            width=plot.width,
            height=plot.height,
        )


def in_order(posts: Sequence[PostPage]) -> list[PostPage]:
    """Posts by day; those of one day by what they build on, and by their addresses."""
    by_name = {name: post for post in posts for name in post_names(post.card.path)}

    def rank(post: PostPage, above: tuple[PostPage, ...] = ()) -> int:
        """How many posts of the same day come before it, one after the other."""
        day = post.card.front.date
        earlier = [by_name[name] for name in post.card.front.after if name in by_name]
        same_day = [e for e in earlier if e.card.front.date == day and e not in (*above, post)]
        return max((1 + rank(e, (*above, post)) for e in same_day), default=0)

    return sorted(posts, key=lambda p: (p.card.front.date, rank(p), p.card.address))


def _grouped(named: Iterable[tuple[Link, Entry]]) -> list[Group]:
    """Entries by the tags or series that they have, in the order in which they come."""
    entries: dict[Link, list[Entry]] = defaultdict(list)
    for link, entry in named:
        entries[link].append(entry)
    return [
        Group(
            name=link.name,
            href=link.href,
            feed=f"{link.href}feed.xml",
            json_feed=f"{link.href}feed.json",
            entries=tuple(its),
        )
        for link, its in entries.items()
    ]


def markdown_path(address: str) -> PurePosixPath:
    """Where a post lies as Markdown."""
    return page_path(address).with_suffix(".md")


def day_address(day: date) -> str:
    """Of the page of a day."""
    return f"/{day.year:04}/{day.month:02}/{day.day:02}/"
