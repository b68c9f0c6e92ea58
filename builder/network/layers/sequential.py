"""Layers one after the other."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from builder.network.arrays import NO_GRADIENT, Apply, Array, Backward, Seed, Shape
from builder.network.blueprint import Blueprint
from builder.network.errors import ShapeError
from builder.network.layer import Layer, both


class Sequential(Layer):
    """y = f_k(… f_2(f_1(x))): each layer's output is the next one's input.

    The way back is the chain rule, read from the last layer to the first. A Sequential is
    a layer itself and may stand in another one: `rng` and `dtype` of the outermost count,
    and in its buffers all parameters lie. A layer that appears twice has its parameters
    once.

    Args:
        *layers: From the input to the output.
        rng: Seed or generator for the first parameters, drawn in the order of the layers.
        dtype: float32, or float64 where accuracy matters more than time.

    Raises:
        TypeError: One of `layers` is no layer.
    """

    def __init__(self, *layers: Layer, rng: Seed = 0, dtype: npt.DTypeLike = np.float32) -> None:
        others = [each for each in layers if not isinstance(each, Layer)]
        if others:
            raise TypeError(
                f"Sequential takes layers, got {others[0]!r} "
                "(did you forget the * of a list, or the () of a layer?)"
            )
        self.layers = layers
        self.rng = rng
        self.dtype = np.dtype(dtype)
        self.input_shape = layers[0].input_shape if layers else None

    def receive(self, x: npt.ArrayLike) -> Array:
        """Return a batch in the dtype that the first layer computes with."""
        return self.layers[0].receive(x) if self.layers else super().receive(x)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one example after the last layer.

        Raises:
            ShapeError: A layer does not fit; the error tells its index.
        """
        return self.plan(input_shape, Blueprint())

    def plan(self, input_shape: Shape, blueprint: Blueprint) -> Shape:
        """Add what the layers declare, and return the output's shape.

        Raises:
            ShapeError: A layer does not fit; the error tells its index.
        """
        blueprint.add(self, input_shape, {})
        shape = input_shape
        for index, layer in enumerate(self.layers):
            try:
                shape = layer.plan(shape, blueprint)
            except ShapeError as error:
                raise error.inside(index) from None
        return shape

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        """Go through the layers, and return the way back through them."""
        return self._chain([layer.apply for layer in self.layers], x, training)

    def apply_first(self, x: Array, training: bool) -> tuple[Array, Backward]:
        """As `apply`, but for the first layer's way back to x."""
        first, rest = self.layers[:1], self.layers[1:]
        steps = [layer.shortest() for layer in first] + [layer.apply for layer in rest]
        return self._chain(steps, x, training)

    @staticmethod
    def _chain(steps: Sequence[Apply], x: Array, training: bool) -> tuple[Array, Backward]:
        ways_back = []
        for apply in steps:
            x, way_back = both(apply, x, training)
            ways_back.append(way_back)

        def backward(dy: Array) -> Array:
            for way_back in reversed(ways_back):
                dy = way_back(dy)
                if dy is NO_GRADIENT:  # words have none, whatever lies before them
                    break
            return dy

        return x, backward

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.layers))})"
