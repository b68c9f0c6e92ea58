"""Attention: every word looks at all the others and takes from them what it needs."""

from collections.abc import Mapping
from math import sqrt

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, Backward, Shape
from builder.network.blueprint import Blueprint
from builder.network.errors import ShapeError, of_batch
from builder.network.functions import softmax, softmax_backward
from builder.network.initializers import Initializer, initializer_of
from builder.network.layer import Layer
from builder.network.layers.activations import GELU
from builder.network.layers.branches import Residual
from builder.network.layers.dense import Dense
from builder.network.layers.dropout import Dropout
from builder.network.layers.normalization import LayerNorm
from builder.network.layers.sequential import Sequential
from builder.network.parameters import Parameter


class MultiHeadAttention(Layer):
    """y = (A_1 V_1, …, A_H V_H) Wo + bo, with A = softmax(Q Kᵀ / √d) in each of H heads.

    Q, K, V = x W + b, cut into three and then into heads of d = D / H numbers. A[s, t]
    says how much of word t goes into word s; its rows sum to 1.

    Shapes: x and y (N, T, D), W (D, 3 D), b (3 D,), Wo (D, D), bo (D,), A (N, H, T, T).

    Args:
        heads: H, a divisor of D.
        causal: Whether a word sees only itself and those before it.
        initializer: How W and Wo start; b and bo start at 0.

    Raises:
        ValueError: `heads` is less than 1, or the initializer is unknown.

    Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.
    """

    W: Array
    b: Array
    Wo: Array
    bo: Array
    dW: Array  # noqa: N815 - the gradients of W and Wo
    db: Array
    dWo: Array  # noqa: N815
    dbo: Array

    def __init__(
        self,
        heads: int,
        *,
        causal: bool = False,
        initializer: str | Initializer = "glorot_uniform",
    ) -> None:
        if heads < 1:
            raise ValueError(f"heads must be 1 or more, got {heads!r}")
        self.heads, self.causal = heads, causal
        self.initializer = initializer_of(initializer)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return x's shape.

        Raises:
            ShapeError: x is no batch of sequences, or the heads do not divide D.
        """
        if len(input_shape) != 2:
            raise ShapeError(repr(self), f"expects (N, T, D), got {of_batch(input_shape)}")
        if input_shape[1] % self.heads:
            raise ShapeError(
                repr(self), f"{self.heads} heads do not divide D = {input_shape[1]} numbers a word"
            )
        return input_shape

    def declare(self, input_shape: Shape) -> Mapping[str, Parameter]:
        """Return the parameters of both maps."""
        D = input_shape[1]

        def weight(shape: Shape) -> Parameter:
            return Parameter(shape=shape, initializer=self.initializer, fan_in=D, fan_out=D)

        return {
            "W": weight((D, 3 * D)),
            "b": Parameter(shape=(3 * D,)),
            "Wo": weight((D, D)),
            "bo": Parameter(shape=(D,)),
        }

    def attention(self, x: npt.ArrayLike) -> Array:
        """Return A, (N, H, T, T), for a picture of who looks at whom.

        Raises:
            ShapeError: x does not fit.
        """
        self(x)
        Q, K, _ = self._project(self.receive(x))
        return self._attend(Q, K)

    def apply(self, x: Array, _training: bool) -> tuple[Array, Backward]:
        """Let every word look at the others."""
        N, T, D = x.shape
        H, d = self.heads, D // self.heads
        words = x.reshape(N * T, D)
        Q, K, V = self._project(x)
        A = self._attend(Q, K)
        mixed = np.empty((N, T, H, d), x.dtype)
        np.matmul(A, V, out=mixed.swapaxes(1, 2))
        mixed = mixed.reshape(N * T, D)
        y = mixed.dot(self.Wo)
        y += self.bo

        def backward(dy: Array) -> Array:
            dy = dy.reshape(N * T, D)
            self.dWo += mixed.T.dot(dy)
            self.dbo += np.add.reduce(dy)
            dmixed = dy.dot(self.Wo.T).reshape(N, T, H, d).swapaxes(1, 2)
            dprojected = np.empty((N, T, 3, H, d), dy.dtype)
            dQ, dK, dV = dprojected.transpose(2, 0, 3, 1, 4)
            np.matmul(A.swapaxes(2, 3), dmixed, out=dV)
            dS = softmax_backward(np.matmul(dmixed, V.swapaxes(2, 3)), A)
            np.matmul(dS, K, out=dQ)
            dQ /= sqrt(d)
            np.matmul(dS.swapaxes(2, 3), Q, out=dK)
            rows = dprojected.reshape(N * T, 3 * D)
            self.dW += words.T.dot(rows)
            self.db += np.add.reduce(rows)
            dwords: Array = rows.dot(self.W.T)
            return dwords.reshape(N, T, D)

        return y.reshape(N, T, D), backward

    def _project(self, x: Array) -> Array:
        """Return Q / √d, K and V, (3, N, H, T, d)."""
        N, T, D = x.shape
        projected: Array = x.reshape(N * T, D).dot(self.W)
        projected += self.b
        projected[:, :D] /= sqrt(D // self.heads)
        return projected.reshape(N, T, 3, self.heads, D // self.heads).transpose(2, 0, 3, 1, 4)

    def _attend(self, Q: Array, K: Array) -> Array:
        scores = np.matmul(Q, K.swapaxes(2, 3))
        if self.causal:
            T = scores.shape[-1]
            scores[..., ~np.tri(T, dtype=bool)] = -np.inf
        return softmax(scores)

    def __repr__(self) -> str:
        return f"MultiHeadAttention({self.heads}{', causal=True' if self.causal else ''})"


class TransformerBlock(Sequential):
    """x ← x + attention(norm(x)), then y = x + gelu(norm(x) W_1) W_2, with dropout in both.

    The norm comes before each part, as in GPT-2; the first paper has it after.

    Shapes: x and y (N, T, D).

    Args:
        heads: Of the attention.
        causal: Whether a word sees only itself and those before it.
        hidden: Numbers between W_1 and W_2; by default 4 D.
        dropout: Rate in training.

    Raises:
        ValueError: A number is out of its range.

    Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3; norm
    first: Radford et al., "Language models are unsupervised multitask learners", 2019.
    """

    def __init__(
        self, heads: int, *, causal: bool = False, hidden: int | None = None, dropout: float = 0.0
    ) -> None:
        if hidden is not None and hidden < 1:
            raise ValueError(f"hidden must be 1 or more, got {hidden!r}")
        dropped = (Dropout(dropout),) if dropout else ()
        self.looks = MultiHeadAttention(heads, causal=causal)
        self.widen = Dense(hidden or 1, initializer="he_normal")
        self.narrow = Dense(1)
        self.hidden = hidden
        super().__init__(
            Residual(LayerNorm(), self.looks, *dropped),
            Residual(LayerNorm(), self.widen, GELU(), self.narrow, *dropped),
        )

    def attention(self, x: npt.ArrayLike) -> Array:
        """Return A, (N, H, T, T), for what goes into the block.

        Raises:
            ShapeError: x does not fit.
        """
        self(x)
        (norm, *_), _ = (residual.layers for residual in self.layers)
        return self.looks.attention(norm(x))

    def plan(self, input_shape: Shape, blueprint: Blueprint) -> Shape:
        """Size the last two maps by D, and add what the parts declare.

        Raises:
            ShapeError: x does not fit.
        """
        if len(input_shape) == 2 and "W" not in vars(self.narrow):
            self.narrow.units = input_shape[1]
            self.widen.units = self.hidden or 4 * input_shape[1]
        return super().plan(input_shape, blueprint)

    def __repr__(self) -> str:
        return repr(self.looks).replace("MultiHeadAttention", "TransformerBlock")
