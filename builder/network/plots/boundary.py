"""The regions into which a classifier cuts the plane."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array
from builder.network.errors import ShapeError
from builder.network.plots.page import axes_of, paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CONFIDENCES = (0.5, 0.65, 0.8, 0.95)
"""Where a region's colour gets stronger."""

_OPACITY = 0.13
"""Of each of the layers of colour that lie on each other."""

_MARKERS = "os^DvPX*"
_MARGIN = 0.08


def decision_boundary(
    model: Callable[[Array], Array],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    resolution: int = 80,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw labelled points of the plane over the classes that a model gives the plane.

    Class k has the colour Ck. It gets stronger where the odds of the most likely class
    against the next, e to the distance of their logits, pass 1:1, 2:1, 4:1 and 19:1.

    Args:
        model: Gives (M, C) logits of M points, or logits of class 1 alone, (M, 1) or (M,).
        X: (N, 2), points.
        y: (N,), their labels 0..C − 1; (N, 1) will do.
        resolution: Points along each side of the grid on which the model is asked.
        ax: Where to draw.

    Raises:
        ShapeError: X has no two columns, y does not fit it, or the model gives no logits.
        ValueError: There is a label that is no class, or a prediction that is no number.
    """
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2 or not len(X):
        raise ShapeError("decision_boundary", f"expects X of shape (N, 2), got {X.shape}")
    if y.shape not in ((len(X),), (len(X), 1)):
        raise ShapeError("decision_boundary", f"X has {len(X)} points, but y has shape {y.shape}")
    low, high = X.min(axis=0), X.max(axis=0)
    rim = _MARGIN * np.where(high > low, high - low, 1)
    across, up = np.linspace(low - rim, high + rim, resolution).T
    grid = np.stack(np.meshgrid(across, up), axis=-1)
    leads = _leads(model(grid.reshape(-1, 2)), resolution**2)
    labels = y.reshape(-1)
    if not np.isin(labels, np.arange(leads.shape[1])).all():
        strange = next(each for each in labels.tolist() if each not in range(leads.shape[1]))
        raise ValueError(
            f"the label {strange!r} is no class: the model tells {leads.shape[1]} classes apart, "
            f"0 to {leads.shape[1] - 1}"
        )
    ax = axes_of(ax)
    for k, lead in enumerate(leads.T):
        _draw_region(ax, across, up, lead.reshape(resolution, resolution), f"C{k}")
    for k in range(leads.shape[1]):
        _draw_points(ax, X[labels == k], k)
    ax.locator_params(nbins=5)
    return ax


def _leads(logits: npt.ArrayLike, count: int) -> Array:
    """Return by how much each class's logit is above that of the best other class."""
    z = np.asarray(logits, float)
    if z.shape == (count,):
        z = z[:, None]
    if z.ndim != 2 or len(z) != count or not z.shape[1]:
        raise ShapeError(
            "decision_boundary",
            f"the model gives {z.shape} for {count} points, but logits are (N, C), (N, 1) or (N,)",
        )
    if not np.isfinite(z).all():
        raise ValueError("some predictions are no finite numbers (did the training diverge?)")
    if z.shape[1] == 1:
        if z.min() >= 0 and z.max() <= 1:
            raise ValueError(
                "all predictions lie between 0 and 1, but logits are asked for "
                "(did you mean the model without its last Sigmoid?)"
            )
        z = np.hstack([np.zeros_like(z), z])
    ordered = np.sort(z, axis=1)
    best, next_best = ordered[:, -1:], ordered[:, -2:-1]
    return z - np.where(z == best, next_best, best)


def _draw_region(ax: "Axes", across: Array, up: Array, lead: Array, colour: str) -> None:
    # Layers that lie on each other leave no seams, as bands side by side would.
    for confidence in _CONFIDENCES:
        level = np.log(confidence / (1 - confidence))
        if lead.max() > level:
            ax.contourf(across, up, lead, [level, lead.max() + 1], colors=[colour], alpha=_OPACITY)


def _draw_points(ax: "Axes", points: Array, k: int) -> None:
    ax.plot(
        *points.T,
        _MARKERS[k % len(_MARKERS)],
        color=f"C{k}",
        markeredgecolor=paper(),
        markeredgewidth=0.8,
        markersize=6.5,
    )
