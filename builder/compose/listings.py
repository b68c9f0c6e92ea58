"""Pages that list posts: home, archives, tags, series, topics, and the page to search from."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from urllib.parse import unquote

from markupsafe import Markup

from builder.compose.addresses import page_path
from builder.compose.context import (
    ArchiveContext,
    Entry,
    GroupContext,
    GroupsContext,
    HomeContext,
    Link,
    Period,
    PeriodContext,
    SearchContext,
    TopicItem,
    TopicsContext,
)
from builder.compose.curriculum import Topic, draw
from builder.compose.days import calendar_of, year_up_to
from builder.compose.library import Library
from builder.compose.pages import PageMaker
from builder.compose.templates import Context
from builder.dates import MONTHS, in_words
from builder.model import LateFile

_COLOURS = 8
_MONTHS_SHOWN = 13


@dataclass(frozen=True)
class Listings:
    """Makes the pages that list posts."""

    library: Library
    pages: PageMaker

    def all(self) -> Iterator[LateFile]:
        """Every page that has something to list, and the home page."""
        yield self._page("/", "index.html", self._home())
        if not self.library.entries:
            return
        yield self._page("/search/", "search.html", self._search())
        yield self._page("/archive/", "archive.html", self._archive())
        yield from self._periods()
        yield from self._groups()
        if self.library.has_curriculum:
            yield self._page("/topics/", "topics.html", self._topics())

    def _page(self, address: str, template: str, context: Context) -> LateFile:
        return self.pages.page(page_path(address), template, context)

    def _home(self) -> HomeContext:
        library, entries = self.library, self.library.entries
        calendar = year_up_to(entries[0].date, library.days) if entries else None
        return HomeContext(
            site=self.pages.site,
            latest=entries[0] if entries else None,
            entries=entries[1 : 1 + library.config.home_size],
            total=len(entries),
            archive=library.href("/archive/"),
            calendar=calendar,
            months=tuple(period for period, _ in self._months[:_MONTHS_SHOWN]),
            json_ld=self._json_ld(),
        )

    def _json_ld(self) -> Markup:
        config = self.library.config
        return script_json(
            {
                "@context": "https://schema.org",
                "@type": "Blog",
                "name": config.title,
                "url": config.url + self.pages.site.home,
                "inLanguage": config.language,
                **({"description": config.description} if config.description else {}),
                **({"author": {"@type": "Person", "name": config.author}} if config.author else {}),
            }
        )

    def _search(self) -> SearchContext:
        return SearchContext(
            site=self.pages.site,
            archive=self.library.href("/archive/"),
            tags=self.library.tags,
        )

    @cached_property
    def _years(self) -> list[tuple[Period, tuple[Entry, ...]]]:
        return self._split(
            self.library.entries, lambda e: f"{e.date.year:04}", lambda e: f"{e.date.year}"
        )

    @cached_property
    def _months(self) -> list[tuple[Period, tuple[Entry, ...]]]:
        return self._split(
            self.library.entries,
            lambda e: f"{e.date.year:04}-{e.date.month:02}",
            lambda e: f"{MONTHS[e.date.month - 1]} {e.date.year}",
        )

    @cached_property
    def _days(self) -> list[tuple[Period, tuple[Entry, ...]]]:
        return self._split(
            self.library.entries, lambda e: e.date.isoformat(), lambda e: in_words(e.date)
        )

    def _split(
        self, entries: Sequence[Entry], iso: Callable[[Entry], str], name: Callable[[Entry], str]
    ) -> list[tuple[Period, tuple[Entry, ...]]]:
        """Entries by period, the latest first."""
        found = []
        for key, group in groupby(entries, iso):
            its = tuple(group)
            href = self.library.href(f"/{key.replace('-', '/')}/")
            found.append((Period(name=name(its[0]), href=href, count=len(its), iso=key), its))
        return found

    def _archive(self) -> ArchiveContext:
        years = tuple(
            (year, tuple(m for m, _ in self._months if m.iso.startswith(year.iso)))
            for year, _ in self._years
        )
        return ArchiveContext(site=self.pages.site, years=years, total=len(self.library.entries))

    def _periods(self) -> Iterator[LateFile]:
        """The pages of years, months and days."""
        levels = {"year.html": self._years, "month.html": self._months, "day.html": self._days}
        for template, periods in levels.items():
            near = (None, *(period for period, _ in periods), None)
            for index, (period, entries) in enumerate(periods):
                newer, older = near[index], near[index + 2]
                context = self._period(period, entries, (older, newer))
                address = f"/{period.iso.replace('-', '/')}/"
                yield self._page(address, template, context)

    def _period(
        self,
        period: Period,
        entries: tuple[Entry, ...],
        near: tuple[Period | None, Period | None],
    ) -> PeriodContext:
        parts = period.iso.split("-")
        is_year = len(parts) == 1
        groups: Sequence[tuple[Period, tuple[Entry, ...]]]
        if is_year:
            groups = self._split(
                entries,
                lambda e: f"{e.date.year:04}-{e.date.month:02}",
                lambda e: f"{MONTHS[e.date.month - 1]} {e.date.year}",
            )
        elif len(parts) == 2:
            groups = self._split(entries, lambda e: e.date.isoformat(), lambda e: in_words(e.date))
        else:
            groups = [(period, entries)]
        day = entries[0].date
        names = (str(day.year), f"{MONTHS[day.month - 1]} {day.year}")
        return PeriodContext(
            site=self.pages.site,
            period=period,
            parents=tuple(self._parent(parts[: n + 1], names[n]) for n in range(len(parts) - 1)),
            groups=tuple(groups),
            calendar=calendar_of(day.year, self.library.days) if is_year else None,
            older=near[0],
            newer=near[1],
        )

    def _parent(self, parts: Sequence[str], name: str) -> Period:
        href = self.library.href(f"/{'/'.join(parts)}/")
        return Period(name=name, href=href, count=0, iso="-".join(parts))

    def _groups(self) -> Iterator[LateFile]:
        site, library = self.pages.site, self.library
        kinds = (
            ("tags", "tags.html", "tag.html", library.tags),
            ("series", "series-list.html", "series.html", library.series),
        )
        base = library.href("")
        for kind, list_template, template, groups in kinds:
            if groups:
                context = GroupsContext(site=site, groups=groups)
                yield self._page(f"/{kind}/", list_template, context)
            for group in groups:
                address = unquote(group.href.removeprefix(base))
                yield self._page(address, template, GroupContext(site=site, group=group))

    def _topics(self) -> TopicsContext:
        library = self.library
        oldest_first = tuple(reversed(library.entries))
        colours = {group.href: n % _COLOURS for n, group in enumerate(library.series)}
        topics = [
            Topic(
                name=entry.href,
                title=entry.title,
                href=entry.href,
                after=tuple(earlier.href for earlier in library.after.get(entry.href, ())),
                group=colours[entry.series.href] if entry.series else _COLOURS - 1,
            )
            for entry in oldest_first
        ]
        by_series: dict[Link | None, list[TopicItem]] = {}
        for entry in oldest_first:
            item = TopicItem(entry=entry, after=library.after.get(entry.href, ()))
            by_series.setdefault(entry.series, []).append(item)
        groups = [(link, tuple(items)) for link, items in by_series.items()]
        groups.sort(key=lambda group: group[0] is None)
        is_linked = any(topic.after for topic in topics)
        return TopicsContext(
            site=self.pages.site,
            graph=Markup(draw(topics, "Which topic builds on which") if is_linked else ""),
            groups=tuple(groups),
        )


def navigation(library: Library) -> tuple[Link, ...]:
    """The pages that a reader is led to from everywhere."""
    found = [
        ("Topics", "/topics/", library.has_curriculum),
        ("Series", "/series/", bool(library.series)),
        ("Tags", "/tags/", bool(library.tags)),
        ("Archive", "/archive/", bool(library.entries)),
    ]
    own, base = library.config.navigation, library.config.base_path
    return (
        *(Link(name, library.href(address)) for name, address, is_there in found if is_there),
        *(Link(n, f"{base}{a}" if a.startswith("/") else a) for n, a in own.items()),
    )


def script_json(value: object) -> Markup:
    """JSON within a script element, which nothing in it can end."""
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return Markup(text)
