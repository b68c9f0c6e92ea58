"""What convolutional layers compute: sums over a window that slides over images.

    y[n, f, p, q] = Σ_c Σ_i Σ_j W[f, c, i, j] · x[n, c, p s + i d, q s + j d]

with stride s and dilation d, of images with height H and breadth B: a cross-correlation,
as in every library, for a convolution turns the kernel by 180°. Two ways to it, equal but
for rounding:

- `correlate_by_columns`, the definition as one matrix product, to be read;
- `Window`, up to twice as fast, for use. It copies only the windows' rows, L times x
  and not K L times; then each row of the kernel is one matrix product with these copies,
  taken further down by the row's number, and the products' sum is y.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from builder.network.arrays import Array

Pair = tuple[int, int]

_BLOCK_BYTES = 1 << 18
"""Of windows that are worked on at once: as much as a core's own cache holds."""

_SMALL = 144
"""Positions of the window up to which images are joined: more cost more to part again."""


def correlate_by_columns(
    x: Array, W: Array, stride: Pair = (1, 1), dilation: Pair = (1, 1)
) -> tuple[Array, Callable[[Array], tuple[Array, Array]]]:
    """Compute y and the way back, dL/dy ↦ (dL/dx, dL/dW), by the textbook ("im2col").

    Shapes: x (N, C, H, B), W (F, C, K, L), y (N, F, P, Q). Every window becomes a column.

    Source: Chellapilla, Puri and Simard, "High performance convolutional neural networks
    for document processing", 2006.
    """
    (s, t), (d, e) = stride, dilation
    F, C, K, L = W.shape
    windows = sliding_window_view(x, ((K - 1) * d + 1, (L - 1) * e + 1), axis=(2, 3))
    windows = windows[:, :, ::s, ::t, ::d, ::e]  # (N, C, P, Q, K, L)
    N, _, P, Q = windows.shape[:4]
    columns = windows.transpose(1, 4, 5, 0, 2, 3).reshape(C * K * L, N * P * Q)
    y = (W.reshape(F, -1) @ columns).reshape(F, N, P, Q).swapaxes(0, 1)

    def backward(dy: Array) -> tuple[Array, Array]:
        dy = dy.swapaxes(0, 1).reshape(F, -1)
        dW = (dy @ columns.T).reshape(W.shape)
        dcolumns = (W.reshape(F, -1).T @ dy).reshape(C, K, L, N, P, Q)
        dx = np.zeros_like(x)
        for i, j in np.ndindex(K, L):
            seen = dx[:, :, i * d : i * d + P * s : s, j * e : j * e + Q * t : t]
            seen += dcolumns[:, i, j].swapaxes(0, 1)
        return dx, dW

    return y, backward


@dataclass(frozen=True, slots=True)
class Window:
    """A kernel's size, and how it slides over images that are padded already."""

    kernel: Pair
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)

    groups: int = 1
    """Into how many parts the channels fall; each part of y sees one part of x."""

    def positions(self, height: int, width: int) -> Pair:
        """Return (P, Q), how many times the window fits down and across."""
        (K, L), (s, t), (d, e) = self.kernel, self.stride, self.dilation
        return (height - (K - 1) * d - 1) // s + 1, (width - (L - 1) * e - 1) // t + 1

    def correlate(self, x: Array, W: Array, b: Array | float = 0.0) -> tuple[Array, list[Array]]:
        """Return y + b, (N, F, P, Q), and the windows' rows, which `weight_gradient` takes.

        Shapes: x (N, C, H, B), W (F, C / groups, K, L), b (F, 1, 1).
        """
        N, C, height, width = x.shape
        P, Q = self.positions(height, width)
        y = np.empty((N, len(W), P, Q), x.dtype)
        kernels = self._kernel_rows(W)
        kept = []
        for block in self._blocks(N, C * height * Q * x.itemsize):
            rows = self._rows(_lay(x[block], P * Q), Q)
            first, *others = self._by_kernel_row(rows, P)
            part = np.matmul(kernels[0], first)
            for kernel, seen in zip(kernels[1:], others, strict=True):
                part += np.matmul(kernel, seen)
            np.add(_lift(part.reshape(len(rows), len(W), P, Q, -1)), b, out=y[block])
            kept.append(rows)
        return y, kept

    def weight_gradient(self, kept: list[Array], dy: Array, C: int) -> Array:
        """Return dL/dW, (F, C / groups, K, L): window times dL/dy, summed over all windows."""
        _, F, P, Q = dy.shape
        G, (K, L) = self.groups, self.kernel
        dW = np.zeros((K, G, F // G, C // G * L), dy.dtype)
        start = 0
        for rows in kept:
            block = slice(start, start := start + rows.shape[0] * rows.shape[-1])
            part = _lay(dy[block], P * Q).reshape(len(rows), G, F // G, -1)
            for i, seen in enumerate(self._by_kernel_row(rows, P)):
                dW[i] += np.matmul(part, seen.swapaxes(2, 3)).sum(axis=0)
        return dW.reshape(K, G, F // G, -1, L).transpose(1, 2, 3, 0, 4).reshape(F, -1, K, L)

    def input_gradient(self, dy: Array, W: Array, size: Pair) -> Array:
        """Return dL/dx, (N, C, *size): every pixel gathers from all windows that saw it."""
        N, F, P, Q = dy.shape
        G, (K, L) = self.groups, self.kernel
        C = W.shape[1] * G
        kernels = W.reshape(G, F // G, C // G, K, L).transpose(0, 2, 4, 3, 1)
        kernels = kernels.reshape(G, C // G * L, K * (F // G))
        dx = np.empty((N, C, *size), dy.dtype)
        for block in self._blocks(N, C * size[0] * Q * dy.itemsize):
            laid = _lay(dy[block], P * Q)
            M, n = len(laid), laid.shape[-1]
            shape = self._rows_shape(M, C, size[0], Q, n)
            # dL/dy once for each row of the kernel, as far down as that row had looked: one
            # product with all kernels then sums over them, too.
            seen = np.zeros((M, G, K, F // G, prod(shape[3:])), dy.dtype)
            for i, where in enumerate(self._where(shape, P)):
                seen[:, :, i, :, where] = laid.reshape(M, G, F // G, -1)
            drows = np.matmul(kernels, seen.reshape(M, G, K * (F // G), -1)).reshape(shape)
            gathered = np.zeros((M, C, *size, n), dy.dtype)
            for pixels, copies in self._pieces(gathered, drows):
                np.add(pixels, copies, out=pixels)
            dx[block] = _lift(gathered)
        return dx

    def _rows_shape(self, M: int, C: int, height: int, Q: int, n: int) -> tuple[int, ...]:
        # With stride s the image's rows are dealt out like cards, into s heaps of every
        # s-th row. Those that one row of the kernel sees then lie side by side.
        heaps = self.stride[0]
        return M, C, self.kernel[1], heaps, -(-height // heaps), Q, n

    def _kernel_rows(self, W: Array) -> Array:
        F, C, K, L = W.shape
        by_row = W.reshape(self.groups, F // self.groups, C, K, L).transpose(3, 0, 1, 2, 4)
        return by_row.reshape(K, self.groups, F // self.groups, C * L)

    def _pieces(self, x: Array, rows: Array) -> Iterator[tuple[Array, Array]]:
        """Pair each part of x, (M, C, H, B, n), with its copy in `rows`."""
        (heaps, t), e, Q = self.stride, self.dilation[1], rows.shape[5]
        for j, heap in np.ndindex(self.kernel[1], heaps):
            piece = x[:, :, heap::heaps, j * e : j * e + (Q - 1) * t + 1 : t]
            yield piece, rows[:, :, j, heap, : piece.shape[2]]

    def _rows(self, x: Array, Q: int) -> Array:
        M, C, height, _, n = x.shape
        rows = np.empty(self._rows_shape(M, C, height, Q, n), x.dtype)
        for piece, copies in self._pieces(x, rows):
            copies[...] = piece
        # No window sees the row that a shorter heap lacks, but a number must be there.
        if height % self.stride[0]:
            rows[:, :, :, height % self.stride[0] :, -1] = 0
        return rows

    def _by_kernel_row(self, rows: Array, P: int) -> Iterator[Array]:
        """Yield what each row of the kernel sees: (M, groups, C / groups · L, P Q n)."""
        M, C, L = rows.shape[:3]
        flat = rows.reshape(M, self.groups, C // self.groups * L, prod(rows.shape[3:]))
        for where in self._where(rows.shape, P):
            yield flat[..., where]

    def _where(self, rows_shape: tuple[int, ...], P: int) -> Iterator[slice]:
        """Yield where in the heaps, all in one row, each row of the kernel looks."""
        heaps, height, Q, n = rows_shape[3:]
        for i in range(self.kernel[0]):
            down, heap = divmod(i * self.dilation[0], heaps)
            start = (heap * height + down) * Q * n
            yield slice(start, start + P * Q * n)

    def _blocks(self, N: int, column_bytes: int) -> Iterator[slice]:
        """Cut the batch so that the rows of one block stay in the cache.

        Args:
            N: Images.
            column_bytes: Of one image's rows for a single column of the kernel.
        """
        step = max(1, _BLOCK_BYTES // (column_bytes * self.kernel[1]))
        for start in range(0, N, step):
            yield slice(start, start + step)


def _lay(x: Array, positions: int) -> Array:
    """Return images, (N, C, H, B), as (M, C, H, B, n) with M n = N.

    Small ones alternate their pixels, as one wide image, so that one matrix product does
    for all of them: M = 1. Large ones stay as they are: n = 1.
    """
    if positions > _SMALL:
        return x[..., None]
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0))[None]


def _lift(y: Array) -> Array:
    """Return what `_lay` was given."""
    return y[0].transpose(3, 0, 1, 2) if len(y) == 1 else y[..., 0]
