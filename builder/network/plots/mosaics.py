"""Arrays as pictures: filters of a convolution, and the maps it makes with them.

Signed values are blue above 0 and orange below, the stronger the larger, on one scale for
the whole mosaic. An image keeps its colours in the dark, so they are of a lightness that
stands out from both pages, and 0 lets the page through.
"""

from collections.abc import Sequence
from math import ceil, log
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array
from builder.network.errors import ShapeError
from builder.network.plots.page import axes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POSITIVE = np.array([0x2A, 0x7D, 0xE1]) / 255
_NEGATIVE = np.array([0xD4, 0x62, 0x1F]) / 255
_GROUND = np.array([0.5, 0.5, 0.5, 0.14])
"""Behind each tile, so that one of small values is seen to be there."""

_TILE = 16
"""Smaller tiles are enlarged to this many dots, so that a gap is less than one value wide."""

_PAGE = 1.6
"""Width to height of a picture."""


def filters(W: npt.ArrayLike, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the filters of a convolution, each as a strip of its C channels.

    Args:
        W: (F, C, kh, kw).
        ax: Where to draw.

    Raises:
        ShapeError: W has other axes.
    """
    W = np.asarray(W, float)
    if W.ndim != 4 or not W.size:
        raise ShapeError("filters", f"expects W of shape (F, C, kh, kw), got {W.shape}")
    W = _enlarge(W)
    strips = [_arrange(each, columns=len(each), gap=1) for each in W]
    return _show(strips, gap=2 if W.shape[1] == 1 else 4, ax=ax)


def feature_maps(maps: npt.ArrayLike, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the maps that a layer makes of one example, from left to right and down.

    Args:
        maps: (C, H, W).
        ax: Where to draw.

    Raises:
        ShapeError: The maps have other axes.
    """
    maps = np.asarray(maps, float)
    if maps.ndim != 3 or not maps.size:
        hint = " (did you mean maps[0], those of one example?)" if maps.ndim == 4 else ""
        raise ShapeError("feature_maps", f"expects (C, H, W), got {maps.shape}{hint}")
    return _show(list(_enlarge(maps)), gap=2, ax=ax)


def _enlarge(tiles: Array) -> Array:
    times = ceil(_TILE / min(tiles.shape[-2:]))
    enlarged: Array = tiles.repeat(times, axis=-2).repeat(times, axis=-1)
    return enlarged


def _show(tiles: Sequence[Array], gap: int, ax: "Axes | None") -> "Axes":
    ax = axes_of(ax)
    mosaic = _arrange(tiles, _columns(len(tiles), *tiles[0].shape), gap)
    ax.imshow(_colours(mosaic), interpolation="none")
    ax.set_axis_off()
    return ax


def _columns(count: int, height: int, width: int) -> int:
    """Return how many tiles to set beside each other for a full mosaic in the page's form."""

    def cost(columns: int) -> float:
        rows = ceil(count / columns)
        form = columns * width / (rows * height)
        return abs(log(form / _PAGE)) + 2 * (rows * columns - count) / count

    return min(range(1, count + 1), key=cost)


def _arrange(tiles: Sequence[Array], columns: int, gap: int) -> Array:
    """Lay tiles of one shape into one array, with NaN between them."""
    height, width = tiles[0].shape
    rows = ceil(len(tiles) / columns)
    mosaic = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
    for index, tile in enumerate(tiles):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        mosaic[top : top + height, left : left + width] = tile
    return mosaic


def _colours(values: Array) -> Array:
    """Return colours with opacities, (H, W, 4); nothing where there is no number."""
    is_number = np.isfinite(values)
    values = np.where(is_number, values, 0)
    strength = (np.abs(values) / (np.abs(values).max() or 1))[..., None]
    colour = np.where(values[..., None] < 0, _NEGATIVE, _POSITIVE)
    # Porter and Duff's "over": the value's colour over the ground.
    ground = _GROUND[3] * (1 - strength)
    opacity = strength + ground
    mixed = (strength * colour + ground * _GROUND[:3]) / opacity
    return np.concatenate([mixed, opacity * is_number[..., None]], axis=-1)
