"""Extreme values: huge numbers, empty batches, single rows, constant features, denormals."""

from copy import deepcopy

import numpy as np
import pytest

from builder import network as nn
from tests.network.test_gradients import CASES, named


@pytest.mark.parametrize(("layer", "x"), CASES, ids=named)
def test_an_empty_batch_passes_in_its_own_shape(layer: nn.Layer, x: np.ndarray) -> None:
    model = nn.Sequential(deepcopy(layer))
    shape = model(x).shape
    model.gradients.fill(0)

    y, backward = model.forward(x[:0], training=True)
    dx = backward(y)

    assert y.shape == (0, *shape[1:])
    assert isinstance(layer, nn.Embedding) or dx.shape == (0, *x.shape[1:])
    assert not model.gradients.any()


@pytest.mark.parametrize(("layer", "x"), CASES, ids=named)
def test_every_example_is_predicted_by_itself(layer: nn.Layer, x: np.ndarray) -> None:
    model = nn.Sequential(deepcopy(layer))

    together = model(x)

    alone = np.concatenate([model(x[row : row + 1]) for row in range(len(x))])
    # float32 sums in another order.
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [1e4, 1e30])
@pytest.mark.parametrize(
    "layer",
    [
        nn.Tanh(),
        nn.Sigmoid(),
        nn.ReLU(),
        nn.LeakyReLU(),
        nn.ELU(),
        nn.SiLU(),
        nn.Softplus(),
        nn.Softmax(),
    ],
    ids=repr,
)
def test_activations_bear_huge_numbers(layer: nn.Layer, size: float) -> None:
    x = np.array([[size, -size, 0.0]])

    y, backward = layer.forward(x)
    dx = backward(np.ones_like(y))

    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


def test_gelu_bears_logits_of_ten_thousand() -> None:
    y, backward = nn.GELU().forward([[1e4, -1e4]])

    assert y.tolist() == [[1e4, 0]]
    assert backward(np.ones_like(y)).tolist() == [[1, 0]]


def test_a_sigmoid_keeps_its_digits_where_it_is_tiny() -> None:
    x = np.array([-30.0, -300.0, 300.0])

    np.testing.assert_allclose(nn.sigmoid(x), [np.exp(-30), np.exp(-300), 1], rtol=1e-12)


@pytest.mark.parametrize(
    "layer", [nn.BatchNorm(), nn.LayerNorm(), nn.RMSNorm(), nn.GroupNorm(2)], ids=repr
)
@pytest.mark.parametrize("value", [0.0, 3.0, 1e6])
def test_normalizations_bear_constant_features(layer: nn.Layer, value: float) -> None:
    model = nn.Sequential(deepcopy(layer))

    y, backward = model.forward(np.full((4, 6), value), training=True)
    dx = backward(np.ones_like(y))

    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


def test_batch_normalization_bears_a_batch_of_one() -> None:
    layer = nn.BatchNorm()

    y, backward = layer.forward([[1.0, 2.0]], training=True)

    assert y.tolist() == [[0, 0]]
    assert np.isfinite(backward(np.ones((1, 2)))).all()
    assert np.isfinite(layer.running_var).all()


def test_a_network_of_dead_units_leaves_no_denormals_in_adam() -> None:
    model, optimizer = nn.Sequential(nn.Dense(1, inputs=4, bias=False)), nn.Adam()
    model.build()
    model.gradients[:] = 1e-3
    optimizer.step(model)

    for _ in range(1100):
        optimizer.step(model)

    # Without a sweep the mean would be 1e-3 · 0.9¹¹⁰⁰ = 1e-53, far below float32's 1e-38.
    mean, _ = optimizer.memory_of(model).arrays
    assert (mean == 0).all()
