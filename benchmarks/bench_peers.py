"""Build the same posts with this builder and with others, in turns, and compare.

    python -m benchmarks.bench_peers [--quick] [--peers build/peers] [--publish]

Posts are of three kinds: prose, prose with ten formulas, and posts that run. Each generator
builds 10, 100 and 1,000 of them cold, unchanged, with a word and with a block of one post edited;
this builder also builds 10,000 of prose. All have the same two cores and take turns, so that a
change of the machine's pace meets all. Ratios are the result, each one of two builds in the same
round, for the seconds are those of one machine on one day.

`make bench-peers` installs the others; those that are not there are left out, and are told.
What was measured lies in `build/bench/peers.json`, the tables in `build/bench/peers.md`, the
figure in `build/bench/peers.svg`; `--publish` puts both into `benchmarks/`.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Container, Iterator
from contextlib import suppress
from pathlib import Path
from typing import get_args

from benchmarks.contest import Contest
from benchmarks.drawing import draw
from benchmarks.findings import Finding, Findings, LeftOut, Run, load, save
from benchmarks.growth import judge
from benchmarks.peers import OURS, PEERS, ROOT, Generator, Kind
from benchmarks.reporting import publish, report
from builder.execute.pool import usable_cores

_CORES = 2
_COUNTS = (10, 100, 1000)
_ALONE = 10_000
_NAMES = tuple(each.name for each in PEERS)


def main() -> None:
    """Measure, or take what was measured before, and tell."""
    options = _options()
    folder = options.results
    if not options.again:
        _measure(options, folder / "peers.json")
    findings = load(folder / "peers.json")
    told = report(findings)
    (folder / "peers.md").write_text(told, encoding="utf-8")
    draw(findings, folder / "peers.svg")
    print(told)
    if options.publish:
        publish(told, folder)
    sys.exit(not all(is_met for is_met, _ in judge(findings)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--peers", type=Path, default=ROOT / "build/peers", help="where they are installed")
    add("--results", type=Path, default=ROOT / "build/bench", help="a folder for what was measured")
    add("--posts", type=int, nargs="+", default=_COUNTS, help="how many all build")
    add("--alone", type=int, default=_ALONE, help="how many this builder builds; 0 for none")
    add("--kinds", nargs="+", choices=get_args(Kind), default=get_args(Kind))
    add("--only", nargs="+", metavar="NAME", help="of the others, those alone")
    add("--rounds", type=int, default=3, help="at least two, for builds are compared")
    add("--patience", type=float, default=900, help="seconds that one build may be awaited to take")
    add("--quick", action="store_true", help="10 and 100 posts, two rounds")
    add("--again", action="store_true", help="measure nothing, tell what was measured before")
    add("--publish", action="store_true", help="put tables and figure into benchmarks/")
    options = parser.parse_args()
    if options.quick:
        options.posts, options.alone, options.rounds = _COUNTS[:2], 0, 2
    if options.rounds < 2:
        parser.error("--rounds: at least 2")
    options.peers = options.peers.resolve()
    options.results.mkdir(parents=True, exist_ok=True)
    return options


def _measure(options: argparse.Namespace, path: Path) -> None:
    """Keep each finding as soon as it is there, for a run takes hours and may be interrupted."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])
    versions = {each.name: each.version(options.peers) for each in (OURS, *PEERS)}
    there = {name: version for name, version in versions.items() if version is not None}
    found: list[Finding] = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.kinds:
            for finding in _of_kind(kind, Path(folder, kind), there, options):
                found.append(finding)
                _tell(finding)
                save(path, Findings(machine=_machine(), versions=there, all=found))


def _of_kind(
    kind: Kind, folder: Path, there: Container[str], options: argparse.Namespace
) -> Iterator[Finding]:
    able = []
    for each in (OURS, *PEERS):
        if kind in each.kinds and each.name in (OURS.name, *(options.only or _NAMES)):
            if each.name in there:
                able.append(each)
            else:
                yield _left_out(kind, 0, each, "not installed, see `make bench-peers`")
    alone = [options.alone] if kind == "prose" and options.alone else []
    a_post: dict[str, float] = {}
    for count in (*options.posts, *alone):
        entering = []
        for each in [OURS] if count in alone else able:
            awaited = a_post.get(each.name, 0) * count
            if awaited <= options.patience:
                entering.append(each)
            else:
                yield _left_out(kind, count, each, f"a build would take {awaited / 60:.0f} minutes")
        contest = Contest(
            kind=kind,
            posts=count,
            folder=folder,
            peers=options.peers,
            rounds=options.rounds,
            warms_up=not a_post,
        )
        for finding in contest.hold(entering):
            yield finding
            if isinstance(finding, Run) and finding.step == "cold":
                a_post[finding.generator] = finding.seconds / count
        able = [each for each in able if each.name in a_post]  # the others have failed


def _left_out(kind: Kind, count: int, generator: Generator, reason: str) -> LeftOut:
    return LeftOut(kind=kind, posts=count, generator=generator.name, reason=reason)


def _tell(finding: Finding) -> None:
    about = f"{finding.kind:12} {finding.posts:6,} {finding.generator:14}"
    if isinstance(finding, Run):
        print(f"{about} {finding.step:10} {finding.seconds:8.2f} s {finding.peak_mb:6.0f} MB")
    elif isinstance(finding, LeftOut):
        print(f"{about} left out: {finding.reason}", flush=True)


def _machine() -> str:
    """The processor, how much of it, and what runs on it."""
    model = platform.machine()
    with suppress(OSError):
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        model = next(iter(re.findall(r"model name\s*: (.*)", told)), model)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    python, node = platform.python_version(), _said("node", "--version")
    return (
        f"{model}, {usable_cores()} cores, {memory:.0f} GiB, {platform.system()},"
        f" Python {python}{node and f', Node {node}'}"
    )


def _said(*command: str) -> str:
    """What a program says; nothing where it is not to be had."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


if __name__ == "__main__":
    main()
