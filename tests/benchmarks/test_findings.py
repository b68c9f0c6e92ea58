from pathlib import Path

import pytest

from benchmarks.drawing import draw
from benchmarks.findings import Built, Finding, Findings, LeftOut, Run, Spread, load, save
from benchmarks.growth import growth, judge
from benchmarks.peers import Step
from benchmarks.reporting import report


def run(posts: int, generator: str, seconds: float, number: int = 0, step: Step = "cold") -> Run:
    return Run(
        kind="prose",
        posts=posts,
        generator=generator,
        step=step,
        round=number,
        seconds=seconds,
        cpu_s=seconds,
        peak_mb=100.0,
        written_mb=1.0,
    )


def built(posts: int, generator: str) -> Built:
    return Built(
        kind="prose",
        posts=posts,
        generator=generator,
        files=3,
        megabytes=1.0,
        requests=2,
        page_kb=3.0,
        foreign=0,
        unlike=1,
    )


def findings(*found: Finding) -> Findings:
    return Findings(machine="a machine", versions={"ours": "", "Hugo": "1.2"}, all=found)


def test_what_was_measured_comes_back_from_its_file(tmp_path: Path) -> None:
    reason = LeftOut(kind="prose", posts=0, generator="Pelican", reason="not installed")
    given = findings(run(10, "ours", 1.5), built(10, "ours"), reason)

    save(tmp_path / "peers.json", given)

    assert load(tmp_path / "peers.json") == given


def test_a_ratio_is_one_of_two_builds_in_the_same_round() -> None:
    # The machine is twice as slow in the second round and three times in the third.
    ours = (run(10, "ours", s, n) for n, s in enumerate((1.0, 2.0, 3.6)))
    theirs = (run(10, "Hugo", s, n) for n, s in enumerate((2.0, 4.0, 6.0)))

    ratio = findings(*ours, *theirs).ratio("prose", 10, "cold", "Hugo")

    assert ratio == Spread(least=0.5, middle=0.5, greatest=0.6)


def test_what_was_not_built_has_no_ratio() -> None:
    assert findings(run(10, "ours", 1.0)).ratio("prose", 10, "cold", "Hugo") is None


def test_growth_is_the_power_between_the_last_two_sizes() -> None:
    told = [(10, 1.0), (100, 2.0), (1000, 200.0)]
    found: list[Finding] = [run(n, "ours", s) for n, s in told]
    found += [built(n, "ours") for n, _ in told]

    assert growth(findings(*found), "prose", "cold", "ours") == pytest.approx(2.0)


def test_growth_faster_than_linear_is_an_aim_that_is_missed() -> None:
    times = (run(100, "ours", 1.0), run(1000, "ours", 20.0))

    assert [*judge(findings(*times, built(100, "ours"), built(1000, "ours")))] == [
        (False, "prose, cold: the time grows with the posts to the power 1.30 (at most 1.1)")
    ]


def test_ten_thousand_posts_have_aims_of_their_own() -> None:
    found = (run(10_000, "ours", 1.4, step="unchanged"), built(10_000, "ours"))

    assert [*judge(findings(*found))] == [
        (True, "10,000 posts unchanged in 1.40 s (at most 1.5)"),
        (True, "10,000 posts in 100 MB of memory (at most 1000)"),
    ]


def test_the_report_tells_ratios_sites_and_what_is_left_out() -> None:
    reason = LeftOut(kind="prose", posts=0, generator="Pelican", reason="not installed")
    ours, theirs = (
        (run(10, "ours", 1.0), built(10, "ours")),
        (run(10, "Hugo", 4.0), built(10, "Hugo")),
    )

    lines = report(findings(*ours, *theirs, reason)).splitlines()

    assert "| cold | 10 | 1.0 | **0.25** (0.25 to 0.25); 4.0 s |" in lines
    assert "| Hugo | 10 | 100 | 1.0 | – | 3.0 | 2 | 1 of 3 files differ |" in lines
    assert "- Pelican, prose, all: not installed" in lines


def test_a_figure_is_the_same_each_time(tmp_path: Path) -> None:
    found: list[Finding] = [run(n, "ours", n / 50) for n in (10, 100)]
    found += [built(n, "ours") for n in (10, 100)]

    for name in ("a.svg", "b.svg"):
        draw(findings(*found), tmp_path / name)

    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
