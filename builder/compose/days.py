"""Days: the calendar of daily topics, and how many came without a gap."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from builder.dates import MONTHS, in_words

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEK = timedelta(days=7)
_WEEKS = 53
_LEVELS = (3, 7, 12)
"""Up to so many minutes of reading a day has the first tint, the second, the third."""


@dataclass(frozen=True, slots=True)
class DayPosts:
    """What was published on one day."""

    date: date
    titles: tuple[str, ...]
    minutes: int
    href: str
    """Of the day's only post, or of the day's page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """A day of the calendar."""

    label: str
    """The day and what was published; empty where nothing was."""

    level: int
    """0 where nothing was published, up to 4."""

    href: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """All Mondays, and so on."""

    weekday: str
    squares: tuple[Square | None, ...]
    """One for each week; None for a day that is not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Weeks side by side, a row for each weekday."""

    rows: tuple[Row, ...]
    months: tuple[tuple[str, int], ...]
    """A name, and over how many weeks it stands."""

    sentence: str
    """The same in words."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row."""

    length: int
    last: date


def streaks(days: Iterable[date]) -> list[Streak]:
    """Each run of days without a gap, in order."""
    found: list[Streak] = []
    for day in sorted(set(days)):
        if found and day - found[-1].last == timedelta(days=1):
            found[-1] = Streak(found[-1].length + 1, day)
        else:
            found.append(Streak(1, day))
    return found


def year_up_to(last: date, days: Sequence[DayPosts]) -> Calendar:
    """The calendar of the 53 weeks that end with the week of `last`."""
    # The first day that there is was a Monday.
    monday = date.fromordinal(max(1, last.toordinal() - last.weekday() - 7 * (_WEEKS - 1)))
    shown = [day for day in days if monday <= day.date <= last]
    return _calendar(monday, monday, last, shown, _sentence(shown, days, last))


def calendar_of(year: int, days: Sequence[DayPosts]) -> Calendar:
    """The calendar of a year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    shown = [day for day in days if day.date.year == year]
    best = max(streaks(day.date for day in shown), key=_length, default=None)
    topics = sum(len(day.titles) for day in shown)
    sentence = f"{_counted(topics, 'topic')} in {year}, on {_counted(len(shown), 'day')}."
    if best and best.length > 1:
        sentence += f" The longest run: {best.length} days in a row, up to {in_words(best.last)}."
    return _calendar(_monday(first), first, last, shown, sentence)


def _length(streak: Streak) -> tuple[int, date]:
    """Of two that are as long, the later one counts."""
    return streak.length, streak.last


def _monday(day: date) -> date:
    # The calendar begins in the year 1, and so does its first week.
    return day - timedelta(days=min(day.weekday(), (day - date.min).days))


def _sentence(shown: Sequence[DayPosts], days: Sequence[DayPosts], last: date) -> str:
    found = streaks(day.date for day in days)
    now, best = found[-1], max(found, key=_length)
    topics = sum(len(day.titles) for day in shown)
    text = f"{_counted(topics, 'topic')} in the year up to {in_words(last)}"
    if now.length > 1:
        text += f", the last {now.length} of these days in a row"
    if best.length > now.length:
        text += f". The longest run: {best.length} days, up to {in_words(best.last)}"
    elif now.length > 1:
        text += ": the longest run so far" if len(found) > 1 else ""
    return f"{text}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _calendar(
    monday: date, first: date, last: date, days: Sequence[DayPosts], sentence: str
) -> Calendar:
    by_date = {day.date: day for day in days}
    weeks = (last - monday).days // 7 + 1
    return Calendar(
        rows=tuple(
            Row(name, tuple(_squares(monday, number, weeks, (first, last), by_date)))
            for number, name in enumerate(WEEKDAYS)
        ),
        months=tuple(_months([monday + n * _WEEK for n in range(weeks)], first)),
        sentence=sentence,
    )


def _squares(
    monday: date,
    weekday: int,
    weeks: int,
    span: tuple[date, date],
    by_date: Mapping[date, DayPosts],
) -> Iterator[Square | None]:
    for week in range(weeks):
        offset = monday.toordinal() + 7 * week + weekday
        if not span[0].toordinal() <= offset <= span[1].toordinal():
            yield None
            continue
        posts = by_date.get(date.fromordinal(offset))
        if posts is None:
            yield Square(label="", level=0, href=None)
        else:
            level = 1 + sum(posts.minutes > limit for limit in _LEVELS)
            label = f"{in_words(posts.date)}: {'; '.join(posts.titles)}"
            yield Square(label=label, level=level, href=posts.href)


def _months(mondays: Sequence[date], first: date) -> Iterator[tuple[str, int]]:
    """Names above the weeks; a month with less than two weeks there has no room for one."""
    for (_, month), weeks in groupby(
        mondays, key=lambda d: (max(d, first).year, max(d, first).month)
    ):
        count = len(list(weeks))
        yield (MONTHS[month - 1][:3] if count > 1 else "", count)
