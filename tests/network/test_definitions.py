"""Layers against the sums of their definitions, and against numbers published elsewhere."""

from itertools import product
from math import erf
from typing import TypeVar

import numpy as np
import pytest

from builder import network as nn
from builder.network.functions import sigmoid
from builder.network.initializers import orthogonal
from builder.network.layers.correlation import Window, correlate_by_columns
from builder.network.layers.recurrent import Recurrent

RNG = np.random.default_rng(3)

L = TypeVar("L", bound=nn.Layer)


def same(actual: object, expected: object) -> None:
    """Compare sums of some ten float64 numbers, which may have been added in another order."""
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=1e-12, atol=1e-12)


def built(layer: L, x: np.ndarray) -> L:
    layer.build(x.shape[1:], dtype=np.float64)
    layer.parameters[:] = RNG.standard_normal(layer.parameters.shape)
    return layer


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"),
    [
        ((3, 3), (1, 1), (1, 1)),
        ((2, 3), (2, 1), (1, 1)),
        ((3, 2), (3, 2), (1, 1)),
        ((3, 3), (1, 2), (2, 1)),
        ((2, 2), (2, 2), (2, 3)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_convolution_is_the_sum_of_its_definition(
    kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]
) -> None:
    x = RNG.standard_normal((2, 3, 7, 8))
    layer = built(nn.Conv2D(2, kernel, stride=stride, dilation=dilation), x)

    y = layer(x)

    (s, t), (d, e), (K, M) = stride, dilation, kernel
    for n, f, p, q in np.ndindex(y.shape):
        by_definition = layer.b[f] + sum(
            layer.W[f, c, i, j] * x[n, c, p * s + i * d, q * t + j * e]
            for c, i, j in product(range(3), range(K), range(M))
        )
        assert y[n, f, p, q] == pytest.approx(by_definition, rel=1e-12, abs=1e-12)
    assert y.shape[2:] == ((7 - (K - 1) * d - 1) // s + 1, (8 - (M - 1) * e - 1) // t + 1)


@pytest.mark.parametrize("size", [6, 20])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"),
    [((3, 3), 1, 1), ((2, 4), 1, 2), ((3, 3), 2, 1), ((1, 5), 3, 1), ((5, 1), 2, 1)],
)
def test_the_fast_convolution_is_the_readable_one(
    kernel: tuple[int, int], stride: int, dilation: int, size: int
) -> None:
    window = Window(kernel, (stride, stride), (dilation, dilation))
    x = RNG.standard_normal((3, 2, size, size + 1))
    W = RNG.standard_normal((4, 2, *kernel))
    by_columns, backward = correlate_by_columns(x, W, window.stride, window.dilation)
    dy = RNG.standard_normal(by_columns.shape)
    dx, dW = backward(dy)

    y, rows = window.correlate(x, W)

    same(y, by_columns)
    same(window.weight_gradient(rows, dy, C=2), dW)
    same(window.input_gradient(dy, W, (size, size + 1)), dx)


def test_groups_see_only_their_own_channels() -> None:
    x = RNG.standard_normal((2, 4, 5, 5))
    layer = built(nn.Conv2D(6, 3, groups=2), x)

    y = layer(x)

    for group in range(2):
        mine, theirs = slice(2 * group, 2 * group + 2), slice(3 * group, 3 * group + 3)
        alone, _ = correlate_by_columns(x[:, mine], layer.W[theirs])
        same(y[:, theirs], alone + layer.b[theirs, None, None])


def test_padding_the_same_keeps_the_size_also_with_an_even_kernel() -> None:
    x = RNG.standard_normal((2, 1, 5, 6))

    for kernel in (1, 2, 3, 4):
        assert nn.Conv2D(3, kernel, padding="same")(x).shape == (2, 3, 5, 6)
    assert nn.Conv1D(3, 4, dilation=2, padding="same")(x[:, 0]).shape == (2, 3, 6)
    for kernel in (2, 3, 4, 5):
        layer = nn.ConvTranspose2D(3, kernel, stride=2, padding="same")
        assert layer(x).shape == (2, 3, 10, 12)


def test_a_transposed_convolution_is_the_way_back_of_a_convolution() -> None:
    small = RNG.standard_normal((2, 3, 4, 5))
    transposed = built(nn.ConvTranspose2D(2, (3, 2), stride=2, padding=1, bias=False), small)
    convolution = built(nn.Conv2D(3, (3, 2), stride=2, padding=1, bias=False), transposed(small))
    convolution.W[:] = transposed.W

    y, backward = convolution.forward(transposed(small))

    assert y.shape == small.shape
    same(transposed(small), backward(small))


def test_max_pooling_gives_the_first_of_equal_pixels_the_whole_gradient() -> None:
    x = np.zeros((1, 1, 2, 4))
    x[0, 0] = [[0, 5, 0, 7], [5, 5, 7, 0]]

    y, backward = nn.MaxPool2D().forward(x)

    assert y.tolist() == [[[[5, 7]]]]
    assert backward(np.array([[[[1.0, 2.0]]]])).tolist() == [[[[0, 1, 0, 2], [0, 0, 0, 0]]]]


@pytest.mark.parametrize(
    ("size", "stride", "padding"), [(2, 2, 0), (3, 2, 1), (2, 3, 1), (3, 1, 0)]
)
def test_pooling_takes_the_largest_or_the_mean_of_every_window(
    size: int, stride: int, padding: int
) -> None:
    x = RNG.standard_normal((2, 3, 7, 8))
    largest, mean = nn.MaxPool2D(size, stride, padding), nn.AvgPool2D(size, stride, padding)
    largest.build(x.shape[1:], dtype=np.float64)
    mean.build(x.shape[1:], dtype=np.float64)
    widths = ((0, 0), (0, 0), (padding, padding), (padding, padding))

    y, z = largest(x), mean(x)

    lowest, zeros = np.pad(x, widths, constant_values=-np.inf), np.pad(x, widths)
    for n, c, p, q in np.ndindex(y.shape):
        window = np.s_[n, c, p * stride : p * stride + size, q * stride : q * stride + size]
        assert y[n, c, p, q] == lowest[window].max()
        assert z[n, c, p, q] == pytest.approx(zeros[window].mean(), rel=1e-12, abs=1e-12)


def test_windows_of_a_pooling_may_be_wider_than_high() -> None:
    x = np.arange(12.0).reshape(1, 1, 3, 4)

    assert nn.MaxPool2D((1, 2))(x).tolist() == [[[[1, 3], [5, 7], [9, 11]]]]
    assert nn.AvgPool2D((3, 1), stride=(1, 2))(x).tolist() == [[[[4, 6]]]]


def test_upsampling_repeats_every_pixel() -> None:
    y = nn.Upsample(2)([[[[1, 2]]]])

    assert y.tolist() == [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]


@pytest.mark.parametrize("x", [RNG.standard_normal((6, 4)), RNG.standard_normal((3, 4, 2, 5))])
def test_batch_normalization_gives_every_channel_mean_0_and_variance_1(x: np.ndarray) -> None:
    layer = nn.BatchNorm(epsilon=0)
    layer.build(x.shape[1:], dtype=np.float64)
    axes = (0, *range(2, x.ndim))

    y, _ = layer.forward(x, training=True)

    np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=axes), 1, atol=1e-12)


def test_batch_normalization_predicts_with_what_it_has_seen() -> None:
    x = RNG.standard_normal((50, 3)) * [1, 2, 3] + [4, 5, 6]
    layer = nn.BatchNorm(momentum=1)
    layer.build((3,), dtype=np.float64)
    before = layer(x)

    layer.forward(x, training=True)
    after = layer(x[:1])

    np.testing.assert_allclose(before, x, rtol=1e-5)
    same(layer.running_mean, x.mean(axis=0))
    same(layer.running_var, x.var(axis=0, ddof=1))
    expected = (x[:1] - x.mean(axis=0)) / np.sqrt(x.var(axis=0, ddof=1) + 1e-5)
    same(after, expected)


def test_layer_and_group_normalization_agree_where_they_mean_the_same() -> None:
    x = RNG.standard_normal((3, 6))

    one, other = nn.LayerNorm()(x), nn.GroupNorm(1)(x)

    # Both in float32, in another order.
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(one.mean(axis=1), 0, atol=1e-6)


def test_rms_normalization_gives_every_row_mean_square_1() -> None:
    y = nn.RMSNorm()(RNG.standard_normal((3, 6)) * 10)

    # ε, 1e-5, is a millionth of the squares here.
    np.testing.assert_allclose((y**2).mean(axis=1), 1, atol=1e-5)


def test_dropout_keeps_the_mean_and_drops_the_share_that_it_says() -> None:
    layer, x = nn.Dropout(0.25), np.ones((400, 500), np.float32)

    y, backward = layer.forward(x, training=True)

    # 200,000 draws: the share is known to 0.1 %, four times over here.
    assert np.mean(y == 0) == pytest.approx(0.25, abs=0.004)
    assert y.max() == pytest.approx(4 / 3)
    np.testing.assert_array_equal(backward(x), y)
    np.testing.assert_array_equal(layer(x), x)


def test_dropout_draws_anew_in_every_call_and_alike_from_the_same_seed() -> None:
    def model() -> nn.Sequential:
        return nn.Sequential(nn.Dropout(), nn.Dropout(), rng=4)

    x = np.ones((1, 64))
    one, same = model(), model()

    first, second = one.forward(x, training=True)[0], one.forward(x, training=True)[0]

    assert first.tobytes() != second.tobytes()
    assert same.forward(x, training=True)[0].tobytes() == first.tobytes()


def test_two_dropouts_of_a_model_do_not_drop_the_same() -> None:
    model = nn.Sequential(nn.Dropout(), nn.Dropout())

    y, _ = model.forward(np.ones((1, 1000)), training=True)

    # A quarter is left, give or take four times 1.4 %.
    assert np.mean(y != 0) == pytest.approx(0.25, abs=0.055)


def test_dropout_does_not_change_where_parameters_start() -> None:
    one = nn.Sequential(nn.Dense(3), nn.Dropout(), nn.Dense(2), rng=1)
    other = nn.Sequential(nn.Dense(3), nn.Dense(2), rng=1)

    one.build((4,))
    other.build((4,))

    np.testing.assert_array_equal(one.parameters, other.parameters)


def test_an_embedding_looks_words_up() -> None:
    layer = nn.Embedding(4, 3)
    layer.build((2,))

    y = layer([[0, 3]])

    np.testing.assert_array_equal(y[0], layer.W[[0, 3]])


def test_positions_are_sines_and_cosines_of_their_own_frequencies() -> None:
    layer = nn.PositionalEncoding()
    layer.build((6, 5), dtype=np.float64)

    P = layer(np.zeros((1, 6, 5)))[0]

    for t, i in np.ndindex(6, 5):
        angle = t / 10_000 ** (2 * (i // 2) / 5)
        expected = np.cos(angle) if i % 2 else np.sin(angle)
        assert P[t, i] == pytest.approx(expected, abs=1e-15)


def unrolled(layer: Recurrent, x: np.ndarray) -> np.ndarray:
    """Return every state, step by step and word for word from the docstrings."""
    units = layer.U.shape[0]
    states = []
    for sequence in x:
        h, c = np.zeros(units), np.zeros(units)
        for step in sequence:
            inner = step @ layer.W + layer.b
            if isinstance(layer, nn.RNN):
                h = np.tanh(inner + h @ layer.U)
            elif isinstance(layer, nn.LSTM):
                i, f, g, o = np.split(inner + h @ layer.U, 4)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
            else:
                assert isinstance(layer, nn.GRU)
                (a, b, d), (u, v, w) = np.split(inner, 3), np.split(h @ layer.U, 3)
                n = np.tanh(d + sigmoid(a + u) * (w + layer.c))
                h = (1 - sigmoid(b + v)) * n + sigmoid(b + v) * h
            states.append(h)
    return np.array(states).reshape(*x.shape[:2], units)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_recurrent_layers_are_their_formulas_step_by_step(kind: type[Recurrent]) -> None:
    x = RNG.standard_normal((2, 5, 3))
    layer = built(kind(4), x)

    y = layer(x)

    same(y, unrolled(layer, x))
    last = kind(4, return_sequences=False)
    last.build((5, 3), dtype=np.float64)
    last.parameters[:] = layer.parameters
    np.testing.assert_array_equal(last(x), y[:, -1])


def test_an_lstm_starts_by_remembering() -> None:
    layer = nn.LSTM(3, inputs=2)

    layer.build((4, 2))

    assert layer.b.tolist() == [0] * 3 + [1] * 3 + [0] * 6
    np.testing.assert_allclose(layer.U @ layer.U.T, np.eye(3), atol=1e-6)


def test_a_bidirectional_layer_reads_from_both_ends() -> None:
    x = RNG.standard_normal((2, 5, 3))
    layer = nn.Bidirectional(nn.GRU(4))
    layer.build((5, 3), dtype=np.float64)
    forwards, backwards = layer.layers
    assert isinstance(forwards, nn.GRU)
    assert isinstance(backwards, nn.GRU)

    y = layer(x)

    np.testing.assert_array_equal(y[..., :4], forwards(x))
    np.testing.assert_array_equal(y[..., 4:], backwards(x[:, ::-1])[:, ::-1])
    assert not np.array_equal(forwards.W, backwards.W)


def test_attention_is_its_definition_word_by_word() -> None:
    x = RNG.standard_normal((2, 5, 6))
    layer = built(nn.MultiHeadAttention(2), x)

    y, A = layer(x), layer.attention(x)

    for n in range(2):
        Q, K, V = np.split(x[n] @ layer.W + layer.b, 3, axis=1)
        mixed = []
        for head, part in enumerate((slice(0, 3), slice(3, 6))):
            scores = np.exp(Q[:, part] @ K[:, part].T / np.sqrt(3))
            weights = scores / scores.sum(axis=1, keepdims=True)
            same(A[n, head], weights)
            mixed.append(weights @ V[:, part])
        by_definition = np.concatenate(mixed, axis=1) @ layer.Wo + layer.bo
        same(y[n], by_definition)


@pytest.mark.parametrize(
    "layer", [nn.MultiHeadAttention(2, causal=True), nn.TransformerBlock(2, causal=True)]
)
def test_a_causal_layer_does_not_look_ahead(layer: nn.Layer) -> None:
    x = RNG.standard_normal((1, 6, 4))
    changed = x.copy()
    changed[:, 3:] += 1
    layer.build((6, 4), dtype=np.float64)

    before, after = layer(x), layer(changed)

    # The softmax shifts by the largest score of all, so the last bits may differ.
    same(before[:, :3], after[:, :3])
    assert not np.allclose(before[:, 3:], after[:, 3:])


def test_a_transformer_block_takes_its_sizes_from_its_input() -> None:
    block = nn.TransformerBlock(2)
    block.build((5, 6))

    assert [layer.W.shape for layer in (block.widen, block.narrow)] == [(6, 24), (24, 6)]
    with pytest.raises(nn.ShapeError):
        block(np.zeros((1, 5, 8)))
    assert block(np.zeros((1, 5, 6))).shape == (1, 5, 6)


def test_a_residual_adds_and_branches_stand_side_by_side() -> None:
    x = RNG.standard_normal((2, 3)).astype(np.float32)

    residual, branches = nn.Residual(nn.Tanh()), nn.Concatenate(nn.Sequential(), nn.Tanh())

    np.testing.assert_array_equal(residual(x), x + np.tanh(x))
    np.testing.assert_array_equal(branches(x), np.hstack([x, np.tanh(x)]))


def test_branches_tell_the_shape_of_what_they_join() -> None:
    branches = nn.Concatenate(nn.Sequential(), nn.Conv2D(5, 3, padding=1))

    assert branches.output_shape((2, 7, 6)) == (7, 7, 6)
    assert not branches.is_built


def test_activations_have_the_values_of_their_formulas() -> None:
    x = np.array([[-2.0, -0.5, 0.0, 0.5, 2.0]])
    expected = {
        nn.Sigmoid(): 1 / (1 + np.exp(-x)),
        nn.LeakyReLU(0.1): np.where(x > 0, x, 0.1 * x),
        nn.ELU(0.5): np.where(x > 0, x, 0.5 * (np.exp(x) - 1)),
        nn.SiLU(): x / (1 + np.exp(-x)),
        nn.Softplus(): np.log(1 + np.exp(x)),
        nn.Softmax(): np.exp(x) / np.exp(x).sum(),
    }

    for layer, y in expected.items():
        # float32.
        np.testing.assert_allclose(layer(x), y, rtol=1e-6, atol=1e-7, err_msg=repr(layer))


def test_gelu_errs_by_less_than_its_docstring_says() -> None:
    x = np.linspace(-6, 6, 2001)[None]
    layer = nn.GELU()
    layer.build((2001,), dtype=np.float64)

    exact = [value * 0.5 * (1 + erf(value / 2**0.5)) for value in x[0]]

    assert np.abs(layer(x)[0] - exact).max() < 5e-4


def test_every_initializer_has_its_spread() -> None:
    spread = {
        "glorot_uniform": np.sqrt(2 / 500),
        "glorot_normal": np.sqrt(2 / 500),
        "he_uniform": np.sqrt(2 / 200),
        "he_normal": np.sqrt(2 / 200),
        "lecun_normal": np.sqrt(1 / 200),
        "standard_normal": 1,
        "small_normal": 0.02,
        "ones": 0,
        "zeros": 0,
    }

    for name, sigma in spread.items():
        layer = nn.Dense(300, inputs=200, initializer=name)
        layer.build(rng=1)
        # 60,000 draws: the spread is known to 0.3 %, four times over here.
        assert layer.W.std() == pytest.approx(sigma, rel=0.012), name


@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (5, 3), (4, 2, 3)])
def test_an_orthogonal_start_has_orthonormal_rows_or_columns(shape: tuple[int, ...]) -> None:
    W = orthogonal(np.random.default_rng(0), shape, 1, 1).reshape(shape[0], -1)

    small = W @ W.T if W.shape[0] <= W.shape[1] else W.T @ W
    np.testing.assert_allclose(small, np.eye(len(small)), atol=1e-12)
