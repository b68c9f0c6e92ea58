"""Functions applied to every element; x, y and the gradients have one shape, whatever it is."""

from math import pi, sqrt

import numpy as np

from builder.network.arrays import Array, Backward
from builder.network.functions import sigmoid, softmax, softmax_backward, softplus
from builder.network.layer import Layer


class Tanh(Layer):
    """y = tanh x, with dy/dx = 1 − y²."""

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute tanh x."""
        y = np.tanh(x)
        return y, lambda dy: dy * (1 - y * y)


class Sigmoid(Layer):
    """y = σ(x) = 1 / (1 + e⁻ˣ), with dy/dx = y (1 − y)."""

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute σ(x)."""
        y = sigmoid(x)
        return y, lambda dy: dy * (y * (1 - y))


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


class LeakyReLU(Layer):
    """y = x where x > 0, else a x, with dy/dx = 1 or a; at x = 0 a is taken.

    Args:
        slope: a, in [0, 1).

    Raises:
        ValueError: The slope is not in [0, 1).

    Source: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic
    models", ICML 2013.
    """

    def __init__(self, slope: float = 0.01) -> None:
        if not 0 <= slope < 1:
            raise ValueError(f"slope must lie in [0, 1), got {slope!r}")
        self.slope = float(slope)

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute max(x, a x)."""
        y = np.maximum(x, self.slope * x)
        # A product with a boolean is several times faster than np.where.
        return y, lambda dy: dy * ((x > 0) * (1 - self.slope) + self.slope).astype(dy.dtype)

    def __repr__(self) -> str:
        return f"LeakyReLU({self.slope})"


class ELU(Layer):
    """y = x where x > 0, else a (eˣ − 1), with dy/dx = 1 or a eˣ.

    Args:
        alpha: a, positive; y never falls below −a.

    Raises:
        ValueError: `alpha` is not positive.

    Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning
    by exponential linear units", ICLR 2016.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        if not alpha > 0:
            raise ValueError(f"alpha must be positive, got {alpha!r}")
        self.alpha = float(alpha)

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute max(x, 0) + a (e^min(x, 0) − 1)."""
        below = self.alpha * np.expm1(np.minimum(x, 0))
        y = np.maximum(x, 0) + below
        return y, lambda dy: dy * ((x > 0) + (x <= 0) * (below + self.alpha))

    def __repr__(self) -> str:
        return f"ELU({self.alpha})"


class GELU(Layer):
    """y = x Φ(x), with Φ the normal distribution's, by its usual approximation.

    Φ(x) ≈ ½ (1 + tanh u), u = √(2/π) (x + 0.044715 x³), so that y errs by 5e-4 at most.
    dy/dx = ½ (1 + tanh u) + ½ x (1 − tanh² u) du/dx.

    Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
    """

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute ½ x (1 + tanh u)."""
        c, cubic = sqrt(2 / pi), 0.044715
        square = x * x
        u = square * (c * cubic)
        u += c
        u *= x
        t = np.tanh(u, out=u)
        half = 0.5 * x

        def backward(dy: Array) -> Array:
            slope = square * (3 * c * cubic)
            slope += c
            slope *= half
            slope *= 1 - t * t
            slope += 0.5 * t
            slope += 0.5
            slope *= dy
            return slope

        return half + half * t, backward


class SiLU(Layer):
    """y = x σ(x), also called swish, with dy/dx = σ(x) (1 + x (1 − σ(x))).

    Source: Ramachandran, Zoph and Le, "Searching for activation functions", 2017.
    """

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute x σ(x)."""
        s = sigmoid(x)
        return x * s, lambda dy: dy * (s * (1 + x * (1 - s)))


class Softplus(Layer):
    """y = log(1 + eˣ), a smooth max(x, 0), with dy/dx = σ(x)."""

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute log(1 + eˣ)."""
        return softplus(x), lambda dy: dy * sigmoid(x)


class Softmax(Layer):
    """y_i = e^(x_i) / Σ_j e^(x_j) along the last axis, with dL/dx = y (dL/dy − Σ y dL/dy).

    A loss that takes logits, like `CrossEntropy`, wants none before it.
    """

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute the softmax of every row."""
        y = softmax(x)
        return y, lambda dy: softmax_backward(dy, y)
