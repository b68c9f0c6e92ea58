"""Data sets that need no internet: drawn, written, or shipped.

    X, y = nn.data.moons(200, rng=0)
    (X, y), (X_test, y_test) = nn.data.split(*nn.data.digits(), rng=0)

What is drawn comes from `rng`, a seed or a generator: the same seed gives the same bits.
Labels of drawn sets take turns (0, 1, 2, 0, 1, ...), so that every stretch of them is balanced.
Where shipped data comes from, and under which licence, stands in SOURCES.md.
"""

from typing import TYPE_CHECKING, Final

from builder.network.lazy import lazy_names

if TYPE_CHECKING:
    from builder.network.data.handwriting import digits as digits
    from builder.network.data.handwriting import mnist as mnist
    from builder.network.data.images import SHAPE_NAMES as SHAPE_NAMES
    from builder.network.data.images import shapes as shapes
    from builder.network.data.points import blobs as blobs
    from builder.network.data.points import circles as circles
    from builder.network.data.points import curve as curve
    from builder.network.data.points import moons as moons
    from builder.network.data.points import spirals as spirals
    from builder.network.data.sequences import adding_problem as adding_problem
    from builder.network.data.sequences import reversal as reversal
    from builder.network.data.sequences import sine_waves as sine_waves
    from builder.network.data.splits import split as split
    from builder.network.data.text import Characters as Characters
    from builder.network.data.text import long_text as long_text
    from builder.network.data.text import tiny_text as tiny_text
    from builder.network.data.text import windows as windows

# No module has the name of something in it: importing it would hide that behind itself.
_HOMES: Final = {
    "handwriting": "digits mnist",
    "images": "SHAPE_NAMES shapes",
    "points": "blobs circles curve moons spirals",
    "sequences": "adding_problem reversal sine_waves",
    "splits": "split",
    "text": "Characters long_text tiny_text windows",
}

__all__ = list(lazy_names(__name__, _HOMES, "the data of the network library"))
