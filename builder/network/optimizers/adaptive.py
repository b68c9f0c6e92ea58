"""Optimizers that give every parameter a step size of its own, by the gradients it has had.

Here g is the gradient, v a mean or sum of its squares, m a mean of itself; all of it is
element by element.
"""

import numpy as np

from builder.network.arrays import Array
from builder.network.optimizers.optimizer import Memory, Optimizer, Rate


class Adagrad(Optimizer):
    """θ ← θ − η g / (√v + ε) with v ← v + g²: rare features keep their large steps.

    Args:
        learning_rate: η, or a schedule.
        epsilon: ε.
        weight_decay: λ; λ θ is added to the gradient.
        clip_norm: The length that the gradient is cut to, if longer.

    Raises:
        ValueError: A number is out of its range.

    Source: Duchi, Hazan and Singer, "Adaptive subgradient methods", JMLR 2011.
    """

    remembers = 1

    def __init__(
        self,
        learning_rate: Rate = 0.01,
        *,
        epsilon: float = 1e-10,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, clip_norm=clip_norm)
        self.epsilon = float(epsilon)

    def direction(self, gradients: Array, memory: Memory) -> Array:
        """Return g / (√v + ε)."""
        (v,) = memory.arrays
        v += np.multiply(gradients, gradients, out=memory.scratch)
        return _scaled(gradients, v, self.epsilon, memory.scratch)


class RMSprop(Optimizer):
    """θ ← θ − η g / (√v + ε) with v ← ρ v + (1 − ρ) g²: Adagrad that forgets.

    Args:
        learning_rate: η, or a schedule.
        rho: ρ, in [0, 1).
        epsilon: ε.
        weight_decay: λ; λ θ is added to the gradient.
        clip_norm: The length that the gradient is cut to, if longer.

    Raises:
        ValueError: A number is out of its range.

    Source: Tieleman and Hinton, "Neural networks for machine learning", lecture 6.5, 2012.
    """

    remembers = 1

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        *,
        rho: float = 0.99,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, clip_norm=clip_norm)
        self.rho = _share("rho", rho)
        self.epsilon = float(epsilon)

    def direction(self, gradients: Array, memory: Memory) -> Array:
        """Return g / (√v + ε)."""
        (v,) = memory.arrays
        square = np.multiply(gradients, gradients, out=memory.scratch)
        _approach(v, square, 1 - self.rho)
        return _scaled(gradients, v, self.epsilon, memory.scratch)


class Adam(Optimizer):
    """θ ← θ − η m̂ / (√v̂ + ε), with m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g².

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for the start at 0, at step t.

    Args:
        learning_rate: η, or a schedule.
        beta1: β₁, in [0, 1).
        beta2: β₂, in [0, 1).
        epsilon: ε.
        weight_decay: λ, 0 unless said; λ θ is added to the gradient.
        clip_norm: The length that the gradient is cut to, if longer.

    Raises:
        ValueError: A number is out of its range.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015,
    algorithm 1.
    """

    remembers = 2
    usual_decay = 0.0

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float | None = None,
        clip_norm: float | None = None,
    ) -> None:
        decay = self.usual_decay if weight_decay is None else weight_decay
        super().__init__(learning_rate, weight_decay=decay, clip_norm=clip_norm)
        self.beta1, self.beta2 = _share("beta1", beta1), _share("beta2", beta2)
        self.epsilon = float(epsilon)

    def direction(self, gradients: Array, memory: Memory) -> Array:
        """Return m̂ / (√v̂ + ε)."""
        m, v = memory.arrays
        scratch, t = memory.scratch, memory.steps
        _approach(m, gradients, 1 - self.beta1, scratch)
        _approach(v, np.multiply(gradients, gradients, out=scratch), 1 - self.beta2)
        root = np.sqrt(v, out=scratch)
        # m̂ / (√v̂ + ε) with both corrections on the one array that is at hand.
        root *= (1 - self.beta1**t) / (1 - self.beta2**t) ** 0.5
        root += self.epsilon * (1 - self.beta1**t)
        return np.divide(m, root, out=scratch)


class AdamW(Adam):
    """Adam, but weight decay shrinks θ by η λ θ and is kept out of m and v; λ is 0.01 at first.

    In Adam itself, parameters with large gradients hardly decay. Arguments and errors are
    those of `Adam`.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    decouples_decay = True
    usual_decay = 0.01


class Lion(Optimizer):
    """θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ), then m ← β₂ m + (1 − β₂) g.

    All steps have one length, so η is three to ten times smaller than Adam's.

    Args:
        learning_rate: η, or a schedule.
        beta1: β₁, in [0, 1).
        beta2: β₂, in [0, 1).
        weight_decay: λ.
        clip_norm: The length that the gradient is cut to, if longer.

    Raises:
        ValueError: A number is out of its range.

    Source: Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023.
    """

    remembers = 1
    decouples_decay = True

    def __init__(
        self,
        learning_rate: Rate = 0.0001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.99,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, clip_norm=clip_norm)
        self.beta1, self.beta2 = _share("beta1", beta1), _share("beta2", beta2)

    def direction(self, gradients: Array, memory: Memory) -> Array:
        """Return the sign of the mean, and then move the mean."""
        (m,) = memory.arrays
        mean = m + (gradients - m) * (1 - self.beta1)
        _approach(m, gradients, 1 - self.beta2, memory.scratch)
        return np.sign(mean, out=memory.scratch)


def _share(name: str, share: float) -> float:
    if not 0 <= share < 1:
        raise ValueError(f"{name} must lie in [0, 1), got {share!r}")
    return float(share)


def _approach(mean: Array, value: Array, part: float, scratch: Array | None = None) -> None:
    """Move `mean` by `part` of the way to `value`, which is overwritten without a scratch."""
    way = np.subtract(value, mean, out=value if scratch is None else scratch)
    way *= part
    mean += way


def _scaled(gradients: Array, v: Array, epsilon: float, scratch: Array) -> Array:
    root = np.sqrt(v, out=scratch)
    root += epsilon
    return np.divide(gradients, root, out=scratch)
