"""A loss as a landscape over two numbers, and an optimizer's path through it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, LossFunction
from builder.network.errors import ShapeError
from builder.network.layer import Layer
from builder.network.plots.page import axes_of, paper
from builder.network.plots.planes import Plane, random_plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Range: TypeAlias = tuple[float, float]

_OPACITY = 0.5
"""Of the highest hills; the valleys are as the page."""

_LOG_FROM = 100.0
_MODEL_RESOLUTION = 31


def loss_contours(
    function: Callable[[float, float], float],
    a: _Range = (-1.0, 1.0),
    b: _Range = (-1.0, 1.0),
    *,
    resolution: int = 60,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a loss of two numbers as a map: the higher, the darker.

    Its contours are at round numbers: evenly spaced, or 1, 2, 5, 10, … where the largest
    loss is over a hundred times that which 95 % of the map are above. Where the loss is
    not finite, the map is empty.

    Args:
        function: L(a, b), asked at one point at a time.
        a: From where to where the horizontal axis reaches.
        b: The same for the vertical one.
        resolution: Points along each axis.
        ax: Where to draw.

    Raises:
        ValueError: The loss is finite nowhere.
    """
    across, up = np.linspace(*a, resolution), np.linspace(*b, resolution)
    with np.errstate(all="ignore"):
        L = np.array([[function(p, q) for p in across] for q in up], float)
    L = np.ma.masked_invalid(L)
    if not L.count():
        raise ValueError("the loss is finite nowhere in these ranges")
    ax = axes_of(ax)
    levels = _levels(L.compressed())
    opacity = 1 - (1 - _OPACITY) ** (1 / max(len(levels), 1))
    for level in levels:
        ax.contourf(across, up, L, [level, L.max()], colors=["C0"], alpha=opacity)
    if levels:
        lines = ax.contour(across, up, L, levels, colors=["C0"], linewidths=0.8)
        ax.clabel(lines, levels[::2], fmt="%.3g", fontsize="small")
    ax.set_xlim(a)
    ax.set_ylim(b)
    ax.locator_params(nbins=5)
    return ax


def loss_surface(
    model: Layer,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: LossFunction,
    plane: Plane | None = None,
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a model's loss on a plane through the space of its parameters.

    The parameters are moved over the plane, and moved back. To draw a training's path:

        plane = nn.plots.trajectory_plane(recorded)
        nn.plots.loss_surface(model, X, Y, loss, plane)
        nn.plots.path(plane.project(recorded))

    Args:
        model: It is built; layers that train differently do not train here.
        X: (N, ...), the examples on which the loss is measured, 31² times.
        y: Their targets.
        loss: L, called with the model's output and `y`.
        plane: By default, `random_plane(model)`.
        ax: Where to draw.

    Raises:
        BuildError: The model has no parameters yet.
        ShapeError: X or y does not fit, or the plane is another model's.
        ValueError: The loss is finite nowhere on the plane.
    """
    if plane is None:
        plane = random_plane(model)
    parameters = model.parameters
    if plane.origin.shape != parameters.shape:
        raise ShapeError(
            "loss_surface",
            f"the plane is one of {plane.origin.size} parameters, "
            f"but the model has {parameters.size}",
        )

    def measure(a: float, b: float) -> float:
        parameters[...] = plane.at(a, b)
        return loss(model(X), y)[0]

    kept = parameters.copy()
    try:
        ax = loss_contours(measure, plane.a, plane.b, resolution=_MODEL_RESOLUTION, ax=ax)
    finally:
        parameters[...] = kept
    ax.set_xlabel("direction 1")
    ax.set_ylabel("direction 2")
    return ax


def path(points: npt.ArrayLike, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the way of an optimizer, with its start and its end.

    Args:
        points: (S, 2), where it was after each step.
        ax: Where to draw.

    Raises:
        ShapeError: It is not of this shape, or has a single point.
    """
    points = np.asarray(points, float)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2:
        raise ShapeError("path", f"expects at least 2 points, of shape (S, 2), got {points.shape}")
    from matplotlib.patheffects import withStroke  # noqa: PLC0415 - only plots need Matplotlib

    ax = axes_of(ax)
    ax.plot(*points.T, ".-", color="C1", linewidth=1.2, markersize=4)
    ax.plot(*points[0], "o", color="C1", markerfacecolor=paper(), markersize=8)
    ax.plot(*points[-1], "o", color="C1", markersize=8)
    for name, at, other in (("start", 0, 1), ("end", -1, 0)):
        # Away from the path.
        side = 1 if points[at, 1] >= points[other, 1] else -1
        ax.annotate(
            name,
            (points[at, 0], points[at, 1]),
            (0, 8 * side),
            textcoords="offset points",
            color="C1",
            path_effects=[withStroke(linewidth=2.5, foreground=paper())],
            horizontalalignment="center",
            verticalalignment="bottom" if side > 0 else "top",
        )
    return ax


def _levels(losses: Array) -> list[float]:
    """Return round numbers between the least and the largest loss."""
    from matplotlib.ticker import (  # noqa: PLC0415 - only plots need Matplotlib
        LogLocator,
        MaxNLocator,
    )

    low, common, high = np.quantile(losses, [0, 0.05, 1]).tolist()
    if low == high:
        return []
    # The very least tells nothing: it is near 0 wherever a loss can be 0.
    is_wide = low > 0 and high > _LOG_FROM * common
    locator = LogLocator(subs=(1, 2, 5)) if is_wide else MaxNLocator(12, steps=[1, 2, 5, 10])
    return [each for each in map(float, locator.tick_values(low, high)) if low < each < high]
