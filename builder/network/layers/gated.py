"""Recurrent layers with gates, numbers from 0 to 1 that say how much of a state to keep.

A gate's σ(a) is computed as ½ + ½ tanh(½ a), so that one call of tanh serves all of them.
"""

from typing import Any

import numpy as np

from builder.network.arrays import Array, Backward, Shape
from builder.network.layers.recurrent import Recurrent
from builder.network.parameters import Parameter


class LSTM(Recurrent):
    """c_t = f c_{t−1} + i g and h_t = o tanh c_t, with h_0 = c_0 = 0.

    i, f, o = σ(…) and g = tanh(…) of the four parts, in this order: i, f, g, o, of
    x_t W + h_{t−1} U + b. What flows through c is only ever multiplied by f: that keeps
    its gradient from vanishing. b starts at 1 for f, at 0 elsewhere.

    Shapes: x (N, T, inputs), W (inputs, 4 units), U (units, 4 units), b (4 units,), y (N, T,
    units), or (N, units) for h_T alone. Arguments and errors are those of `RNN`.

    Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997; Gers, Schmidhuber
    and Cummins, "Learning to forget", 2000; f's bias: Jozefowicz et al., ICML 2015.
    """

    gates = 4

    @staticmethod
    def first_bias(_rng: np.random.Generator, shape: Shape, _in: int, _out: int) -> Array:
        """Return 1 for the gate that forgets, else 0: at first, remember."""
        return np.repeat([0.0, 1.0, 0.0, 0.0], shape[0] // 4)

    def scan(self, sums: Array) -> tuple[Array, Backward]:  # noqa: PLR0915 - there and back
        """Go through time."""
        T, N, units = len(sums), sums.shape[1], self.units
        half, rest = _halves(4, units, 2, sums.dtype)
        U = self.U * half
        gates = (sums * half).reshape(T, N, 4 * units)
        h = np.zeros((T + 1, N, units), sums.dtype)
        c, tanh_c = np.zeros_like(h), np.empty_like(h)
        for t in range(T):
            a = gates[t]
            a += h[t].dot(U)
            np.tanh(a, out=a)
            a *= half
            a += rest
            i, f, g, o = (a[:, k * units : (k + 1) * units] for k in range(4))
            np.multiply(f, c[t], out=c[t + 1])
            c[t + 1] += i * g
            np.tanh(c[t + 1], out=tanh_c[t + 1])
            np.multiply(o, tanh_c[t + 1], out=h[t + 1])

        def backward(dh: Array) -> Array:
            i, f, g, o = np.moveaxis(gates.reshape(T, N, 4, units), 2, 0)
            # The slopes of all steps at once: by c for i, f and g, by h for o and for c.
            by_c = np.stack([g * i * (1 - i), c[:-1] * f * (1 - f), i * (1 - g * g)], axis=2)
            by_h = tanh_c[1:] * o * (1 - o)
            c_by_h = o * (1 - tanh_c[1:] * tanh_c[1:])
            dsums = np.empty((T, N, 4, units), dh.dtype)
            flat = dsums.reshape(T, N, 4 * units)
            to_before = np.ascontiguousarray(self.U.T)
            dc = np.zeros((N, units), dh.dtype)
            for t in reversed(range(T)):
                dc += dh[t] * c_by_h[t]
                np.multiply(by_c[t], dc[:, None], out=dsums[t, :, :3])
                np.multiply(by_h[t], dh[t], out=dsums[t, :, 3])
                dc *= f[t]
                if t:
                    dh[t - 1] += flat[t].dot(to_before)
            self.dU += h[:-1].reshape(T * N, units).T.dot(flat.reshape(T * N, 4 * units))
            return flat

        return h[1:], backward


class GRU(Recurrent):
    """h_t = (1 − z) n + z h_{t−1}, with h_0 = 0.

    r, z = σ(…) of the first two parts of x_t W + h_{t−1} U + b, and, of the third,
    n = tanh(x_t W + b + r (h_{t−1} U + c)): r is applied after U, as in cuDNN and PyTorch;
    the first paper has it before.

    Shapes: x (N, T, inputs), W (inputs, 3 units), U (units, 3 units), b (3 units,), c
    (units,), y (N, T, units), or (N, units) for h_T alone. Arguments and errors are those
    of `RNN`.

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder",
    EMNLP 2014, equations 5 to 8.
    """

    c: Array
    dc: Array

    gates = 3

    def declare(self, input_shape: Shape) -> dict[str, Parameter]:
        """Return W, U, b and c."""
        return {**super().declare(input_shape), "c": Parameter(shape=(self.units,))}

    def scan(self, sums: Array) -> tuple[Array, Backward]:  # noqa: PLR0915 - there and back
        """Go through time."""
        T, N, units = len(sums), sums.shape[1], self.units
        h = np.zeros((T + 1, N, units), sums.dtype)
        gates = np.empty((T, N, 2 * units), sums.dtype)
        n, inner = np.empty_like(h[1:]), np.empty_like(h[1:])
        for t in range(T):
            recurrent = h[t].dot(self.U)
            a = gates[t]
            np.add(sums[t, :, : 2 * units], recurrent[:, : 2 * units], out=a)
            a *= 0.5
            np.tanh(a, out=a)
            a *= 0.5
            a += 0.5
            r, z = a[:, :units], a[:, units:]
            np.add(recurrent[:, 2 * units :], self.c, out=inner[t])
            np.tanh(sums[t, :, 2 * units :] + r * inner[t], out=n[t])
            np.add(n[t], z * (h[t] - n[t]), out=h[t + 1])

        def backward(dh: Array) -> Array:
            r, z = gates[..., :units], gates[..., units:]
            # The slopes of all steps at once, by h: of the sums of n, and of z.
            n_by_h = (1 - z) * (1 - n * n)
            z_by_h = (h[:-1] - n) * z * (1 - z)
            r_by_n = inner * r * (1 - r)
            dsums = np.empty((T, N, 3 * units), dh.dtype)
            drecurrent = np.empty_like(dsums)
            to_before = np.ascontiguousarray(self.U.T)
            for t in reversed(range(T)):
                dn = dh[t] * n_by_h[t]
                np.multiply(dn, r_by_n[t], out=dsums[t, :, :units])
                np.multiply(dh[t], z_by_h[t], out=dsums[t, :, units : 2 * units])
                dsums[t, :, 2 * units :] = dn
                drecurrent[t, :, : 2 * units] = dsums[t, :, : 2 * units]
                np.multiply(dn, r[t], out=drecurrent[t, :, 2 * units :])
                if t:
                    dh[t - 1] += dh[t] * z[t] + drecurrent[t].dot(to_before)
            rows = drecurrent.reshape(T * N, 3 * units)
            self.dU += h[:-1].reshape(T * N, units).T.dot(rows)
            self.dc += np.add.reduce(rows[:, 2 * units :])
            return dsums

        return h[1:], backward


def _halves(parts: int, units: int, plain: int, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """Return ½ and ½ for every gate's units, and 1 and 0 for the `plain` part, a tanh."""
    half = np.full(parts * units, 0.5, dtype)
    rest = half.copy()
    half[plain * units : (plain + 1) * units] = 1
    rest[plain * units : (plain + 1) * units] = 0
    return half, rest
