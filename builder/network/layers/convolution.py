"""Layers that slide a kernel over sequences, (N, C, L), and images, (N, C, H, B).

H is the height and B the breadth of an image, since W are the weights.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Literal

import numpy as np

from builder.network.arrays import NO_GRADIENT, Array, Backward, Shape
from builder.network.errors import ShapeError, of_batch
from builder.network.initializers import Initializer, initializer_of
from builder.network.layer import Layer
from builder.network.layers.correlation import Window
from builder.network.layers.sizes import Sizes, pad, pair, short
from builder.network.parameters import Parameter

_AXES = {1: "N, channels, length", 2: "N, channels, height, width"}


class _Kernel(Layer, ABC):
    """What the layers share: a kernel's sizes, kept as (height, width) even for sequences."""

    W: Array
    b: Array
    dW: Array  # noqa: N815 - the gradient of W
    db: Array

    rank = 2

    def __init__(  # noqa: PLR0913 - all but the first two by name
        self,
        filters: int,
        kernel_size: Sizes,
        *,
        stride: Sizes = 1,
        padding: Sizes | Literal["same"] = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        inputs: int | None = None,
        initializer: str | Initializer = "glorot_uniform",
        bias: bool = True,
    ) -> None:
        self.window = Window(
            pair("kernel_size", kernel_size, 1, self.rank),
            pair("stride", stride, 1, self.rank),
            pair("dilation", dilation, 1, self.rank),
            groups,
        )
        if padding == "same":
            # An even kernel has no middle: what is left over goes below and to the right.
            self.padding = tuple((total // 2, total - total // 2) for total in self.same())
        else:
            self.padding = tuple((p, p) for p in pair("padding", padding, 0, self.rank))
        if filters < 1 or groups < 1 or filters % groups:
            raise ValueError(
                f"filters and groups must be 1 or more, and the groups divide the filters, "
                f"got {filters} and {groups}"
            )
        self.filters, self.inputs, self.bias = filters, inputs, bias
        self.initializer = initializer_of(initializer)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (filters, ...), with as many positions as the window has.

        Raises:
            ShapeError: x has other axes, another number of channels, one that the groups
                do not divide, or is smaller than the window.
        """
        known = self.inputs or (self.input_shape[0] if self.input_shape else None)
        inputs = known or (input_shape[0] if input_shape else 0)
        if len(input_shape) != self.rank + 1 or inputs != input_shape[0]:
            axes = _AXES[self.rank].replace("channels", str(known or "channels"))
            raise ShapeError(
                repr(self),
                f"expects ({axes}), got {of_batch(input_shape)}{self._hint(input_shape)}",
            )
        if inputs % self.window.groups:
            raise ShapeError(
                repr(self), f"{self.window.groups} groups do not divide {inputs} channels"
            )
        positions = self.positions(self._lift_shape(input_shape)[1:])
        if min(positions) < 1:
            raise ShapeError(
                repr(self),
                f"leaves nothing of an input of {of_batch(input_shape)}: "
                f"y would be {' x '.join(map(str, positions[2 - self.rank :]))}",
            )
        return (self.filters, *positions[2 - self.rank :])

    def same(self) -> tuple[int, ...]:
        """Return how much padding, down and across, keeps the size."""
        return tuple(
            (k - 1) * d for k, d in zip(self.window.kernel, self.window.dilation, strict=True)
        )

    @abstractmethod
    def positions(self, size: Shape) -> tuple[int, ...]:
        """Return how many rows and columns y has."""

    def declare(self, input_shape: Shape) -> Mapping[str, Parameter]:
        """Return W and, unless there is none, b."""
        shape = self.weight_shape(input_shape[0])
        area = int(np.prod(self.window.kernel))
        W = Parameter(
            shape=(*shape, *self.window.kernel[2 - self.rank :]),
            initializer=self.initializer,
            fan_in=input_shape[0] // self.window.groups * area,
            fan_out=self.filters // self.window.groups * area,
        )
        return {"W": W, "b": Parameter(shape=(self.filters,))} if self.bias else {"W": W}

    def weight_shape(self, channels: int) -> tuple[int, int]:
        """Return the lengths of W's first two axes."""
        return self.filters, channels // self.window.groups

    def lifted_weight(self) -> Array:
        """Return W as (·, ·, K, L), whatever the rank."""
        return self.W.reshape(*self.W.shape[:2], *self.window.kernel)

    def _lift_shape(self, shape: Shape) -> Shape:
        return (shape[0], *(1,) * (2 - self.rank), *shape[1:])

    def _hint(self, shape: Shape) -> str:
        fits = len(shape) == self.rank and self.inputs in (None, 1)
        return " (did you mean x[:, None], one channel?)" if fits else ""

    def __repr__(self) -> str:
        kept = {
            "kernel_size": short(self.window.kernel[2 - self.rank :]),
            "stride": short(self.window.stride[2 - self.rank :]),
            "padding": short(tuple(max(pair) for pair in self.padding[2 - self.rank :])),
            "dilation": short(self.window.dilation[2 - self.rank :]),
            "groups": str(self.window.groups),
            "bias": str(self.bias),
        }
        usual = {"stride": "1", "padding": "0", "dilation": "1", "groups": "1", "bias": "True"}
        shown = [f"{name}={said}" for name, said in kept.items() if said != usual.get(name)]
        shown[0] = kept["kernel_size"]
        return f"{type(self).__name__}({', '.join([str(self.filters), *shown])})"


class Conv2D(_Kernel):
    """y[n, f, p, q] = Σ_c Σ_i Σ_j W[f, c, i, j] · x[n, c, p s + i d, q s + j d] + b[f].

    With stride s and dilation d, after x is padded with zeros.

    Shapes: x (N, C, H, B), W (filters, C / groups, K, L), b (filters,) and y (N, filters,
    P, Q) with P = ⌊(H + 2 padding − d (K − 1) − 1) / s⌋ + 1.

    dL/dW sums window times dL/dy over all windows; dL/dx gathers, for every pixel, from
    all windows that saw it.

    Args:
        filters: Channels of y.
        kernel_size: K and L: one number, or (height, width); so for the next three.
        stride: s, how far the window moves.
        padding: Zeros on every side; "same" puts as many as keep the size at stride 1.
        dilation: d, how far apart the window's pixels lie.
        groups: Into how many parts the channels fall, each with filters of its own; as
            many as channels make the convolution depthwise.
        inputs: C; by default that of the first batch.
        initializer: How W starts; b starts at 0.
        bias: Whether there is a b.

    Raises:
        ValueError: A size is no whole number in its range, or the groups do not divide
            the filters.

    Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition",
    1989; dilation: Yu and Koltun, 2016; groups: Krizhevsky et al., 2012.
    """

    def positions(self, size: Shape) -> tuple[int, ...]:
        """Return how many windows fit into the padded input, down and across."""
        height, width = (
            length + sum(around) for length, around in zip(size, self.padding, strict=True)
        )
        return self.window.positions(height, width)

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Slide the kernel over x."""
        y, backward_to_parameters = self.apply_first(x, _training)
        size = self._lift_shape(x.shape[1:])[1:]
        (top, bottom), (left, right) = self.padding
        padded_size = (size[0] + top + bottom, size[1] + left + right)

        def backward(dy: Array) -> Array:
            backward_to_parameters(dy)
            lifted = dy.reshape(len(dy), *self._lift_shape(dy.shape[1:]))
            dx = self.window.input_gradient(lifted, self.lifted_weight(), padded_size)
            return dx[:, :, top : top + size[0], left : left + size[1]].reshape(x.shape)

        return y, backward

    def apply_first(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """As `apply`, with a way back to W and b alone."""
        lifted = pad(x.reshape(len(x), *self._lift_shape(x.shape[1:])), self.padding)
        b = self.b[:, None, None] if self.bias else 0.0
        y, rows = self.window.correlate(lifted, self.lifted_weight(), b)

        def backward(dy: Array) -> Array:
            dy = dy.reshape(y.shape)
            self.dW += self.window.weight_gradient(rows, dy, x.shape[1]).reshape(self.W.shape)
            if self.bias:
                self.db += np.einsum("nfpq->f", dy)
            return NO_GRADIENT

        return y.reshape(*y.shape[:2], *y.shape[4 - self.rank :]), backward


class Conv1D(Conv2D):
    """y[n, f, t] = Σ_c Σ_i W[f, c, i] · x[n, c, t s + i d] + b[f], as `Conv2D` along one axis.

    Shapes: x (N, C, L), W (filters, C / groups, K), b (filters,) and y (N, filters, T).
    Arguments and errors are those of `Conv2D`, with one number where it takes a pair.
    """

    rank = 1


class ConvTranspose2D(_Kernel):
    """The way back of `Conv2D` as a way forward: every pixel of x paints a kernel into y.

        y[n, f, p s + i d, q s + j d] += W[c, f, i, j] · x[n, c, p, q], and b[f] everywhere

    Shapes: x (N, C, P, Q), W (C, filters / groups, K, L), b (filters,) and y (N, filters,
    H, B) with H = (P − 1) s + d (K − 1) + 1 − 2 padding.

    Arguments and errors are those of `Conv2D`, but that `padding` is cut off y's border;
    "same" leaves y `stride` times as large as x, if the kernel is no smaller than that.

    Source: Zeiler, Krishnan, Taylor and Fergus, "Deconvolutional networks", CVPR 2010;
    for the checkerboards it can paint: Odena, Dumoulin and Olah, Distill, 2016.
    """

    def positions(self, size: Shape) -> tuple[int, ...]:
        """Return how many rows and columns are left once the border is cut off."""
        return tuple(
            painted - sum(pad)
            for painted, pad in zip(self._painted(size), self.padding, strict=True)
        )

    def weight_shape(self, channels: int) -> tuple[int, int]:
        """Return the lengths of W's first two axes."""
        return channels, self.filters // self.window.groups

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Paint x into y."""
        whole = self.window.input_gradient(x, self.W, self._painted(x.shape[2:]))
        (top, _), (left, _) = self.padding
        H, B = self.positions(x.shape[2:])
        y = whole[:, :, top : top + H, left : left + B]
        if self.bias:
            y += self.b[:, None, None]

        def backward(dy: Array) -> Array:
            dx, rows = self.window.correlate(pad(dy, self.padding), self.W)
            self.dW += self.window.weight_gradient(rows, x, self.filters)
            if self.bias:
                self.db += np.einsum("nfpq->f", dy)
            return dx

        return y, backward

    def same(self) -> tuple[int, ...]:
        """Return how much to cut off for y to be `stride` times as large as x."""
        (height, width), (s, t) = self._painted((1, 1)), self.window.stride
        return max(0, height - s), max(0, width - t)

    def _painted(self, size: Shape) -> tuple[int, int]:
        (K, L), (s, t), (d, e) = self.window.kernel, self.window.stride, self.window.dilation
        return (size[0] - 1) * s + d * (K - 1) + 1, (size[1] - 1) * t + e * (L - 1) + 1
