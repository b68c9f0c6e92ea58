"""The calendar of daily topics."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.compose.days import DayPosts, Square, calendar_of, streaks, year_up_to
from tests.properties.profile import SEARCH


def posts(*days: str, minutes: int = 1) -> list[DayPosts]:
    return [
        DayPosts(date.fromisoformat(day), (f"T{day[-2:]}",), minutes, f"/{day}/") for day in days
    ]


def test_a_run_ends_where_a_day_is_missing() -> None:
    days = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 3)]

    assert [(s.length, s.last) for s in streaks(reversed(days))] == [(3, days[2]), (1, days[3])]


def test_a_year_has_53_weeks_that_end_with_the_latest_day() -> None:
    calendar = year_up_to(date(2026, 11, 25), posts("2026-11-25"))  # a Wednesday

    assert [len(row.squares) for row in calendar.rows] == [53] * 7
    assert [row.squares[-1] is None for row in calendar.rows] == [False] * 3 + [True] * 4
    wednesday = calendar.rows[2].squares[-1]
    assert wednesday == Square(label="25 November 2026: T25", level=1, href="/2026-11-25/")
    assert sum(weeks for _, weeks in calendar.months) == 53


@pytest.mark.parametrize(("minutes", "level"), [(1, 1), (3, 1), (4, 2), (8, 3), (13, 4), (90, 4)])
def test_a_day_is_the_darker_the_more_there_is_to_read(minutes: int, level: int) -> None:
    calendar = year_up_to(date(2026, 11, 23), posts("2026-11-23", minutes=minutes))

    assert calendar.rows[0].squares[-1] == Square(
        label="23 November 2026: T23", level=level, href="/2026-11-23/"
    )


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (["2026-11-23"], "1 topic in the year up to 23 November 2026."),
        (
            ["2026-11-22", "2026-11-23"],
            "2 topics in the year up to 23 November 2026, the last 2 of these days in a row.",
        ),
        (
            ["2026-11-01", "2026-11-22", "2026-11-23"],
            "3 topics in the year up to 23 November 2026, the last 2 of these days in a row: "
            "the longest run so far.",
        ),
        (
            ["2026-05-01", "2026-05-02", "2026-11-23"],
            "3 topics in the year up to 23 November 2026. "
            "The longest run: 2 days, up to 2 May 2026.",
        ),
        (
            ["2020-05-01", "2020-05-02", "2026-11-23"],
            "1 topic in the year up to 23 November 2026. "
            "The longest run: 2 days, up to 2 May 2020.",
        ),
    ],
)
def test_the_same_is_said_in_words(days: list[str], sentence: str) -> None:
    assert year_up_to(date(2026, 11, 23), posts(*days)).sentence == sentence


def test_the_calendar_of_a_year_shows_its_days_alone() -> None:
    calendar = calendar_of(2024, posts("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01"))

    shown = [s for row in calendar.rows for s in row.squares if s]
    assert len(shown) == 366
    assert [s.label for s in shown if s.href] == ["1 January 2024: T01", "31 December 2024: T31"]
    assert calendar.sentence == "2 topics in 2024, on 2 days."
    assert [name for name, _ in calendar.months if name][0::11] == ["Jan", "Dec"]


@SEARCH
@given(st.sets(st.dates(date(1, 1, 1), date(9999, 12, 31)), min_size=1, max_size=30))
def test_every_day_of_a_year_is_shown_once(days: set[date]) -> None:
    its = [DayPosts(day, ("T",), 1, f"/{day}/") for day in sorted(days)]
    for year in {day.year for day in days}:
        calendar = calendar_of(year, its)
        hrefs = [s.href for row in calendar.rows for s in row.squares if s and s.href]
        assert sorted(hrefs) == sorted(f"/{day}/" for day in days if day.year == year)
    last = max(days)
    shown = [s.href for row in year_up_to(last, its).rows for s in row.squares if s and s.href]
    assert f"/{last}/" in shown
