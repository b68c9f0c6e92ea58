"""The check finds wrong ways back and leaves the model as it was."""

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array, Backward

X = np.random.default_rng(5).standard_normal((4, 3))


class WrongTanh(nn.Layer):
    """The slope of tanh, taken for 1 − y."""

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        y = np.tanh(x)
        return y, lambda dy: dy * (1 - y)


class DenseWithoutBias(nn.Dense):
    """A dense layer whose bias learns half of what it should."""

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        y, way_back = super().apply(x, training)

        def backward(dy: Array) -> Array:
            self.db -= dy.sum(axis=0) / 2
            return way_back(dy)

        return y, backward


class NotANumber(nn.Layer):
    """A way back that is lost."""

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        return x, lambda dy: dy * np.nan


@pytest.mark.parametrize("layer", [WrongTanh(), NotANumber()])
def test_a_wrong_way_back_is_found(layer: nn.Layer) -> None:
    assert nn.check_gradients(layer, X).worst > 1e-3


def test_the_parameter_with_the_wrong_gradient_is_named() -> None:
    model = nn.Sequential(nn.Dense(2), DenseWithoutBias(2), nn.Tanh())

    errors = nn.check_gradients(model, X).errors

    assert list(errors) == ["input", "0.W", "0.b", "1.W", "1.b"]
    assert [name for name, error in errors.items() if error > 1e-7] == ["1.b"]


def test_the_result_reads_as_a_table() -> None:
    check = nn.GradientCheck({"input": 1.23e-11, "1.0.W": 4e-3})

    assert repr(check) == ("worst relative error 4.0e-03\n  input  1.2e-11\n  1.0.W  4.0e-03")
    assert check.unseen == ()


@pytest.mark.parametrize("directions", [None, 2])
def test_what_was_compared_at_zeros_alone_is_told(directions: int | None) -> None:
    # With W = 0, dL/dx = dy Wᵀ is 0 whatever the way back makes of dy.
    layer = nn.Dense(2, initializer="zeros")

    check = nn.check_gradients(layer, X, directions=directions)

    assert check.unseen == ("input",)
    assert repr(check).splitlines()[1] == (
        "  input  0.0e+00  (all zero, which a wrong way back may give, too)"
    )


@pytest.mark.parametrize("layer", [nn.Dense(2), nn.Sequential(nn.Dense(2), nn.Dense(1))])
def test_what_is_not_zero_is_seen(layer: nn.Layer) -> None:
    assert nn.check_gradients(layer, X).unseen == ()


def test_a_slope_that_the_way_back_forgets_is_seen() -> None:
    class Forgetful(nn.Layer):
        def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
            return 2 * x, np.zeros_like

    check = nn.check_gradients(Forgetful(), X)

    assert check.unseen == ()
    assert check.worst > 0.9


def test_the_model_and_the_batch_stay_as_they_are() -> None:
    model = nn.Sequential(nn.Dense(2), nn.Tanh())
    y, backward = model.forward(X)
    backward(np.ones_like(y))
    x, before = X.copy(), (model.parameters.tobytes(), model.gradients.tobytes())

    nn.check_gradients(model, x)

    assert (model.parameters.tobytes(), model.gradients.tobytes()) == before
    assert model.parameters.dtype == np.float32
    np.testing.assert_array_equal(x, X)


def test_a_model_that_is_not_built_stays_so_and_draws_nothing() -> None:
    rng = np.random.default_rng(1)
    model = nn.Sequential(nn.Dense(2), rng=rng)

    nn.check_gradients(model, X)

    assert not model.is_built
    assert rng.random() == np.random.default_rng(1).random()


def test_a_gradient_is_checked_through_a_loss() -> None:
    model, target = nn.Sequential(nn.Dense(4), nn.Tanh(), nn.Dense(2)), np.ones((4, 2))

    check = nn.check_gradients(model, X, nn.MeanSquaredError(), target)

    # Differences err by about 1e-10; a wrong factor in the loss errs by 1e-1.
    assert check.worst < 1e-8, check


def test_a_gradient_that_is_zero_everywhere_is_right() -> None:
    # Far below 0 a ReLU is flat, so that every gradient is 0.
    model = nn.Sequential(nn.ReLU(), nn.Dense(1))

    check = nn.check_gradients(model, -10 - np.abs(X))

    assert check.worst < 1e-8, check
    assert check.unseen == ("input", "1.W")
