"""The style of figures, made of the house's colours, and how a drawing is made dark."""

import re
from typing import Any

from cycler import cycler
from matplotlib import quiver, table

from builder.execute.colours import DARK, INK, PAPER, RULE

STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=tuple(DARK)[3:]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "boxplot.boxprops.color": INK,
    "boxplot.capprops.color": INK,
    "boxplot.flierprops.color": INK,
    "boxplot.flierprops.markeredgecolor": INK,
    "boxplot.whiskerprops.color": INK,
    "figure.facecolor": "none",
    "figure.figsize": (6.4, 4.0),
    "font.size": 13,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "legend.edgecolor": RULE,
    "legend.facecolor": PAPER,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
    "patch.edgecolor": INK,
    "hatch.color": INK,
    "savefig.facecolor": "auto",
    "svg.fonttype": "path",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
_COLOURS = re.compile("|".join(DARK))


def set_defaults() -> None:
    """Give the house's colours to what Matplotlib has no setting for, once, in the zygote."""
    _set_default(quiver.Quiver, color=INK)
    _set_default(quiver.Barbs, facecolors=INK)
    _set_default(table.Cell, edgecolor=INK)
    kind: Any = table.Cell
    make = kind.__init__

    def make_cell(cell: Any, *args: Any, **options: Any) -> None:
        if options.get("facecolor") == "w":  # as Matplotlib's table() has it
            options["facecolor"] = PAPER
        make(cell, *args, **options)

    kind.__init__ = make_cell


def _set_default(kind: Any, **defaults: str) -> None:
    make = kind.__init__

    def make_with_defaults(artist: Any, *args: Any, **options: Any) -> None:
        make(artist, *args, **(defaults | options))

    kind.__init__ = make_with_defaults


def darken(svg: str) -> str:
    """A drawing with its light colours exchanged for the dark ones."""
    return _COLOURS.sub(lambda match: DARK[match[0]], svg)
