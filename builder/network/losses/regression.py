"""Losses for numbers: one target for every element of the prediction."""

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array
from builder.network.losses.loss import Loss, same_shape


class MeanSquaredError(Loss):
    """L = 1/M Σ (p − t)², the mean over all M elements of prediction p and target t.

    dL/dp = 2/M (p − t). With (N, D) predictions M = N D: L does not grow with the length
    of the output, unlike the sum over D that some books write.
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
