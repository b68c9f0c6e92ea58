"""Data sets: the same for the same seed, balanced, refused when they cannot be; split in two."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder import network as nn
from builder.network import data
from builder.network.arrays import Array

Draw = Callable[..., tuple[Array, Array]]

CLASSES = {
    data.spirals: 3,
    data.moons: 2,
    data.circles: 2,
    data.blobs: 3,
    data.shapes: len(data.SHAPE_NAMES),
}
DRAWN = [*CLASSES, data.curve, data.sine_waves, data.adding_problem, data.reversal]

every_drawn_set = pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)


def bits(draw: Draw, rng: int | np.random.Generator) -> bytes:
    X, y = draw(20, rng=rng)
    return X.tobytes() + y.tobytes()


@every_drawn_set
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(draw: Draw) -> None:
    assert bits(draw, 7) == bits(draw, 7)
    assert bits(draw, 7) != bits(draw, 8)


@every_drawn_set
def test_a_generator_is_drawn_on_so_that_the_next_examples_are_new(draw: Draw) -> None:
    rng = np.random.default_rng(7)

    first, second = bits(draw, rng), bits(draw, rng)

    assert first == bits(draw, 7)
    assert second != first


@every_drawn_set
def test_less_than_one_example_is_refused(draw: Draw) -> None:
    with pytest.raises(ValueError, match="examples") as caught:
        draw(0)

    assert str(caught.value) == "examples must be at least 1, got 0"


@pytest.mark.parametrize(
    ("draw", "classes"), CLASSES.items(), ids=[draw.__name__ for draw in CLASSES]
)
def test_labels_are_integers_that_take_turns(draw: Draw, classes: int) -> None:
    X, y = draw(2 * classes + 1)

    assert y.tolist() == [*range(classes), *range(classes), 0]
    assert X.dtype == np.float32
    assert y.dtype == np.intp


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (lambda: data.moons(9, noise=-0.1), "noise must be at least 0, got -0.1"),
        (lambda: data.moons(9, noise=np.nan), "noise must be at least 0, got nan"),
        (lambda: data.spirals(9, arms=0), "arms must be at least 1, got 0"),
        (lambda: data.circles(9, inner=1), "inner must lie between 0 and 1, got 1"),
        (lambda: data.blobs(9, centers=0), "centers must be at least 1, got 0"),
        (lambda: data.blobs(9, spread=-1), "spread must be at least 0, got -1"),
        (
            lambda: data.blobs(9, centers=[0, 1]),
            "blobs: got centers of shape (2,), expected (C, 2)",
        ),
        (lambda: data.curve(9, low=1, high=1), "low must be less than high, got 1 and 1"),
        (lambda: data.shapes(9, size=7), "size must be at least 8, got 7"),
        (lambda: data.sine_waves(9, length=0), "length must be at least 1, got 0"),
        (lambda: data.adding_problem(9, length=1), "length must be at least 2, got 1"),
        (lambda: data.reversal(9, symbols=1), "symbols must be at least 2, got 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(refused: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match="got") as caught:
        refused()

    assert str(caught.value) == message


@given(N=st.integers(5, 60), held_out=st.floats(0.2, 0.8), seed=st.integers(0, 9))
def test_a_split_has_every_example_once_with_its_own_target(
    N: int, held_out: float, seed: int
) -> None:
    X = np.arange(N).reshape(N, 1)

    (X_train, y_train), (X_test, y_test) = data.split(X, -X[:, 0], held_out, rng=seed)

    assert sorted([*X_train[:, 0], *X_test[:, 0]]) == list(range(N))
    assert (X_train[:, 0] == -y_train).all()
    assert (X_test[:, 0] == -y_test).all()
    assert len(X_test) == round(held_out * N)


def test_a_split_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    def held_out(seed: int) -> list[int]:
        _, (X_test, _) = data.split(np.arange(50), np.arange(50), rng=seed)
        return [int(row) for row in X_test]

    assert held_out(1) == held_out(1)
    assert held_out(1) != held_out(2)


@pytest.mark.parametrize(
    ("N", "held_out", "message"),
    [
        (9, 0, "held_out must lie between 0 and 1, got 0"),
        (9, 1.0, "held_out must lie between 0 and 1, got 1.0"),
        (3, 0.1, "held_out=0.1 takes 0 of 3 examples"),
        (3, 0.9, "held_out=0.9 takes 3 of 3 examples"),
    ],
)
def test_a_split_with_an_empty_part_is_refused(N: int, held_out: float, message: str) -> None:
    with pytest.raises(ValueError, match="held_out") as caught:
        data.split(np.zeros(N), np.zeros(N), held_out)

    assert str(caught.value) == message


def test_a_split_of_lengths_that_differ_is_refused() -> None:
    with pytest.raises(nn.ShapeError) as caught:
        data.split(np.zeros((5, 2)), np.zeros(4))

    assert str(caught.value) == "split: X and y differ in length: (5, 2) and (4,)"


@pytest.mark.parametrize("name", data.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    assert getattr(data, name).__doc__


def test_a_wrong_name_is_reported_with_the_nearest() -> None:
    with pytest.raises(AttributeError) as caught:
        data.moon  # type: ignore[attr-defined]  # noqa: B018

    assert str(caught.value) == (
        "the data of the network library has no 'moon' (did you mean 'moons'?)"
    )
