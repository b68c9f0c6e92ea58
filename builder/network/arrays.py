"""The words for arrays that every file of the library shares."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""Numbers of the model's own dtype: float32, or float64 where gradients are checked."""

Shape: TypeAlias = tuple[int, ...]
"""Lengths of the axes of one example; the batch's axis N stands before them, unnamed."""

Backward: TypeAlias = Callable[[Array], Array]
"""The way back: takes dL/dy, adds to the parameters' gradients, returns dL/dx."""

Apply: TypeAlias = Callable[[Array, bool], tuple[Array, Backward]]
"""The way there: takes x and whether it is training, returns y and the way back."""

LossFunction: TypeAlias = Callable[[Array, npt.ArrayLike], tuple[float, Array]]
"""What takes y and its targets, and returns L and dL/dy; every `Loss` is one."""

Seed: TypeAlias = int | np.random.Generator
"""Where random numbers come from: a seed, or a generator to draw on."""

NO_GRADIENT: Array = np.empty(0, np.float32)
"""What a way back returns where there is no dL/dx, or nobody asks for it."""


def as_floats(x: npt.ArrayLike) -> Array:
    """Return an array of floats in C's order: as they are, and others as float64."""
    array = np.asarray(x)
    if array.dtype.kind == "f":
        return array if array.flags.c_contiguous else np.ascontiguousarray(array)
    return np.ascontiguousarray(array, np.float64)


def whole_numbers(x: Array) -> Array | None:
    """Return an array of whole numbers as such, and None of one that has others."""
    if x.dtype.kind in "biu":
        return x.astype(np.intp, copy=False)
    with np.errstate(invalid="ignore"):  # not a number is no whole number
        whole = x.astype(np.intp)
    return whole if np.array_equal(whole, x) else None
