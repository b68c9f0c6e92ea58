"""Layers that bring numbers to mean 0 and variance 1, and then let the network choose.

    y = γ x̂ + β,  x̂ = (x − μ) / √(σ² + ε)

They differ only in what μ and σ² are taken over. With g = γ dL/dy and means over the same
numbers, dL/dx = (g − mean g − x̂ mean(g x̂)) / √(σ² + ε).
"""

from collections.abc import Mapping
from math import prod

import numpy as np

from builder.network.arrays import Array, Backward, Shape
from builder.network.errors import ShapeError
from builder.network.layer import Layer
from builder.network.parameters import Parameter


class _Normalization(Layer):
    """What they share: γ, at first 1, and β, at first 0, along one axis of x.

    Args:
        epsilon: ε, which keeps what is constant from a division by 0.
    """

    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array

    axis = 0
    """Of one example, along which γ and β lie."""

    def __init__(self, epsilon: float = 1e-5) -> None:
        self.epsilon = float(epsilon)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return x's shape.

        Raises:
            ShapeError: x has no axis beside N.
        """
        if not input_shape:
            raise ShapeError(repr(self), "expects (N, ...) with an axis more, got (N,)")
        return input_shape

    def declare(self, input_shape: Shape) -> Mapping[str, Parameter]:
        """Return γ and β."""
        shape = (input_shape[self.axis],)
        return {
            "gamma": Parameter(shape=shape, initializer="ones"),
            "beta": Parameter(shape=shape),
        }


class LayerNorm(_Normalization):
    """μ and σ² over the last axis: every example, and every word of it, by itself.

    Shapes: x and y (N, ..., D), γ (D,) as `gamma`, β (D,) as `beta`.

    Args:
        epsilon: ε, which keeps a constant row from a division by 0.

    Source: Ba, Kiros and Hinton, "Layer normalization", 2016, equation 4.
    """

    axis = -1

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Normalize every row."""
        normal, back = standardize(x.reshape(-1, x.shape[-1]), self.epsilon)
        y = normal * self.gamma
        y += self.beta

        def backward(dy: Array) -> Array:
            dy = dy.reshape(normal.shape)
            self.dbeta += np.add.reduce(dy)
            self.dgamma += np.add.reduce(dy * normal)
            return back(dy * self.gamma).reshape(x.shape)

        return y.reshape(x.shape), backward


class RMSNorm(_Normalization):
    """y = γ x / √(mean x² + ε) along the last axis: as `LayerNorm`, without μ and β.

    Shapes: x and y (N, ..., D), γ (D,) as `gamma`.

    Args:
        epsilon: ε.

    Source: Zhang and Sennrich, "Root mean square layer normalization", NeurIPS 2019.
    """

    axis = -1

    def declare(self, input_shape: Shape) -> Mapping[str, Parameter]:
        """Return γ."""
        return {"gamma": super().declare(input_shape)["gamma"]}

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Divide every row by the root of its mean square."""
        rows = x.reshape(-1, x.shape[-1])
        D = rows.shape[1]
        root = np.sqrt(np.vecdot(rows, rows) / D + self.epsilon)[:, None]
        normal = rows / root

        def backward(dy: Array) -> Array:
            dy = dy.reshape(rows.shape)
            self.dgamma += np.add.reduce(dy * normal)
            g = dy * self.gamma
            dx: Array = (g - normal * (np.vecdot(g, normal)[:, None] / D)) / root
            return dx.reshape(x.shape)

        return (normal * self.gamma).reshape(x.shape), backward


class GroupNorm(_Normalization):
    """μ and σ² over each group of channels of one example, with γ and β by channel.

    Shapes: x and y (N, C, ...), γ and β (C,). One group is layer normalization of images,
    C groups are instance normalization.

    Args:
        groups: Into how many groups the channels fall.
        epsilon: ε.

    Raises:
        ValueError: `groups` is less than 1.

    Source: Wu and He, "Group normalization", ECCV 2018.
    """

    def __init__(self, groups: int, epsilon: float = 1e-5) -> None:
        if groups < 1:
            raise ValueError(f"groups must be 1 or more, got {groups!r}")
        super().__init__(epsilon)
        self.groups = groups

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return x's shape.

        Raises:
            ShapeError: x has no channels, or some that do not fall into the groups.
        """
        if super().output_shape(input_shape)[0] % self.groups:
            raise ShapeError(
                repr(self), f"{self.groups} groups do not divide {input_shape[0]} channels"
            )
        return input_shape

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Normalize every group of every example."""
        N, C = x.shape[:2]
        size = prod(x.shape[2:])
        rows, back = standardize(x.reshape(N * self.groups, C // self.groups * size), self.epsilon)
        normal = rows.reshape(N, C, size)

        def backward(dy: Array) -> Array:
            dy = dy.reshape(normal.shape)
            self.dbeta += dy.sum(axis=(0, 2))
            self.dgamma += (dy * normal).sum(axis=(0, 2))
            return back((dy * self.gamma[:, None]).reshape(rows.shape)).reshape(x.shape)

        return (normal * self.gamma[:, None] + self.beta[:, None]).reshape(x.shape), backward

    def __repr__(self) -> str:
        return f"GroupNorm({self.groups})"


class BatchNorm(_Normalization):
    """In training μ and σ² over the batch, for each channel; otherwise running ones.

    Shapes: x and y (N, C, ...), γ, β and both running statistics (C,). Every training
    forward moves `running_mean` and `running_var` towards the batch's mean and (unbiased)
    variance: the one thing that a layer of this library keeps of a call. A batch with one
    number for each channel has no variance and moves neither.

    Args:
        momentum: By which part of the way they move.
        epsilon: ε.

    Raises:
        ValueError: `momentum` is not in [0, 1].

    Source: Ioffe and Szegedy, "Batch normalization", ICML 2015, algorithms 1 and 2.
    """

    running_mean: Array
    running_var: Array

    def __init__(self, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must lie in [0, 1], got {momentum!r}")
        super().__init__(epsilon)
        self.momentum = float(momentum)

    def declare(self, input_shape: Shape) -> Mapping[str, Parameter]:
        """Return γ and β, and what is kept of the batches seen."""
        shape = input_shape[:1]
        return {
            **super().declare(input_shape),
            "running_mean": Parameter(shape=shape, is_learned=False),
            "running_var": Parameter(shape=shape, initializer="ones", is_learned=False),
        }

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        """Normalize every channel."""
        channels = x.swapaxes(0, 1)  # (C, N, ...)
        rows = channels.reshape(x.shape[1], -1)
        if training and rows.shape[1]:
            self._remember(rows)
            normal, back = standardize(rows, self.epsilon)
        else:
            root = np.sqrt(self.running_var + self.epsilon)[:, None]
            normal = (rows - self.running_mean[:, None]) / root

            def back(dnormal: Array) -> Array:
                return dnormal / root

        def backward(dy: Array) -> Array:
            drows = dy.swapaxes(0, 1).reshape(rows.shape)
            self.dbeta += drows.sum(axis=1)
            self.dgamma += np.vecdot(drows, normal)
            dx = back(drows * self.gamma[:, None])
            return dx.reshape(channels.shape).swapaxes(0, 1)

        y = normal * self.gamma[:, None] + self.beta[:, None]
        return np.ascontiguousarray(y.reshape(channels.shape).swapaxes(0, 1)), backward

    def _remember(self, rows: Array) -> None:
        size = rows.shape[1]
        if size == 1:
            return
        unbiased = rows.var(axis=1) * (size / (size - 1))
        self.running_mean += self.momentum * (rows.mean(axis=1) - self.running_mean)
        self.running_var += self.momentum * (unbiased - self.running_var)


def standardize(rows: Array, epsilon: float) -> tuple[Array, Backward]:
    """Return x̂ of every row, and the way back dL/dx̂ ↦ dL/dx; all are (R, D)."""
    D = rows.shape[1]
    normal = rows - rows.mean(axis=1, keepdims=True)
    # What rounding has left of a large mean would be much, divided by a small deviation.
    normal -= normal.mean(axis=1, keepdims=True)
    root = np.sqrt(np.vecdot(normal, normal) / D + epsilon)[:, None]
    normal /= root

    def backward(g: Array) -> Array:
        dx: Array = g - g.mean(axis=1, keepdims=True)
        dx -= normal * (np.vecdot(g, normal) / D)[:, None]
        dx /= root
        return dx

    return normal, backward
