"""Layers against the cases of ONNX's own test suite, of which each has its own numbers."""

import numpy as np
import pytest

from tests.network.oracle.agreement import assert_agreement
from tests.network.oracle.onnx_cases import Case, NotOfferedError, load_cases
from tests.network.oracle.onnx_translations import TRANSLATIONS

pytestmark = pytest.mark.oracle

# The suite's numbers are computed in float32, some of them as sums of a hundred.
BOUND = 1e-5

# Others are printed.
BOUNDS = {"averagepool_2d_ceil_last_window_starts_on_pad": 1e-3}

CASES = tuple(case for case in load_cases() if case.operator in TRANSLATIONS)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_a_case_of_onnx_comes_out_as_it_should(case: Case) -> None:
    try:
        expectations = TRANSLATIONS[case.operator](case)
    except NotOfferedError as reason:
        pytest.skip(f"{case.operator}: {reason}")

    assert expectations
    for expected in expectations:
        layer = expected.layer
        layer.build(expected.x.shape[1:], dtype=np.float64)
        arrays = dict(layer.named_arrays())
        assert arrays.keys() == expected.arrays.keys()
        for name, array in expected.arrays.items():
            arrays[name][...] = array

        y, _ = layer.forward(expected.x, training=expected.training)

        assert_agreement(y, expected.y, "y", BOUNDS.get(case.name, BOUND))
        for name, array in expected.kept.items():
            assert_agreement(arrays[name], array, name, BOUND)


@pytest.mark.parametrize(
    ("operator", "least"),
    {
        "AveragePool": 7,
        "BatchNormalization": 9,
        "Conv": 26,
        "ConvTranspose": 6,
        "Elu": 4,
        "Flatten": 5,
        "GRU": 3,
        "Gather": 3,
        "Gelu": 2,
        "Gemm": 11,
        "GlobalAveragePool": 2,
        "GroupNormalization": 2,
        "InstanceNormalization": 3,
        "LSTM": 5,
        "LayerNormalization": 19,
        "LeakyRelu": 5,
        "MaxPool": 10,
        "RMSNormalization": 19,
        "RNN": 6,
        "Relu": 2,
        "Sigmoid": 3,
        "Softmax": 8,
        "Softplus": 3,
        "Swish": 1,
        "Tanh": 3,
    }.items(),
)
def test_enough_cases_of_every_operator_run(operator: str, least: int) -> None:
    assert sum(map(is_offered, (case for case in CASES if case.operator == operator))) >= least


def test_no_operator_is_left_uncounted() -> None:
    assert {case.operator for case in CASES} == TRANSLATIONS.keys()


def is_offered(case: Case) -> bool:
    try:
        return bool(TRANSLATIONS[case.operator](case))
    except NotOfferedError:
        return False
