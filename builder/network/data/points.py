"""Points in the plane to be told apart, and a curve to be followed.

All functions return X (N, 2) float32 and the integers y (N,), except `curve`. `noise` and
`spread` are standard deviations of a normal distribution, in the unit of the axes. Noise is
drawn last, so that with noise=0 the same seed gives the same points, undisturbed.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, Seed
from builder.network.data.arguments import require_at_least, require_between_0_and_1
from builder.network.errors import ShapeError


def spirals(
    examples: int, arms: int = 3, noise: float = 0.03, turns: float = 0.75, rng: Seed = 0
) -> tuple[Array, Array]:
    """Draw spirals of Archimedes, the classes, that wind around each other in the unit circle.

    A point of arm k at radius r has the angle 2π (k / arms + turns · r). The points of an arm
    are about equally dense; the middle, where all arms would meet, stays empty.

    Args:
        examples: N.
        arms: How many spirals.
        noise: Of both coordinates.
        turns: How often an arm goes around the middle; more is harder.
        rng: A seed or a generator.

    Raises:
        ValueError: `examples` or `arms` is less than 1, or `noise` less than 0.
    """
    require_at_least(1, examples=examples, arms=arms)
    require_at_least(0, noise=noise)
    rng = np.random.default_rng(rng)

    arm = np.arange(examples) % arms
    # The length of an arm grows about as r², hence the root.
    radius = np.sqrt(rng.uniform(0.02, 1, examples))
    points = _on_circle(radius, 2 * np.pi * (arm / arms + turns * radius))
    return _disturbed(points, noise, rng), arm


def moons(examples: int, noise: float = 0.1, rng: Seed = 0) -> tuple[Array, Array]:
    """Draw two half circles of radius 1 that reach into each other.

    Class 0 is the upper half of the circle around (0, 0), class 1 the lower half of that
    around (1, 1/2), as in scikit-learn's `make_moons`.

    Raises:
        ValueError: `examples` is less than 1 or `noise` less than 0.
    """
    require_at_least(1, examples=examples)
    require_at_least(0, noise=noise)
    rng = np.random.default_rng(rng)

    moon = np.arange(examples) % 2
    upper = _on_circle(1, rng.uniform(0, np.pi, examples))
    points = np.where(moon[:, np.newaxis] == 0, upper, [1, 0.5] - upper)
    return _disturbed(points, noise, rng), moon


def circles(
    examples: int, noise: float = 0.05, inner: float = 0.5, rng: Seed = 0
) -> tuple[Array, Array]:
    """Draw a circle of radius 1, class 0, and one of radius `inner`, class 1, both around (0, 0).

    Raises:
        ValueError: `examples` is less than 1, `noise` less than 0, or `inner` not between 0
            and 1.
    """
    require_at_least(1, examples=examples)
    require_at_least(0, noise=noise)
    require_between_0_and_1(inner=inner)
    rng = np.random.default_rng(rng)

    circle = np.arange(examples) % 2
    radius = np.where(circle == 0, 1, inner)
    points = _on_circle(radius, rng.uniform(0, 2 * np.pi, examples))
    return _disturbed(points, noise, rng), circle


def blobs(
    examples: int, centers: int | npt.ArrayLike = 3, spread: float = 0.2, rng: Seed = 0
) -> tuple[Array, Array]:
    """Draw round clouds of points, the classes.

    Args:
        examples: N.
        centers: How many clouds, evenly placed on the unit circle, or the places of their
            middles (C, 2); places (C, D) give points (N, D).
        spread: Of every coordinate within a cloud.
        rng: A seed or a generator.

    Raises:
        ValueError: `examples` or `centers` is less than 1, or `spread` less than 0.
        ShapeError: The places are not of shape (C, D).
    """
    require_at_least(1, examples=examples)
    require_at_least(0, spread=spread)
    if isinstance(centers, int):
        require_at_least(1, centers=centers)
        centers = _on_circle(1, 2 * np.pi * np.arange(centers) / centers)
    centers = np.asarray(centers, np.float64)
    if centers.ndim != 2 or not centers.size:
        raise ShapeError("blobs", f"got centers of shape {centers.shape}, expected (C, 2)")

    cloud = np.arange(examples) % len(centers)
    return _disturbed(centers[cloud], spread, np.random.default_rng(rng)), cloud


def curve(
    examples: int,
    function: Callable[[Array], npt.ArrayLike] = np.sin,
    noise: float = 0.1,
    low: float = -np.pi,
    high: float = np.pi,
    rng: Seed = 0,
) -> tuple[Array, Array]:
    """Draw x uniformly from low to high, and y = function(x) with noise.

    Args:
        examples: N.
        function: Takes all x, (N, 1), at once, as any formula in NumPy does.
        noise: Of y; its square is the least mean squared error there can be on new points.
        low: The least possible x.
        high: The greatest possible x.
        rng: A seed or a generator.

    Returns:
        X (N, 1), in rising order, and y (N, 1), both float32.

    Raises:
        ValueError: `examples` is less than 1, `noise` less than 0, or `low` not less than
            `high`.
    """
    require_at_least(1, examples=examples)
    require_at_least(0, noise=noise)
    if not low < high:
        raise ValueError(f"low must be less than high, got {low!r} and {high!r}")
    rng = np.random.default_rng(rng)

    # In order, so that plt.plot(X, y) is a curve and no tangle.
    X = np.sort(rng.uniform(low, high, (examples, 1)), axis=0)
    y = np.broadcast_to(function(X), X.shape)
    return X.astype(np.float32), _disturbed(y, noise, rng)


def _on_circle(radius: npt.ArrayLike, angle: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _disturbed(points: Array, noise: float, rng: np.random.Generator) -> Array:
    return (points + noise * rng.standard_normal(points.shape)).astype(np.float32)
