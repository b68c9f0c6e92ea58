"""The colours of figures: a light and a dark one for each, and the style made of them.

Figures are drawn in light colours that nobody picks by hand, so that a colour tells where it
comes from: these change for the dark, an author's own stay.
"""

import re
from collections.abc import Mapping
from typing import Any

from cycler import cycler
from matplotlib import quiver, table

INK, PAPER, RULE = "#1b1d21", "#fdfcfb", "#c9ccd2"
DARK: Mapping[str, str] = {
    INK: "#e6e4df",
    PAPER: "#16181c",
    RULE: "#454a53",
    # The cycle of line colours: each at least 4 to 1 against its paper.
    "#2462b5": "#7cb1f2",
    "#b8480f": "#f29a63",
    "#1f7d4f": "#6cc79a",
    "#b0286b": "#f08dbd",
    "#6a48b3": "#b7a1f0",
    "#866208": "#dcb95a",
    "#157a86": "#66c6d2",
    "#59616e": "#aab2be",
}
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
