"""The fully connected layer."""

from collections.abc import Mapping

import numpy as np

from builder.network.arrays import NO_GRADIENT, Array, Backward, Shape
from builder.network.errors import ShapeError, of_batch
from builder.network.initializers import Initializer, initializer_of
from builder.network.layer import Layer
from builder.network.parameters import Parameter


class Dense(Layer):
    """y = x W + b, along the last axis of x.

    Shapes: x (N, ..., inputs), W (inputs, units), b (units,), y (N, ..., units); all in
    float32, to which a float64 x is rounded, unless it is built for float64, see `Layer`.

    With G = dL/dy and all axes but the last taken as rows,
    dL/dW = xᵀ G, dL/db = Σ_rows G and dL/dx = G Wᵀ.

    Args:
        units: Length of y's last axis.
        inputs: Length of x's last axis; by default that of the first batch.
        initializer: How W starts, by name or as a function; b starts at 0.
        bias: Whether there is a b; a normalization that follows has one of its own.

    Raises:
        ValueError: `units` or `inputs` is less than 1, or the initializer is unknown.
    """

    W: Array
    b: Array
    dW: Array  # noqa: N815 - the gradient of W
    db: Array

    def __init__(
        self,
        units: int,
        inputs: int | None = None,
        initializer: str | Initializer = "glorot_uniform",
        bias: bool = True,
    ) -> None:
        if units < 1 or (inputs is not None and inputs < 1):
            raise ValueError(f"Dense needs at least 1 unit and 1 input, got {units} and {inputs}")
        self.units = units
        self.bias = bias
        self.initializer = initializer_of(initializer)
        if inputs is not None:
            self.input_shape = (inputs,)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return x's shape with `units` for its last axis.

        Raises:
            ShapeError: x has no axis beside N, or its last axis is not `inputs` long.
        """
        known = self.input_shape[-1] if self.input_shape else None
        expected = f"expects (N, ..., {known or 'inputs'}), got {of_batch(input_shape)}"
        if not input_shape:
            hint = " (did you mean x[:, None], one number per example?)"
            raise ShapeError(repr(self), expected + hint)
        if not input_shape[-1] or known not in (None, input_shape[-1]):
            raise ShapeError(repr(self), expected)
        return (*input_shape[:-1], self.units)

    def declare(self, input_shape: Shape) -> Mapping[str, Parameter]:
        """Return W and, unless there is none, b."""
        inputs = input_shape[-1]
        W = Parameter(
            shape=(inputs, self.units),
            initializer=self.initializer,
            fan_in=inputs,
            fan_out=self.units,
        )
        return {"W": W, "b": Parameter(shape=(self.units,))} if self.bias else {"W": W}

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Compute x W + b."""
        y, backward_to_parameters = self.apply_first(x, _training)

        def backward(dy: Array) -> Array:
            backward_to_parameters(dy)
            dx: Array = (dy if dy.ndim == 2 else dy.reshape(-1, self.units)).dot(self.W.T)
            return dx if x.ndim == 2 else dx.reshape(x.shape)

        return y, backward

    def apply_first(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """As `apply`, with a way back to W and b alone."""
        # On two axes `dot` is `@`, at less cost per call, and no reshaping costs least: of
        # a step of a 2-16-16-1 network, either is an eighth.
        rows = x if x.ndim == 2 else x.reshape(-1, x.shape[-1])
        y = rows.dot(self.W)
        if self.bias:
            y += self.b

        def backward(dy: Array) -> Array:
            dy = dy if dy.ndim == 2 else dy.reshape(-1, self.units)
            # Through a name of its own `+=` skips the assignment to the layer's attribute.
            dW = self.dW
            dW += rows.T.dot(dy)
            if self.bias:
                db = self.db
                db += np.add.reduce(dy)
            return NO_GRADIENT

        return y if x.ndim == 2 else y.reshape(*x.shape[:-1], self.units), backward

    def __repr__(self) -> str:
        inputs = f", inputs={self.input_shape[-1]}" if self.input_shape else ""
        return f"Dense({self.units}{inputs}{'' if self.bias else ', bias=False'})"
