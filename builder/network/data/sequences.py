"""Sequences that ask for a memory: of the last steps, of long ago, and of every place."""

import numpy as np

from builder.network.arrays import Array, Seed
from builder.network.data.arguments import require_at_least


def sine_waves(
    examples: int, length: int = 32, noise: float = 0.0, rng: Seed = 0
) -> tuple[Array, Array]:
    """Draw waves to be continued by one step: a first task for a recurrent network.

    Every wave sin(ωt + φ) has its own phase φ and its own period 2π/ω, 8 to 32 steps. Two
    values are memory enough, x[t+1] = 2 cos(ω) x[t] − x[t−1], but ω must be found out.

    Args:
        examples: N.
        length: T, how many steps of a wave are seen.
        noise: Standard deviation of every value, of the targets too.
        rng: A seed or a generator.

    Returns:
        X (N, T, 1) and the next values y (N, 1), both float32.

    Raises:
        ValueError: `examples` or `length` is less than 1, or `noise` less than 0.
    """
    require_at_least(1, examples=examples, length=length)
    require_at_least(0, noise=noise)
    rng = np.random.default_rng(rng)

    period = rng.uniform(8, 32, (examples, 1))
    phase = rng.uniform(0, 2 * np.pi, (examples, 1))
    waves = np.sin(2 * np.pi * np.arange(length + 1) / period + phase)
    waves = (waves + noise * rng.standard_normal(waves.shape)).astype(np.float32)
    return waves[:, :-1, np.newaxis], waves[:, -1:]


def adding_problem(examples: int, length: int = 50, rng: Seed = 0) -> tuple[Array, Array]:
    """Draw numbers, two of them marked, whose sum is asked for: the test of a long memory.

    To answer always 1 has a mean squared error of 1/6, the variance of the sum. To do better,
    a number must be kept from the first half of the sequence to its end.

    Args:
        examples: N.
        length: T, how many numbers a sequence has.
        rng: A seed or a generator.

    Returns:
        X (N, T, 2), the numbers, uniform in [0, 1), and their marks: 1 once in each half, else
        0; and y (N, 1), the sums of the marked numbers. Both are float32.

    Raises:
        ValueError: `examples` is less than 1 or `length` less than 2.

    Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8),
    1997, section 5.4; with the plain sum of numbers from 0 to 1, as is usual since.
    """
    require_at_least(1, examples=examples)
    require_at_least(2, length=length)
    rng = np.random.default_rng(rng)

    X = np.zeros((examples, length, 2), np.float32)
    X[..., 0] = rng.random((examples, length), np.float32)
    rows, middle = np.arange(examples), length // 2
    X[rows, rng.integers(0, middle, examples), 1] = 1
    X[rows, rng.integers(middle, length, examples), 1] = 1
    return X, X.prod(axis=2).sum(axis=1, keepdims=True)


def reversal(
    examples: int, length: int = 8, symbols: int = 10, rng: Seed = 0
) -> tuple[Array, Array]:
    """Draw rows of symbols to be written backwards: a first task for attention.

    Place t must look at place T − 1 − t, whatever stands there, so the weights of attention
    become the other diagonal. What reads from left to right only cannot do it: it would have
    to name the last symbol first.

    Args:
        examples: N.
        length: T, how many symbols a row has.
        symbols: How many symbols there are to draw from.
        rng: A seed or a generator.

    Returns:
        X (N, T) and y (N, T), integers from 0 to symbols − 1.

    Raises:
        ValueError: `examples` or `length` is less than 1, or `symbols` less than 2.
    """
    require_at_least(1, examples=examples, length=length)
    require_at_least(2, symbols=symbols)

    X = np.random.default_rng(rng).integers(0, symbols, (examples, length), np.intp)
    return X, X[:, ::-1].copy()
