"""Matrices with words at their rows and columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array
from builder.network.errors import ShapeError
from builder.network.plots.page import (
    NEGATIVE,
    POSITIVE,
    axes_of,
    font_size_pt,
    ink,
    paper,
    size_pt,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OPACITY = 0.5
"""Of the fullest cell: numbers on it have a contrast of 4.7 to 1 in the dark, more in light."""

_LETTER = 0.64
"""Width of a digit, in sizes of the font."""


def confusion_matrix(
    matrix: npt.ArrayLike, names: Sequence[str] | None = None, *, ax: "Axes | None" = None
) -> "Axes":
    """Draw which classes are taken for which.

    A cell's colour is as strong as the square root, so that few mistakes are seen too, of
    its share of the row, the examples of one class: blue where they are told right, orange
    where they are taken for another class.

    Args:
        matrix: (C, C), counts or shares; rows are true classes, columns predicted ones.
        names: Of the classes; numbers from 0 by default.
        ax: Where to draw.

    Raises:
        ShapeError: The matrix is not square.
        ValueError: A number is negative or none, or there is not one name for each class.
    """
    counts = _read(matrix, "confusion_matrix")
    C = len(counts)
    if counts.shape != (C, C):
        raise ShapeError("confusion_matrix", f"expects shape (C, C), got {counts.shape}")
    _check_words(names, C, "names", "classes")
    ax = axes_of(ax)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    _draw_cells(ax, _OPACITY * np.sqrt(shares), np.where(np.eye(C, dtype=bool), POSITIVE, NEGATIVE))
    _write_numbers(ax, counts)
    words = list(map(str, range(C))) if names is None else names
    _name_cells(ax, words, words)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
    return ax


def attention(
    weights: npt.ArrayLike,
    words: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    vmax: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how much each token, a row, attends to each other one, a column.

    Colours of several maps can be compared where they have one `vmax`: 1, the most that a
    token can give, or the largest weight of all, `max(each.max() for each in maps)`.

    Args:
        weights: (T, S), none negative.
        words: The T tokens that attend; without them, there are numbers.
        keys: The S tokens attended to, where they are others.
        vmax: The weight from which on a cell has the full colour; by default the largest.
        ax: Where to draw.

    Raises:
        ShapeError: The weights are no matrix.
        ValueError: A weight is negative or none, `vmax` is not positive, or there is not one
            word for each token.
    """
    weights = _read(weights, "attention")
    T, S = weights.shape
    words = list(map(str, range(T) if words is None else words))
    keys = list(map(str, keys)) if keys is not None else words if S == T else None
    keys = list(map(str, range(S))) if keys is None else keys
    _check_words(words, T, "words", "rows")
    _check_words(keys, S, "words", "columns")
    if vmax is not None and not vmax > 0:
        raise ValueError(f"vmax must be positive, got {vmax!r}")
    ax = axes_of(ax)
    full = vmax or weights.max() or 1
    _draw_cells(ax, np.minimum(weights / full, 1), np.full((T, S), POSITIVE))
    _name_cells(ax, words, keys)
    ax.set_xlabel("attended to")
    ax.set_ylabel("attending")
    return ax


def _read(matrix: npt.ArrayLike, subject: str) -> Array:
    array = np.asarray(matrix)
    if array.ndim != 2 or not array.size:
        raise ShapeError(subject, f"expects a matrix, got shape {array.shape}")
    wrong = array[~(np.isfinite(array) & (array >= 0))]
    if wrong.size:
        raise ValueError(f"{subject} draws numbers from 0 on, got {wrong[0].item()!r}")
    return array


def _check_words(words: Sequence[object] | None, count: int, noun: str, things: str) -> None:
    if words is not None and len(words) != count:
        raise ValueError(f"there are {count} {things}, but {len(words)} {noun}")


def _draw_cells(ax: "Axes", opacity: Array, colours: Array) -> None:
    """Draw a rectangle around each pair of whole numbers, row 0 at the top."""
    from matplotlib.collections import PolyCollection  # noqa: PLC0415 - only plots need Matplotlib
    from matplotlib.colors import to_rgba_array  # noqa: PLC0415 - only plots need Matplotlib

    rows, columns = np.nonzero(opacity)
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    cells = PolyCollection(
        np.column_stack([columns, rows])[:, None] + corners,
        facecolors=to_rgba_array(colours[rows, columns].tolist(), opacity[rows, columns]),
        edgecolors=paper(),
        linewidths=1.5 if max(opacity.shape) <= 20 else 0.3,
    )
    ax.add_collection(cells, autolim=False)
    ax.set_xlim(-0.5, opacity.shape[1] - 0.5)
    ax.set_ylim(opacity.shape[0] - 0.5, -0.5)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _write_numbers(ax: "Axes", counts: Array) -> None:
    is_whole = (counts == counts.round()).all()
    texts = [[f"{each:.0f}" if is_whole else f"{each:.2f}" for each in row] for row in counts]
    longest = max(len(text) for row in texts for text in row)
    width, height = size_pt(ax)
    size = min(
        font_size_pt(),
        0.85 * width / len(counts) / (longest * _LETTER),
        0.7 * height / len(counts),
    )
    for row, column in np.ndindex(counts.shape):
        ax.text(
            column,
            row,
            texts[row][column],
            # Nothing is to be read off a zero.
            alpha=1 if counts[row, column] else 0.45,
            color=ink(),
            fontsize=size,
            horizontalalignment="center",
            verticalalignment="center",
        )


def _name_cells(ax: "Axes", rows: Sequence[str], columns: Sequence[str]) -> None:
    ax.set_yticks(range(len(rows)), rows)
    room = size_pt(ax)[0] / len(columns)
    is_narrow = max(map(len, columns)) * _LETTER * font_size_pt() > room
    ax.set_xticks(range(len(columns)), columns, rotation=90 if is_narrow else 0)
