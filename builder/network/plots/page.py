"""What all pictures share: the axes they are drawn on, and colours that follow the theme.

A figure is drawn once; for the dark theme the light colours of the style are exchanged. So
a picture takes its colours from the cycle, from here, or from these with an opacity, which
lets the page through in both themes. A colour mixed by hand would stay light in the dark.
"""

from typing import TYPE_CHECKING

import numpy.typing as npt

from builder.network.arrays import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POSITIVE, NEGATIVE = "C0", "C1"
"""Of signed values, and of what is right and wrong."""


def axes_of(ax: "Axes | None") -> "Axes":
    """Return `ax`, or the current axes."""
    if ax is not None:
        return ax
    from matplotlib import pyplot  # noqa: PLC0415 - only plots need Matplotlib

    return pyplot.gca()


def ink() -> str:
    """Return the colour of text."""
    from matplotlib import rcParams  # noqa: PLC0415 - only plots need Matplotlib

    return str(rcParams["text.color"])


def paper() -> str:
    """Return the colour of the page, which parts marks from what lies behind them."""
    from matplotlib import rcParams  # noqa: PLC0415 - only plots need Matplotlib

    # The axes have none in the builder's style, so that the page itself is seen.
    legend = str(rcParams["legend.facecolor"])
    return str(rcParams["axes.facecolor"]) if legend == "inherit" else legend


def points_of(ax: "Axes", places: npt.ArrayLike) -> Array:
    """Return where (N, 2) places lie on the page, in points, as letters are measured."""
    ax.get_ylim()  # the limits follow what was drawn only when they are asked for
    dots: Array = ax.transData.transform(places)
    return dots * 72 / ax.figure.dpi


def size_pt(ax: "Axes") -> tuple[float, float]:
    """Return width and height of the axes, in points."""
    corners = ax.transAxes.transform([(0, 0), (1, 1)])
    width, height = (corners[1] - corners[0]) * 72 / ax.figure.dpi
    return float(width), float(height)


def font_size_pt() -> float:
    """Return the size of letters."""
    from matplotlib import rcParams  # noqa: PLC0415 - only plots need Matplotlib

    return float(rcParams["font.size"])
