"""Gradient descent, as it is and with momentum."""

import numpy as np

from builder.network.arrays import Array
from builder.network.optimizers.optimizer import Memory, Optimizer, Rate


class SGD(Optimizer):
    """Gradient descent, stochastic when each step sees one batch only.

    θ ← θ − η v with v ← μ v + g and g = ∂L/∂θ; without momentum (μ = 0) v is the gradient.
    Nesterov's looks one step ahead: θ ← θ − η (g + μ v), where θ is the point looked ahead to.

    Args:
        learning_rate: η, or a schedule.
        momentum: μ, in [0, 1).
        nesterov: Whether to look ahead.
        weight_decay: λ; λ θ is added to the gradient.
        clip_norm: The length that the gradient is cut to, if longer.

    Raises:
        ValueError: A number is out of its range, or Nesterov's way has no momentum.

    Source: Robbins and Monro, "A stochastic approximation method", 1951; momentum:
    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964;
    Nesterov's, in this form: Sutskever, Martens, Dahl and Hinton, ICML 2013.
    """

    def __init__(
        self,
        learning_rate: Rate,
        momentum: float = 0.0,
        *,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, clip_norm=clip_norm)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum!r}")
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum, got 0.0")
        self.momentum = float(momentum)
        self.nesterov = nesterov
        self.remembers = 1 if momentum else 0

    def direction(self, gradients: Array, memory: Memory) -> Array:
        """Return v, or g + μ v."""
        if not memory.arrays:
            return gradients
        (v,) = memory.arrays
        v *= self.momentum
        v += gradients
        if not self.nesterov:
            return v
        ahead = np.multiply(v, self.momentum, out=memory.scratch)
        ahead += gradients
        return ahead

    def __repr__(self) -> str:
        rate = self.schedule or self.learning_rate
        nesterov = ", nesterov=True" if self.nesterov else ""
        return f"SGD(learning_rate={rate}, momentum={self.momentum}{nesterov})"
