"""Losses against their definitions."""

import numpy as np
import pytest

from builder import network as nn

RNG = np.random.default_rng(11)


@pytest.mark.parametrize("shape", [(1, 1), (4, 1), (4,), (3, 2, 5)])
def test_the_gradient_of_the_mean_squared_error_is_that_of_central_differences(
    shape: tuple[int, ...],
) -> None:
    prediction, target = RNG.standard_normal((2, *shape))

    check = nn.check_gradients(nn.Sequential(), prediction, nn.MeanSquaredError(), target)

    # The error of the differences is rounding alone: the third derivative is 0.
    assert check.worst < 1e-8, check


def test_the_mean_squared_error_is_the_mean_over_all_elements() -> None:
    error, gradient = nn.MeanSquaredError()([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 4.0]])

    assert error == (0 + 4 + 9 + 0) / 4
    assert gradient.tolist() == [[0, 1], [1.5, 0]]


def test_a_loss_leaves_prediction_and_target_as_they_are() -> None:
    prediction, target = np.ones((2, 1), np.float32), np.zeros((2, 1), np.float32)

    nn.MeanSquaredError()(prediction, target)

    assert prediction.tolist() == [[1], [1]]
    assert target.tolist() == [[0], [0]]
