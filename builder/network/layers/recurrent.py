"""Layers that read a sequence step by step, with a state that they hand to the next step."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import deepcopy

import numpy as np

from builder.network.arrays import Array, Backward, Shape
from builder.network.errors import ShapeError, of_batch
from builder.network.initializers import Initializer, initializer_of, zeros
from builder.network.layer import Layer
from builder.network.layers.branches import Concatenate
from builder.network.parameters import Parameter


class Recurrent(Layer, ABC):
    """What recurrent layers share: sizes, parameters, and time as the first axis.

    A new one defines `gates`, how many times `units` wide its sums are, and `scan`.
    """

    W: Array
    U: Array
    b: Array
    dW: Array  # noqa: N815 - the gradient of W
    dU: Array  # noqa: N815 - the gradient of U
    db: Array

    gates = 1

    def __init__(
        self,
        units: int,
        *,
        return_sequences: bool = True,
        inputs: int | None = None,
        initializer: str | Initializer = "glorot_uniform",
        recurrent_initializer: str | Initializer = "orthogonal",
    ) -> None:
        if units < 1:
            raise ValueError(f"{type(self).__name__} needs at least 1 unit, got {units}")
        self.units, self.inputs, self.return_sequences = units, inputs, return_sequences
        self.initializer = initializer_of(initializer)
        self.recurrent_initializer = initializer_of(recurrent_initializer)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (T, units), or (units,) for the last state alone.

        Raises:
            ShapeError: x is no batch of sequences, has other inputs, or no step at all.
        """
        inputs = self.inputs or (self.input_shape[1] if self.input_shape else "inputs")
        if len(input_shape) != 2 or inputs not in ("inputs", input_shape[1]):
            hint = " (did you mean x[:, :, None]?)" if len(input_shape) == 1 else ""
            raise ShapeError(
                repr(self), f"expects (N, T, {inputs}), got {of_batch(input_shape)}{hint}"
            )
        if not input_shape[0]:
            raise ShapeError(repr(self), "a sequence has no step")
        return (input_shape[0], self.units) if self.return_sequences else (self.units,)

    def declare(self, input_shape: Shape) -> Mapping[str, Parameter]:
        """Return W, U and b."""
        inputs, units = input_shape[1], self.units
        return {
            "W": Parameter(
                shape=(inputs, self.gates * units),
                initializer=self.initializer,
                fan_in=inputs,
                fan_out=units,
            ),
            "U": Parameter(
                shape=(units, self.gates * units),
                initializer=self.recurrent_initializer,
                fan_in=units,
                fan_out=units,
            ),
            "b": Parameter(shape=(self.gates * units,), initializer=self.first_bias),
        }

    @staticmethod
    def first_bias(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        """Return where b starts."""
        return zeros(rng, shape, fan_in, fan_out)

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Read the sequence, all steps' x W + b at once and then one h U after the other."""
        N, T, inputs = x.shape
        steps = x.swapaxes(0, 1).reshape(T * N, inputs)
        sums = steps.dot(self.W)
        sums += self.b
        states, scan_back = self.scan(sums.reshape(T, N, self.gates * self.units))

        def backward(dy: Array) -> Array:
            dstates = np.zeros(states.shape, dy.dtype)
            if self.return_sequences:
                dstates[...] = dy.swapaxes(0, 1)
            else:
                dstates[-1] = dy
            dsums = scan_back(dstates).reshape(T * N, self.gates * self.units)
            self.dW += steps.T.dot(dsums)
            self.db += np.add.reduce(dsums)
            dsteps: Array = dsums.dot(self.W.T)
            return dsteps.reshape(T, N, inputs).swapaxes(0, 1)

        return states.swapaxes(0, 1) if self.return_sequences else states[-1], backward

    @abstractmethod
    def scan(self, sums: Array) -> tuple[Array, Backward]:
        """Go through time.

        Args:
            sums: x_t W + b for all t, (T, N, gates units); may be overwritten.

        Returns:
            h_t for t = 1 … T, (T, N, units), and the way back from their gradients, in the
            same shape and free to be overwritten, to those of `sums`.
        """

    def __repr__(self) -> str:
        last = "" if self.return_sequences else ", return_sequences=False"
        return f"{type(self).__name__}({self.units}{last})"


class RNN(Recurrent):
    """h_t = tanh(x_t W + h_{t−1} U + b), with h_0 = 0.

    Shapes: x (N, T, inputs), W (inputs, units), U (units, units), b (units,), y (N, T,
    units), or (N, units) for h_T alone.

    Back through time, with δ_t = (1 − h_t²) dL/dh_t: dL/dh_{t−1} gains δ_t Uᵀ, dL/dU is
    Σ_t h_{t−1}ᵀ δ_t, and so for W and b.

    Args:
        units: Length of h.
        return_sequences: Whether y has every h_t, or only the last.
        inputs: Length of x_t; by default that of the first batch.
        initializer: How W starts; b starts at 0.
        recurrent_initializer: How U starts.

    Raises:
        ValueError: `units` is less than 1, or an initializer is unknown.

    Source: Elman, "Finding structure in time", 1990; Werbos, "Backpropagation through
    time", 1990.
    """

    def scan(self, sums: Array) -> tuple[Array, Backward]:
        """Go through time."""
        T, N, units = sums.shape
        h = np.zeros((T + 1, N, units), sums.dtype)
        for t in range(T):
            sums[t] += h[t].dot(self.U)
            np.tanh(sums[t], out=h[t + 1])

        def backward(dh: Array) -> Array:
            slopes = 1 - h[1:] * h[1:]
            for t in reversed(range(T)):
                dh[t] *= slopes[t]
                if t:
                    dh[t - 1] += dh[t].dot(self.U.T)
            self.dU += h[:-1].reshape(T * N, units).T.dot(dh.reshape(T * N, units))
            return dh

        return h[1:], backward


class Bidirectional(Concatenate):
    """y = (what `layer` reads forwards, what a twin of it reads backwards), side by side.

    Shapes: x (N, T, inputs), y (N, T, 2 units), or (N, 2 units) from the two last states.

    Args:
        layer: A recurrent layer that is not built yet; the twin starts elsewhere.

    Raises:
        TypeError: `layer` is not recurrent.

    Source: Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997.
    """

    def __init__(self, layer: Recurrent) -> None:
        if not isinstance(layer, Recurrent):
            raise TypeError(f"Bidirectional takes a recurrent layer, got {layer!r}")
        super().__init__(layer, deepcopy(layer), axis=-1)
        self.return_sequences = layer.return_sequences

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        """Read the sequence from both ends."""
        forwards, backwards = self.layers
        y, way_back = forwards.apply(x, training)
        z, other_way_back = backwards.apply(x[:, ::-1], training)
        units = y.shape[-1]

        def backward(dy: Array) -> Array:
            dx = way_back(dy[..., :units])
            return dx + other_way_back(self._turned(dy[..., units:]))[:, ::-1]

        return np.concatenate([y, self._turned(z)], axis=-1), backward

    def _turned(self, z: Array) -> Array:
        return z[:, ::-1] if self.return_sequences else z

    def __repr__(self) -> str:
        return f"Bidirectional({self.layers[0]!r})"
