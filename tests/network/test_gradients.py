"""Every layer's way back against central differences, at several shapes and in both modes."""

from collections.abc import Callable
from copy import deepcopy
from itertools import product

import numpy as np
import pytest

from builder import network as nn

# Differences err by about 1e-10 here; a wrong formula errs by 1e-3 and more.
RIGHT = 1e-7

RNG = np.random.default_rng(7)
ROWS = RNG.standard_normal((5, 6))
WORDS = RNG.standard_normal((2, 5, 6))
IMAGES = RNG.standard_normal((2, 4, 7, 6))
ONE_IMAGE = RNG.standard_normal((1, 2, 9, 9))

ACTIVATIONS = (
    nn.Tanh(),
    nn.Sigmoid(),
    nn.ReLU(),
    nn.LeakyReLU(0.2),
    nn.ELU(0.7),
    nn.GELU(),
    nn.SiLU(),
    nn.Softplus(),
    nn.Softmax(),
)

RECURRENT: tuple[Callable[..., nn.Layer], ...] = (nn.RNN, nn.LSTM, nn.GRU)

CASES: list[tuple[nn.Layer, np.ndarray]] = [
    *product(ACTIVATIONS, (ROWS, IMAGES)),
    (nn.Dense(3, bias=False), WORDS),
    (nn.Conv1D(3, 2), WORDS),
    (nn.Conv1D(4, 3, stride=2, dilation=2, padding=3), WORDS),
    (nn.Conv1D(4, 3, padding="same", groups=1, bias=False), WORDS),
    (nn.Conv2D(3, 3), IMAGES),
    (nn.Conv2D(3, (2, 3), stride=(2, 1), padding=(0, 2)), IMAGES),
    (nn.Conv2D(4, 2, stride=3, padding="same"), IMAGES),
    (nn.Conv2D(4, 3, dilation=2, groups=2), IMAGES),
    (nn.Conv2D(8, 3, groups=4, padding=1), IMAGES),
    (nn.Conv2D(2, 1), IMAGES),
    (nn.Conv2D(2, 3, padding=1), RNG.standard_normal((3, 1, 14, 13))),
    (nn.ConvTranspose2D(3, 3), IMAGES),
    (nn.ConvTranspose2D(2, (2, 3), stride=(2, 1), padding=(1, 0)), IMAGES),
    (nn.ConvTranspose2D(4, 3, stride=2, groups=2, padding="same"), IMAGES),
    (nn.ConvTranspose2D(2, 2, dilation=2, bias=False), IMAGES),
    (nn.MaxPool2D(), IMAGES),
    (nn.MaxPool2D(3), ONE_IMAGE),
    (nn.MaxPool2D(3, stride=2, padding=1), IMAGES),
    (nn.MaxPool2D(2, stride=3), IMAGES),
    (nn.AvgPool2D(), IMAGES),
    (nn.AvgPool2D(3, stride=1, padding=1), IMAGES),
    (nn.GlobalAvgPool2D(), IMAGES),
    (nn.Upsample(3), IMAGES),
    (nn.Flatten(), IMAGES),
    (nn.Reshape(2, -1), ROWS),
    (nn.BatchNorm(), ROWS),
    (nn.BatchNorm(), IMAGES),
    (nn.LayerNorm(), ROWS),
    (nn.LayerNorm(), WORDS),
    (nn.RMSNorm(), WORDS),
    (nn.GroupNorm(1), IMAGES),
    (nn.GroupNorm(2), IMAGES),
    (nn.GroupNorm(3), ROWS),
    (nn.Dropout(0.4), WORDS),
    (nn.Embedding(5, 3), np.array([[0, 4, 4], [1, 0, 4]])),
    (nn.PositionalEncoding(), WORDS),
    (nn.PositionalEncoding(7), WORDS),
    *[
        (kind(3, return_sequences=returns), x)
        for kind, returns, x in product(RECURRENT, (True, False), (WORDS, WORDS[:1, :1]))
    ],
    (nn.Bidirectional(nn.LSTM(2)), WORDS),
    (nn.Bidirectional(nn.GRU(2, return_sequences=False)), WORDS),
    (nn.MultiHeadAttention(1), WORDS),
    (nn.MultiHeadAttention(3, causal=True), WORDS),
    (nn.TransformerBlock(2), WORDS),
    (nn.TransformerBlock(3, causal=True, hidden=5, dropout=0.3), WORDS),
    (nn.Residual(nn.Dense(6), nn.Tanh()), WORDS),
    (nn.Concatenate(nn.Conv2D(2, 3, padding=1), nn.Sequential(), nn.Conv2D(1, 1)), IMAGES),
    (nn.Concatenate(nn.Dense(2), nn.Dense(3), axis=-1), WORDS),
]


def named(each: object) -> str:
    return f"x{each.shape}" if isinstance(each, np.ndarray) else repr(each)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(("layer", "x"), CASES, ids=named)
def test_gradients_are_those_of_central_differences(
    layer: nn.Layer, x: np.ndarray, training: bool
) -> None:
    check = nn.check_gradients(layer, x, training=training, rng=1)

    assert check.worst < RIGHT, check


@pytest.mark.parametrize(
    ("layer", "x"), [each for each in CASES if not isinstance(each[0], nn.Embedding)], ids=named
)
def test_a_way_back_that_ends_at_the_parameters_gives_them_the_same(
    layer: nn.Layer, x: np.ndarray
) -> None:
    whole = nn.Sequential(deepcopy(layer), nn.Sequential())
    y, backward = whole.forward(x)
    dy = np.random.default_rng(2).standard_normal(y.shape)
    backward(dy)
    expected = whole.gradients.copy()
    whole.gradients.fill(0)

    _, backward = whole.forward(x, input_gradient=False)
    backward(dy)

    np.testing.assert_array_equal(whole.gradients, expected)


COMPOSITES: dict[str, tuple[Callable[[], nn.Layer], np.ndarray]] = {
    "LeNet": (
        lambda: nn.Sequential(
            nn.Conv2D(2, 3, padding=1),
            nn.BatchNorm(),
            nn.Tanh(),
            nn.MaxPool2D(),
            nn.Conv2D(3, 2),
            nn.SiLU(),
            nn.Flatten(),
            nn.Dropout(0.2),
            nn.Dense(4),
        ),
        ONE_IMAGE,
    ),
    "autoencoder": (
        lambda: nn.Sequential(
            nn.Conv2D(3, 3, stride=2, padding=1),
            nn.ELU(),
            nn.ConvTranspose2D(2, 3, stride=2, padding=1),
            nn.Sigmoid(),
        ),
        ONE_IMAGE,
    ),
    "character model": (
        lambda: nn.Sequential(nn.Embedding(5, 3), nn.GRU(4), nn.LayerNorm(), nn.Dense(5)),
        np.array([[0, 4, 4], [1, 0, 4]]),
    ),
    "transformer": (
        lambda: nn.Sequential(
            nn.Embedding(5, 4),
            nn.PositionalEncoding(),
            nn.TransformerBlock(2, causal=True),
            nn.RMSNorm(),
            nn.Dense(5),
        ),
        np.array([[0, 4, 4], [1, 0, 4]]),
    ),
    "residual network": (
        lambda: nn.Sequential(
            nn.Residual(nn.Conv2D(4, 3, padding="same"), nn.GroupNorm(2), nn.GELU()),
            nn.Concatenate(nn.Sequential(), nn.AvgPool2D(3, stride=1, padding=1)),
            nn.Upsample(),
            nn.GlobalAvgPool2D(),
        ),
        IMAGES,
    ),
}


@pytest.mark.parametrize("name", COMPOSITES)
def test_gradients_of_whole_models_are_those_of_central_differences(name: str) -> None:
    make, x = COMPOSITES[name]

    check = nn.check_gradients(make(), x, training=True, rng=1)

    assert check.worst < RIGHT, check


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (nn.Dense(6), WORDS),
        (nn.Conv2D(4, 3, padding=1), IMAGES),
        (nn.ConvTranspose2D(4, 3, padding=1), IMAGES),
        (nn.LSTM(6), WORDS),
        (nn.GRU(6), WORDS),
        (nn.MultiHeadAttention(2), WORDS),
        (nn.TransformerBlock(2), WORDS),
        (nn.LayerNorm(), WORDS),
        (nn.GroupNorm(2), IMAGES),
        (nn.BatchNorm(), IMAGES),
        (nn.PositionalEncoding(5), WORDS),
    ],
    ids=named,
)
def test_a_layer_applied_twice_has_the_sum_of_both_gradients(
    layer: nn.Layer, x: np.ndarray
) -> None:
    model = nn.Sequential(layer, nn.Tanh(), nn.Residual(layer))

    check = nn.check_gradients(model, x, training=True, rng=1)

    assert check.worst < RIGHT, check


def test_random_directions_find_what_all_axes_find() -> None:
    model = nn.Sequential(nn.Dense(4), nn.Tanh(), nn.Dense(2))

    check = nn.check_gradients(model, ROWS, directions=3)

    assert list(check.errors) == ["input", "0.W", "0.b", "2.W", "2.b"]
    assert check.worst < RIGHT, check


@pytest.mark.parametrize("directions", [None, 2])
def test_a_wrong_way_back_is_found(directions: int | None) -> None:
    class Wrong(nn.Tanh):
        def apply(self, x: np.ndarray, training: bool) -> object:  # type: ignore[override]
            y, _ = super().apply(x, training)
            return y, lambda dy: dy * (1 - y)

    check = nn.check_gradients(Wrong(), ROWS, directions=directions)

    assert check.worst > 0.1
