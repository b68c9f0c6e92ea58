"""What all pictures have in common, the curve of a training, and matrices."""

import io
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from builder import network as nn
from builder.execute.colours import DARK
from builder.execute.palette import STYLE
from builder.network import plots
from builder.network.errors import ShapeError

ROOT = Path(__file__).parents[2]


@dataclass
class History:
    """As training records it, of 2 epochs with 3 steps each."""

    step_losses: list[float] = field(default_factory=lambda: [3.0, 2.5, 2.0, 1.5, 1.2, 0.9])
    losses: list[float] = field(default_factory=lambda: [2.5, 1.2])
    validation_losses: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    steps_per_epoch: int = 3


@pytest.fixture
def ax() -> Axes:
    return Figure().add_subplot()


def lines_of(ax: Axes) -> list[tuple[list[float], list[float]]]:
    return [
        (np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist())
        for line in ax.lines
    ]


def draw(ax: Axes) -> None:
    """Go through all that a file of it would need."""
    figure = ax.get_figure(root=True)
    assert figure
    figure.draw_without_rendering()


def faces_of(collection: Collection) -> np.ndarray:
    """Return the colours of its parts, (…, 4)."""
    return np.asarray(collection.get_facecolor())


def texts_of(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_importing_pictures_and_naming_one_loads_no_matplotlib() -> None:
    program = (
        "from builder.network import plots; plots.loss_surface; import sys; print(*sys.modules)"
    )

    run = subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=ROOT, capture_output=True, text=True
    )

    loaded = run.stdout.split()
    assert "builder.network.plots.surfaces" in loaded
    assert not {"matplotlib", "builder.network.plots.graph"} & set(loaded)


@pytest.mark.parametrize("name", plots.__all__)
def test_every_picture_is_there_and_keeps_its_name(name: str) -> None:
    found = getattr(plots, name)

    assert found.__name__ == name
    assert found.__doc__


@pytest.mark.parametrize("package", [plots, nn.data])
def test_completion_finds_the_names_before_one_is_used(package: ModuleType) -> None:
    assert dir(package) == sorted(package.__all__)


def test_a_wrong_name_is_reported_with_the_nearest() -> None:
    name = "histroy"

    with pytest.raises(AttributeError) as caught:
        getattr(plots, name)

    assert str(caught.value) == "nn.plots has no 'histroy' (did you mean 'history'?)"


def test_without_axes_a_picture_is_drawn_on_the_current_ones() -> None:
    pyplot.switch_backend("Agg")
    _, (_, second) = pyplot.subplots(1, 2)
    try:
        assert plots.confusion_matrix([[1, 0], [0, 1]]) is second
    finally:
        pyplot.close("all")


def a_network() -> nn.Sequential:
    model = nn.Sequential(nn.Dense(9), nn.ReLU(), nn.Dense(3))
    model.build((2,))
    return model


POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plots.activations(a_network(), POINTS, ax=ax),
        lambda ax: plots.attention([[1, 2], [3, 4]], ["a", "b"], ax=ax),
        lambda ax: plots.confusion_matrix([[1, 2], [3, 4]], ax=ax),
        lambda ax: plots.decision_boundary(a_network(), POINTS, [0, 1, 2], ax=ax),
        lambda ax: plots.history(History(validation_losses=[2.0, 1.0]), ax=ax),
        lambda ax: plots.loss_contours(lambda a, b: a * a + b, ax=ax),
        lambda ax: plots.network(a_network(), ax=ax),
        lambda ax: plots.path(POINTS, ax=ax),
    ],
)
def test_every_colour_is_one_that_is_exchanged_in_the_dark(draw: Callable[[Axes], Axes]) -> None:
    drawing = io.StringIO()

    with mpl.rc_context(STYLE):
        figure = Figure()
        draw(figure.add_subplot())
        figure.savefig(drawing, format="svg")

    # The namespaces of the file hold no colour; its clip paths have none.
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawing.getvalue())) <= set(DARK)


def test_losses_stand_where_they_were_measured(ax: Axes) -> None:
    recorded = History(validation_losses=[2.0, 1.0])

    assert plots.history(recorded, ax=ax) is ax

    (at_steps, steps), (at_middles, means), (at_ends, validation) = lines_of(ax)
    assert at_steps == pytest.approx([1 / 6, 3 / 6, 5 / 6, 7 / 6, 9 / 6, 11 / 6])
    assert steps == recorded.step_losses
    assert (at_middles, means) == ([0.5, 1.5], recorded.losses)
    assert (at_ends, validation) == ([1, 2], recorded.validation_losses)
    assert texts_of(ax) == ["validation", "training"]  # upwards
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", "loss", "linear")


def test_losses_that_fall_far_are_drawn_on_a_logarithmic_axis(ax: Axes) -> None:
    plots.history(History(losses=[2.5, 0.1]), ax=ax)

    assert ax.get_yscale() == "log"


def test_losses_of_zero_leave_the_axis_linear(ax: Axes) -> None:
    plots.history(History(losses=[2.5, 0.0]), ax=ax)

    assert ax.get_yscale() == "linear"


def test_a_training_that_diverges_can_be_drawn(ax: Axes) -> None:
    recorded = History([1, np.inf, np.nan], [np.inf, np.nan], [np.nan, np.nan])

    draw(plots.history(recorded, ax=ax))


def test_names_at_the_ends_of_lines_do_not_touch(ax: Axes) -> None:
    plots.history(History(validation_losses=[2.5, 1.2]), ax=ax)

    draw(ax)
    training, validation = (text.get_window_extent() for text in ax.texts)
    assert not training.overlaps(validation)


def test_a_metric_is_drawn_alone(ax: Axes) -> None:
    plots.history(History(metrics={"accuracy": [0.5, 0.8]}), metric="accuracy", ax=ax)

    assert lines_of(ax) == [([1, 2], [0.5, 0.8])]
    assert ax.get_ylabel() == "accuracy"


def test_a_metric_that_was_not_recorded_is_reported_with_those_that_were(ax: Axes) -> None:
    with pytest.raises(ValueError, match="metric") as caught:
        plots.history(History(metrics={"accuracy": [0.5]}), metric="recall", ax=ax)

    assert str(caught.value) == "the history has no metric 'recall' (recorded: accuracy)"


def test_a_history_without_an_epoch_is_reported(ax: Axes) -> None:
    with pytest.raises(ValueError, match="epoch") as caught:
        plots.history(History(losses=[]), ax=ax)

    assert str(caught.value) == "the history has no epoch yet (did you forget to train?)"


def test_counts_stand_in_their_cells_and_mistakes_have_their_own_colour(ax: Axes) -> None:
    assert plots.confusion_matrix([[8, 2], [0, 5]], ["cat", "dog"], ax=ax) is ax

    assert [(text.get_position(), text.get_text()) for text in ax.texts] == [
        ((0, 0), "8"),
        ((1, 0), "2"),
        ((0, 1), "0"),
        ((1, 1), "5"),
    ]
    right, wrong, also_right = faces_of(ax.collections[0])
    assert to_hex(right) == to_hex(also_right) == to_hex("C0")
    assert to_hex(wrong) == to_hex("C1")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["cat", "dog"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")


def test_shares_are_written_with_two_decimals(ax: Axes) -> None:
    plots.confusion_matrix([[0.8, 0.2], [0.0, 1.0]], ax=ax)

    assert texts_of(ax) == ["0.80", "0.20", "0.00", "1.00"]


def test_a_class_that_never_occurs_has_an_empty_row(ax: Axes) -> None:
    draw(plots.confusion_matrix([[3, 0], [0, 0]], ax=ax))

    assert len(faces_of(ax.collections[0])) == 1


def test_numbers_get_smaller_where_cells_are_small(ax: Axes) -> None:
    plots.confusion_matrix(np.full((20, 20), 1000), ax=ax)

    draw(ax)
    cell = ax.transData.transform([(0, 0), (1, 1)])
    assert ax.texts[0].get_window_extent().width < cell[1, 0] - cell[0, 0]


def test_the_largest_weight_of_attention_has_the_full_colour(ax: Axes) -> None:
    assert plots.attention([[0.5, 0.0], [0.1, 0.4]], ["a", "b"], ax=ax) is ax

    assert faces_of(ax.collections[0])[:, 3].tolist() == pytest.approx([1, 0.2, 0.8])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert ax.get_ylim() == (1.5, -0.5)


def test_maps_of_attention_with_one_vmax_can_be_compared(ax: Axes) -> None:
    plots.attention([[0.5, 0.25], [0.75, 1.0]], vmax=0.5, ax=ax)
    other = Figure().add_subplot()
    plots.attention([[0.25, 0.25]], vmax=0.5, ax=other)

    assert faces_of(ax.collections[0])[:, 3].tolist() == [1, 0.5, 1, 1]
    assert faces_of(other.collections[0])[:, 3].tolist() == [0.5, 0.5]


def test_attention_that_is_zero_everywhere_is_an_empty_map(ax: Axes) -> None:
    draw(plots.attention(np.zeros((2, 2)), ax=ax))

    assert len(faces_of(ax.collections[0])) == 0


@pytest.mark.parametrize("vmax", [0.0, -1.0, float("nan")])
def test_a_vmax_that_is_not_positive_is_reported(ax: Axes, vmax: float) -> None:
    with pytest.raises(ValueError, match="vmax") as caught:
        plots.attention([[1.0]], vmax=vmax, ax=ax)

    assert str(caught.value) == f"vmax must be positive, got {vmax}"


def test_attention_to_other_words_names_them(ax: Axes) -> None:
    plots.attention([[0.2, 0.3, 0.5]], ["chat"], ["the", "cat", "."], ax=ax)

    assert [label.get_text() for label in ax.get_xticklabels()] == ["the", "cat", "."]


@pytest.mark.parametrize(
    ("matrix", "names", "message"),
    [
        ([[1, 2]], None, "confusion_matrix: expects shape (C, C), got (1, 2)"),
        ([1, 2], None, "confusion_matrix: expects a matrix, got shape (2,)"),
        ([[1, 2], [3, -1]], None, "confusion_matrix draws numbers from 0 on, got -1"),
        ([[1, 2], [3, 4]], ["a"], "there are 2 classes, but 1 names"),
    ],
)
def test_what_is_no_confusion_matrix_is_reported(
    ax: Axes, matrix: list[list[float]], names: list[str] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        plots.confusion_matrix(matrix, names, ax=ax)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("weights", "words", "message"),
    [
        (np.ones((2, 3, 3)), None, "attention: expects a matrix, got shape (2, 3, 3)"),
        ([[np.nan]], None, "attention draws numbers from 0 on, got nan"),
        ([[1.0, 0.0]], ["a", "b"], "there are 1 rows, but 2 words"),
    ],
)
def test_what_is_no_attention_is_reported(
    ax: Axes, weights: list[list[float]], words: list[str] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        plots.attention(weights, words, ax=ax)

    assert str(caught.value) == message


def image_of(ax: Axes) -> np.ndarray:
    (image,) = ax.images
    return np.asarray(image.get_array())


def test_filters_have_one_scale_and_lie_apart(ax: Axes) -> None:
    W = np.zeros((2, 1, 16, 16))
    W[0], W[1] = 2.0, -1.0

    assert plots.filters(W, ax=ax) is ax

    image = image_of(ax)
    assert image.shape == (16, 16 + 2 + 16, 4)
    first, gap, second = image[:, :16], image[:, 16:18], image[:, 18:]
    assert (first[..., 3] == 1).all()
    assert (first[..., 2] > first[..., 0]).all()  # blue above 0
    assert not gap[..., 3].any()
    assert (second[..., 3] < 1).all()
    assert (second[..., 0] > second[..., 2]).all()  # orange below 0


def test_channels_of_a_filter_lie_closer_than_filters(ax: Axes) -> None:
    plots.filters(np.ones((2, 3, 16, 16)), ax=ax)

    # One strip of three channels over the other.
    assert image_of(ax).shape == (16 + 4 + 16, 3 * 16 + 2, 4)


def test_small_filters_are_enlarged_by_whole_numbers(ax: Axes) -> None:
    plots.filters(np.arange(9.0).reshape(1, 1, 3, 3), ax=ax)

    image = image_of(ax)
    assert image.shape == (18, 18, 4)
    assert len({tuple(pixel) for pixel in image.reshape(-1, 4).tolist()}) == 9


def test_maps_fill_a_mosaic_in_the_form_of_the_page(ax: Axes) -> None:
    assert plots.feature_maps(np.ones((8, 16, 16)), ax=ax) is ax

    assert image_of(ax).shape == (2 * 16 + 2, 4 * 16 + 3 * 2, 4)


def test_maps_that_are_zero_everywhere_are_still_seen_to_be_there(ax: Axes) -> None:
    plots.feature_maps(np.zeros((1, 16, 16)), ax=ax)

    opacity = image_of(ax)[..., 3]
    assert 0.05 < opacity.min() == opacity.max() < 0.3


def test_wrong_axes_of_filters_and_maps_are_reported(ax: Axes) -> None:
    with pytest.raises(ShapeError) as of_filters:
        plots.filters(np.ones((3, 3)), ax=ax)
    with pytest.raises(ShapeError) as of_maps:
        plots.feature_maps(np.ones((1, 4, 5, 5)), ax=ax)

    assert str(of_filters.value) == "filters: expects W of shape (F, C, kh, kw), got (3, 3)"
    assert str(of_maps.value) == (
        "feature_maps: expects (C, H, W), got (1, 4, 5, 5) "
        "(did you mean maps[0], those of one example?)"
    )
