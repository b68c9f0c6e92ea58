"""A part of a model gives what the model gives up to there, and leaves its parameters to it."""

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from builder import network as nn
from builder.network.layers.sequential import Part

RNG = np.random.default_rng(12)
X = RNG.standard_normal((5, 1, 6, 6)).astype(np.float32)


def built() -> nn.Sequential:
    model = nn.Sequential(
        nn.Conv2D(3, 3), nn.BatchNorm(), nn.ReLU(), nn.MaxPool2D(), nn.Flatten(), nn.Dense(2)
    )
    model.build((1, 6, 6))
    return model


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("middle", range(1, 6))
def test_one_part_after_the_other_gives_what_the_model_gives(middle: int, training: bool) -> None:
    model, twin = built(), built()
    y, backward = model.forward(X, training)
    dy = RNG.standard_normal(y.shape)
    dx = backward(dy)

    h, first_back = twin[:middle].forward(X, training)
    z, last_back = twin[middle:].forward(h, training)
    through = first_back(last_back(dy))

    np.testing.assert_array_equal(z, y)
    np.testing.assert_array_equal(through, dx)
    np.testing.assert_array_equal(twin.gradients, model.gradients)


def test_a_part_gives_what_its_last_layer_gives_in_the_model() -> None:
    model = built()

    for stop, output in enumerate(nn.layer_outputs(model, X), 1):
        np.testing.assert_array_equal(model[:stop](X), output)


def test_a_way_back_of_a_part_adds_to_the_gradients_of_the_model() -> None:
    model = built()
    model.gradients.fill(1)
    y, backward = model[:1].forward(X)

    backward(np.ones_like(y))

    gradients = {name: gradient for name, _, gradient in model.named_parameters()}
    assert gradients["0.b"].tolist() == [1 + y[:, 0].size] * 3
    assert (gradients["5.W"] == 1).all()


def test_the_gradients_of_a_part_are_those_of_central_differences() -> None:
    check = nn.check_gradients(built()[:3], X)

    assert list(check.errors) == ["input", "0.W", "0.b", "1.gamma", "1.beta"]
    # Differences err by about 1e-10.
    assert check.worst < 1e-7, check


def test_a_part_may_begin_and_end_anywhere() -> None:
    model = built()

    assert model[1:3].layers == model.layers[1:3]
    assert model[-2:].layers == model.layers[4:]
    assert model[:].layers == model[:100:1].layers == model.layers
    assert model[1:4][1:].layers == model.layers[2:4]
    assert repr(model[2:4]) == "Part(ReLU(), MaxPool2D(2))"
    assert model[:1].input_shape == (1, 6, 6)


def test_a_part_changes_with_its_model() -> None:
    model = built()
    part, labels = model[:5], RNG.integers(0, 2, 5)
    before = part(X)

    nn.train_step(model, X, labels, nn.CrossEntropy(), nn.SGD(0.5))

    np.testing.assert_array_equal(part(X), nn.layer_outputs(model, X)[4])
    assert not np.array_equal(part(X), before)


@pytest.mark.parametrize(
    "move",
    [
        lambda model: model.rebuild(np.float64),
        lambda model: nn.Sequential(model, nn.Tanh(), dtype=np.float64).build((1, 6, 6)),
    ],
)
def test_a_part_computes_as_its_model_does_after_a_move(
    move: Callable[[nn.Sequential], object],
) -> None:
    model = built()
    part = model[:3]
    move(model)
    x = RNG.standard_normal(X.shape)

    y, backward = part.forward(x)
    dx = backward(third := np.full(y.shape, 1 / 3))

    fresh, way_back = model[:3].forward(x)
    assert y.dtype == dx.dtype == np.float64
    np.testing.assert_array_equal(y, fresh)
    np.testing.assert_array_equal(dx, way_back(third))


def test_a_part_outlives_its_model() -> None:
    model = built()
    expected, part = nn.layer_outputs(model, X)[2], model[:3]
    del model

    np.testing.assert_array_equal(part(X), expected)


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda part: pickle.loads(pickle.dumps(part))]
)
def test_a_copy_of_a_part_is_a_model_of_its_own(duplicate: Callable[[Part], Part]) -> None:
    model = built()
    part = model[:3]
    expected = part(X)

    twin = duplicate(part)
    head = nn.Sequential(twin, nn.Flatten(), nn.Dense(2))
    np.testing.assert_array_equal(twin(X), expected)
    nn.train_step(head, X, RNG.integers(0, 2, 5), nn.CrossEntropy(), nn.SGD(0.5))

    np.testing.assert_array_equal(part(X), expected)
    assert not np.array_equal(twin(X), expected)
    assert twin.parameters.size == 3 * 9 + 3 + 3 + 3


def test_a_part_has_a_summary_and_names() -> None:
    part = built()[:3]

    assert [name for name, _, _ in part.named_parameters()] == ["0.W", "0.b", "1.gamma", "1.beta"]
    assert part.summary().parameters == 36


def test_a_part_is_not_trained_alone() -> None:
    model = built()
    part, before = model[5:], model.parameters.tobytes()
    h = model[:5](X)
    message = (
        "Part(Dense(2, inputs=12)) shares layers with its model, so that it has no parameters "
        "of its own (did you mean those of the whole model?)"
    )

    with pytest.raises(nn.BuildError) as step:
        nn.train_step(part, h, [0, 1, 0, 1, 1], nn.CrossEntropy(), nn.SGD(0.5))
    with pytest.raises(nn.BuildError) as build:
        part.build((12,))
    with pytest.raises(nn.BuildError) as inside:
        nn.Sequential(part, nn.Tanh())(h)

    assert str(step.value) == message
    assert str(build.value) == "Part(Dense(2, inputs=12)) is built already"
    assert str(inside.value) == (
        "Part(Dense(2, inputs=12)) is part of another model already "
        "(did you mean copy.deepcopy of it?)"
    )
    assert model.parameters.tobytes() == before


def test_a_batch_that_does_not_fit_a_part_is_reported() -> None:
    with pytest.raises(nn.ShapeError) as caught:
        built()[:2](X[:, 0])

    assert str(caught.value).startswith("layer 0, Conv2D(3, 3): expects (N, ")


class Twice(nn.Sequential):
    """A way forward of a post's own."""

    def apply(self, x: np.ndarray, training: bool):  # type: ignore[no-untyped-def]
        raise NotImplementedError


@pytest.mark.parametrize(
    ("cut", "error", "message"),
    [
        (
            lambda: nn.Sequential(nn.Tanh(), nn.Dense(2))[:1],
            nn.BuildError,
            "Sequential(Tanh(), Dense(2)) has no parameters yet (did you forget to call it on a "
            "batch, or to build it?)",
        ),
        (lambda: built()[6:9], IndexError, "no layer from 6 to 6, of 6"),
        (lambda: built()[3:3], IndexError, "no layer from 3 to 3, of 6"),
        (
            lambda: built()[0],  # type: ignore[index]
            TypeError,
            "a part is a slice such as model[:3], got 0 (did you mean model.layers[0]?)",
        ),
        (
            lambda: built()[::2],
            TypeError,
            "a part is a slice such as model[:3], got slice(None, None, 2) "
            "(did you mean model.layers[slice(None, None, 2)]?)",
        ),
        (
            lambda: nn.Residual(nn.Tanh())[:1],
            TypeError,
            "Residual(Tanh()) is more than its layers one after the other",
        ),
        (
            lambda: Twice(nn.Tanh())[:1],
            TypeError,
            "Twice(Tanh()) is more than its layers one after the other",
        ),
    ],
)
def test_what_is_no_part_is_refused(
    cut: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        cut()

    assert str(caught.value) == message
