"""Losses for numbers: one target for every element of the prediction."""

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array
from builder.network.losses.loss import Loss, same_shape


class MeanSquaredError(Loss):
    """L = 1/M Σ (p − t)², the mean over all M elements of prediction p and target t.

    dL/dp = 2/M (p − t). With (N, D) predictions M = N D: L does not grow with the length
    of the output, unlike the sum over D that some books write, and its gradient is D times
    smaller.
    """

    def __call__(self, prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
        """Return L and dL/d(prediction).

        Args:
            prediction: (N, ...), at least one example.
            target: In the same shape; nothing is broadcast.

        Raises:
            ShapeError: The shapes differ, or there is no example.
        """
        p, t = same_shape(self, prediction, target)
        difference = p - t
        # np.vdot sums without an array for the squares.
        error = float(np.vdot(difference, difference)) / difference.size
        return error, difference * (2 / difference.size)


class MeanAbsoluteError(Loss):
    """L = 1/M Σ |p − t|, with dL/dp = sign(p − t) / M; where p = t, 0 is taken for it.

    Its best constant prediction is the median, which a few wild targets do not move.
    """

    def __call__(self, prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
        """Return L and dL/d(prediction); shapes and errors as in `MeanSquaredError`."""
        p, t = same_shape(self, prediction, target)
        difference = p - t
        return float(np.abs(difference).mean()), np.sign(difference) / p.size


class Huber(Loss):
    """L = 1/M Σ ½ e² where |e| ≤ δ, else δ (|e| − ½ δ), with e = p − t.

    dL/dp = e / M, cut off at ±δ / M: squared near the target, absolute far away.

    Args:
        delta: δ, where one becomes the other.

    Raises:
        ValueError: `delta` is not positive.

    Source: Huber, "Robust estimation of a location parameter", 1964.
    """

    def __init__(self, delta: float = 1.0) -> None:
        if not delta > 0:
            raise ValueError(f"delta must be positive, got {delta!r}")
        self.delta = float(delta)

    def __call__(self, prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
        """Return L and dL/d(prediction); shapes and errors as in `MeanSquaredError`."""
        p, t = same_shape(self, prediction, target)
        difference = p - t
        # ½ c² + c (e − c), with c = e cut off at ±δ, is both branches in one formula.
        cut = np.clip(difference, -self.delta, self.delta)
        return float((cut * (difference - 0.5 * cut)).mean()), cut / p.size

    def __repr__(self) -> str:
        return f"Huber({self.delta})"
