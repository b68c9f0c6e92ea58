"""Shapes are bright, whole, and what their label says."""

import numpy as np
import pytest

from builder.network import data
from builder.network.arrays import Array


def test_pictures_have_one_channel_and_a_brightness_from_0_to_1() -> None:
    X, y = data.shapes(40, size=12, noise=0.3)

    assert X.shape == (40, 1, 12, 12)
    assert X.dtype == np.float32
    assert (X.min(), X.max()) == (0, 1)
    assert set(y) == set(range(len(data.SHAPE_NAMES)))


def test_the_labels_mean_square_disc_triangle_and_cross() -> None:
    assert data.SHAPE_NAMES == ("square", "disc", "triangle", "cross")


@pytest.mark.parametrize(
    ("shape", "part"), [("square", 1), ("disc", np.pi / 4), ("triangle", 1 / 2), ("cross", 5 / 9)]
)
def test_a_shape_covers_its_part_of_the_square_around_it(shape: str, part: float) -> None:
    pictures = drawn(shape, size=96)

    area = pictures.sum(axis=(1, 2))
    # A row or column that is covered in part counts in part, by its brightest pixel.
    height = pictures.max(axis=2).sum(axis=1)
    width = pictures.max(axis=1).sum(axis=1)
    # Corners are rounded by half a pixel of 38 to 64.
    np.testing.assert_allclose(area / (height * width), part, rtol=0.05)
    np.testing.assert_allclose(height, width, atol=2.5)
    assert height.min() >= 96 * 2 / 5 - 2.5
    assert height.max() <= 96 * 2 / 3 + 1


def test_a_triangle_stands_on_its_base_and_the_others_have_no_upside() -> None:
    for shape in data.SHAPE_NAMES:
        pictures = drawn(shape, size=96)
        rows = pictures.sum(axis=2)
        place = np.arange(96)
        middle = (rows * place).sum(axis=1) / rows.sum(axis=1)
        box = (rows > 0).argmax(axis=1), 95 - (rows[:, ::-1] > 0).argmax(axis=1)
        below = (middle - box[0]) / (box[1] - box[0])

        # The centre of gravity of a triangle is at 2/3 of its height; a pixel is 1/38 of it.
        np.testing.assert_allclose(below, 2 / 3 if shape == "triangle" else 1 / 2, atol=0.03)


def test_shapes_are_whole_wherever_they_are() -> None:
    X, _ = data.shapes(400, noise=0)

    weight = X.sum(axis=(1, 2, 3))
    centers = np.stack([(X[:, 0].sum(axis=axis) @ np.arange(16)) / weight for axis in (1, 2)])
    # The radius is at least 16/5, and a centre can be anywhere that far from the edges.
    assert centers.min() >= 16 / 5 - 1
    assert centers.max() <= 16 - 16 / 5
    assert (centers.std(axis=1) > 1.5).all()


def drawn(shape: str, size: int) -> Array:
    X, y = data.shapes(80, size=size, noise=0)
    own = y == data.SHAPE_NAMES.index(shape)
    return np.asarray(X[own, 0], np.float64)
