"""Every mistake with shapes is told with the layer, what it got and what it expects."""

import numpy as np
import pytest

from builder import network as nn


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
