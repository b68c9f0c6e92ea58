"""Wherever a disk breaks or a build ends, the last good site is whole, and the next build right.

EVERY_OPERATION=1 breaks it at each operation of three kinds of builds, which takes an hour; unless
it is set, at some operations of one kind.
"""

import itertools
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.faults.breaking import DIED, Break, Kind, Machine, Ran, run
from tests.faults.sites import Site

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

IS_WHOLE = bool(os.environ.get("EVERY_OPERATION"))
SAMPLE = 2
RUNS = "\n```{python}\nprint(1)\n```\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """A kind of build."""

    is_first: bool = False
    options: tuple[str, ...] = ()
    body: str = ""
    settings: str = "social_cards = false"


SCENES = {
    "edited": Scene(),
    "first": Scene(is_first=True),
    "afresh": Scene(options=("--fresh",), body=RUNS, settings=""),
}


class Author:
    """Writes a site in two versions, one after the other, each with a file that the other lacks.

    Args:
        make_site: makes sites by name.
        scene: how they are built.
    """

    def __init__(self, make_site: Callable[[str], Site], scene: Scene) -> None:
        self.scene = scene
        self.version = 1
        self.clean = {}
        for version in (1, 2):
            site = make_site(f"clean-{version}")
            self._write(site, version)
            ran = run(site)
            assert ran.status == 0, ran.said
            self.clean[version] = site.files()
        self.site = make_site("site")
        self._write(self.site, 1)
        run(self.site)

    def _write(self, site: Site, version: int) -> None:
        site.settings(self.scene.settings)
        site.post("2026-01-01-a.md", f"Words {version}, $$x^{version}$$.\n{self.scene.body}")
        site.post(f"2026-01-0{version + 1}-b{version}.md", "Words.\n")
        other = site.root / f"posts/2026-01-0{4 - version}-b{3 - version}.md"
        other.unlink(missing_ok=True)

    def exchange(self) -> None:
        """Write the other version."""
        self.version = 3 - self.version
        self._write(self.site, self.version)

    def break_at(self, planned: Break) -> Ran:
        """Build the other version on a disk that breaks; then, on a sound one, either version."""
        before = self.clean[self.version]
        if self.scene.is_first:
            self.site.forget()
            before = {}
        self.exchange()
        ran = run(self.site, *self.scene.options, on=Machine(disk=planned))
        what = (planned, ran)
        assert ran.status in (0, 1, 130, DIED), what
        assert "Traceback" not in ran.said, what
        published = self.site.files()
        now = self.clean[self.version]
        is_lost = planned.kind is Kind.DIES and not planned.can_exchange and not published
        assert is_lost or published == (now if ran.status == 0 else published), what
        assert is_lost or published in (before, now), what
        if planned.number % 2:
            self.exchange()
        again = run(self.site)
        assert again.status == 0, (what, again)
        assert self.site.files() == self.clean[self.version], what
        assert self.site.left() == [], what
        return ran


def _breaks(count: int, kind: Kind, can_exchange: bool) -> Iterator[Break]:
    numbers = list(range(1, count + 1))
    if not IS_WHOLE:
        numbers = random.Random(f"{kind} {can_exchange}").sample(numbers, SAMPLE)
    for number in numbers:
        yield Break(kind=kind, number=number, can_exchange=can_exchange)


@pytest.mark.parametrize("scene", SCENES if IS_WHOLE else ["edited"])
def test_wherever_a_disk_breaks_the_site_is_whole_and_the_next_build_right(
    make_site: Callable[[str], Site], scene: str
) -> None:
    author = Author(make_site, SCENES[scene])
    far = Break(kind=Kind.FAILS, number=1_000_000)
    count = author.break_at(far).count

    broken = 0
    for can_exchange, kind in itertools.product((True, False), Kind):
        for planned in _breaks(count, kind, can_exchange):
            broken += bool(author.break_at(planned).broken)

    assert broken > 5 * SAMPLE
