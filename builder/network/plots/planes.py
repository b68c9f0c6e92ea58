"""Planes through the space of all parameters, on which a loss can be looked at.

Source: Li, Xu, Taylor, Studer and Goldstein, "Visualizing the loss landscape of neural
nets", NeurIPS 2018.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, Seed
from builder.network.errors import ShapeError
from builder.network.parametric import Parametric

_MARGIN = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """The parameters origin + a·directions[0] + b·directions[1]."""

    origin: Array
    """(P,): where a = b = 0."""

    directions: Array
    """(2, P)."""

    a: tuple[float, float]
    """From where to where the picture reaches along the first direction."""

    b: tuple[float, float]
    """The same along the second."""

    def at(self, a: float, b: float) -> Array:
        """Return the parameters at a point of the plane, (P,)."""
        point: Array = self.origin + a * self.directions[0] + b * self.directions[1]
        return point

    def project(self, points: npt.ArrayLike) -> Array:
        """Return the coordinates a and b, (S, 2), of the plane's points nearest to `points`.

        Args:
            points: (S, P), parameters.

        Raises:
            ShapeError: The points have another number of parameters.
        """
        points = _points(points, "Plane")
        if points.shape[1] != self.origin.size:
            raise ShapeError(
                "Plane",
                f"has {self.origin.size} parameters, but the points have {points.shape[1]}",
            )
        nearest, *_ = np.linalg.lstsq(self.directions.T, (points - self.origin).T)
        coordinates: Array = nearest.T
        return coordinates


def random_plane(model: Parametric, *, span: float = 1.0, rng: Seed = 0) -> Plane:
    """Lay a plane through a model's parameters, in two directions drawn at random.

    The part of a direction that belongs to one unit or filter is as long as the weights
    of that unit (section 4 of the source), so that surfaces of different networks can be
    compared; biases and other parameters with one axis stay as they are.

    Args:
        model: It is built.
        span: How far the picture reaches to each side; at 1, as far as the weights are long.
        rng: Seed or generator to draw the directions with.

    Raises:
        BuildError: The model has no parameters yet.
    """
    rng = np.random.default_rng(rng)
    kept = model.parameters.copy()
    directions = []
    try:
        for _ in range(2):
            # Written where the parameters are, it lies in the order of the flat array.
            for _, W, _ in model.named_parameters():
                W[...] = _random_direction(W, rng)
            directions.append(model.parameters.astype(float))
            model.parameters[...] = kept
    finally:
        model.parameters[...] = kept
    return Plane(
        origin=kept.astype(float),
        directions=np.array(directions),
        a=(-span, span),
        b=(-span, span),
    )


def trajectory_plane(points: npt.ArrayLike) -> Plane:
    """Lay the plane through the end of a trajectory that holds most of its movement.

    The directions are the first two principal components of the distances to the end
    (section 7 of the source), of length 1, turned so that the point farthest from the end
    along each lies on its negative side: the trajectory runs to the right and upwards.

    Args:
        points: (S, P), the parameters as they were after each step, S ≥ 3.

    Raises:
        ShapeError: It is not of this shape.
        ValueError: The parameters never move.
    """
    points = _points(points, "trajectory_plane")
    if len(points) < 3 or points.shape[1] < 2:
        raise ShapeError(
            "trajectory_plane",
            f"expects at least 3 points with 2 parameters, got {points.shape}",
        )
    distances = points - points[-1]
    if not distances.any():
        raise ValueError("the parameters never move (did you forget to copy them at each step?)")
    directions = np.linalg.svd(distances, full_matrices=False)[2][:2]
    along = distances @ directions.T
    farthest = along[np.abs(along).argmax(axis=0), [0, 1]]
    # A component's sign is left open by its definition.
    turn = np.where(farthest > 0, -1.0, 1.0)
    along = along * turn
    low, high = along.min(axis=0), along.max(axis=0)
    # At least as wide as a trajectory that is nearly straight needs for more than a strip.
    rim = _MARGIN * np.maximum(high - low, np.ptp(along, axis=0).max())
    (a0, b0), (a1, b1) = (low - rim).tolist(), (high + rim).tolist()
    return Plane(origin=points[-1], directions=directions * turn[:, None], a=(a0, a1), b=(b0, b1))


def _random_direction(W: Array, rng: np.random.Generator) -> Array:
    if W.ndim < 2:
        return np.zeros_like(W)
    # A Dense layer's units are W's columns, a convolution's filters its first axis.
    axes = (0,) if W.ndim == 2 else tuple(range(1, W.ndim))
    d = rng.standard_normal(W.shape)
    lengths = [np.sqrt((each**2).sum(axis=axes, keepdims=True)) for each in (W, d)]
    scaled: Array = d * lengths[0] / lengths[1]
    return scaled


def _points(points: npt.ArrayLike, subject: str) -> Array:
    array = np.asarray(points, float)
    if array.ndim != 2:
        raise ShapeError(subject, f"expects points of shape (S, P), got {array.shape}")
    return array
