"""Layers against their definitions, and their ways back against central differences."""

from itertools import product

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Backward

# Differences err by about 1e-10 here; a wrong formula errs by 1e-3 and more.
RIGHT = 1e-8

RNG = np.random.default_rng(7)
X = RNG.standard_normal((5, 3))


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (nn.Dense(4), X),
        (nn.Dense(4, initializer="he_normal"), X),
        (nn.Dense(1), X[:1]),
        (nn.Dense(4), RNG.standard_normal((2, 5, 3))),
        (nn.Dense(2), RNG.standard_normal((2, 3, 4, 5))),
        (nn.Tanh(), X),
        (nn.Tanh(), RNG.standard_normal((2, 3, 4))),
        (nn.ReLU(), X),
        (nn.Sequential(), X),
        (nn.Sequential(nn.Dense(4), nn.Tanh(), nn.Dense(2), nn.ReLU(), nn.Dense(1)), X),
        (nn.Sequential(nn.Dense(4), nn.Sequential(nn.Tanh(), nn.Dense(4)), nn.Tanh()), X),
    ],
    ids=lambda each: repr(each) if isinstance(each, nn.Layer) else f"x{each.shape}",
)
def test_gradients_are_those_of_central_differences(layer: nn.Layer, x: np.ndarray) -> None:
    check = nn.check_gradients(layer, x)

    assert check.worst < RIGHT, check


def test_gradients_of_a_layer_applied_twice_are_the_sum_over_both() -> None:
    shared = nn.Dense(3)
    model = nn.Sequential(shared, nn.Tanh(), shared, nn.Tanh(), nn.Sequential(shared))

    check = nn.check_gradients(model, X)

    assert list(check.errors) == ["input", "0.W", "0.b"]
    assert check.worst < RIGHT, check


def test_a_layer_keeps_the_way_back_of_each_call_apart() -> None:
    layer = nn.Sequential(nn.Dense(3), nn.Tanh(), dtype=np.float64)
    one, two = X[:2], X[2:]
    _, first_alone = layer.forward(one)
    expected = first_alone(np.ones((2, 3)))

    _, first = layer.forward(one)
    layer.forward(two)

    np.testing.assert_array_equal(first(np.ones((2, 3))), expected)


def test_dense_is_the_sum_of_its_definition() -> None:
    layer = nn.Dense(4)
    layer.build((3,), dtype=np.float64)
    layer.b[:] = [1, 2, 3, 4]
    x = RNG.standard_normal((2, 5, 3))

    y = layer(x)

    for n, t, j in product(range(2), range(5), range(4)):
        by_definition = sum(x[n, t, i] * layer.W[i, j] for i in range(3)) + layer.b[j]
        # Three additions in another order.
        assert y[n, t, j] == pytest.approx(by_definition, rel=1e-13, abs=1e-14)


def test_relu_cuts_off_below_zero_and_has_slope_zero_at_zero() -> None:
    y, backward = nn.ReLU().forward([[-2.0, 0.0, 3.0]])

    assert y.tolist() == [[0, 0, 3]]
    assert backward(np.ones((1, 3))).tolist() == [[0, 0, 1]]


def test_tanh_has_slope_one_at_zero() -> None:
    y, backward = nn.Tanh().forward([[0.0]])

    assert y.tolist() == [[0]]
    assert backward(np.ones((1, 1))).tolist() == [[1]]


def test_ways_back_add_to_the_gradients() -> None:
    layer = nn.Dense(2)
    y, backward = layer.forward(X)

    backward(np.ones_like(y))
    once = layer.gradients.copy()
    backward(np.ones_like(y))

    np.testing.assert_array_equal(layer.gradients, 2 * once)
    assert layer.db.tolist() == [10, 10]


def test_every_layer_is_told_whether_it_trains() -> None:
    told = []

    class Listener(nn.Layer):
        def apply(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Backward]:
            told.append(training)
            return x, lambda dy: dy

    model = nn.Sequential(Listener(), nn.Sequential(nn.Dense(2), Listener()))

    model.forward(X, training=True)
    model(X)

    assert told == [True, True, False, False]


def test_an_empty_batch_passes_in_its_own_shape() -> None:
    model = nn.Sequential(nn.Dense(4, inputs=3), nn.Tanh(), nn.ReLU(), nn.Dense(2))

    y, backward = model.forward(np.zeros((0, 3)))

    assert y.shape == (0, 2)
    assert backward(y).shape == (0, 3)
    assert not model.gradients.any()


def test_glorot_uniform_and_he_normal_have_the_spread_of_their_papers() -> None:
    glorot, he = nn.Dense(300, inputs=200), nn.Dense(300, inputs=200, initializer="he_normal")

    glorot.build(rng=1)
    he.build(rng=1)

    # 60,000 draws: the spread is known to 1/√(2·60,000) = 0.3 %, four times over here.
    assert glorot.W.std() == pytest.approx(np.sqrt(2 / 500), rel=0.012)
    assert np.abs(glorot.W).max() <= np.sqrt(6 / 500)
    assert he.W.std() == pytest.approx(np.sqrt(2 / 200), rel=0.012)
    assert not glorot.b.any()
    assert not he.b.any()


def test_a_function_may_initialize() -> None:
    layer = nn.Dense(2, inputs=3, initializer=lambda rng, shape, fan_in, fan_out: np.ones(shape))

    layer.build()

    assert layer.W.tolist() == [[1, 1]] * 3


def test_an_unknown_initializer_is_reported_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown") as caught:
        nn.Dense(2, initializer="he_norml")

    assert str(caught.value) == ("unknown initializer 'he_norml' (did you mean 'he_normal'?)")


def test_a_dense_layer_without_units_is_refused() -> None:
    with pytest.raises(ValueError, match="Dense") as caught:
        nn.Dense(0)

    assert str(caught.value) == "Dense needs at least 1 unit and 1 input, got 0 and None"


class Embedding(nn.Layer):
    """A layer of a post's own, which takes integers: y = W[x]."""

    W: np.ndarray
    dW: np.ndarray  # noqa: N815 - the gradient of W

    def receive(self, x: object) -> np.ndarray:
        return np.asarray(x, np.intp)

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        return (*input_shape, 2)

    def declare(self, input_shape: tuple[int, ...]) -> dict[str, nn.Parameter]:
        return {
            "W": nn.Parameter(
                shape=(6, 2), initializer=lambda rng, shape, *_: rng.normal(size=shape)
            )
        }

    def apply(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Backward]:
        def backward(dy: np.ndarray) -> np.ndarray:
            np.add.at(self.dW, x, dy)
            return np.zeros(x.shape)

        return self.W[x], backward


def test_a_layer_of_ones_own_may_take_integers() -> None:
    model = nn.Sequential(Embedding(), nn.Dense(3), nn.Tanh())
    x = [[0, 1, 5], [1, 1, 1]]

    check = nn.check_gradients(model, x)

    assert model(x).shape == (2, 3, 3)
    assert list(check.errors) == ["0.W", "1.W", "1.b"]
    assert check.worst < RIGHT, check
