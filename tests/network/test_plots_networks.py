"""Pictures of what flows through a network, and of the network itself."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from builder import network as nn
from builder.network import plots
from builder.network.arrays import Array, Backward
from builder.network.errors import BuildError, ShapeError

RNG = np.random.default_rng(5)
X = RNG.standard_normal((40, 3))
Y = RNG.standard_normal((40, 2))
LOSS = nn.MeanSquaredError()


@pytest.fixture
def ax() -> Axes:
    return Figure().add_subplot()


def two_layers() -> tuple[nn.Sequential, nn.Dense, nn.Dense]:
    first, last = nn.Dense(6), nn.Dense(2)
    model = nn.Sequential(first, nn.ReLU(), last, rng=1, dtype=np.float64)
    model.build((3,))
    return model, first, last


def draw(ax: Axes) -> None:
    """Go through all that a file of it would need."""
    figure = ax.get_figure(root=True)
    assert figure
    figure.draw_without_rendering()


def medians_of(ax: Axes) -> list[float]:
    return [float(np.asarray(line.get_xdata())[0]) for line in ax.lines]


def median(array: Array) -> float:
    return float(np.median(np.abs(array)[array != 0]))


def test_outputs_are_drawn_layer_by_layer(ax: Axes) -> None:
    model, first, _ = two_layers()
    hidden = X @ first.W

    assert plots.activations(model, X, ax=ax) is ax

    outputs = hidden, np.maximum(hidden, 0), model(X)
    assert medians_of(ax) == pytest.approx(list(map(median, outputs)))
    for found, expected in zip(nn.layer_outputs(model, X), outputs, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0 Dense", "1 ReLU", "2 Dense"]
    share = np.mean(hidden <= 0)
    assert [text.get_text() for text in ax.texts] == ["", f"{share:.0%} zero", ""]


def test_gradients_are_drawn_layer_by_layer(ax: Axes) -> None:
    model, first, last = two_layers()
    dy = LOSS(model(X), Y)[1]
    into_relu = dy @ last.W.T
    into_first = into_relu * (X @ first.W > 0)

    assert plots.gradients(model, X, Y, LOSS, ax=ax) is ax

    assert medians_of(ax) == pytest.approx([median(into_first), median(into_relu), median(dy)])
    numbers = nn.layer_gradients(model, X, Y, LOSS)
    for found, expected in zip(numbers, (into_first, into_relu, dy), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert ax.get_xlabel() == "size of gradients"


def test_gradients_of_parameters_stay_as_they_were(ax: Axes) -> None:
    model, *_ = two_layers()
    model.gradients[:] = RNG.standard_normal(model.gradients.size)
    before = model.parameters.tobytes(), model.gradients.tobytes()

    plots.gradients(model, X, Y, LOSS, ax=ax)

    assert (model.parameters.tobytes(), model.gradients.tobytes()) == before


def test_layers_before_words_have_no_gradients(ax: Axes) -> None:
    words, targets = RNG.integers(0, 4, (6, 2)), RNG.integers(0, 2, 6)
    model = nn.Sequential(
        nn.Reshape(2, 1), nn.Flatten(), nn.Embedding(4, 3), nn.Flatten(), nn.Dense(2)
    )

    draw(plots.gradients(model, words, targets, nn.CrossEntropy(), ax=ax))

    found = nn.layer_gradients(model, words, targets, nn.CrossEntropy())
    assert [array.shape for array in found] == [(0,), (0,), (6, 2, 3), (6, 6), (6, 2)]
    assert len(ax.lines) == 3


class Broken(nn.Layer):
    """A layer whose way back raises."""

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        def backward(dy: Array) -> Array:
            raise ZeroDivisionError

        return x, backward


def test_gradients_of_parameters_stay_even_when_a_layer_raises(ax: Axes) -> None:
    model = nn.Sequential(nn.Dense(4), Broken(), nn.Dense(2))
    model.build((3,))
    before = model.gradients.tobytes()

    with pytest.raises(ZeroDivisionError):
        plots.gradients(model, X, Y, LOSS, ax=ax)

    assert model.gradients.tobytes() == before


def test_a_model_that_is_not_built_is_built_as_a_whole(ax: Axes) -> None:
    model = nn.Sequential(nn.Dense(6), nn.Tanh(), nn.Dense(2))

    plots.activations(model, X, ax=ax)

    assert model.parameters.size == 3 * 6 + 6 + 6 * 2 + 2


def test_a_batch_that_does_not_fit_is_reported_with_its_layer(ax: Axes) -> None:
    with pytest.raises(ShapeError) as caught:
        plots.activations(two_layers()[0], X[:, :2], ax=ax)

    assert str(caught.value) == "layer 0, Dense(6, inputs=3): expects (N, ..., 3), got (N, 2)"


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_layer_without_sizes_is_remarked_on(ax: Axes, value: float) -> None:
    model, _, last = two_layers()
    last.W[:], last.b[:] = 0, value

    draw(plots.activations(model, X, ax=ax))

    assert len(ax.lines) == 2
    assert ax.texts[2].get_text() == ("100% zero" if value == 0 else "not finite")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Dense(2), "expects a Sequential with layers, got Dense(2)"),
        (nn.Sequential(), "expects a Sequential with layers, got Sequential()"),
        (nn.Residual(nn.Tanh()), "expects a Sequential with layers, got Residual(Tanh())"),
    ],
)
def test_what_is_no_chain_of_layers_is_reported(ax: Axes, model: nn.Layer, message: str) -> None:
    with pytest.raises(ValueError, match="Sequential") as of_activations:
        plots.activations(model, X, ax=ax)
    with pytest.raises(ValueError, match="Sequential") as of_network:
        plots.network(model, ax=ax)

    assert str(of_activations.value) == str(of_network.value) == message


def test_a_network_has_a_circle_for_each_unit_and_a_line_for_each_weight(ax: Axes) -> None:
    dense = nn.Dense(4), nn.Dense(1)
    model = nn.Sequential(*dense)
    model.build((3,))

    assert plots.network(model, ax=ax) is ax

    assert [len(np.asarray(line.get_xdata())) for line in ax.lines] == [3, 4, 1]
    assert [text.get_text() for text in ax.texts] == ["3", "4", "1"]
    for layer, lines in zip(dense, ax.collections, strict=True):
        W = layer.W.reshape(-1)
        colours = [to_hex(each) for each in np.asarray(lines.get_edgecolor())]
        assert colours == [to_hex("C0" if w > 0 else "C1") for w in W]
        widths = np.asarray(lines.get_linewidth())
        assert np.argsort(widths).tolist() == np.argsort(np.abs(W)).tolist()


def test_a_network_of_many_units_shows_the_first_and_the_last(ax: Axes) -> None:
    dense = nn.Dense(2)
    model = nn.Sequential(dense)
    model.build((100,))

    plots.network(model, ax=ax)

    units, dots, _ = ax.lines
    assert (len(np.asarray(units.get_xdata())), len(np.asarray(dots.get_xdata()))) == (7, 3)
    shown = dense.W[[0, 1, 2, 3, 97, 98, 99]].reshape(-1)
    widths = np.asarray(ax.collections[0].get_linewidth())
    assert np.argsort(widths).tolist() == np.argsort(np.abs(shown)).tolist()
    assert ax.texts[0].get_text() == "100"


def test_other_layers_are_boxes_with_their_shapes(ax: Axes) -> None:
    model = nn.Sequential(nn.Conv2D(4, 3), nn.ReLU(), nn.Flatten(), nn.Dense(2))
    model.build((1, 8, 8))

    plots.network(model, ax=ax)

    assert [text.get_text() for text in ax.texts] == [
        "Input  1 × 8 × 8",
        "Conv2D  4 × 6 × 6",
        "ReLU  4 × 6 × 6",
        "Flatten  144",
        "2",
    ]
    assert len(ax.patches) == 4


def test_a_network_of_boxes_alone_can_be_drawn(ax: Axes) -> None:
    model = nn.Sequential(nn.Conv2D(4, 3))
    model.build((1, 8, 8))

    draw(plots.network(model, ax=ax))

    assert len(ax.patches) == 2


def test_a_network_that_is_not_built_is_reported(ax: Axes) -> None:
    with pytest.raises(BuildError) as caught:
        plots.network(nn.Sequential(nn.Dense(2, inputs=2)), ax=ax)

    assert str(caught.value) == (
        "the network has no weights to draw yet (did you forget to call it on a batch, "
        "or to build it?)"
    )
