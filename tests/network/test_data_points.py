"""Without noise, points lie where the definition of their set says."""

import numpy as np
import pytest

from builder.network import data

# Coordinates of about 1 are rounded to float32, 6e-8 each; some lengths add up a few of them.
EXACT = 1e-6


@pytest.mark.parametrize(("arms", "turns"), [(3, 0.75), (2, 1.5), (5, 0.4)])
def test_a_point_of_a_spiral_tells_its_arm_by_its_angle_and_radius(arms: int, turns: float) -> None:
    X, arm = data.spirals(300, arms=arms, turns=turns, noise=0)

    radius = np.hypot(*X.T)
    start = np.arctan2(X[:, 1], X[:, 0]) / (2 * np.pi) - turns * radius
    np.testing.assert_allclose(np.round(start * arms) % arms, arm)
    np.testing.assert_allclose(start * arms, np.round(start * arms), atol=10 * EXACT)
    assert radius.min() >= np.sqrt(0.02)
    assert radius.max() <= 1 + EXACT


def test_the_points_of_a_spiral_are_nearer_to_their_own_arm_than_to_another() -> None:
    X, arm = data.spirals(300)

    apart = np.linalg.norm(X[:, np.newaxis] - X, axis=2) + 9 * np.eye(len(X))
    assert (arm[apart.argmin(axis=1)] == arm).all()


def test_moons_are_half_circles_around_two_places() -> None:
    X, y = data.moons(200, noise=0)

    upper, lower = X[y == 0], X[y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, atol=EXACT)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1, atol=EXACT)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5


def test_circles_have_their_radii_and_go_all_around() -> None:
    X, y = data.circles(400, noise=0, inner=0.3)

    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 0, 1, 0.3), atol=EXACT)
    for each in (X[y == 0], X[y == 1]):
        quarters = (each[:, 0] > 0) * 2 + (each[:, 1] > 0)
        # 200 points, 50 expected in each quarter with a standard deviation of 6.
        assert np.bincount(quarters, minlength=4).min() > 25


def test_blobs_lie_around_even_places_on_the_unit_circle() -> None:
    X, y = data.blobs(8, centers=4, spread=0)

    np.testing.assert_allclose(X[:4], [[1, 0], [0, 1], [-1, 0], [0, -1]], atol=EXACT)
    np.testing.assert_array_equal(X[4:], X[:4])
    assert y.tolist() == [0, 1, 2, 3] * 2


def test_blobs_have_the_places_and_the_spread_they_are_given() -> None:
    places = np.array([[0, 0, 5], [2, -3, 0]])

    X, y = data.blobs(20_000, centers=places, spread=0.5)

    for cloud, place in enumerate(places):
        own = X[y == cloud]
        # Of 10,000 points the mean is uncertain by 0.005, the spread by 0.0035.
        np.testing.assert_allclose(own.mean(axis=0), place, atol=0.02)
        np.testing.assert_allclose(own.std(axis=0), 0.5, atol=0.015)


def test_noise_moves_the_same_points_by_its_standard_deviation() -> None:
    still, _ = data.moons(20_000, noise=0)
    moved, _ = data.moons(20_000, noise=0.2)

    assert (moved - still).std() == pytest.approx(0.2, abs=0.004)
    assert (moved - still).mean() == pytest.approx(0, abs=0.004)


def test_a_curve_is_the_function_of_rising_x_between_its_ends() -> None:
    X, y = data.curve(50, lambda x: x**2 - 1, noise=0, low=-2, high=3)

    assert X.shape == y.shape == (50, 1)
    assert X.dtype == y.dtype == np.float32
    np.testing.assert_allclose(y, X**2 - 1, atol=10 * EXACT)
    assert (np.diff(X[:, 0]) > 0).all()
    assert -2 <= X.min() < X.max() <= 3


def test_a_curve_may_be_flat() -> None:
    _, y = data.curve(5, lambda x: 4.0, noise=0)

    assert y.tolist() == [[4]] * 5
