"""How the cost of a build grows with the number of posts, and whether that is what is aimed at."""

import math
from collections.abc import Iterator

from benchmarks.findings import Findings
from benchmarks.peers import OURS, Kind, Step

_STEEPEST = 1.1
"""The power of the number of posts: 1 is linear, and a tenth is within what machines vary."""

_MANY = 10_000
_UNCHANGED_S = 1.5
_MEMORY_MB = 1000.0


def growth(findings: Findings, kind: Kind, step: Step, generator: str) -> float | None:
    """The power that the time grows with, from the last size but one to the last.

    What a program takes to start makes it less than it would be without an end.
    """
    counts = [
        count
        for count in findings.counts(kind, generator)
        if findings.seconds(kind, count, step, generator) is not None
    ]
    if len(counts) < 2:
        return None
    before, last = (findings.seconds(kind, n, step, generator) or math.nan for n in counts[-2:])
    return math.log(last / before) / math.log(counts[-1] / counts[-2])


def judge(findings: Findings) -> Iterator[tuple[bool, str]]:
    """Each aim of ours, and whether it is met."""
    for kind in findings.kinds():
        for step in findings.steps(kind):
            power = growth(findings, kind, step, OURS.name)
            if power is not None:
                told = f"{kind}, {step}: the time grows with the posts to the power {power:.2f}"
                yield power <= _STEEPEST, f"{told} (at most {_STEEPEST})"
    seconds = findings.seconds("prose", _MANY, "unchanged", OURS.name)
    if seconds is not None:
        told = f"{_MANY:,} posts unchanged in {seconds:.2f} s (at most {_UNCHANGED_S})"
        yield seconds <= _UNCHANGED_S, told
        memory = findings.peak_mb("prose", _MANY, OURS.name)
        told = f"{_MANY:,} posts in {memory:.0f} MB of memory (at most {_MEMORY_MB:.0f})"
        yield memory <= _MEMORY_MB, told
