"""Functions applied to every element; x, y and the gradients have one shape, whatever it is."""

import numpy as np

from builder.network.arrays import Array, Backward
from builder.network.layer import Layer


class Tanh(Layer):
    """y = tanh x, with dy/dx = 1 − y²."""

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute tanh x."""
        y = np.tanh(x)
        return y, lambda dy: dy * (1 - y * y)


class ReLU(Layer):
    """y = max(x, 0), with dy/dx = 1 where x > 0, else 0.

    At x = 0, where there is no derivative, 0 is taken for it.

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann
    machines", ICML 2010.
    """

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute max(x, 0)."""
        y = np.maximum(x, 0)
        return y, lambda dy: dy * (y > 0)
