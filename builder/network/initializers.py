"""Where parameters start.

An initializer takes (rng, shape, fan_in, fan_out) and returns float64 numbers, which the
model rounds to its own dtype: one seed gives the same start in float32 and in float64.
"""

from collections.abc import Callable, Mapping
from math import prod
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


def glorot_normal(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
    """Draw from N(0, σ²) with σ = √(2 / (fan_in + fan_out)), see `glorot_uniform`."""
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), shape)


def he_uniform(rng: np.random.Generator, shape: Shape, fan_in: int, _fan_out: int) -> Array:
    """Draw from U(-a, a) with a = √(6 / fan_in), see `he_normal`."""
    a = np.sqrt(6 / fan_in)
    return rng.uniform(-a, a, shape)


def he_normal(rng: np.random.Generator, shape: Shape, fan_in: int, _fan_out: int) -> Array:
    """Draw from N(0, σ²) with σ = √(2 / fan_in).

    The 2 makes up for the half of the signal that a ReLU cuts off.

    Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.
    """
    return rng.normal(0, np.sqrt(2 / fan_in), shape)


def lecun_normal(rng: np.random.Generator, shape: Shape, fan_in: int, _fan_out: int) -> Array:
    """Draw from N(0, σ²) with σ = √(1 / fan_in), which keeps the signal's variance.

    Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, equation 16.
    """
    return rng.normal(0, np.sqrt(1 / fan_in), shape)


def orthogonal(rng: np.random.Generator, shape: Shape, _fan_in: int, _fan_out: int) -> Array:
    """Draw a matrix with orthonormal rows, or columns if they are fewer.

    A square one, applied again and again as in a recurrent layer, neither shrinks a signal
    nor lets it grow. All axes but the first count as one.

    Source: Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of
    learning in deep linear neural networks", ICLR 2014.
    """
    flat = rng.standard_normal((shape[0], prod(shape[1:])))
    tall = flat if flat.shape[0] >= flat.shape[1] else flat.T
    Q, R = np.linalg.qr(tall)
    Q *= np.sign(np.diag(R))  # so that every orthogonal matrix is equally likely
    return (Q if tall is flat else Q.T).reshape(shape)


def standard_normal(rng: np.random.Generator, shape: Shape, _fan_in: int, _fan_out: int) -> Array:
    """Draw from N(0, 1)."""
    return rng.standard_normal(shape)


def small_normal(rng: np.random.Generator, shape: Shape, _fan_in: int, _fan_out: int) -> Array:
    """Draw from N(0, 0.02²), as transformers do."""
    return rng.normal(0, 0.02, shape)


def zeros(_rng: np.random.Generator, shape: Shape, _fan_in: int, _fan_out: int) -> Array:
    """Start at 0, as biases do. Weights that start so never learn to differ."""
    return np.zeros(shape)


def ones(_rng: np.random.Generator, shape: Shape, _fan_in: int, _fan_out: int) -> Array:
    """Start at 1, as the scale of a normalization does."""
    return np.ones(shape)


_BY_NAME: Mapping[str, Initializer] = {
    each.__name__: each
    for each in (
        glorot_uniform,
        glorot_normal,
        he_uniform,
        he_normal,
        lecun_normal,
        orthogonal,
        standard_normal,
        small_normal,
        zeros,
        ones,
    )
}


def initializer_of(chosen: str | Initializer) -> Initializer:
    """Return the initializer of a name; a function is one already.

    Raises:
        ValueError: No initializer has this name.
    """
    if not isinstance(chosen, str):
        return chosen
    if chosen not in _BY_NAME:
        from difflib import get_close_matches  # noqa: PLC0415 - only mistakes pay for it

        nearest = get_close_matches(chosen, _BY_NAME, n=1)
        hint = f" (did you mean {nearest[0]!r}?)" if nearest else f" (known: {', '.join(_BY_NAME)})"
        raise ValueError(f"unknown initializer {chosen!r}{hint}")
    return _BY_NAME[chosen]
