"""An epoch: every example once, in batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder import network as nn


@given(N=st.integers(0, 40), batch_size=st.none() | st.integers(1, 50), seed=st.integers(0, 9))
def test_an_epoch_has_every_example_once_with_its_own_target(
    N: int, batch_size: int | None, seed: int
) -> None:
    X, y = np.arange(N).reshape(N, 1), -np.arange(N)

    batches = list(nn.mini_batches(X, y, batch_size, np.random.default_rng(seed)))

    assert sorted(int(row) for x, _ in batches for row in x[:, 0]) == list(range(N))
    assert all((x[:, 0] == -t).all() for x, t in batches)
    sizes = [len(x) for x, _ in batches]
    full, rest = divmod(N, batch_size or max(N, 1))
    assert sizes == [batch_size or N] * full + [rest] * bool(rest)


def test_the_order_is_new_in_every_epoch_and_the_same_for_the_same_seed() -> None:
    X = np.arange(100)

    def two_epochs(seed: int) -> list[list[int]]:
        rng = np.random.default_rng(seed)
        return [
            [int(row) for x, _ in nn.mini_batches(X, X, 10, rng) for row in x] for _ in range(2)
        ]

    first, second = two_epochs(1)

    assert first != second
    assert two_epochs(1) == [first, second]


def test_without_shuffling_the_examples_keep_their_order() -> None:
    batches = nn.mini_batches([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], batch_size=2, shuffle=False)

    assert [x.tolist() for x, _ in batches] == [[1, 2], [3, 4], [5]]


def test_one_batch_of_all_examples_needs_no_generator() -> None:
    ((x, y),) = nn.mini_batches([[1], [2]], [3, 4], batch_size=None)

    assert (x.tolist(), y.tolist()) == ([[1], [2]], [3, 4])


def test_lengths_that_differ_are_reported_before_the_first_batch() -> None:
    with pytest.raises(nn.ShapeError) as caught:
        nn.mini_batches(np.zeros((5, 2)), np.zeros((4, 1)), 2, np.random.default_rng(0))

    assert str(caught.value) == "mini_batches: X and y differ in length: (5, 2) and (4, 1)"


def test_a_batch_size_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_size") as caught:
        nn.mini_batches([1], [1], 0, np.random.default_rng(0))

    assert str(caught.value) == "batch_size must be at least 1, or None for all, got 0"


@pytest.mark.parametrize("rng", [None, 0])
def test_a_seed_is_refused_since_every_epoch_would_have_one_order(rng: int | None) -> None:
    with pytest.raises(TypeError) as caught:
        nn.mini_batches([1], [1], 1, rng)  # type: ignore[arg-type]

    assert str(caught.value) == (
        f"mini_batches needs a generator to shuffle with, got rng={rng} "
        "(did you mean rng = np.random.default_rng(0), before the loop over epochs?)"
    )
