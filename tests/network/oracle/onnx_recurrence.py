"""ONNX's recurrent operators as layers of this library."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from builder import network as nn
from builder.network.arrays import Array
from builder.network.layers.recurrent import Recurrent
from tests.network.oracle.onnx_cases import Case, Expectation, NotOfferedError

# Where ONNX has the parts of our sums: it counts i, o, f, c and z, r, h.
_PARTS: dict[type[Recurrent], list[int]] = {nn.RNN: [0], nn.LSTM: [0, 2, 3, 1], nn.GRU: [1, 0, 2]}


def recurrence(kind: type[Recurrent]) -> Callable[[Case], Sequence[Expectation]]:
    """Return the translation of an "RNN", an "LSTM" or a "GRU"."""

    def translation(case: Case) -> Sequence[Expectation]:
        x = _examples_first(case, case.x)
        _check(case, kind, steps=x.shape[1])
        direction = case.attributes.get("direction", b"forward")
        arrays = [_parameters(case, kind, each) for each in range(len(case.given(1)))]
        return [_EXPECTATIONS[direction](layer, x, y, arrays) for layer, y in _outputs(case, kind)]

    return translation


def _outputs(case: Case, kind: type[Recurrent]) -> Iterator[tuple[Recurrent, Array]]:
    """Yield a layer for all states, and one for the last; y is (N, T, D units) or (N, D units).

    An LSTM's third output, c, is no output of ours.
    """
    units = case.attributes["hidden_size"]
    if 0 in case.outputs:
        y = case.outputs[0]
        # (T, D, N, units), or (N, T, D, units) in the other layout.
        y = y if case.attributes.get("layout", 0) else y.transpose(2, 0, 1, 3)
        yield kind(units), y.reshape(*y.shape[:2], -1)
    if 1 in case.outputs:
        last = _examples_first(case, case.outputs[1])
        yield kind(units, return_sequences=False), last.reshape(len(last), -1)


def _forwards(
    layer: Recurrent, x: Array, y: Array, arrays: Sequence[dict[str, Array]]
) -> Expectation:
    return Expectation(layer=layer, x=x, y=y, arrays=arrays[0])


def _backwards(
    layer: Recurrent, x: Array, y: Array, arrays: Sequence[dict[str, Array]]
) -> Expectation:
    y = y[:, ::-1] if layer.return_sequences else y
    return Expectation(layer=layer, x=x[:, ::-1], y=y, arrays=arrays[0])


def _both_ways(
    layer: Recurrent, x: Array, y: Array, arrays: Sequence[dict[str, Array]]
) -> Expectation:
    both = {f"{way}.{name}": each for way, of in enumerate(arrays) for name, each in of.items()}
    return Expectation(layer=nn.Bidirectional(layer), x=x, y=y, arrays=both)


_EXPECTATIONS = {b"forward": _forwards, b"reverse": _backwards, b"bidirectional": _both_ways}


def _parameters(case: Case, kind: type[Recurrent], way: int) -> dict[str, Array]:
    parts = _PARTS[kind]

    def ordered(sums: Array) -> list[Array]:
        pieces = np.split(sums, len(parts))
        return [pieces[part] for part in parts]

    W, U = (np.concatenate(ordered(case.given(place)[way])).T for place in (1, 2))
    both = case.optional(3)
    # Of W x and of U h.
    first, second = map(
        ordered, np.split(both[way], 2) if both is not None else np.zeros((2, W.shape[1]))
    )
    if kind is not nn.GRU:
        return {"W": W, "U": U, "b": np.concatenate(first) + np.concatenate(second)}
    *sums, inner = (np.add(*each) for each in zip(first, second, strict=True))
    if case.attributes.get("linear_before_reset", 0):
        return {"W": W, "U": U, "b": np.concatenate([*sums, first[2]]), "c": second[2]}
    # In a first step h is 0, and r has nothing to take from it.
    return {"W": W, "U": U, "b": np.concatenate([*sums, inner]), "c": np.zeros_like(inner)}


def _check(case: Case, kind: type[Recurrent], steps: int) -> None:
    if kind is nn.GRU and steps > 1 and not case.attributes.get("linear_before_reset", 0):
        raise NotOfferedError("a reset gate before U")
    if {"activations", "clip", "input_forget"} & set(case.attributes):
        raise NotOfferedError("other functions than tanh and σ")
    lengths, peepholes = case.optional(4), case.optional(7)
    if lengths is not None and set(lengths.tolist()) != {steps}:
        raise NotOfferedError("sequences of several lengths")
    if any(state is not None and state.any() for state in map(case.optional, (5, 6))):
        raise NotOfferedError("a first state other than 0")
    if peepholes is not None and peepholes.any():
        raise NotOfferedError("gates that see c")


def _examples_first(case: Case, array: Array) -> Array:
    return array if case.attributes.get("layout", 0) else array.swapaxes(0, 1)
