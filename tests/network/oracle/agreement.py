"""How far our numbers are from a reference's, in one measure for all comparisons."""

import numpy as np
import numpy.typing as npt

# Sums of up to some hundred numbers in another order: 6e-15 at most was measured, through
# whole models. A wrong formula is off by 1e-3 and more.
ROUNDING = 1e-12

# The same in float32, where 3e-6 at most was measured.
ROUNDING_OF_FLOAT32 = 1e-5

# What is 0 in exact arithmetic, like the gradient of a shift that a normalization takes
# away, comes out as 1e-15 or so; it is judged by its absolute error.
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
