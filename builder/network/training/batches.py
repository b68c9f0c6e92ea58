"""Cut the examples of one epoch into batches."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array
from builder.network.errors import ShapeError


def mini_batches(
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    batch_size: int | None = 32,
    rng: np.random.Generator | None = None,
    shuffle: bool = True,
) -> Iterator[tuple[Array, Array]]:
    """Yield (x, y) batches that cover every example exactly once.

    Args:
        X: (N, ...).
        y: (N, ...), the targets.
        batch_size: Examples in a batch; the last one has the rest. 1 makes gradient
            descent stochastic; None yields all examples at once, in their order.
        rng: What the order is drawn with. A generator, made before the loop over epochs:
            a seed would give every epoch the same order.
        shuffle: Whether to draw a new order; otherwise the examples keep theirs.

    Raises:
        ShapeError: X and y are not of one length.
        ValueError: `batch_size` is less than 1.
        TypeError: `rng` is needed and is no generator.
    """
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ShapeError("mini_batches", f"X and y differ in length: {X.shape} and {y.shape}")
    if batch_size is None:
        return iter([(X, y)] if len(X) else [])
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, or None for all, got {batch_size!r}")
    if not shuffle:
        return _cut(X, y, np.arange(len(X)), batch_size)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"mini_batches needs a generator to shuffle with, got rng={rng!r} "
            "(did you mean rng = np.random.default_rng(0), before the loop over epochs?)"
        )
    return _cut(X, y, rng.permutation(len(X)), batch_size)


def _cut(X: Array, y: Array, order: Array, batch_size: int) -> Iterator[tuple[Array, Array]]:
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]
