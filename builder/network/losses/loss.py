"""How far a prediction is from its target, and which way is downhill.

A loss returns its value and its gradient with respect to the prediction, with which the
way back through the model begins.
"""

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, as_floats
from builder.network.errors import ShapeError


class Loss(ABC):
    """A function L(prediction, target) and its gradient dL/d(prediction)."""

    @abstractmethod
    def __call__(self, prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
        """Return L and dL/d(prediction), in the prediction's shape and dtype."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def same_shape(loss: Loss, prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[Array, Array]:
    """Return both as arrays of the prediction's dtype.

    Raises:
        ShapeError: The shapes differ, or there is no example.
    """
    p = as_floats(prediction)
    t = np.asarray(target, p.dtype)
    if p.shape != t.shape:
        hint = f" (did you mean target.reshape{p.shape}?)" if p.size == t.size else ""
        raise ShapeError(
            repr(loss), f"prediction has shape {p.shape}, but target has {t.shape}{hint}"
        )
    if p.size == 0:
        raise ShapeError(repr(loss), f"no mean of an empty batch, of shape {p.shape}")
    return p, t
