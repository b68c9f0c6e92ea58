"""What was measured, as values and as a file."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.peers import OURS, Kind, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One build, and what it took."""

    kind: Kind
    posts: int
    generator: str
    step: Step
    round: int
    seconds: float
    cpu_s: float
    peak_mb: float
    written_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A site as a cold build leaves it."""

    kind: Kind
    posts: int
    generator: str
    files: int
    megabytes: float
    requests: int
    page_kb: float
    foreign: int
    unlike: int
    """Files that another cold build has made otherwise, or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What was not measured, and why."""

    kind: Kind
    posts: int
    generator: str
    reason: str


Finding = Run | Built | LeftOut
_FINDINGS: Mapping[str, Callable[..., Finding]] = {
    each.__name__: each for each in (Run, Built, LeftOut)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The median of several figures, and the least and the greatest of them."""

    least: float
    middle: float
    greatest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that was measured in one run of the benchmark."""

    machine: str
    versions: Mapping[str, str]
    """Of the generators that took part, by name."""

    all: Sequence[Finding]

    def runs(self, kind: Kind, posts: int, step: Step, generator: str) -> Sequence[Run]:
        """All builds of one sort, in the order in which they were made."""
        return [
            each
            for each in self.all
            if isinstance(each, Run)
            and (each.kind, each.posts) == (kind, posts)
            and (each.step, each.generator) == (step, generator)
        ]

    def seconds(self, kind: Kind, posts: int, step: Step, generator: str) -> float | None:
        """The median; nothing where there was no such build."""
        runs = self.runs(kind, posts, step, generator)
        return median(run.seconds for run in runs) if runs else None

    def ratio(self, kind: Kind, posts: int, step: Step, generator: str) -> Spread | None:
        """Our seconds over those of another generator in the same round."""
        ours, theirs = (
            _by_round(self.runs(kind, posts, step, name)) for name in (OURS.name, generator)
        )
        ratios = sorted(ours[number] / theirs[number] for number in ours if number in theirs)
        if not ratios:
            return None
        return Spread(least=ratios[0], middle=median(ratios), greatest=ratios[-1])

    def counts(self, kind: Kind, generator: str = OURS.name) -> Sequence[int]:
        """How many posts of a kind a generator has built."""
        built = (each for each in self.all if isinstance(each, Built))
        return sorted({e.posts for e in built if (e.kind, e.generator) == (kind, generator)})

    def steps(self, kind: Kind) -> Sequence[Step]:
        """The steps of a kind, in the order in which they were taken."""
        return list(
            dict.fromkeys(e.step for e in self.all if isinstance(e, Run) and e.kind == kind)
        )

    def peak_mb(self, kind: Kind, posts: int, generator: str) -> float:
        """The most memory that any step has taken."""
        return max(
            peak
            for step in self.steps(kind)
            for peak in (run.peak_mb for run in self.runs(kind, posts, step, generator))
        )

    def kinds(self) -> Sequence[Kind]:
        """The kinds that were built, in the order in which they were."""
        return list(dict.fromkeys(each.kind for each in self.all if isinstance(each, Built)))

    def generators(self, kind: Kind) -> Sequence[str]:
        """Those that have built posts of a kind, this builder first."""
        built = (each for each in self.all if isinstance(each, Built))
        return list(dict.fromkeys(each.generator for each in built if each.kind == kind))


def save(path: Path, findings: Findings) -> None:
    """Write them as JSON, one finding a line."""
    lines = ",\n".join(
        json.dumps({"finding": type(each).__name__, **_rounded(asdict(each))})
        for each in findings.all
    )
    head = json.dumps({"machine": findings.machine, "versions": dict(findings.versions)})
    path.write_text(f'{head[:-1]}, "all": [\n{lines}\n]}}\n', encoding="utf-8")


def load(path: Path) -> Findings:
    """Read what `save` has written."""
    told = json.loads(path.read_text(encoding="utf-8"))
    found = tuple(_FINDINGS[each.pop("finding")](**each) for each in told["all"])
    return Findings(machine=told["machine"], versions=told["versions"], all=found)


def _by_round(runs: Sequence[Run]) -> Mapping[int, float]:
    numbers = {run.round for run in runs}
    return {n: median(run.seconds for run in runs if run.round == n) for n in numbers}


def _rounded(fields: Mapping[str, object]) -> Mapping[str, object]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in fields.items()}
