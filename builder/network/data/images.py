"""Small pictures of shapes, drawn anew for every seed."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from builder.network.arrays import Array, Seed
from builder.network.data.arguments import require_at_least

# How far a pixel lies outside of a shape, less than 0 within; y points downwards. All are
# 2 r wide and high, so that these do not tell them apart.
_DISTANCES: Final[Mapping[str, Callable[[Array, Array, Array], Array]]] = {
    "square": lambda x, y, r: np.maximum(abs(x), abs(y)) - r,
    "disc": lambda x, y, r: np.hypot(x, y) - r,
    "triangle": lambda x, y, r: np.maximum(y - r, (2 * abs(x) - y - r) / np.sqrt(5)),
    "cross": lambda x, y, r: np.minimum(
        np.maximum(abs(x) - r / 3, abs(y) - r),
        np.maximum(abs(x) - r, abs(y) - r / 3),
    ),
}

SHAPE_NAMES: Final = tuple(_DISTANCES)
"""What the labels of `shapes` mean."""


def shapes(
    examples: int, size: int = 16, noise: float = 0.05, rng: Seed = 0
) -> tuple[Array, Array]:
    """Draw bright shapes, each whole, anywhere in a dark picture.

    A shape takes between 2/5 and 2/3 of the picture's width and height. Its edges are smooth:
    a pixel is about as bright as the part of it that is covered.

    Args:
        examples: N.
        size: Height and width in pixels.
        noise: Standard deviation of the brightness, before it is clipped to 0 ... 1.
        rng: A seed or a generator.

    Returns:
        X (N, 1, size, size) float32 from 0 to 1, and y (N,), indices into `SHAPE_NAMES`.

    Raises:
        ValueError: `examples` is less than 1, `size` less than 8, or `noise` less than 0.
    """
    require_at_least(1, examples=examples)
    # In fewer pixels a small disc is a square.
    require_at_least(8, size=size)
    require_at_least(0, noise=noise)
    rng = np.random.default_rng(rng)

    label = np.arange(examples) % len(SHAPE_NAMES)
    radius = rng.uniform(size / 5, size / 3, (examples, 1, 1))
    middles = np.arange(size) + 0.5
    x = middles - rng.uniform(radius, size - radius)
    y = middles[:, np.newaxis] - rng.uniform(radius, size - radius)

    X = noise * rng.standard_normal((examples, size, size))
    for each, distance in enumerate(_DISTANCES.values()):
        own = label == each
        X[own] += np.clip(0.5 - distance(x[own], y[own], radius[own]), 0, 1)
    return np.clip(X, 0, 1).astype(np.float32)[:, np.newaxis], label
