"""A network as a graph of units and weights."""

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from builder.network.arrays import Array, Shape
from builder.network.chain import layers_of
from builder.network.errors import BuildError
from builder.network.layer import Layer
from builder.network.layers.dense import Dense
from builder.network.plots.page import (
    NEGATIVE,
    POSITIVE,
    axes_of,
    font_size_pt,
    ink,
    paper,
    size_pt,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 8
"""Places in a column; one with more units has dots at the fifth."""

_LEAST = 4
"""Places in the height of the picture, however few units there are."""

_BOX = 0.25
"""Half the width of a box, in distances between columns."""


@dataclass(frozen=True, slots=True)
class _Column:
    """Where lines meet what is drawn of a layer."""

    left: float

    right: float

    units: Array
    """Indices of the units that are drawn."""

    heights: Array


def network(model: Layer, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a network from left to right: units and weights, other layers as boxes.

    A weight's line is blue where it is positive and orange where negative, the wider the
    larger it is beside the others of its layer. Of a layer with more than 8 units, the
    first 4 and the last 3 are drawn. A box holds the shape of one example after the layer.

    Args:
        model: A Sequential that is built.
        ax: Where to draw.

    Raises:
        BuildError: It is not built, so that there are no weights.
        ValueError: The model is no Sequential with layers.
    """
    layers = layers_of(model)
    if not model.is_built or model.input_shape is None:
        raise BuildError(
            "the network has no weights to draw yet (did you forget to call it on a batch, "
            "or to build it?)"
        )
    shapes = [model.input_shape]
    for layer in layers:
        shapes.append(layer.output_shape(shapes[-1]))
    ax = axes_of(ax)
    ax.set_axis_off()
    ax.set_xlim(-0.5, len(layers) + 0.5)
    units = [shape[0] for shape in shapes if len(shape) == 1]
    places = min(max([_LEAST, *units]), _MOST)
    ax.set_ylim(-places / 2 - places / 8, places / 2)
    column = (
        _draw_units(ax, 0, shapes[0])
        if len(shapes[0]) == 1
        else _draw_box(ax, 0, "Input", shapes[0])
    )
    for x, (layer, shape) in enumerate(zip(layers, shapes[1:], strict=True), 1):
        before = column
        if isinstance(layer, Dense) and len(shape) == 1:
            column = _draw_units(ax, x, shape)
            _draw_weights(ax, before, column, layer.W)
        else:
            column = _draw_box(ax, x, type(layer).__name__, shape)
            _draw_links(ax, before, column)
    return ax


def _draw_units(ax: "Axes", x: int, shape: Shape) -> _Column:
    units, heights = _places(shape)
    width, height = size_pt(ax)
    bottom, top = ax.get_ylim()
    size = min(0.6 * height / (top - bottom), 0.35 * width / ax.get_xlim()[1], 16)
    ax.plot(
        np.full(len(units), x),
        heights,
        "o",
        color=ink(),
        markerfacecolor=paper(),
        markersize=size,
        zorder=3,
    )
    if shape[0] > _MOST:
        ax.plot([x] * 3, [-0.7, -0.5, -0.3], ".", color=ink(), markersize=3)
    ax.text(x, bottom, str(shape[0]), horizontalalignment="center")
    return _Column(x, x, units, heights)


def _draw_box(ax: "Axes", x: int, name: str, shape: Shape) -> _Column:
    top = ax.get_ylim()[1]
    ax.bar(x, 2 * top, 2 * _BOX, -top, facecolor=ink(), alpha=0.1, linewidth=0)
    room = 2 * _BOX * size_pt(ax)[0] / ax.get_xlim()[1]
    ax.text(
        x,
        0,
        f"{name}  {' × '.join(map(str, shape))}",
        fontsize=min(font_size_pt(), 0.8 * room),
        horizontalalignment="center",
        rotation=90,
        verticalalignment="center",
    )
    return _Column(x - _BOX, x + _BOX, *_places(shape))


def _places(shape: Shape) -> tuple[Array, Array]:
    """Return which units are drawn and how high; of a shape with several axes, its middle."""
    count = shape[0] if len(shape) == 1 else 1
    if count > _MOST:
        return np.r_[0:4, count - 3 : count], (_MOST - 1) / 2 - np.r_[0:4, 5:_MOST]
    return np.arange(count), (count - 1) / 2 - np.arange(count)


def _draw_weights(ax: "Axes", before: _Column, after: _Column, W: Array) -> None:
    from matplotlib.collections import LineCollection  # noqa: PLC0415 - only plots need Matplotlib
    from matplotlib.colors import to_rgba_array  # noqa: PLC0415 - only plots need Matplotlib

    drawn = W[np.ix_(before.units, after.units)].reshape(-1)
    strengths = np.abs(drawn) / (np.abs(drawn).max() or 1)
    signs = np.where(drawn > 0, POSITIVE, NEGATIVE).tolist()
    lines = LineCollection(
        [
            np.array([(before.right, start), (after.left, end)])
            for start, end in product(before.heights, after.heights)
        ],
        colors=to_rgba_array(signs, 0.15 + 0.85 * strengths),
        linewidths=0.3 + 2.2 * strengths,
    )
    ax.add_collection(lines, autolim=False)


def _draw_links(ax: "Axes", before: _Column, after: _Column) -> None:
    common = [each for each in before.heights if each in after.heights] or [0]
    ax.hlines(common, before.right, after.left, color=ink(), linewidth=0.6)
