"""What is asked for follows from the sequence by the definition of the task."""

import numpy as np
import pytest

from builder.network import data


def test_a_sine_wave_follows_from_its_last_two_values_to_the_target() -> None:
    X, y = data.sine_waves(30, length=20)

    assert (X.shape, y.shape) == ((30, 20, 1), (30, 1))
    assert X.dtype == y.dtype == np.float32
    waves = np.concatenate([X[..., 0], y], axis=1).astype(np.float64)
    before, now, after = waves[:, :-2], waves[:, 1:-1], waves[:, 2:]
    # One 2 cos ω per wave, by least squares over its steps.
    double_cosine = (now * (before + after)).sum(axis=1) / (now**2).sum(axis=1)
    # Three values rounded to float32, one of them doubled.
    np.testing.assert_allclose(after, double_cosine[:, np.newaxis] * now - before, atol=1e-6)
    period = 2 * np.pi / np.arccos(double_cosine / 2)
    assert 8 - 1e-3 < period.min() < 12
    assert 28 < period.max() < 32 + 1e-3


def test_noise_of_waves_is_in_the_target_too() -> None:
    still_X, still_y = data.sine_waves(4000, length=5)
    X, y = data.sine_waves(4000, length=5, noise=0.3)

    # Of 4,000 targets the standard deviation is uncertain by 0.0034.
    assert (y - still_y).std() == pytest.approx(0.3, abs=0.015)
    assert (X - still_X).std() == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("length", [2, 3, 50])
def test_the_adding_problem_asks_for_the_sum_of_one_marked_number_of_each_half(
    length: int,
) -> None:
    X, y = data.adding_problem(200, length=length)

    assert (X.shape, y.shape) == ((200, length, 2), (200, 1))
    assert X.dtype == y.dtype == np.float32
    numbers, marks = X[..., 0], X[..., 1]
    assert set(marks.ravel()) <= {0, 1}
    assert (marks[:, : length // 2].sum(axis=1) == 1).all()
    assert (marks[:, length // 2 :].sum(axis=1) == 1).all()
    marked = numbers[marks == 1].reshape(200, 2)
    np.testing.assert_array_equal(y[:, 0], marked[:, 0] + marked[:, 1])
    assert 0 <= numbers.min() < numbers.max() < 1


def test_to_answer_always_one_to_the_adding_problem_costs_a_sixth() -> None:
    _, y = data.adding_problem(20_000, length=4)

    # The squared error has a standard deviation of 0.2, over √20,000 examples 0.0014.
    assert ((y - 1) ** 2).mean() == pytest.approx(1 / 6, abs=0.006)


def test_marks_are_everywhere_in_their_half() -> None:
    X, _ = data.adding_problem(2000, length=10)

    # 2,000 marks on 5 places, 400 expected on each with a standard deviation of 18.
    assert X[..., 1].sum(axis=0).min() > 320


def test_a_reversal_reads_backwards_in_all_its_symbols() -> None:
    X, y = data.reversal(100, length=6, symbols=4)

    assert X.shape == y.shape == (100, 6)
    assert X.dtype == y.dtype == np.intp
    assert y.tolist() == [row[::-1] for row in X.tolist()]
    assert set(X.ravel()) == {0, 1, 2, 3}
