"""Whatever clocks and times of files say: what is published is what the posts say."""

import os
from collections.abc import Callable

import pytest

from tests.faults.breaking import Machine, run
from tests.faults.sites import Site

DAY_S = 86_400
LONG_AGO_S, AHEAD_S = 0, 4_000_000_000


@pytest.fixture
def site(make_site: Callable[[str], Site]) -> Site:
    made = make_site("site")
    made.settings("social_cards = false")
    return made


def _shown(site: Site) -> str:
    return (site.output / "2026/01/01/a/index.html").read_text()


@pytest.mark.parametrize("modified_s", [LONG_AGO_S, AHEAD_S])
def test_a_save_of_the_same_size_with_the_same_time_is_seen(site: Site, modified_s: int) -> None:
    for word in ("first", "other", "third"):
        path = site.post("2026-01-01-a.md", f"The {word} words.\n")
        os.utime(path, (modified_s, modified_s))

        ran = run(site)

        assert ran.status == 0, ran.said
        assert f"The {word} words." in _shown(site)


def test_a_clock_that_jumps_hides_no_save(site: Site) -> None:
    for number, ahead_s in enumerate((0, DAY_S, -DAY_S, 3_600, -5, 0)):
        site.post("2026-01-01-a.md", f"Words of {number}.\n")

        ran = run(site, on=Machine(clock_ahead_s=ahead_s))
        again = run(site, on=Machine(clock_ahead_s=-ahead_s))

        assert (ran.status, again.status) == (0, 0), (ran, again)
        assert f"Words of {number}." in _shown(site)
        assert site.left() == []
