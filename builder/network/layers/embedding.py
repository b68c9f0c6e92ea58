"""Words as vectors, and where in a sentence they stand."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from builder.network.arrays import NO_GRADIENT, Array, Backward, Shape, whole_numbers
from builder.network.errors import ShapeError, of_batch
from builder.network.initializers import Initializer, initializer_of
from builder.network.layer import Layer
from builder.network.parameters import Parameter


class Embedding(Layer):
    """y = W[x]: row x of a table, for every whole number x.

    Shapes: x (N, ...) of whole numbers in [0, vocabulary), W (vocabulary, units), y (N,
    ..., units). dL/dW gathers the rows of dL/dy by their word; there is no dL/dx.

    Args:
        vocabulary: How many words there are.
        units: Length of their vectors.
        initializer: How W starts.

    Raises:
        ValueError: One of the numbers is less than 1.

    Source: Bengio, Ducharme, Vincent and Jauvin, "A neural probabilistic language model",
    JMLR 2003.
    """

    W: Array
    dW: Array  # noqa: N815 - the gradient of W

    def __init__(
        self, vocabulary: int, units: int, initializer: str | Initializer = "standard_normal"
    ) -> None:
        if vocabulary < 1 or units < 1:
            raise ValueError(
                f"Embedding needs a vocabulary and units of 1 or more, got {vocabulary} and {units}"
            )
        self.vocabulary, self.units = vocabulary, units
        self.initializer = initializer_of(initializer)

    def receive(self, x: npt.ArrayLike) -> Array:
        """Return a batch of words as it is: `apply` checks it, wherever it comes from."""
        return np.asarray(x)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return x's shape and one axis more."""
        return (*input_shape, self.units)

    def declare(self, _input_shape: Shape) -> Mapping[str, Parameter]:
        """Return W."""
        return {
            "W": Parameter(
                shape=(self.vocabulary, self.units),
                initializer=self.initializer,
                fan_in=self.vocabulary,
                fan_out=self.units,
            )
        }

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Look up every word.

        Raises:
            ShapeError: Not all are whole numbers from 0 to vocabulary − 1.
        """
        words = whole_numbers(x)
        if words is None or (words.size and not 0 <= words.min() <= words.max() < self.vocabulary):
            raise ShapeError(
                repr(self),
                f"expects whole numbers from 0 to {self.vocabulary - 1}, "
                f"got some from {x.min():g} to {x.max():g}",
            )

        def backward(dy: Array) -> Array:
            # `+=` would count a word that appears twice only once.
            np.add.at(self.dW, words.ravel(), dy.reshape(-1, self.units))
            return NO_GRADIENT

        return self.W[words], backward

    def __repr__(self) -> str:
        return f"Embedding({self.vocabulary}, {self.units})"


class PositionalEncoding(Layer):
    """y[t] = x[t] + P[t], a vector for every place t; dL/dx = dL/dy.

    P[t, 2i] = sin(t / 10000^(2i/D)) and P[t, 2i + 1] = cos(t / 10000^(2i/D)), or learned.

    Shapes: x and y (N, T, D), P (T, D).

    Args:
        max_length: The T that a learned P is made for; by default P is not learned.

    Raises:
        ValueError: `max_length` is less than 1.

    Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.
    """

    P: Array
    dP: Array  # noqa: N815 - the gradient of P

    def __init__(self, max_length: int | None = None) -> None:
        if max_length is not None and max_length < 1:
            raise ValueError(f"max_length must be 1 or more, got {max_length!r}")
        self.max_length = max_length

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return x's shape.

        Raises:
            ShapeError: x is no batch of sequences, or they are too long for what is learned.
        """
        if len(input_shape) != 2:
            raise ShapeError(repr(self), f"expects (N, T, D), got {of_batch(input_shape)}")
        if self.max_length is not None and input_shape[0] > self.max_length:
            raise ShapeError(
                repr(self), f"knows {self.max_length} places, got a sequence of {input_shape[0]}"
            )
        return input_shape

    def declare(self, input_shape: Shape) -> Mapping[str, Parameter]:
        """Return P where it is learned."""
        if self.max_length is None:
            return {}
        shape = (self.max_length, input_shape[1])
        return {"P": Parameter(shape=shape, initializer="small_normal")}

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Add a vector for every place."""
        _, T, D = x.shape
        if self.max_length is None:
            return x + sinusoids(T, D).astype(x.dtype), lambda dy: dy

        def backward(dy: Array) -> Array:
            self.dP[:T] += dy.sum(axis=0)
            return dy

        return x + self.P[:T], backward

    def __repr__(self) -> str:
        return f"PositionalEncoding({'' if self.max_length is None else self.max_length})"


def sinusoids(T: int, D: int) -> Array:
    """Return P, (T, D), in float64: sines in the even columns, cosines in the odd ones."""
    angles = np.arange(T)[:, None] / 10_000 ** (np.arange(0, D, 2) / D)
    P = np.empty((T, D))
    P[:, 0::2] = np.sin(angles)
    P[:, 1::2] = np.cos(angles[:, : D // 2])
    return P
