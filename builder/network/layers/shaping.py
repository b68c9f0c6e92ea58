"""Layers that only move numbers: y has x's numbers, once or several times, in another shape."""

from math import prod

from builder.network.arrays import Array, Backward, Shape
from builder.network.errors import ShapeError, of_batch
from builder.network.layer import Layer


class Reshape(Layer):
    """The same numbers of each example, in another shape.

    Args:
        *shape: Of one example, without N; one length may be -1, for what is left.

    Raises:
        ValueError: A length is less than 1, or two are -1.
    """

    def __init__(self, *shape: int) -> None:
        if any(each < 1 and each != -1 for each in shape) or shape.count(-1) > 1:
            raise ValueError(f"Reshape needs lengths of 1 or more and at most one -1, got {shape}")
        self.shape = shape

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape, with its -1 worked out.

        Raises:
            ShapeError: x has more or fewer numbers.
        """
        size, known = prod(input_shape), prod(each for each in self.shape if each != -1)
        if size % known or (-1 not in self.shape and size != known):
            wanted = f"a multiple of {known}" if -1 in self.shape else str(known)
            raise ShapeError(
                repr(self), f"expects {wanted} numbers an example, got {of_batch(input_shape)}"
            )
        return tuple(size // known if each == -1 else each for each in self.shape)

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Reshape x, and dL/dy back."""
        y = x.reshape(len(x), *self.output_shape(x.shape[1:]))
        return y, lambda dy: dy.reshape(x.shape)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(str, self.shape))})"


class Flatten(Reshape):
    """All numbers of an example in one row: (N, ...) becomes (N, D)."""

    def __init__(self) -> None:
        super().__init__(-1)

    def __repr__(self) -> str:
        return "Flatten()"


class Upsample(Layer):
    """Every pixel becomes a square of `scale` × `scale` equal ones; dL/dx sums over the square.

    Shapes: x (N, C, H, B), y (N, C, scale H, scale B).

    Raises:
        ValueError: `scale` is less than 1.
    """

    def __init__(self, scale: int = 2) -> None:
        if scale < 1:
            raise ValueError(f"scale must be 1 or more, got {scale!r}")
        self.scale = scale

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C, scale H, scale B).

        Raises:
            ShapeError: x is no batch of images.
        """
        C, H, B = image_shape(self, input_shape)
        return C, self.scale * H, self.scale * B

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Repeat every pixel."""
        s, (N, C, H, B) = self.scale, x.shape
        y = x.repeat(s, axis=3).repeat(s, axis=2)
        return y, lambda dy: dy.reshape(N, C, H, s, B, s).sum(axis=(3, 5))

    def __repr__(self) -> str:
        return f"Upsample({self.scale})"


def image_shape(layer: Layer, input_shape: Shape) -> tuple[int, int, int]:
    """Return (C, H, B) of one image.

    Raises:
        ShapeError: It has other axes.
    """
    if len(input_shape) != 3:
        hint = " (did you mean x[:, None], one channel?)" if len(input_shape) == 2 else ""
        raise ShapeError(
            repr(layer), f"expects (N, channels, height, width), got {of_batch(input_shape)}{hint}"
        )
    return input_shape
