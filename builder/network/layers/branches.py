"""Layers side by side: the same input goes into each."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from builder.network.arrays import NO_GRADIENT, Array, Backward, Shape
from builder.network.blueprint import Blueprint
from builder.network.errors import ShapeError, of_batch
from builder.network.layer import Layer
from builder.network.layers.sequential import Sequential


class Residual(Sequential):
    """y = x + f(x), with f the layers one after the other; dL/dx = dL/dy + its way through f.

    Args:
        *layers: f, whose output has x's shape.

    Raises:
        TypeError: One of `layers` is no layer.

    Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016.
    """

    def plan(self, input_shape: Shape, blueprint: Blueprint) -> Shape:
        """Add what the layers declare, and return x's shape.

        Raises:
            ShapeError: A layer does not fit, or f changes the shape.
        """
        shape = super().plan(input_shape, blueprint)
        if shape != input_shape:
            raise ShapeError(
                "Residual",
                f"x has shape {of_batch(input_shape)}, but f(x) has {of_batch(shape)}",
            )
        return shape

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        """Add f(x) to x."""
        y, way_back = super().apply(x, training)
        return x + y, lambda dy: dy + way_back(dy)


class Concatenate(Layer):
    """y = (f_1(x), f_2(x), …), side by side; dL/dx is the sum of all ways back.

    An empty `Sequential()` among the branches hands x itself on, as in a dense network.

    Args:
        *branches: Layers whose outputs differ in the length of one axis at most.
        axis: Which; the batch's is 0, so that 1 is the channels of images.

    Raises:
        TypeError: A branch is no layer, or there is none.
        ValueError: `axis` is the batch's.

    Source: Szegedy et al., "Going deeper with convolutions", CVPR 2015.
    """

    def __init__(self, *branches: Layer, axis: int = 1) -> None:
        if not branches or not all(isinstance(each, Layer) for each in branches):
            raise TypeError(f"Concatenate takes one layer or more, got {branches!r}")
        if axis == 0:
            raise ValueError("axis 0 is the batch's, along which nothing can be joined")
        self.layers = branches
        self.axis = axis

    def receive(self, x: npt.ArrayLike) -> Array:
        """Return a batch in the dtype that the first branch computes with."""
        return self.layers[0].receive(x)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one example of y.

        Raises:
            ShapeError: A branch does not fit; the error tells its index.
        """
        return self.plan(input_shape, Blueprint())

    def plan(self, input_shape: Shape, blueprint: Blueprint) -> Shape:
        """Add what the branches declare, and return the shape of one example of y.

        Raises:
            ShapeError: A branch does not fit, or their outputs do not fit together.
        """
        blueprint.add(self, input_shape, {})
        shapes = list(self._shapes(input_shape, blueprint))
        try:
            return np.concatenate([np.empty((0, *shape)) for shape in shapes], self.axis).shape[1:]
        except ValueError:
            found = " and ".join(map(of_batch, shapes))
            raise ShapeError(
                "Concatenate", f"outputs of {found} do not fit along axis {self.axis}"
            ) from None

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        """Go through all branches."""
        parts, ways_back = zip(*(each.apply(x, training) for each in self.layers), strict=True)
        ends = np.cumsum([part.shape[self.axis] for part in parts])[:-1]

        def backward(dy: Array) -> Array:
            shares = np.split(dy, ends, axis=self.axis)
            ways = zip(ways_back, shares, strict=True)
            found = [dx for way_back, share in ways if (dx := way_back(share)) is not NO_GRADIENT]
            return sum(found[1:], start=found[0]) if found else NO_GRADIENT

        return np.concatenate(parts, axis=self.axis, dtype=self.dtype), backward

    def _shapes(self, input_shape: Shape, blueprint: Blueprint) -> Iterator[Shape]:
        for index, layer in enumerate(self.layers):
            try:
                yield layer.plan(input_shape, blueprint)
            except ShapeError as error:
                raise error.inside(index) from None

    def __repr__(self) -> str:
        axis = [f"axis={self.axis}"] if self.axis != 1 else []
        return f"{type(self).__name__}({', '.join([*map(repr, self.layers), *axis])})"
