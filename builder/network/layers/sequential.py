"""Layers one after the other."""

from collections.abc import Sequence
from weakref import ref

import numpy as np
import numpy.typing as npt

from builder.network.arrays import NO_GRADIENT, Apply, Array, Backward, Seed, Shape
from builder.network.blueprint import Blueprint
from builder.network.errors import ShapeError
from builder.network.layer import Layer, both
from builder.network.parameters import Buffers


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

    def __getitem__(self, place: slice) -> "Part":
        """Return some layers of a built model, to look at what they give: `model[:3](x)`.

        Raises:
            BuildError: The model has no parameters yet.
            IndexError: There is no layer at that place.
            TypeError: `place` is no slice of layers that follow each other; or the model is
                more than its layers one after the other, as a Residual is.
        """
        if type(self).apply is not Sequential.apply:
            raise TypeError(f"{self!r} is more than its layers one after the other")
        if not isinstance(place, slice) or place.step not in (None, 1):
            raise TypeError(
                f"a part is a slice such as model[:3], got {place!r} "
                f"(did you mean model.layers[{place!r}]?)"
            )
        return Part(self, place)

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


class Part(Sequential):
    """Layers of a built model, to look at what they give: what `model[:3]` is.

    They are the model's own, and so are the parameters: what trains the model is seen here
    at once, and a way back adds to the model's gradients. So it cannot be trained alone, as
    a Sequential that was put into the model can. `copy.deepcopy` gives a model of its own.

    Args:
        whole: The model.
        place: Of the layers in it.

    Raises:
        BuildError: The model has no parameters yet.
        IndexError: There is no layer at that place.
    """

    def __init__(self, whole: Sequential, place: slice) -> None:
        whole.check_is_built()
        layers = whole.layers[place]
        if not layers:
            first, stop, _ = place.indices(len(whole.layers))
            raise IndexError(f"no layer from {first} to {stop}, of {len(whole.layers)}")
        super().__init__(*layers, rng=whole.rng, dtype=whole.dtype)
        none = np.empty(0, whole.dtype)
        self._buffers = Buffers(parameters=none, gradients=none, owner=ref(whole), is_whole=False)

    def receive(self, x: npt.ArrayLike) -> Array:
        """Return a batch in the dtype that the model computes with by now."""
        self.dtype = self.layers[0].dtype
        return super().receive(x)
