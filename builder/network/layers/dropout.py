"""Dropout: noise that trains a network not to rely on any single unit."""

from collections.abc import Mapping

import numpy as np

from builder.network.arrays import Array, Backward, Seed, Shape
from builder.network.layer import Layer
from builder.network.parameters import Buffers, Parameter


class Dropout(Layer):
    """In training y = m x / (1 − p), with m = 0 by chance p and else 1; otherwise y = x.

    The division keeps the mean of y that of x, so that predicting needs no change.
    dL/dx = m dL/dy / (1 − p).

    Args:
        rate: p, in [0, 1).
        rng: What m is drawn with; by default a generator of the layer's own, made from
            the model's seed without changing the first parameters.

    Raises:
        ValueError: The rate is not in [0, 1).

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple
    way to prevent neural networks from overfitting", JMLR 2014.
    """

    def __init__(self, rate: float = 0.5, rng: Seed | None = None) -> None:
        if not 0 <= rate < 1:
            raise ValueError(f"rate must lie in [0, 1), got {rate!r}")
        self.rate = float(rate)
        self.has_own_rng = rng is not None
        self.rng = np.random.default_rng(0 if rng is None else rng)

    def settle(
        self,
        wanted: Mapping[str, Parameter],
        input_shape: Shape,
        buffers: Buffers,
        rng: np.random.Generator,
    ) -> None:
        """Move in, and take a generator from the model's."""
        super().settle(wanted, input_shape, buffers, rng)
        if not self.has_own_rng:
            (self.rng,) = rng.spawn(1)
            self.has_own_rng = True

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        """Drop units at random in training, and none otherwise."""
        if not training or not self.rate:
            return x, lambda dy: dy
        assert isinstance(self.rng, np.random.Generator)
        kept = self.rng.random(x.shape, np.float32) >= self.rate
        scale = 1 / (1 - self.rate)

        def mask(values: Array) -> Array:
            masked: Array = values * kept
            masked *= scale
            return masked

        return mask(x), mask

    def __repr__(self) -> str:
        return f"Dropout({self.rate})"
