"""The cases of ONNX's own test suite that consist of one operator, with what it computes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array

# Earlier versions lack operators and cases that are counted on.
onnx = pytest.importorskip("onnx", minversion="1.23")

# The operators' own modules: the suite's loader would import all 170, which takes 5 s.
_MODULES = (
    "averagepool", "batch_normalization", "conv", "convtranspose", "elu", "flatten", "gather",
    "gelu", "gemm", "globalaveragepool", "groupnormalization", "gru", "instance_normalization",
    "layernormalization", "leakyrelu", "lstm", "maxpool", "relu", "rmsnormalization", "rnn",
    "sigmoid", "softmax", "softplus", "swish", "tanh",
)  # fmt: skip

_CONVERTED = ("pytorch-converted", "pytorch-operator")
"""Models that PyTorch once exported, with numbers it computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An operator with its inputs and what should come out."""

    name: str

    operator: str

    version: int
    """Of the set of operators: attributes and defaults changed over time."""

    attributes: Mapping[str, Any]

    inputs: tuple[Array | None, ...]
    """In the operator's order; None for those left out in between."""

    outputs: Mapping[int, Array]
    """By their place in the operator's order."""

    def __repr__(self) -> str:
        return self.name

    @property
    def x(self) -> Array:
        """The first input."""
        return self.given(0)

    @property
    def y(self) -> Array:
        """The first output."""
        return self.outputs[0]

    def given(self, place: int) -> Array:
        """Return an input that has to be there."""
        found = self.optional(place)
        assert found is not None
        return found

    def optional(self, place: int) -> Array | None:
        """Return an input, or None where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else None


class NotOfferedError(Exception):
    """The library has no layer for a case; the message says what it lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """A layer that computes a case, and what should come out of it."""

    layer: nn.Layer

    x: Array

    y: Array

    arrays: Mapping[str, Array] = field(default_factory=dict)
    """What the layer has, by name, before it is called."""

    kept: Mapping[str, Array] = field(default_factory=dict)
    """What it has afterwards."""

    training: bool = False


def load_cases() -> tuple[Case, ...]:
    """Return all cases of one operator each, by their names."""
    cases = [*_cases_of_operators(), *_cases_of_files()]
    return tuple(sorted(cases, key=lambda case: case.name))


def _cases_of_operators() -> Iterator[Case]:
    package = "onnx.backend.test.case.node"
    # The suite computes its numbers when it is imported. Seen once: OpenBLAS set the flag of
    # an invalid operation in its GRU, without any such number.
    with np.errstate(invalid="ignore"):
        for module in _MODULES:
            import_module(f"{package}.{module}")
    for found in import_module(package)._NodeTestCases:
        # The "expanded" ones compute the same of smaller operators.
        if "_expanded" not in found.name and len(found.model.graph.node) == 1:
            (inputs, outputs), *_ = found.data_sets
            yield _case(found.name.removeprefix("test_"), found.model, inputs, outputs)


def _cases_of_files() -> Iterator[Case]:
    root = Path(onnx.__file__).parent / "backend" / "test" / "data"
    for path in sorted(path for kind in _CONVERTED for path in (root / kind).iterdir()):
        model = onnx.load(path / "model.onnx")
        if len(model.graph.node) == 1:
            known = {each.name: _array(each) for each in model.graph.initializer}
            given = _arrays(path / "test_data_set_0", "input")
            inputs = [
                known[each.name] if each.name in known else next(given)
                for each in model.graph.input
            ]
            yield _case(path.name, model, inputs, list(_arrays(path / "test_data_set_0", "output")))


def _case(name: str, model: Any, inputs: list[Any], outputs: list[Any]) -> Case:
    (node,) = model.graph.node
    by_name = dict(zip((each.name for each in model.graph.input), inputs, strict=True))
    wanted = dict(zip((each.name for each in model.graph.output), outputs, strict=True))
    return Case(
        name=name,
        operator=node.op_type,
        version=model.opset_import[0].version,
        attributes={each.name: onnx.helper.get_attribute_value(each) for each in node.attribute},
        inputs=tuple(by_name[each] if each else None for each in node.input),
        outputs={place: wanted[each] for place, each in enumerate(node.output) if each in wanted},
    )


def _arrays(folder: Path, kind: str) -> Iterator[Array]:
    for index in range(len(list(folder.glob(f"{kind}_*.pb")))):
        yield _array(onnx.load_tensor(folder / f"{kind}_{index}.pb"))


def _array(tensor: Any) -> Any:
    return onnx.numpy_helper.to_array(tensor)
