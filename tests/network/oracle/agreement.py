"""How far our numbers are from a reference's, in one measure for all comparisons."""

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array

# In float64 sums of up to some hundred terms in another order differ by about 1e-14, and
# through a deep network by 1e-13; a wrong formula is off by 1e-3 and more.
ROUNDING = 1e-11

# What is 0 in exact arithmetic, like the gradient of a shift that a normalization takes
# away, comes out as 1e-14 or less; it is judged by its absolute error.
_FLOOR = 1e-2


def relative_error(ours: npt.ArrayLike, theirs: npt.ArrayLike) -> float:
    """Return max |a − b| / max(|a|, |b|, 0.01), with the largest element below the line."""
    a, b = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if np.array_equal(a, b):
        return 0.0
    distance = np.max(np.abs(a - b))
    scale = max(np.max(np.abs(a)), np.max(np.abs(b)), _FLOOR)
    # Not a number is no small error.
    return float(distance / scale) if np.isfinite(distance) else float("inf")


def assert_agreement(
    ours: npt.ArrayLike, theirs: npt.ArrayLike, name: str, bound: float = ROUNDING
) -> None:
    """Check that two arrays have one shape, and numbers that differ by rounding alone."""
    assert np.shape(ours) == np.shape(theirs), f"{name}: {np.shape(ours)} != {np.shape(theirs)}"
    error = relative_error(ours, theirs)
    assert error < bound, f"{name}: relative error {error:.1e}"


def grid_points(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw numbers of which many are equal and half are 0, as images after a ReLU."""
    return np.maximum(np.round(rng.standard_normal(shape)), 0)
