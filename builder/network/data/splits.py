"""Keep some examples back, to measure on them what was learned from the others."""

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, Seed
from builder.network.data.arguments import require_between_0_and_1
from builder.network.errors import ShapeError


def split(
    X: npt.ArrayLike, y: npt.ArrayLike, held_out: float = 0.2, rng: Seed = 0
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Draw which examples to train on and which to hold out; both come in a new order.

    Not for windows of a text: neighbours share almost all of their content. Cut the text in
    two before its windows are made.

    Args:
        X: (N, ...).
        y: (N, ...), the targets.
        held_out: Which part of the examples to hold out, between 0 and 1.
        rng: A seed or a generator.

    Returns:
        (X, y) to train on and (X, y) held out; copies.

    Raises:
        ShapeError: X and y are not of one length.
        ValueError: `held_out` is not between 0 and 1, or leaves one part without examples.
    """
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ShapeError("split", f"X and y differ in length: {X.shape} and {y.shape}")
    require_between_0_and_1(held_out=held_out)
    count = round(held_out * len(X))
    if not 0 < count < len(X):
        raise ValueError(f"held_out={held_out!r} takes {count} of {len(X)} examples")

    test, train = np.split(np.random.default_rng(rng).permutation(len(X)), [count])
    return (X[train], y[train]), (X[test], y[test])
