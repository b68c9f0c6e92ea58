"""Training as posts write it, against numbers worked out elsewhere."""

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array, Backward


def fit_a_curve() -> tuple[nn.Sequential, list[float]]:
    rng = np.random.default_rng(0)
    X = rng.uniform(-2, 2, (256, 2))
    Y = np.sin(X[:, :1]) * X[:, 1:]
    model = nn.Sequential(nn.Dense(16), nn.Tanh(), nn.Dense(16), nn.Tanh(), nn.Dense(1), rng=rng)
    loss, optimizer = nn.MeanSquaredError(), nn.SGD(learning_rate=0.1)
    errors = []
    for _ in range(60):
        for x, y in nn.mini_batches(X, Y, batch_size=8, rng=rng):
            prediction, backward = model.forward(x, training=True)
            _, gradient = loss(prediction, y)
            backward(gradient)
            optimizer.step(model)
        errors.append(loss(model(X), Y)[0])
    return model, errors


def test_a_tiny_network_fits_a_curve() -> None:
    model, errors = fit_a_curve()

    # The variance of Y, which a constant prediction leaves, is about 0.8.
    assert errors[-1] < 0.02
    assert model([[1.0, 1.5]])[0, 0] == pytest.approx(np.sin(1.0) * 1.5, abs=0.2)


def test_training_twice_gives_the_same_bits() -> None:
    (one, errors), (same, same_errors) = fit_a_curve(), fit_a_curve()

    assert one.parameters.tobytes() == same.parameters.tobytes()
    assert errors == same_errors


class Sigmoid(nn.Layer):
    """y = 1 / (1 + e⁻ˣ), a layer as a post would write it."""

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        y = 1 / (1 + np.exp(-x))
        return y, lambda dy: dy * y * (1 - y)


def test_training_agrees_with_a_worked_example() -> None:
    """Matt Mazur, "A step by step backpropagation example", 2015.

    His biases do not learn, and with two outputs his ½ Σ (t − o)² is the mean squared
    error. The numbers are those of his method without his slip, which takes the hidden
    layer's gradients from weights that have moved already.
    """
    hidden, output = nn.Dense(2), nn.Dense(2)
    model = nn.Sequential(hidden, Sigmoid(), output, Sigmoid(), dtype=np.float64)
    model.build((2,))
    hidden.W[:], hidden.b[:] = [[0.15, 0.25], [0.20, 0.30]], 0.35
    output.W[:], output.b[:] = [[0.40, 0.50], [0.45, 0.55]], 0.60
    loss, optimizer = nn.MeanSquaredError(), nn.SGD(learning_rate=0.5)
    x, y = [[0.05, 0.10]], [[0.01, 0.99]]

    errors = []
    for _ in range(10_000):
        prediction, backward = model.forward(x, training=True)
        error, gradient = loss(prediction, y)
        backward(gradient)
        hidden.db[:] = output.db[:] = 0
        optimizer.step(model)
        errors.append(error)
    errors.append(loss(model(x), y)[0])

    # As many digits as are known.
    assert errors[0] == pytest.approx(0.298371109, abs=1e-9)
    assert errors[1] == pytest.approx(0.29102777369, abs=1e-11)
    assert errors[-1] == pytest.approx(3.5101878e-5, abs=1e-12)
