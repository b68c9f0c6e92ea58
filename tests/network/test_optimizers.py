"""Optimizers against their formulas, step by step."""

import numpy as np
import pytest

from builder import network as nn


def model_with(parameters: list[float], gradients: list[float]) -> nn.Sequential:
    model = nn.Sequential(nn.Dense(1, inputs=len(parameters) - 1), dtype=np.float64)
    model.build()
    model.parameters[:] = parameters
    model.gradients[:] = gradients
    return model


def test_sgd_moves_against_the_gradient_and_clears_it() -> None:
    model = model_with([1, 2, 3], [10, 0, -10])
    parameters = model.parameters

    nn.SGD(learning_rate=0.5).step(model)

    assert parameters.tolist() == [-4, 2, 8]
    assert model.gradients.tolist() == [0, 0, 0]


def test_momentum_remembers_each_models_steps_apart() -> None:
    optimizer = nn.SGD(learning_rate=1.0, momentum=0.5)
    one, two = model_with([0, 0], [1, 0]), model_with([0, 0], [0, 1])

    optimizer.step(one)
    optimizer.step(two)
    optimizer.step(one)

    assert one.parameters.tolist() == [-1.5, 0]
    assert two.parameters.tolist() == [0, -1]


def test_the_learning_rate_may_change_between_steps() -> None:
    model = model_with([0, 0], [1, 1])
    optimizer = nn.SGD(learning_rate=1.0)
    optimizer.learning_rate = 0.25

    optimizer.step(model)

    assert model.parameters.tolist() == [-0.25, -0.25]


def test_a_step_of_a_part_leaves_the_rest_of_the_model() -> None:
    generator, discriminator = nn.Sequential(nn.Dense(2)), nn.Sequential(nn.Dense(1))
    model = nn.Sequential(generator, discriminator)
    y, backward = model.forward(np.ones((3, 2)), training=True)
    backward(np.ones_like(y))
    before = generator.parameters.copy(), discriminator.parameters.copy()

    nn.SGD(learning_rate=0.1).step(generator)

    assert not np.array_equal(generator.parameters, before[0])
    assert np.array_equal(discriminator.parameters, before[1])
    assert discriminator.gradients.any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": 0}, "learning_rate must be positive, got 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be positive, got nan"),
        ({"learning_rate": 1, "momentum": 1}, "momentum must lie in [0, 1), got 1"),
    ],
)
def test_an_impossible_setting_is_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        nn.SGD(**options)

    assert str(caught.value) == message


def test_a_model_without_parameters_yet_cannot_take_a_step() -> None:
    with pytest.raises(nn.BuildError):
        nn.SGD(learning_rate=0.1).step(nn.Sequential(nn.Dense(1)))
