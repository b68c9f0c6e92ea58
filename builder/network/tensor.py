"""Automatic differentiation in reverse mode: arrays that remember how they were computed.

Every operation notes its parents and the ways back to them; `backward` walks the notes from
the end to the start. No layer is used here, so that tensors and layers can check each other.

Sources: Wengert, CACM 7 (1964), for the notes; Baydin et al., "Automatic differentiation in
machine learning: a survey", JMLR 18 (2018), section 3.2, for the walk back.
"""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, Backward, Shape
from builder.network.errors import ShapeError

_Operand: TypeAlias = "Tensor | npt.ArrayLike"
_Way: TypeAlias = "tuple[Tensor, Backward]"
_Axis: TypeAlias = int | tuple[int, ...] | None


class Tensor:
    """An array `value` that knows its `operation` and `parents`; after `backward`, `gradient`.

    Numbers and arrays that meet a tensor take its dtype, and become parents too. Ways back
    read the parents' values, which must not change between an operation and `backward`.

    A post writes an operation of its own, such as y = sin x, as
    `Tensor(np.sin(x.value), "sin", (x, lambda dy: dy * np.cos(x.value)))`.

    Args:
        value: Real numbers, copied; floats keep their dtype, others become float64.
        operation: What made it; empty for a leaf, which was not computed.
        ways: Each parent with its way back, from dL/d(self) to dL/d(parent).

    Raises:
        TypeError: `value` holds anything but real numbers.
        ShapeError: From an operation, whose parents' shapes do not fit.
    """

    __slots__ = ("gradient", "operation", "parents", "value", "ways_back")
    __array_ufunc__ = None  # Makes NumPy leave `array * tensor` to `__rmul__`.

    def __init__(self, value: npt.ArrayLike, operation: str = "", *ways: _Way) -> None:
        array = np.asarray(value)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"a Tensor holds real numbers, got {value!r}")
        self.value: Array = array.astype(array.dtype if array.dtype.kind == "f" else np.float64)
        self.gradient: Array | None = None
        self.operation = operation
        self.parents = tuple(parent for parent, _ in ways)
        self.ways_back = tuple(way_back for _, way_back in ways)

    @property
    def shape(self) -> Shape:
        """Lengths of the axes; () for a single number."""
        return self.value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the value, and of the gradient."""
        return self.value.dtype

    def tape(self) -> list["Tensor"]:
        """Return all that this was computed from, each once and after its parents, this last."""
        done: dict[Tensor, None] = {}
        # No recursion: a computation may be longer than Python lets calls be deep.
        stack = [self]
        while stack:
            waits_for = [parent for parent in stack[-1].parents if parent not in done]
            stack.extend(reversed(waits_for))
            if not waits_for:
                done[stack.pop()] = None
        return list(done)

    def backward(self, gradient: npt.ArrayLike = 1.0) -> None:
        """Add dL/d(tensor) to the gradient of every tensor on the tape.

        dL/dx is the sum of dL/dy dy/dx over all y made from x. Calls add up, until `clear`.

        Args:
            gradient: dL/d(self), in its shape; by default self is L, a single number.

        Raises:
            ShapeError: A gradient, given or from a way back, is not in its tensor's shape.
        """
        G = self._operand(gradient).value
        if G.shape != self.shape:
            hint = " (did you mean .sum().backward(), or backward(dL/dy)?)" if G.ndim == 0 else ""
            raise ShapeError("backward", f"y has shape {self.shape}, but dL/dy has {G.shape}{hint}")
        # Apart from what earlier calls have left, which must not be sent on again.
        flow = {self: G}
        for y in reversed(self.tape()):
            for x, way_back in zip(y.parents, y.ways_back, strict=True):
                dx = _sum_to(x, way_back(flow[y]), y.operation)
                flow[x] = flow[x] + dx if x in flow else dx
        for x, dx in flow.items():
            x.gradient = np.asarray(dx if x.gradient is None else x.gradient + dx)

    def clear(self) -> None:
        """Forget the gradient of this tensor, not those of its parents."""
        self.gradient = None

    def __add__(self, other: _Operand) -> "Tensor":
        """Compute y = a + b, with dy/da = dy/db = 1."""
        a, b, y = self._apply("+", np.add, other)
        return Tensor(y, "+", (a, lambda dy: dy), (b, lambda dy: dy))

    def __sub__(self, other: _Operand) -> "Tensor":
        """Compute y = a − b, with dy/da = 1 and dy/db = −1."""
        a, b, y = self._apply("-", np.subtract, other)
        return Tensor(y, "-", (a, lambda dy: dy), (b, lambda dy: -dy))

    def __mul__(self, other: _Operand) -> "Tensor":
        """Compute y = a b, with dy/da = b and dy/db = a."""
        a, b, y = self._apply("*", np.multiply, other)
        return Tensor(y, "*", (a, lambda dy: dy * b.value), (b, lambda dy: dy * a.value))

    def __truediv__(self, other: _Operand) -> "Tensor":
        """Compute y = a / b, with dy/da = 1/b and dy/db = −y/b."""
        a, b, y = self._apply("/", np.divide, other)
        return Tensor(y, "/", (a, lambda dy: dy / b.value), (b, lambda dy: -dy * y / b.value))

    def __matmul__(self, other: _Operand) -> "Tensor":
        """Compute Y = A B, with dL/dA = dL/dY Bᵀ and dL/dB = Aᵀ dL/dY, in the last two axes."""
        a, b, y = self._apply("@", np.matmul, other)
        # A vector is a column on the right and a row on the left.
        if b.value.ndim == 1:
            return (a @ b[:, None])[..., 0]
        if a.value.ndim == 1:
            return (a[None] @ b)[..., 0, :]
        return Tensor(y, "@", (a, lambda dy: dy @ b.value.mT), (b, lambda dy: a.value.mT @ dy))

    def __pow__(self, n: float) -> "Tensor":
        """Compute y = xⁿ for a number n, with dy/dx = n xⁿ⁻¹."""
        if not isinstance(n, int | float | np.number):
            raise TypeError(f"a power is a number, not a {type(n).__name__}")
        # As a Python float, since NumPy's make float64 of float32; at n = 0, 0 · 0⁻¹ is no 0.
        x, n = self.value, float(n)
        return Tensor(x**n, f"** {n:g}", (self, lambda dy: dy * (n and n * x ** (n - 1))))

    def __neg__(self) -> "Tensor":
        return Tensor(-self.value, "neg", (self, lambda dy: -dy))

    def __getitem__(self, index: Any) -> "Tensor":
        """Compute y = x[index]; an element of x gets dL/dy of all places in y that show it."""

        def way_back(dy: Array) -> Array:
            dx = np.zeros_like(self.value)
            np.add.at(dx, index, dy)
            return dx

        return Tensor(self.value[index], "[]", (self, way_back))

    def exp(self) -> "Tensor":
        """Compute y = eˣ, with dy/dx = y."""
        y = np.exp(self.value)
        return Tensor(y, "exp", (self, lambda dy: dy * y))

    def log(self) -> "Tensor":
        """Compute y = ln x, with dy/dx = 1/x."""
        return Tensor(np.log(self.value), "log", (self, lambda dy: dy / self.value))

    def tanh(self) -> "Tensor":
        """Compute y = tanh x, with dy/dx = 1 − y²."""
        y = np.tanh(self.value)
        return Tensor(y, "tanh", (self, lambda dy: dy * (1 - y * y)))

    def sigmoid(self) -> "Tensor":
        """Compute y = 1 / (1 + e⁻ˣ), with dy/dx = y (1 − y)."""
        e = np.exp(-np.abs(self.value))  # Of −x it would overflow far below 0.
        y = np.where(self.value < 0, e, 1) / (1 + e)
        return Tensor(y, "sigmoid", (self, lambda dy: dy * y * (1 - y)))

    def relu(self) -> "Tensor":
        """Compute y = max(x, 0), with dy/dx = 1 where x > 0, else 0, at x = 0 too."""
        return Tensor(np.maximum(self.value, 0), "relu", (self, lambda dy: dy * (self.value > 0)))

    def sum(self, axis: _Axis = None, keepdims: bool = False) -> "Tensor":
        """Compute y = Σ x, with dy/dx = 1 for every term."""
        y = self.value.sum(axis, keepdims=True)
        return self._reduce("sum", y, np.ones_like(self.value), axis, keepdims)

    def mean(self, axis: _Axis = None, keepdims: bool = False) -> "Tensor":
        """Compute y = 1/n Σ x, with dy/dx = 1/n for each of the n terms."""
        y = self.value.mean(axis, keepdims=True)
        n = self.value.size / max(y.size, 1)
        return self._reduce("mean", y, np.ones_like(self.value) / n, axis, keepdims)

    def max(self, axis: _Axis = None, keepdims: bool = False) -> "Tensor":
        """Compute y = max x, with dy/dx = 1/k where x = y, at k elements, else 0."""
        y = self.value.max(axis, keepdims=True)
        hit = self.value == y
        return self._reduce("max", y, hit / hit.sum(axis, keepdims=True), axis, keepdims)

    def reshape(self, *shape: Any) -> "Tensor":
        """Give x another shape, as numbers or a tuple, as NumPy does, and dL/dx its own."""
        try:
            y = self.value.reshape(*shape or ((),))
        except ValueError:
            raise _unfit("reshape", self.shape, shape) from None
        return Tensor(y, "reshape", (self, lambda dy: dy.reshape(self.shape)))

    def transpose(self, *axes: Any) -> "Tensor":
        """Make axis `axes[i]` of x axis i of y, in reverse by default; dL/dx has it back."""
        axes = axes[0] if len(axes) == 1 and isinstance(axes[0], tuple) else axes
        axes = axes or tuple(reversed(range(self.value.ndim)))
        y = self.value.transpose(axes)
        return Tensor(y, "transpose", (self, lambda dy: np.moveaxis(dy, range(dy.ndim), axes)))

    T = property(transpose)
    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: _Operand) -> "Tensor":
        return self._operand(other) - self

    def __rtruediv__(self, other: _Operand) -> "Tensor":
        return self._operand(other) / self

    def __rmatmul__(self, other: _Operand) -> "Tensor":
        return self._operand(other) @ self

    def __array__(self, *_: object, **__: object) -> None:
        raise TypeError("NumPy takes no Tensor (did you mean .value, or a method such as .exp()?)")

    def __float__(self) -> float:
        return float(self.value)

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else repr(self)

    def __repr__(self) -> str:
        value = np.array2string(self.value, separator=", ", prefix="Tensor(")
        dtype = "" if self.dtype == np.float64 else f", dtype={self.dtype}"
        operation = f", operation={self.operation!r}" if self.operation else ""
        return f"Tensor({value}{dtype}{operation})"

    def _operand(self, x: _Operand) -> "Tensor":
        return x if isinstance(x, Tensor) else Tensor(Tensor(x).value.astype(self.dtype))

    def _apply(self, name: str, ufunc: np.ufunc, other: _Operand) -> "tuple[Tensor, Tensor, Array]":
        a, b = self, self._operand(other)
        try:
            return a, b, ufunc(a.value, b.value)
        except ValueError:
            raise _unfit(name, a.shape, b.shape) from None

    def _reduce(self, name: str, y: Array, slope: Array, axis: _Axis, keepdims: bool) -> "Tensor":
        value = y if keepdims else y.squeeze(axis)
        return Tensor(value, name, (self, lambda dy: dy.reshape(y.shape) * slope))


def _sum_to(x: Tensor, gradient: Array, operation: str) -> Array:
    """Add up the gradients of the copies of x that broadcasting made."""
    gradient = np.asarray(gradient, x.dtype)
    try:
        np.broadcast_to(x.value, gradient.shape)
    except ValueError:
        raise _unfit(f"way back of {operation}", x.shape, gradient.shape) from None
    lengths = (1,) * (gradient.ndim - x.value.ndim) + x.shape
    copied = tuple(i for i, length in enumerate(lengths) if length == 1)
    return np.asarray(gradient.sum(copied)).reshape(x.shape)


def _unfit(name: str, *shapes: Shape) -> ShapeError:
    return ShapeError(name, f"shapes {' and '.join(map(str, shapes))} do not fit")
