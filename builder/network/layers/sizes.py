"""Sizes of windows, read and written, and the border that they reach into."""

from operator import index

import numpy as np

from builder.network.arrays import Array

Sizes = int | tuple[int, ...]
"""One number for both directions, or (height, width)."""


def pair(name: str, sizes: Sizes, least: int, rank: int = 2) -> tuple[int, int]:
    """Return a size as (height, width); of a sequence the height is that of one row.

    Raises:
        ValueError: It is no whole number, or no pair of them, or less than `least`.
    """
    given = tuple(sizes) if isinstance(sizes, tuple | list) else (sizes,) * rank
    try:
        whole = tuple(map(index, given))
    except TypeError:
        whole = ()
    if len(whole) != rank or min(whole) < least:
        what = "a whole number" if rank == 1 else "a whole number or a pair"
        same = ", or 'same'" if name == "padding" else ""
        raise ValueError(f"{name} must be {what}, {least} or more{same}, got {sizes!r}")
    height, width = (0 if name == "padding" else 1,) * (2 - rank) + whole
    return height, width


def pad(x: Array, padding: tuple[tuple[int, int], ...], value: float = 0) -> Array:
    """Return x, (N, C, H, B), with (before, after) more rows and columns of `value`."""
    (top, bottom), (left, right) = padding
    if not (top or bottom or left or right):
        return x
    N, C, H, B = x.shape
    # np.pad takes four times as long: it is as general as it can be.
    padded = np.full((N, C, top + H + bottom, left + B + right), value, x.dtype)
    padded[:, :, top : top + H, left : left + B] = x
    return padded


def short(sizes: tuple[int, ...]) -> str:
    """Write equal sizes as one number."""
    return str(sizes[0]) if len(set(sizes)) == 1 else str(sizes)
