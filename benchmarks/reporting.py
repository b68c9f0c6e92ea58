"""What was measured, as tables in Markdown."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.findings import Built, Findings, LeftOut
from benchmarks.growth import growth, judge
from benchmarks.peers import OURS, PEERS, ROOT, Kind, Step

_PUBLISHED = ROOT / "benchmarks"
_BEGIN, _END = "<!-- measured -->", "<!-- /measured -->"
STEPS: dict[Step, str] = {
    "cold": "cold",
    "unchanged": "nothing changed",
    "word": "a word edited",
    "block": "a block edited",
}
KINDS: dict[Kind, str] = {
    "prose": "Posts of 1,000 words and a listing",
    "mathematical": "The same with ten formulas, none of them twice",
    "executable": "Posts of 300 words, four blocks and two plots",
}


def report(findings: Findings) -> str:
    """All tables, with what belongs to them."""
    parts = [_introduction(findings)]
    for kind in findings.kinds():
        parts += [f"### {KINDS[kind]}", _times(findings, kind), _sites(findings, kind)]
    parts += [_differences(findings), _left_out(findings), _aims(findings)]
    return "\n\n".join(filter(None, parts)) + "\n"


def publish(told: str, folder: Path) -> None:
    """Put the tables into the README of the benchmarks, and what they come from beside it."""
    readme = _PUBLISHED / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    readme.write_text(f"{before}{_BEGIN}\n\n{told}\n{_END}{after}", encoding="utf-8")
    for name in ("peers.json", "peers.svg"):
        shutil.copyfile(folder / name, _PUBLISHED / name)


def _introduction(findings: Findings) -> str:
    versions = [
        f"{name} {v}" for name, v in findings.versions.items() if name in _built(findings) and v
    ]
    return (
        f"{findings.machine}. Against {', '.join(versions) or 'nothing'}.\n\n"
        "A cell says our time as a part of theirs, the median of rounds with its least and "
        "greatest, and below one we are faster; then their seconds. Growth is the power of the "
        "number of posts that a time grows with between the last two sizes, 1 is linear.\n\n"
        "![Seconds of a build against the number of posts](peers.svg)"
    )


def _built(findings: Findings) -> set[str]:
    return {name for kind in findings.kinds() for name in findings.generators(kind)}


def _times(findings: Findings, kind: Kind) -> str:
    names = findings.generators(kind)
    others = [name for name in names if name != OURS.name]
    rows = []
    for step in findings.steps(kind):
        for count in findings.counts(kind):
            cells = [_beside(findings, kind, count, step, name) for name in others]
            ours = findings.seconds(kind, count, step, OURS.name)
            rows.append([STEPS[step], f"{count:,}", _seconds(ours), *cells])
        powers = [growth(findings, kind, step, name) for name in names]
        if powers[0] is not None:
            told = ["–" if power is None else f"{power:.2f}" for power in powers]
            rows.append([STEPS[step], "growth", *told])
    return _table(["", "posts", "ours, s", *others], rows)


def _beside(findings: Findings, kind: Kind, count: int, step: Step, name: str) -> str:
    ratio = findings.ratio(kind, count, step, name)
    if ratio is None:
        return "–"
    spread = f"{_figure(ratio.least)} to {_figure(ratio.greatest)}"
    seconds = _seconds(findings.seconds(kind, count, step, name))
    return f"**{_figure(ratio.middle)}** ({spread}); {seconds} s"


def _sites(findings: Findings, kind: Kind) -> str:
    rows = [
        [name, f"{each.posts:,}", *_site(findings, each)]
        for name in findings.generators(kind)
        for each in findings.all
        if isinstance(each, Built) and (each.kind, each.generator) == (kind, name)
    ]
    head = ["", "posts", "memory, MB", "site, MB", "written by a word, MB"]
    return _table([*head, "a page, KB", "requests", "two cold builds"], rows)


def _site(findings: Findings, built: Built) -> Iterator[str]:
    yield f"{findings.peak_mb(built.kind, built.posts, built.generator):,.0f}"
    yield f"{built.megabytes:.1f}"
    words = findings.runs(built.kind, built.posts, "word", built.generator)
    yield f"{words[-1].written_mb:.2f}" if words else "–"
    yield f"{built.page_kb:.1f}"
    yield f"{built.requests}" + (f" and {built.foreign} of other hosts" if built.foreign else "")
    yield f"{built.unlike:,} of {built.files:,} files differ" if built.unlike else "equal"


def _differences(findings: Findings) -> str:
    there = (each for each in (OURS, *PEERS) if each.name in _built(findings))
    lines = [f"- {each.name}: {each.differs}" for each in there]
    return "\n".join(["What each does otherwise:", "", *lines])


def _left_out(findings: Findings) -> str:
    told = [each for each in findings.all if isinstance(each, LeftOut)]
    lines = [f"- {each.generator}, {each.kind}, {_many(each)}: {each.reason}" for each in told]
    return "\n".join(["Left out:", "", *lines]) if lines else ""


def _many(left_out: LeftOut) -> str:
    return f"{left_out.posts:,} posts" if left_out.posts else "all"


def _aims(findings: Findings) -> str:
    lines = [f"- {'met' if is_met else '**missed**'}: {told}" for is_met, told in judge(findings)]
    return "\n".join(["Aims:", "", *lines]) if lines else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _seconds(value: float | None) -> str:
    return "–" if value is None else _figure(value)


def _figure(value: float) -> str:
    """Two figures that count."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"
