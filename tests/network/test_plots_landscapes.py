"""Regions of a classifier, surfaces of a loss, and planes on which they are looked at."""

import re

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from builder import network as nn
from builder.network import plots
from builder.network.arrays import Array
from builder.network.errors import BuildError, ShapeError

RNG = np.random.default_rng(3)
X = RNG.uniform(-1, 1, (30, 2))
Y = np.sin(X[:, :1])
LOSS = nn.MeanSquaredError()


@pytest.fixture
def ax() -> Axes:
    return Figure().add_subplot()


def trained_model() -> nn.Sequential:
    """A model whose parameters and gradients are no round numbers."""
    model = nn.Sequential(nn.Dense(5), nn.Tanh(), nn.Dense(1), rng=1)
    y, backward = model.forward(X)
    backward(LOSS(y, Y)[1])
    return model


def region_at(ax: Axes, point: Array) -> str:
    """Return the colour of the region in which a point lies."""
    inside = {
        to_hex(np.asarray(region.get_facecolor())[0])
        for region in ax.collections
        if region.get_paths()[0].contains_point((point[0], point[1]))
    }
    (colour,) = inside
    return colour


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_regions_are_those_of_the_most_likely_class(ax: Axes, classes: int) -> None:
    model = nn.Sequential(nn.Dense(8), nn.Tanh(), nn.Dense(classes), rng=2)
    labels = RNG.integers(0, max(classes, 2), 30)

    assert plots.decision_boundary(model, X, labels, ax=ax) is ax

    logits = model(X)
    likeliest = logits.argmax(axis=1) if classes > 1 else (logits[:, 0] > 0).astype(int)
    assert len(set(likeliest.tolist())) == max(classes, 2)
    # A point nearer to a border than the grid is fine may fall on either side.
    ordered = np.sort(logits, axis=1)
    lead = ordered[:, -1] - ordered[:, -2] if classes > 1 else np.abs(logits[:, 0])
    clear = lead > 0.02
    assert clear.sum() > 20
    for point, k in zip(X[clear], likeliest[clear], strict=True):
        assert region_at(ax, point) == to_hex(f"C{k}")


def test_points_are_drawn_by_their_labels(ax: Axes) -> None:
    labels = np.arange(30) % 2

    plots.decision_boundary(lambda points: points[:, 0], X, labels[:, None], ax=ax)

    for k, line in enumerate(ax.lines):
        np.testing.assert_array_equal(line.get_xydata(), X[labels == k])
        assert line.get_color() == f"C{k}"


def test_colour_is_stronger_where_the_model_is_surer(ax: Axes) -> None:
    plots.decision_boundary(lambda points: 4 * points[:, 0], X, np.zeros(30, int), ax=ax)

    def layers(x: float) -> int:
        return sum(region.get_paths()[0].contains_point((x, 0)) for region in ax.collections)

    assert [layers(x) for x in (0.1, 0.2, 0.4, 0.8)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("points", "labels", "logits", "message"),
    [
        (X[:, :1], [0] * 30, X, "decision_boundary: expects X of shape (N, 2), got (30, 1)"),
        (X, [0] * 29, X, "decision_boundary: X has 30 points, but y has shape (29,)"),
        (
            X,
            [0] * 30,
            X,
            "decision_boundary: the model gives (30, 2) for 6400 points, "
            "but logits are (N, C), (N, 1) or (N,)",
        ),
        (
            X,
            [0] * 30,
            np.full(6400, np.nan),
            "some predictions are no finite numbers (did the training diverge?)",
        ),
        (
            X,
            [0] * 30,
            np.full(6400, 0.5),
            "all predictions lie between 0 and 1, but logits are asked for "
            "(did you mean the model without its last Sigmoid?)",
        ),
        (
            X,
            [2] * 30,
            np.full(6400, 2.0),
            "the label 2 is no class: the model tells 2 classes apart, 0 to 1",
        ),
    ],
)
def test_what_has_no_regions_is_reported(
    ax: Axes, points: Array, labels: list[int], logits: Array, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        plots.decision_boundary(lambda _: logits, points, labels, ax=ax)

    assert str(caught.value) == message


def test_a_loss_is_asked_all_over_its_ranges(ax: Axes) -> None:
    asked = []

    def loss(a: float, b: float) -> float:
        asked.append((a, b))
        return a * a + 4 * b * b

    assert plots.loss_contours(loss, (-1, 2), (0, 3), resolution=4, ax=ax) is ax

    assert asked == [(a, b) for b in (0, 1, 2, 3) for a in (-1, 0, 1, 2)]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 2), (0, 3))


def levels_of(ax: Axes) -> list[float]:
    return list(map(float, ax.collections[-1].levels))  # type: ignore[attr-defined]


def test_contours_are_evenly_spaced_round_numbers(ax: Axes) -> None:
    plots.loss_contours(lambda a, b: 10 * (a * a + b * b), ax=ax)

    assert levels_of(ax) == [2, 4, 6, 8, 10, 12, 14, 16, 18]


def test_contours_of_a_loss_over_decades_are_logarithmic(ax: Axes) -> None:
    plots.loss_contours(lambda a, b: 10 ** (2 * a), ax=ax)

    assert levels_of(ax) == pytest.approx([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50])


def test_where_the_loss_is_not_finite_the_map_is_empty(ax: Axes) -> None:
    plots.loss_contours(lambda a, b: np.inf if a < 0 else a + b, ax=ax)

    corners = np.concatenate([each.vertices for each in ax.collections[0].get_paths()])
    assert corners[:, 0].min() >= 0


def test_a_loss_that_is_nowhere_finite_is_reported(ax: Axes) -> None:
    with pytest.raises(ValueError, match="finite") as caught:
        plots.loss_contours(lambda a, b: np.nan, ax=ax)

    assert str(caught.value) == "the loss is finite nowhere in these ranges"


def test_a_flat_loss_is_an_empty_map(ax: Axes) -> None:
    plots.loss_contours(lambda a, b: 1.0, ax=ax)

    assert not ax.collections


def test_a_surface_leaves_parameters_and_gradients_as_they_were(ax: Axes) -> None:
    model = trained_model()
    before = model.parameters.tobytes(), model.gradients.tobytes()

    assert plots.loss_surface(model, X, Y, LOSS, ax=ax) is ax

    assert (model.parameters.tobytes(), model.gradients.tobytes()) == before


def test_a_surface_leaves_the_parameters_even_when_the_loss_raises(ax: Axes) -> None:
    model = trained_model()
    before = model.parameters.tobytes()

    with pytest.raises(ShapeError):
        plots.loss_surface(model, X, Y[:3], LOSS, ax=ax)

    assert model.parameters.tobytes() == before


def test_a_surface_measures_the_loss_at_the_points_of_the_plane(ax: Axes) -> None:
    model = trained_model()
    plane = plots.random_plane(model, span=0.5)
    seen = []

    def loss(prediction: Array, target: object) -> tuple[float, Array]:
        seen.append(model.parameters.copy())
        return float(np.sum(prediction)), prediction

    plots.loss_surface(model, X, Y, loss, plane, ax=ax)

    corners = [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)]
    for index, corner in zip((0, 30, 930, 960), corners, strict=True):
        # Rounded to float32.
        np.testing.assert_allclose(seen[index], plane.at(*corner), rtol=1e-6, atol=1e-7)


def test_a_plane_of_another_model_is_reported(ax: Axes) -> None:
    plane = plots.random_plane(trained_model())
    other = nn.Sequential(nn.Dense(2, inputs=2))
    other.build()

    with pytest.raises(ShapeError) as caught:
        plots.loss_surface(other, X, X, LOSS, plane, ax=ax)

    assert str(caught.value) == (
        "loss_surface: the plane is one of 21 parameters, but the model has 6"
    )


def test_a_surface_of_a_model_that_is_not_built_is_reported(ax: Axes) -> None:
    with pytest.raises(BuildError) as caught:
        plots.loss_surface(nn.Dense(2), X, X, LOSS, ax=ax)

    assert str(caught.value) == (
        "Dense(2) has no parameters yet (did you forget to call it on a batch, or to build it?)"
    )


def test_random_directions_are_as_long_as_the_weights_of_each_unit() -> None:
    model = trained_model()
    first, last = model.layers[0], model.layers[2]
    assert isinstance(first, nn.Dense)
    assert isinstance(last, nn.Dense)
    weights = [np.linalg.norm(first.W, axis=0), np.linalg.norm(last.W, axis=0)]
    before = model.parameters.tobytes()

    plane = plots.random_plane(model, rng=4)

    assert model.parameters.tobytes() == before
    np.testing.assert_array_equal(plane.origin, model.parameters)
    for direction in plane.directions:
        model.parameters[:] = direction
        # Lengths are rounded to float32.
        np.testing.assert_allclose(np.linalg.norm(first.W, axis=0), weights[0], rtol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(last.W, axis=0), weights[1], rtol=1e-6)
        assert not first.b.any()
    assert (
        plane.directions.tolist() == plots.random_plane(trained_model(), rng=4).directions.tolist()
    )


def test_random_directions_are_as_long_as_each_filter_of_a_convolution() -> None:
    model = nn.Conv2D(3, 2)
    model(RNG.standard_normal((1, 2, 4, 4)))
    lengths = np.linalg.norm(model.W.reshape(3, -1), axis=1)

    plane = plots.random_plane(model)

    model.parameters[:] = plane.directions[0]
    np.testing.assert_allclose(np.linalg.norm(model.W.reshape(3, -1), axis=1), lengths, rtol=1e-6)


def test_a_trajectory_within_a_plane_is_projected_exactly() -> None:
    flat = RNG.standard_normal((12, 2))
    axes = RNG.standard_normal((2, 40))
    points = 1 + flat @ axes

    plane = plots.trajectory_plane(points)
    along = plane.project(points)

    back = [plane.at(*each) for each in along.tolist()]
    np.testing.assert_allclose(back, points, rtol=0, atol=1e-12)
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(along[-1], 0, atol=1e-12)
    for (low, high), coordinates in zip((plane.a, plane.b), along.T, strict=True):
        assert low < coordinates.min() <= 0 <= coordinates.max() < high


def test_the_first_direction_of_a_trajectory_is_that_of_most_movement() -> None:
    points = np.zeros((9, 5))
    points[:, 3] = np.linspace(5, 0, 9)
    points[:, 1] = np.sin(np.linspace(0, 2 * np.pi, 9))

    plane = plots.trajectory_plane(points)

    along = plane.project(points)
    assert np.ptp(along[:, 0]) > np.ptp(along[:, 1]) > 0
    assert along[0, 0] < 0  # it runs to the right


def test_points_beside_a_skew_plane_are_projected_to_the_nearest() -> None:
    plane = plots.Plane(
        origin=np.zeros(3),
        directions=np.array([[1.0, 0, 0], [1, 1, 0]]),
        a=(-1, 1),
        b=(-1, 1),
    )

    assert plane.project([[3, 2, 7]])[0].tolist() == pytest.approx([1, 2])


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (
            np.zeros((2, 5)),
            "trajectory_plane: expects at least 3 points with 2 parameters, got (2, 5)",
        ),
        (np.zeros(5), "trajectory_plane: expects points of shape (S, P), got (5,)"),
        (
            np.ones((4, 5)),
            "the parameters never move (did you forget to copy them at each step?)",
        ),
    ],
)
def test_what_is_no_trajectory_is_reported(points: Array, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        plots.trajectory_plane(points)

    assert str(caught.value) == message


def test_points_with_other_parameters_are_not_projected() -> None:
    plane = plots.trajectory_plane(np.eye(3))

    with pytest.raises(ShapeError) as caught:
        plane.project([[1, 2]])

    assert str(caught.value) == "Plane: has 3 parameters, but the points have 2"


def test_a_path_is_drawn_with_its_start_and_its_end(ax: Axes) -> None:
    points = np.array([[0, 0], [1, 2], [3, 1]])

    assert plots.path(points, ax=ax) is ax

    way, start, end = (np.asarray(line.get_xydata()).tolist() for line in ax.lines)
    assert way == points.tolist()
    assert (start, end) == ([[0, 0]], [[3, 1]])
    assert [text.get_text() for text in ax.texts] == ["start", "end"]


def test_what_is_no_path_is_reported(ax: Axes) -> None:
    with pytest.raises(ShapeError) as caught:
        plots.path([[1, 2]], ax=ax)

    assert str(caught.value) == "path: expects at least 2 points, of shape (S, 2), got (1, 2)"
