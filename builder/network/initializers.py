"""Where parameters start.

An initializer takes (rng, shape, fan_in, fan_out) and returns float64 numbers, which the
model rounds to its own dtype: one seed gives the same start in float32 and in float64.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from builder.network.arrays import Array, Shape

Initializer: TypeAlias = Callable[[np.random.Generator, Shape, int, int], Array]


def glorot_uniform(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
    """Draw from U(-a, a) with a = √(6 / (fan_in + fan_out)).

    The variance 2 / (fan_in + fan_out) keeps, near zero, that of the signal on the way
    forward and that of the gradient on the way back about the same in every layer. Meant
    for activations like tanh.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward
    neural networks", AISTATS 2010, equation 16.
    """
    a = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-a, a, shape)


def he_normal(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:  # noqa: ARG001 - an initializer's signature
    """Draw from N(0, σ²) with σ = √(2 / fan_in).

    The 2 makes up for the half of the signal that a ReLU cuts off.

    Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.
    """
    return rng.normal(0, np.sqrt(2 / fan_in), shape)


def zeros(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:  # noqa: ARG001 - an initializer's signature
    """Start at 0, as biases do. Weights that start so never learn to differ."""
    return np.zeros(shape)


_BY_NAME: Mapping[str, Initializer] = {
    "glorot_uniform": glorot_uniform,
    "he_normal": he_normal,
    "zeros": zeros,
}


def initializer_of(chosen: str | Initializer) -> Initializer:
    """Return the initializer of a name; a function is one already.

    Raises:
        ValueError: No initializer has this name.
    """
    if not isinstance(chosen, str):
        return chosen
    if chosen not in _BY_NAME:
        raise ValueError(f"unknown initializer {chosen!r} (known: {', '.join(_BY_NAME)})")
    return _BY_NAME[chosen]
