"""Every mistake with shapes is told with the layer, what it got and what it expects."""

from collections.abc import Callable

import numpy as np
import pytest

from builder import network as nn

# What each layer says of an input that does not fit.
REFUSED: list[tuple[nn.Layer, tuple[int, ...], str]] = [
    (nn.Dense(3), (2, 0), "Dense(3): expects (N, ..., inputs), got (N, 0)"),
    (
        nn.Conv2D(8, 3),
        (4, 28, 28),
        "Conv2D(8, 3): expects (N, channels, height, width), got (N, 28, 28) "
        "(did you mean x[:, None], one channel?)",
    ),
    (
        nn.Conv2D(8, 3, inputs=3),
        (4, 1, 9, 9),
        "Conv2D(8, 3): expects (N, 3, height, width), got (N, 1, 9, 9)",
    ),
    (
        nn.Conv2D(8, 5, stride=2),
        (2, 1, 4, 7),
        "Conv2D(8, 5, stride=2): leaves nothing of an input of (N, 1, 4, 7): y would be 0 x 2",
    ),
    (
        nn.Conv2D(4, (3, 1), padding=(1, 0), groups=2, bias=False),
        (2, 3, 8, 8),
        "Conv2D(4, (3, 1), padding=(1, 0), groups=2, bias=False): 2 groups do not divide 3 "
        "channels",
    ),
    (
        nn.Conv1D(8, 3, dilation=2),
        (4, 28),
        "Conv1D(8, 3, dilation=2): expects (N, channels, length), got (N, 28) "
        "(did you mean x[:, None], one channel?)",
    ),
    (
        nn.ConvTranspose2D(2, 2, padding=3),
        (1, 1, 2, 2),
        "ConvTranspose2D(2, 2, padding=3): leaves nothing of an input of (N, 1, 2, 2): "
        "y would be -3 x -3",
    ),
    (
        nn.MaxPool2D(9),
        (4, 1, 8, 8),
        "MaxPool2D(9): the window is larger than an input of (N, 1, 8, 8)",
    ),
    (
        nn.AvgPool2D(2, stride=1, padding=1),
        (3,),
        "AvgPool2D(2, stride=1, padding=1): expects (N, channels, height, width), got (N,)",
    ),
    (
        nn.GlobalAvgPool2D(),
        (2, 3),
        "GlobalAvgPool2D(): expects (N, channels, height, width), got (N, 3)",
    ),
    (
        nn.Upsample(),
        (2, 3, 4),
        "Upsample(2): expects (N, channels, height, width), got (N, 3, 4) "
        "(did you mean x[:, None], one channel?)",
    ),
    (nn.Reshape(3, 4), (2, 13), "Reshape(3, 4): expects 12 numbers an example, got (N, 13)"),
    (
        nn.Reshape(3, -1),
        (2, 13),
        "Reshape(3, -1): expects a multiple of 3 numbers an example, got (N, 13)",
    ),
    (nn.LayerNorm(), (3,), "LayerNorm(): expects (N, ...) with an axis more, got (N,)"),
    (nn.GroupNorm(2), (4, 3), "GroupNorm(2): 2 groups do not divide 3 channels"),
    (nn.PositionalEncoding(), (2, 3), "PositionalEncoding(): expects (N, T, D), got (N, 3)"),
    (
        nn.PositionalEncoding(4),
        (2, 5, 3),
        "PositionalEncoding(4): knows 4 places, got a sequence of 5",
    ),
    (
        nn.RNN(3),
        (2, 5),
        "RNN(3): expects (N, T, inputs), got (N, 5) (did you mean x[:, :, None]?)",
    ),
    (nn.LSTM(3, inputs=2), (2, 5, 3), "LSTM(3): expects (N, T, 2), got (N, 5, 3)"),
    (nn.GRU(3), (2, 0, 3), "GRU(3): a sequence has no step"),
    (
        nn.MultiHeadAttention(2),
        (2, 3),
        "MultiHeadAttention(2): expects (N, T, D), got (N, 3)",
    ),
    (
        nn.TransformerBlock(4, causal=True),
        (2, 3, 6),
        "layer 0.1, MultiHeadAttention(4, causal=True): 4 heads do not divide D = 6 numbers a word",
    ),
    (
        nn.Residual(nn.Dense(3)),
        (2, 4),
        "Residual: x has shape (N, 4), but f(x) has (N, 3)",
    ),
    (
        nn.Concatenate(nn.Conv2D(2, 3), nn.Conv2D(2, 1)),
        (1, 1, 5, 5),
        "Concatenate: outputs of (N, 2, 3, 3) and (N, 2, 5, 5) do not fit along axis 1",
    ),
    (
        nn.Sequential(nn.Conv2D(2, 3), nn.Concatenate(nn.Tanh(), nn.Dense(3, inputs=9))),
        (1, 1, 5, 5),
        "layer 1.1, Dense(3, inputs=9): expects (N, ..., 9), got (N, 2, 3, 3)",
    ),
]


@pytest.mark.parametrize(("layer", "shape", "message"), REFUSED, ids=lambda each: str(each)[:40])
def test_every_layer_tells_what_it_got_and_what_it_expects(
    layer: nn.Layer, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(nn.ShapeError) as caught:
        layer(zeros(*shape))

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("layer", "seen", "other", "message"),
    [
        (
            nn.Conv2D(8, 3),
            (1, 1, 5, 5),
            (1, 3, 5, 5),
            "Conv2D(8, 3): expects (N, 1, height, width), got (N, 3, 5, 5)",
        ),
        (
            nn.LayerNorm(),
            (1, 4),
            (1, 5),
            "LayerNorm(): gamma has shape (4,), but an input of (N, 5) needs (5,)",
        ),
        (nn.LSTM(2), (1, 4, 3), (1, 5, 4), "LSTM(2): expects (N, T, 3), got (N, 5, 4)"),
        (
            nn.MultiHeadAttention(1),
            (1, 4, 2),
            (1, 4, 3),
            "MultiHeadAttention(1): W has shape (2, 6), but an input of (N, 4, 3) needs (3, 9)",
        ),
    ],
)
def test_a_layer_that_has_learned_refuses_other_widths(
    layer: nn.Layer, seen: tuple[int, ...], other: tuple[int, ...], message: str
) -> None:
    layer(zeros(*seen))

    with pytest.raises(nn.ShapeError) as caught:
        layer(zeros(*other))

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([[0.5, 1]], "Embedding(5, 2): expects whole numbers from 0 to 4, got some from 0.5 to 1"),
        ([[1, 5]], "Embedding(5, 2): expects whole numbers from 0 to 4, got some from 1 to 5"),
        ([[-1, 2]], "Embedding(5, 2): expects whole numbers from 0 to 4, got some from -1 to 2"),
        (
            [[np.nan]],
            "Embedding(5, 2): expects whole numbers from 0 to 4, got some from nan to nan",
        ),
    ],
)
def test_words_that_are_none_are_refused(words: list[list[int]], message: str) -> None:
    with pytest.raises(nn.ShapeError) as caught:
        nn.Sequential(nn.Embedding(5, 2), nn.Dense(3))(words)

    assert str(caught.value) == message


@pytest.mark.parametrize("length", [1, 3, 9])
@pytest.mark.parametrize(
    "layer",
    [nn.RNN(4), nn.Bidirectional(nn.LSTM(2)), nn.TransformerBlock(2), nn.PositionalEncoding()],
    ids=repr,
)
def test_sequences_may_change_their_length_from_batch_to_batch(
    layer: nn.Layer, length: int
) -> None:
    layer(zeros(2, 5, 4))

    assert layer(zeros(2, length, 4)).shape == (2, length, 4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.Conv2D(8, 0),
            "kernel_size must be a whole number or a pair, 1 or more, got 0",
        ),
        (
            lambda: nn.Conv2D(8, (3,)),
            "kernel_size must be a whole number or a pair, 1 or more, got (3,)",
        ),
        (
            lambda: nn.Conv2D(8, 2.5),  # type: ignore[arg-type]
            "kernel_size must be a whole number or a pair, 1 or more, got 2.5",
        ),
        (
            lambda: nn.Conv1D(8, (3, 3)),
            "kernel_size must be a whole number, 1 or more, got (3, 3)",
        ),
        (
            lambda: nn.Conv2D(8, 3, padding=-1),
            "padding must be a whole number or a pair, 0 or more, or 'same', got -1",
        ),
        (
            lambda: nn.Conv2D(9, 3, groups=2),
            "filters and groups must be 1 or more, and the groups divide the filters, got 9 and 2",
        ),
        (
            lambda: nn.AvgPool2D(2, padding=2),
            "padding must be at most half the size 2, got 2",
        ),
        (lambda: nn.Dropout(1), "rate must lie in [0, 1), got 1"),
        (lambda: nn.LeakyReLU(1), "slope must lie in [0, 1), got 1"),
        (lambda: nn.ELU(0), "alpha must be positive, got 0"),
        (lambda: nn.GroupNorm(0), "groups must be 1 or more, got 0"),
        (lambda: nn.BatchNorm(2), "momentum must lie in [0, 1], got 2"),
        (
            lambda: nn.Embedding(0, 1),
            "Embedding needs a vocabulary and units of 1 or more, got 0 and 1",
        ),
        (lambda: nn.PositionalEncoding(0), "max_length must be 1 or more, got 0"),
        (lambda: nn.RNN(0), "RNN needs at least 1 unit, got 0"),
        (lambda: nn.MultiHeadAttention(0), "heads must be 1 or more, got 0"),
        (lambda: nn.Upsample(0), "scale must be 1 or more, got 0"),
        (
            lambda: nn.Reshape(-1, -1),
            "Reshape needs lengths of 1 or more and at most one -1, got (-1, -1)",
        ),
    ],
)
def test_an_impossible_size_is_refused(make: Callable[[], nn.Layer], message: str) -> None:
    with pytest.raises(ValueError, match=r"must|needs") as caught:
        make()

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.Bidirectional(nn.Dense(2)),  # type: ignore[arg-type]
            "Bidirectional takes a recurrent layer, got Dense(2)",
        ),
        (nn.Concatenate, "Concatenate takes one layer or more, got ()"),
    ],
)
def test_what_is_no_layer_is_refused(make: Callable[[], nn.Layer], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        make()

    assert str(caught.value) == message


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


@pytest.mark.parametrize(
    ("layer", "x", "message"),
    [
        (
            nn.Dense(16, inputs=2),
            zeros(4, 3),
            "Dense(16, inputs=2): expects (N, ..., 2), got (N, 3)",
        ),
        (
            nn.Dense(16),
            zeros(4),
            "Dense(16): expects (N, ..., inputs), got (N,) "
            "(did you mean x[:, None], one number per example?)",
        ),
        (
            nn.Dense(16),
            np.float32(1),
            "Dense(16): expects a batch of shape (N, ...), got a single number",
        ),
        (
            nn.Sequential(nn.Dense(16, inputs=2), nn.Tanh()),
            zeros(4, 7, 3),
            "layer 0, Dense(16, inputs=2): expects (N, ..., 2), got (N, 7, 3)",
        ),
        (
            nn.Sequential(nn.Dense(16), nn.Tanh(), nn.Dense(1, inputs=8)),
            zeros(4, 2),
            "layer 2, Dense(1, inputs=8): expects (N, ..., 8), got (N, 16)",
        ),
        (
            nn.Sequential(nn.Dense(3), nn.Sequential(nn.Tanh(), nn.Dense(2, inputs=4))),
            zeros(4, 2),
            "layer 1.1, Dense(2, inputs=4): expects (N, ..., 4), got (N, 3)",
        ),
    ],
)
def test_a_batch_that_does_not_fit_is_reported_at_its_layer(
    layer: nn.Layer, x: np.ndarray, message: str
) -> None:
    with pytest.raises(nn.ShapeError) as caught:
        layer.forward(x)

    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)


def test_a_model_that_has_seen_a_batch_refuses_one_of_another_width() -> None:
    model = nn.Sequential(nn.Dense(16), nn.Tanh())
    model(zeros(4, 2))

    with pytest.raises(nn.ShapeError) as caught:
        model(zeros(4, 3))

    assert str(caught.value) == "layer 0, Dense(16, inputs=2): expects (N, ..., 2), got (N, 3)"
    assert model(zeros(4, 9, 2)).shape == (4, 9, 16)


def test_a_batch_that_did_not_fit_leaves_no_sizes_behind() -> None:
    model = nn.Sequential(nn.Dense(4), nn.Dense(3, inputs=4), nn.Dense(2, inputs=4))
    with pytest.raises(nn.ShapeError):
        model(zeros(1, 2))

    assert repr(model.layers[0]) == "Dense(4)"


def test_a_layer_that_appears_twice_must_fit_both_places() -> None:
    shared = nn.Dense(16)
    model = nn.Sequential(shared, shared)

    with pytest.raises(nn.ShapeError) as caught:
        model(zeros(4, 2))

    assert str(caught.value) == (
        "layer 1, Dense(16): appears twice, once with W of shape (2, 16) and once with (16, 16)"
    )


@pytest.mark.parametrize("layer", [nn.Tanh(), nn.Sequential(nn.Dense(1))])
def test_a_gradient_in_another_shape_than_y_is_never_broadcast(layer: nn.Layer) -> None:
    _, backward = layer.forward(zeros(4, 1))

    with pytest.raises(nn.ShapeError) as caught:
        backward(zeros(4))

    assert str(caught.value) == f"{layer!r}: y has shape (4, 1), but dL/dy has (4,)"


@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (
            zeros(4, 1),
            zeros(4),
            "MeanSquaredError(): prediction has shape (4, 1), but target has (4,) "
            "(did you mean target.reshape(4, 1)?)",
        ),
        (
            zeros(4, 2),
            zeros(4, 1),
            "MeanSquaredError(): prediction has shape (4, 2), but target has (4, 1)",
        ),
        (
            zeros(0, 1),
            zeros(0, 1),
            "MeanSquaredError(): no mean of an empty batch, of shape (0, 1)",
        ),
    ],
)
def test_a_target_that_does_not_fit_is_never_broadcast(
    prediction: np.ndarray, target: np.ndarray, message: str
) -> None:
    with pytest.raises(nn.ShapeError) as caught:
        nn.MeanSquaredError()(prediction, target)

    assert str(caught.value) == message


def test_a_list_of_layers_is_refused_with_a_hint() -> None:
    layers: list[nn.Layer] = [nn.Tanh()]

    with pytest.raises(TypeError) as caught:
        nn.Sequential(layers)  # type: ignore[arg-type]

    assert str(caught.value) == (
        "Sequential takes layers, got [Tanh()] "
        "(did you forget the * of a list, or the () of a layer?)"
    )
