"""What was measured, as a figure: the time of a build against the number of posts."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import NullFormatter

from benchmarks.findings import Findings
from benchmarks.peers import OURS, Kind, Step
from benchmarks.reporting import STEPS

# On white and on black alike, with a contrast of at least 3.
_INK = "#7a7f87"
_COLOURS = {
    "ours": "#1f83f0",
    "Pelican": "#c0702a",
    "Hugo": "#c4569e",
    "Eleventy": "#3f9142",
    "MyST-NB": "#c0702a",
    "markdown-exec": "#c4569e",
    "nbconvert": "#3f9142",
    "scripts": _INK,
}


def draw(findings: Findings, path: Path) -> None:
    """Draw a row for each kind of posts, a column for each step; both axes are logarithmic."""
    kinds, steps = findings.kinds(), [step for step in STEPS if _has(findings, step)]
    with mpl.rc_context({"svg.hashsalt": "benchmarks", "font.size": 9}):
        size = (2.6 * len(steps) + 1, 2.6 * len(kinds))
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(len(kinds), len(steps), squeeze=False, sharex=True, sharey="row")
        for kind, row in zip(kinds, grid, strict=True):
            for step, axes in zip(steps, row, strict=True):
                _panel(axes, findings, kind, step)
            row[0].set_ylabel(f"{kind}: seconds")
            lines = row[0].get_legend_handles_labels()
            row[-1].legend(*lines, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
        for axes in grid[-1]:
            axes.set_xlabel("posts")
        for text in figure.findobj(Text):
            text.set_color(_INK)
        figure.savefig(path, transparent=True, metadata={"Date": None})


def _has(findings: Findings, step: Step) -> bool:
    return any(step in findings.steps(kind) for kind in findings.kinds())


def _panel(axes: Axes, findings: Findings, kind: Kind, step: Step) -> None:
    if step not in findings.steps(kind):
        axes.set_axis_off()
        return
    axes.set(title=STEPS[step], xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        axis.set_minor_formatter(NullFormatter())
    axes.tick_params(which="both", color=_INK)
    axes.spines[:].set_color(_INK)
    axes.grid(color=_INK, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    for name in reversed(findings.generators(kind)):  # ours above all others
        found = [
            (count, taken)
            for count in findings.counts(kind, name)
            if (taken := findings.seconds(kind, count, step, name)) is not None
        ]
        if found:
            width = 2.5 if name == OURS.name else 1.2
            counts, seconds = zip(*found, strict=True)
            axes.plot(counts, seconds, "o-", label=name, color=_COLOURS[name], lw=width, ms=4)
