"""A layer and the same function in PyTorch: their outputs, and all their gradients.

The reference is given our own parameters, in our own layout, as leaves of PyTorch's
automatic differentiation: what it makes of the layout, it differentiates too.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

from builder import network as nn
from builder.network.arrays import Array
from tests.network.oracle.agreement import ROUNDING, assert_agreement

torch = pytest.importorskip("torch")

Draw: TypeAlias = Callable[[np.random.Generator, tuple[int, ...]], Array]


@dataclass(frozen=True, slots=True)
class Twin:
    """A layer, and what PyTorch has for it."""

    layer: nn.Layer
    """Not built yet; every comparison builds a copy."""

    reference: Callable[..., Any]
    """The same function of x and, by name, of every parameter: "1.0.W" is W_1_0."""

    shape: tuple[int, ...]
    """Of x, with N."""

    draw: Draw = np.random.Generator.standard_normal
    """What x is drawn with."""

    training: bool = False

    def __repr__(self) -> str:
        return f"{self.layer!r} of {self.shape}{' in training' if self.training else ''}"


def assert_twins_agree(
    twin: Twin,
    dtype: npt.DTypeLike = np.float64,
    order: Literal["C", "F"] = "C",
    bound: float = ROUNDING,
) -> None:
    """Compare outputs, gradients and what is kept, at random parameters.

    Args:
        twin: What is compared.
        dtype: Ours; PyTorch's is float64 always.
        order: In which order x and dL/dy lie in memory.
        bound: Of the relative error.
    """
    rng = np.random.default_rng(5)
    x = np.asarray(twin.draw(rng, twin.shape), order=order)
    has_gradient = x.dtype.kind == "f"
    x = x.astype(dtype) if has_gradient else x
    layer = built_at_random(twin.layer, x, rng, dtype)
    leaves = leaves_of(layer)
    their_x = torch.tensor(x.astype(np.float64) if has_gradient else x)
    their_x.requires_grad = has_gradient

    their_y = twin.reference(their_x, **leaves)
    dy = np.asarray(rng.standard_normal(tuple(their_y.shape)), dtype, order=order)
    their_y.backward(torch.tensor(dy, dtype=torch.float64))
    given = x.copy(), dy.copy()
    y, backward = layer.forward(x, training=twin.training)
    dx = backward(dy)

    assert y.dtype == dtype
    assert_agreement(y, their_y.detach().numpy(), "y", bound)
    if has_gradient:
        assert dx.dtype == dtype
        assert_agreement(dx, their_x.grad.numpy(), "dL/dx", bound)
    assert_gradients_agree(layer, leaves, bound)
    for name, array in kept_arrays(layer).items():
        assert_agreement(array, leaves[keyword(name)].numpy(), name, bound)

    layer.gradients.fill(0)
    # Where nobody asks for dL/dx, the way back may be a shorter one.
    layer.forward(x, training=twin.training, input_gradient=False)[1](dy)

    assert_gradients_agree(layer, leaves, bound)
    # Nothing may write into what it was given.
    np.testing.assert_array_equal(x, given[0])
    np.testing.assert_array_equal(dy, given[1])


def built_at_random(
    layer: nn.Layer, x: Array, rng: np.random.Generator, dtype: npt.DTypeLike = np.float64
) -> nn.Layer:
    """Return a copy of a layer, built for x, with random numbers in all it has.

    What is kept beside the parameters are statistics: they are drawn positive.
    """
    built = deepcopy(layer)
    built.build(x.shape[1:], dtype=dtype)
    built.parameters[:] = 0.5 * rng.standard_normal(built.parameters.shape)
    for array in kept_arrays(built).values():
        array[...] = rng.uniform(0.5, 2, array.shape)
    return built


def kept_arrays(layer: nn.Layer) -> dict[str, Array]:
    """Return by name what a layer keeps beside its parameters."""
    learned = {name for name, _, _ in layer.named_parameters()}
    return {name: array for name, array in layer.named_arrays() if name not in learned}


def leaves_of(layer: nn.Layer) -> dict[str, Any]:
    """Return copies of all arrays of a layer as float64 tensors, by keyword."""
    learned = {name for name, _, _ in layer.named_parameters()}
    return {
        keyword(name): torch.tensor(array, dtype=torch.float64, requires_grad=name in learned)
        for name, array in layer.named_arrays()
    }


def assert_gradients_agree(
    layer: nn.Layer, leaves: dict[str, Any], bound: float = ROUNDING
) -> None:
    """Compare the gradients of all parameters."""
    for name, _, gradient in layer.named_parameters():
        assert_agreement(gradient, leaves[keyword(name)].grad.numpy(), f"dL/d({name})", bound)


def keyword(name: str) -> str:
    """Return a parameter's name as Python can write it: "1.0.W" becomes "W_1_0"."""
    *path, last = name.split(".")
    return "_".join([last, *path])
