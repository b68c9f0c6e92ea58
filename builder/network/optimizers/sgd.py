"""Gradient descent, as it is and with momentum."""

from builder.network.arrays import Array
from builder.network.optimizers.optimizer import Memory, Optimizer


class SGD(Optimizer):
    """Gradient descent, stochastic when each step sees one batch only.

    θ ← θ − η v with v ← μ v + ∂L/∂θ; without momentum (μ = 0) v is the gradient.

    Args:
        learning_rate: η.
        momentum: μ, in [0, 1).

    Raises:
        ValueError: The learning rate is not positive, or the momentum not in [0, 1).

    Source: Robbins and Monro, "A stochastic approximation method", 1951; momentum:
    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    """

    def __init__(self, learning_rate: float, momentum: float = 0.0) -> None:
        super().__init__(learning_rate)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum!r}")
        self.momentum = float(momentum)
        self.remembers = 1 if momentum else 0

    def direction(self, gradients: Array, memory: Memory) -> Array:
        """Return v."""
        if not memory.arrays:
            return gradients
        (v,) = memory.arrays
        v *= self.momentum
        v += gradients
        return v

    def __repr__(self) -> str:
        return f"SGD(learning_rate={self.learning_rate}, momentum={self.momentum})"
