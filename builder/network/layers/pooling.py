"""Layers that make images smaller by one number for each window.

A square window is a row of columns: both poolings go across first and then down, which is
ten times faster than looking at every window.
"""

from abc import ABC, abstractmethod

import numpy as np

from builder.network.arrays import Array, Backward, Shape
from builder.network.errors import ShapeError, of_batch
from builder.network.layer import Layer
from builder.network.layers.shaping import image_shape
from builder.network.layers.sizes import Sizes, pad, pair, short


class _Pool(Layer, ABC):
    """A window that slides over images, (N, C, H, B) to (N, C, P, Q).

    P = ⌊(H + 2 padding − size) / stride⌋ + 1, and Q likewise.

    Args:
        size: Of the window, in pixels: one number, or (height, breadth); so for the others.
        stride: How far it moves; by default its own size, so that no two overlap.
        padding: Pixels around the image, at most half the size.

    Raises:
        ValueError: A number is out of its range.
    """

    outside = 0.0

    def __init__(self, size: Sizes = 2, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        self.size = pair("size", size, 1)
        self.stride = self.size if stride is None else pair("stride", stride, 1)
        self.padding = pair("padding", padding, 0)
        if any(2 * p > k for p, k in zip(self.padding, self.size, strict=True)):
            raise ValueError(f"padding must be at most half the size {size!r}, got {padding!r}")

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C, P, Q).

        Raises:
            ShapeError: x is no batch of images, or smaller than the window.
        """
        C, *lengths = image_shape(self, input_shape)
        P, Q = (
            self._positions(length + 2 * p, axis)
            for length, p, axis in zip(lengths, self.padding, (2, 3), strict=True)
        )
        if min(P, Q) < 1:
            raise ShapeError(
                repr(self), f"the window is larger than an input of {of_batch(input_shape)}"
            )
        return C, P, Q

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Pool across, then down."""
        (p, q), (H, B) = self.padding, x.shape[2:]
        padded = pad(x, ((p, p), (q, q)), self.outside)
        across, back_across = self.along(padded, axis=3)
        down, back_down = self.along(across, axis=2)

        def backward(dy: Array) -> Array:
            return back_across(back_down(dy))[:, :, p : p + H, q : q + B]

        return down, backward

    @abstractmethod
    def along(self, x: Array, axis: int) -> tuple[Array, Backward]:
        """Pool along one axis."""

    def _positions(self, length: int, axis: int) -> int:
        return (length - self.size[axis - 2]) // self.stride[axis - 2] + 1

    def _pieces(self, x: Array, axis: int) -> list[Array]:
        """Return, as views, the first, second … pixel of every window along one axis."""
        size, stride = self.size[axis - 2], self.stride[axis - 2]
        reach = (self._positions(x.shape[axis], axis) - 1) * stride + 1
        before = (slice(None),) * axis
        return [x[(*before, slice(j, j + reach, stride))] for j in range(size)]

    def _give(self, pixels: Array, share: Array, axis: int) -> None:
        """Add a share of dL/dy to pixels, which have none yet unless windows overlap."""
        if self.stride[axis - 2] < self.size[axis - 2]:
            np.add(pixels, share, out=pixels)
        else:
            pixels[...] = share

    def __repr__(self) -> str:
        stride = f", stride={short(self.stride)}" if self.stride != self.size else ""
        padding = f", padding={short(self.padding)}" if any(self.padding) else ""
        return f"{type(self).__name__}({short(self.size)}{stride}{padding})"


class MaxPool2D(_Pool):
    """y = the largest number of each window; dL/dx is dL/dy there and 0 elsewhere.

    Of equal largest numbers, which after a ReLU are the usual case, zeros among zeros, the
    first gets all of dL/dy: row by row from the window's top left. At such a corner there is
    no one gradient. Any shares whose sum is dL/dy are right when all of them move together,
    and the whole for one costs least; the whole for each would be several times too much. A
    central difference along one of them gives half of dL/dy, so that a gradient check fails
    at ties.

    Shapes, arguments and errors: those of every pooling, see `_Pool`.

    Source: Ranzato, Huang, Boureau and LeCun, CVPR 2007; ties as PyTorch has them.
    """

    outside = -np.inf

    def along(self, x: Array, axis: int) -> tuple[Array, Backward]:
        """Take the largest of every `size` pixels, and remember which of them grew it."""
        # Copied out once, every other pixel is compared three times as fast.
        y, *others = map(np.ascontiguousarray, self._pieces(x, axis))
        grew = []
        for piece in others:
            grew.append(piece > y)
            y = np.maximum(y, piece)

        def backward(dy: Array) -> Array:
            dx = np.zeros(x.shape, dy.dtype)
            first, *rest = self._pieces(dx, axis)
            for pixels, is_larger in zip(reversed(rest), reversed(grew), strict=True):
                share = dy * is_larger
                dy = dy - share
                self._give(pixels, share, axis)
            self._give(first, dy, axis)
            return dx

        return y, backward


class AvgPool2D(_Pool):
    """y = the mean of each window, its padding counted as zeros; every pixel shares dL/dy.

    Shapes, arguments and errors: those of every pooling, see `_Pool`.

    Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998.
    """

    def along(self, x: Array, axis: int) -> tuple[Array, Backward]:
        """Take the mean of every `size` pixels."""
        first, *rest = self._pieces(x, axis)
        y: Array = sum(rest, start=first) / self.size[axis - 2]

        def backward(dy: Array) -> Array:
            dx, share = np.zeros(x.shape, dy.dtype), dy / self.size[axis - 2]
            for pixels in self._pieces(dx, axis):
                self._give(pixels, share, axis)
            return dx

        return y, backward


class GlobalAvgPool2D(Layer):
    """y[n, c] = the mean over a whole image of channel c: (N, C, H, B) becomes (N, C).

    Source: Lin, Chen and Yan, "Network in network", ICLR 2014.
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C,).

        Raises:
            ShapeError: x is no batch of images.
        """
        return image_shape(self, input_shape)[:1]

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Take the mean of every channel."""
        _, _, H, B = x.shape

        def backward(dy: Array) -> Array:
            return np.broadcast_to((dy / (H * B))[:, :, None, None], x.shape)

        return x.mean(axis=(2, 3)), backward
