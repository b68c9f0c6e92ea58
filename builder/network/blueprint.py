"""Lay out the parameters of a whole model, then make them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any
from weakref import ref

import numpy as np

from builder.network.arrays import Array, Shape
from builder.network.errors import BuildError, ShapeError
from builder.network.initializers import initializer_of
from builder.network.parameters import Buffers, Parameter


class Blueprint:
    """The parameters of a whole model: each layer's once, in the order of the layers."""

    def __init__(self) -> None:
        self.wanted: dict[object, Mapping[str, Parameter]] = {}
        self.input_shapes: dict[object, list[Shape]] = {}

    def add(self, layer: object, input_shape: Shape, wanted: Mapping[str, Parameter]) -> None:
        """Note what `layer` wants; a layer that appears again shares what it has.

        Raises:
            ShapeError: The layer appears again, with an input that needs other shapes.
        """
        known = self.wanted.setdefault(layer, wanted)
        self.input_shapes.setdefault(layer, []).append(input_shape)
        for name, parameter in wanted.items():
            if parameter.shape != known[name].shape:
                raise ShapeError(
                    repr(layer),
                    f"appears twice, once with {name} of shape {known[name].shape} "
                    f"and once with {parameter.shape}",
                )

    def allocate(
        self, dtype: np.dtype[Any], rng: np.random.Generator, owner: object
    ) -> "Allocation":
        """Make the buffers and give every layer its views, as `W` and `dW` for a name "W".

        A parameter that a layer has already keeps its values.

        Raises:
            BuildError: The dtype is neither float32 nor float64.
        """
        if dtype not in (np.float32, np.float64):
            raise BuildError(f"a model computes in float32 or float64, not in {dtype}")
        spans: dict[object, slice] = {}
        stop = 0
        for layer, wanted in self.wanted.items():
            start, stop = (
                stop,
                stop + sum(prod(each.shape) for each in wanted.values() if each.is_learned),
            )
            spans[layer] = slice(start, stop)
        parameters, gradients = np.empty(stop, dtype), np.zeros(stop, dtype)
        arrays: list[tuple[object, str, Array]] = []
        for layer, wanted in self.wanted.items():
            start = spans[layer].start
            for name, each in wanted.items():
                W = np.empty(each.shape, dtype)
                if each.is_learned:
                    piece = slice(start, start := start + W.size)
                    W = parameters[piece].reshape(each.shape)
                    arrays.append((layer, f"d{name}", gradients[piece].reshape(each.shape)))
                kept = vars(layer).get(name)
                W[...] = (
                    initializer_of(each.initializer)(rng, each.shape, each.fan_in, each.fan_out)
                    if kept is None
                    else kept
                )
                arrays.append((layer, name, W))
        # Only now, when nothing can fail any more.
        for layer, name, array in arrays:
            vars(layer)[name] = array
        return Allocation(parameters, gradients, ref(owner), spans)


@dataclass(frozen=True, slots=True)
class Allocation:
    """The buffers of a whole model, and which piece of them is whose."""

    parameters: Array
    gradients: Array
    owner: ref[object]
    spans: Mapping[object, slice]

    def buffers_of(self, family: Sequence[object]) -> Buffers:
        """Return the buffers of a layer, given with all layers inside it, each once."""
        spans = [self.spans[layer] for layer in family]
        owned = [span for span in spans if span.start < span.stop]
        start = min((span.start for span in owned), default=0)
        stop = max((span.stop for span in owned), default=0)
        return Buffers(
            parameters=self.parameters[start:stop],
            gradients=self.gradients[start:stop],
            owner=self.owner,
            is_whole=sum(span.stop - span.start for span in owned) == stop - start,
        )
