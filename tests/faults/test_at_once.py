"""Several commands at once on one site, and a cache that is taken away under them."""

import random
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.breaking import run
from tests.faults.sites import Site
from tests.serving import served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

SLEEPS = "\n```{python}\nimport time\ntime.sleep(0.6)\nprint(time.__name__)\n```\n"


def _write(site: Site, text: str, body: str = "") -> None:
    site.settings("social_cards = false")
    site.post("2026-01-01-a.md", f"Words: {text}.\n{body}")
    site.post("2026-01-02-b.md", f"Other words: {text}.\n")


def _is_right(site: Site, make_site: Callable[[str], Site], text: str, body: str = "") -> bool:
    """Whether what is published is what a build from nothing gives."""
    clean = make_site(f"clean-{text}")
    _write(clean, text, body)
    assert run(clean).status == 0
    return site.files() == clean.files()


def test_two_builds_and_a_server_at_once_agree(make_site: Callable[[str], Site]) -> None:
    site = make_site("site")
    _write(site, "first")
    with served(site.root):
        for text in ("second", "third"):
            _write(site, text)
            builds = [site.start("-q"), site.start("--fresh", "-q")]
            told = [build.communicate(timeout=60)[1] for build in builds]
            assert [build.returncode for build in builds] == [0, 0], told
    status, told_last = site.build()

    assert status == 0, told_last
    assert _is_right(site, make_site, "third")
    assert site.left() == []


def test_a_cache_that_is_removed_while_a_build_runs_costs_no_page(
    make_site: Callable[[str], Site],
) -> None:
    site, rng = make_site("site"), random.Random(7)
    _write(site, "before")
    site.build("-q")
    for attempt in range(2):
        before = site.files()
        _write(site, f"{attempt}", SLEEPS)
        build = site.start("-q")
        time.sleep(rng.uniform(0.3, 2.0))
        shutil.rmtree(site.cache, ignore_errors=True)
        _, told = build.communicate(timeout=60)
        published = site.files()

        status, told_next = site.build("-q")

        assert build.returncode in (0, 1), told
        assert "Traceback" not in told
        assert status == 0, told_next
        assert published in (before, site.files())
    assert _is_right(site, make_site, "1", SLEEPS)
    assert site.left() == []


@pytest.mark.parametrize("name", [".cache", ".cache/lock", ".cache/v1"])
def test_something_else_in_place_of_the_cache_is_told(
    make_site: Callable[[str], Site], name: str
) -> None:
    site = make_site("site")
    _write(site, "x")
    path = site.root / name
    path.parent.mkdir(exist_ok=True)
    if name.endswith("lock"):
        path.mkdir()
    else:
        path.write_text("mine")

    ran = run(site)

    assert ran.status == 1
    assert ran.said.splitlines()[-1].startswith(f"error: {site.cache} cannot be written: ")
    assert site.files() == {}
    assert site.left() == []


def test_builds_of_two_sites_into_one_folder_leave_one_of_them_whole(
    make_site: Callable[[str], Site], tmp_path: Path
) -> None:
    sites = [make_site("one"), make_site("two")]
    output = tmp_path / "public"
    for site in sites:
        _write(site, site.root.name)
    builds = [site.start("-q", "--output", str(output)) for site in sites]
    told = [build.communicate(timeout=60)[1] for build in builds]

    assert {build.returncode for build in builds} <= {0, 1}, told
    assert "Traceback" not in "".join(told)
    assert len([name for name in ("one", "two") if f"words: {name}." in _page(output)]) == 1
    assert sites[0].build("-q", "--output", str(output)) == (0, "")
    assert "words: one." in _page(output)


def _page(output: Path) -> str:
    return (output / "2026/01/02/b/index.html").read_text()
