"""What convolutional layers compute: sums over a window that slides over images.

    y[n, f, p, q] = Σ_c Σ_i Σ_j W[f, c, i, j] · x[n, c, p s + i d, q s + j d]

with stride s and dilation d: a cross-correlation, as in every library, for a convolution
turns the kernel by 180°. Two ways to it, equal but for rounding:

- `correlate_by_columns`, the definition as one matrix product, to be read;
- `Window`, up to three times faster, for use. It copies only the windows' rows, L times x
  and not K L times; then each row of the kernel is one matrix product with these copies,
  taken further down by the row's number, and the products' sum is y.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from builder.network.arrays import Array

Pair = tuple[int, int]

_BLOCK_BYTES = 1 << 19
"""Of windows that are worked on at once: as much as a core's own cache holds."""


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

    def correlate(self, x: Array, W: Array) -> tuple[Array, Array]:
        """Return y, (N, F, P, Q), and the windows' rows, which `weight_gradient` takes.

        Shapes: x (N, C, H, B), W (F, C / groups, K, L).
        """
        N, C, height, width = x.shape
        P, Q = self.positions(height, width)
        rows = np.empty((N, *self._rows_shape(C, height, Q)), x.dtype)
        y = np.empty((N, self.groups, len(W) // self.groups, P * Q), x.dtype)
        kernels = self._kernel_rows(W)
        for block in _blocks(rows.shape, x.itemsize):
            self._fill(rows[block], x[block])
            first, *others = self._by_kernel_row(rows[block], P)
            np.matmul(kernels[0], first, out=y[block])
            for kernel, seen in zip(kernels[1:], others, strict=True):
                y[block] += np.matmul(kernel, seen)
        return y.reshape(N, len(W), P, Q), rows

    def weight_gradient(self, rows: Array, dy: Array) -> Array:
        """Return dL/dW, (F, C / groups, K, L): window times dL/dy, summed over all windows."""
        N, F, P, Q = dy.shape
        G, (K, L) = self.groups, self.kernel
        dy = dy.reshape(N, G, F // G, P * Q)
        dW = np.stack(
            [
                np.matmul(dy, seen.swapaxes(2, 3)).sum(axis=0)
                for seen in self._by_kernel_row(rows, P)
            ]
        )
        return dW.reshape(K, G, F // G, -1, L).transpose(1, 2, 3, 0, 4).reshape(F, -1, K, L)

    def input_gradient(self, dy: Array, W: Array, size: Pair) -> Array:
        """Return dL/dx, (N, C, *size): every pixel gathers from all windows that saw it."""
        N, F, P, Q = dy.shape
        C = W.shape[1] * self.groups
        kernels = np.ascontiguousarray(self._kernel_rows(W).swapaxes(2, 3))
        dy = dy.reshape(N, self.groups, F // self.groups, P * Q)
        dx = np.zeros((N, C, *size), dy.dtype)
        shape = (N, *self._rows_shape(C, size[0], Q))
        for block in _blocks(shape, dy.itemsize):
            drows = np.zeros((len(dy[block]), *shape[1:]), dy.dtype)
            for kernel, seen in zip(kernels, self._by_kernel_row(drows, P), strict=True):
                np.add(seen, np.matmul(kernel, dy[block]), out=seen)
            for piece, copies in self._pieces(dx[block], drows):
                np.add(piece, copies, out=piece)
        return dx

    def _rows_shape(self, C: int, height: int, Q: int) -> tuple[int, ...]:
        # With stride s the image's rows are dealt out like cards, into s heaps of every
        # s-th row. Those that one row of the kernel sees then lie side by side.
        heaps = self.stride[0]
        return (C, self.kernel[1], heaps, -(-height // heaps), Q)

    def _kernel_rows(self, W: Array) -> Array:
        F, C, K, L = W.shape
        by_row = W.reshape(self.groups, F // self.groups, C, K, L).transpose(3, 0, 1, 2, 4)
        return by_row.reshape(K, self.groups, F // self.groups, C * L)

    def _pieces(self, x: Array, rows: Array) -> Iterator[tuple[Array, Array]]:
        """Pair each part of x with its copy in `rows`."""
        (heaps, t), e, Q = self.stride, self.dilation[1], rows.shape[-1]
        for j, heap in np.ndindex(self.kernel[1], heaps):
            piece = x[:, :, heap::heaps, j * e : j * e + (Q - 1) * t + 1 : t]
            yield piece, rows[:, :, j, heap, : piece.shape[2]]

    def _fill(self, rows: Array, x: Array) -> None:
        for piece, copies in self._pieces(x, rows):
            copies[...] = piece
        # No window sees the row that a shorter heap lacks, but a number must be there.
        if x.shape[2] % self.stride[0]:
            rows[:, :, :, x.shape[2] % self.stride[0] :, -1] = 0

    def _by_kernel_row(self, rows: Array, P: int) -> Iterator[Array]:
        """Yield what each row of the kernel sees: (N, groups, C / groups · L, P Q)."""
        N, C, L, heaps, height, Q = rows.shape
        flat = rows.reshape(N, self.groups, C // self.groups * L, heaps * height * Q)
        for i in range(self.kernel[0]):
            down, heap = divmod(i * self.dilation[0], heaps)
            start = (heap * height + down) * Q
            yield flat[..., start : start + P * Q]


def _blocks(shape: tuple[int, ...], itemsize: int) -> Iterator[slice]:
    """Cut the batch, shape[0], so that the windows of one block stay in the cache."""
    step = max(1, _BLOCK_BYTES // max(1, int(np.prod(shape[1:])) * itemsize))
    for start in range(0, shape[0], step):
        yield slice(start, start + step)
