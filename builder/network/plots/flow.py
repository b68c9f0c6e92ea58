"""How large numbers are from layer to layer: whether they vanish or explode.

Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward
neural networks", AISTATS 2010, sections 3 and 4.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, LossFunction
from builder.network.chain import layer_gradients, layer_outputs
from builder.network.layer import Layer
from builder.network.plots.page import axes_of, paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def activations(model: Layer, x: npt.ArrayLike, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how large the outputs of each layer are, as magnitudes on a logarithmic axis.

    A layer's band holds 90 % of its outputs that are not 0, the darker one half of them,
    and the line is the median; the share of zeros stands at the right. The outputs
    themselves are those of `nn.layer_outputs`.

    Args:
        model: A Sequential; like `forward`, this builds one that is not built.
        x: (N, ...), a batch.
        ax: Where to draw.

    Raises:
        ShapeError: x does not fit.
        ValueError: The model is no Sequential with layers.
    """
    return _draw_bands(model, layer_outputs(model, x), "size of outputs", axes_of(ax))


def gradients(
    model: Layer,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: LossFunction,
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how large dL/d(output) is for each layer, as `activations` draws the outputs.

    The numbers are those of `nn.layer_gradients`. The gradients of the parameters stay as
    they are.

    Args:
        model: A Sequential; like `forward`, this builds one that is not built.
        x: (N, ...), a batch.
        y: Its targets.
        loss: L, called with the model's output and `y`. One that is a mean over N examples
            gives gradients that are N times smaller than those of one example.
        ax: Where to draw.

    Raises:
        ShapeError: x or y does not fit.
        ValueError: The model is no Sequential with layers.
    """
    return _draw_bands(model, layer_gradients(model, x, y, loss), "size of gradients", axes_of(ax))


def _draw_bands(model: Layer, arrays: Sequence[Array], label: str, ax: "Axes") -> "Axes":
    names = [f"{i} {type(layer).__name__}" for i, layer in enumerate(model.layers)]
    ax.set_xscale("log")
    ax.use_sticky_edges = False  # no band begins at the axis, as the bar of a count does
    for row, array in enumerate(arrays):
        sizes = np.abs(array[np.isfinite(array)], dtype=float)
        if sizes.any():
            _draw_band(ax, row, np.quantile(sizes[sizes > 0], _QUANTILES))
        ax.text(
            1.02,
            row,
            _remark(array),
            fontsize="small",
            transform=ax.get_yaxis_transform(),
            verticalalignment="center",
        )
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(label)
    low, high = np.log10(ax.get_xlim())
    if np.floor(high) > np.ceil(low):  # powers of ten are enough
        ax.xaxis.set_minor_formatter("")
    return ax


def _draw_band(ax: "Axes", row: int, quantiles: Array) -> None:
    q5, q25, q50, q75, q95 = quantiles.tolist()
    ax.barh(row, q95 - q5, left=q5, height=0.7, color="C0", alpha=0.3, linewidth=0)
    ax.barh(row, q75 - q25, left=q25, height=0.7, color="C0", alpha=0.6, linewidth=0)
    ax.plot([q50, q50], [row - 0.35, row + 0.35], color=paper(), solid_capstyle="butt")


def _remark(array: Array) -> str:
    if not np.isfinite(array).all():
        return "not finite"
    share = np.count_nonzero(array == 0) / max(array.size, 1)
    return f"{share:.0%} zero" if share >= 0.005 else ""
