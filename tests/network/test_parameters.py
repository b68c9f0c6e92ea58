"""Where parameters live: views into flat buffers, whatever the model is made of."""

import copy
import gc
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from builder import network as nn

X = np.random.default_rng(3).standard_normal((5, 2))


def small_model(rng: int | np.random.Generator = 0) -> nn.Sequential:
    return nn.Sequential(nn.Dense(4), nn.Tanh(), nn.Dense(1), rng=rng)


def test_the_parameters_of_all_layers_lie_in_one_array_in_their_order() -> None:
    first, last = nn.Dense(4), nn.Dense(1)
    model = nn.Sequential(first, nn.Tanh(), last)

    assert model.build((2,)) == (1,)

    arrays = [first.W, first.b, last.W, last.b]
    np.testing.assert_array_equal(model.parameters, np.concatenate([a.ravel() for a in arrays]))
    assert all(np.shares_memory(model.parameters, array) for array in arrays)
    gradients = [first.dW, first.db, last.dW, last.db]
    assert all(np.shares_memory(model.gradients, array) for array in gradients)
    assert model.parameters.size == model.gradients.size == 4 * 2 + 4 + 4 + 1


def test_moving_the_flat_array_moves_the_layers() -> None:
    layer = nn.Dense(4)
    model = nn.Sequential(nn.Sequential(layer))
    model.build((2,))

    model.parameters.fill(3)
    layer.dW += 2

    assert layer.W.tolist() == [[3] * 4] * 2
    assert model.gradients.tolist() == [2] * 8 + [0] * 4


def test_names_tell_the_way_to_a_parameter() -> None:
    model = nn.Sequential(nn.Dense(4), nn.Sequential(nn.Tanh(), nn.Dense(1)))
    model.build((2,))

    named = {name: (p.shape, g.shape) for name, p, g in model.named_parameters()}

    assert named == {
        "0.W": ((2, 4), (2, 4)),
        "0.b": ((4,), (4,)),
        "1.1.W": ((4, 1), (4, 1)),
        "1.1.b": ((1,), (1,)),
    }


def test_a_layer_that_appears_twice_has_its_parameters_once() -> None:
    shared = nn.Dense(2)
    model = nn.Sequential(shared, nn.Tanh(), shared, nn.Sequential(shared))

    model.build((2,))

    assert model.parameters.size == 2 * 2 + 2
    assert [name for name, _, _ in model.named_parameters()] == ["0.W", "0.b"]


def test_a_part_has_its_own_piece_of_the_models_buffers() -> None:
    generator = nn.Sequential(nn.Dense(4), nn.Tanh())
    discriminator = nn.Sequential(nn.Dense(1))
    model = nn.Sequential(generator, discriminator)

    model.build((2,))

    assert generator.parameters.size == 12
    assert discriminator.parameters.size == 5
    discriminator.parameters.fill(7)
    assert model.parameters[12:].tolist() == [7] * 5
    assert not (model.parameters[:12] == 7).any()


def test_a_part_that_shares_a_layer_with_the_rest_has_no_one_piece() -> None:
    shared = nn.Dense(2)
    part = nn.Sequential(nn.Dense(2), nn.Dense(2), shared)
    model = nn.Sequential(shared, nn.Dense(2), part)
    model.build((2,))

    with pytest.raises(nn.BuildError) as caught:
        part.parameters  # noqa: B018 - reading it is the act

    assert str(caught.value) == (
        "Sequential(Dense(2, inputs=2), Dense(2, inputs=2), Dense(2, inputs=2)) shares layers "
        "with its model, so that it has no parameters of its own "
        "(did you mean those of the whole model?)"
    )
    assert model.parameters.size == 4 * 6


def test_parameters_are_drawn_in_order_however_models_are_nested() -> None:
    flat = nn.Sequential(nn.Dense(4), nn.Tanh(), nn.Dense(3), nn.Dense(1), rng=5)
    nested = nn.Sequential(
        nn.Dense(4), nn.Sequential(nn.Tanh(), nn.Dense(3), rng=8), nn.Dense(1), rng=5
    )

    np.testing.assert_array_equal(flat(X), nested(X))
    np.testing.assert_array_equal(flat.parameters, nested.parameters)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    models = [small_model(seed) for seed in (4, 4, 5)]
    for model in models:
        model.build((2,))

    one, same, other = (model.parameters.tobytes() for model in models)

    assert one == same != other
    default, zero = nn.Sequential(nn.Dense(4)), nn.Sequential(nn.Dense(4), rng=0)
    assert default(X).tobytes() == zero(X).tobytes()


def test_a_generator_is_drawn_on() -> None:
    rng = np.random.default_rng(4)
    first, second, seeded = small_model(rng), small_model(rng), small_model(4)

    assert first(X).tobytes() == seeded(X).tobytes() != second(X).tobytes()


def test_a_part_used_before_keeps_its_values_inside_a_model() -> None:
    encoder = nn.Sequential(nn.Dense(4), nn.Tanh(), rng=9)
    code = encoder(X)
    layer = encoder.layers[0]

    model = nn.Sequential(encoder, nn.Dense(1))
    model(X)

    np.testing.assert_array_equal(encoder(X), code)
    assert np.shares_memory(model.parameters, layer.parameters)
    assert np.shares_memory(model.parameters, encoder.parameters)


def test_a_layer_is_never_taken_from_another_model() -> None:
    encoder = nn.Dense(4)
    autoencoder = nn.Sequential(encoder, nn.Dense(2))
    autoencoder(X)
    classifier = nn.Sequential(encoder, nn.Dense(1))

    with pytest.raises(nn.BuildError) as caught:
        classifier(X)

    assert str(caught.value) == (
        "Dense(4, inputs=2) is part of another model already (did you mean copy.deepcopy of it?)"
    )
    assert np.shares_memory(autoencoder.parameters, encoder.W)
    copied = nn.Sequential(copy.deepcopy(encoder), nn.Dense(1))
    assert copied(X).shape == (5, 1)


def test_a_layer_of_a_model_that_is_gone_is_free() -> None:
    layer = nn.Dense(4)
    first = nn.Sequential(layer)
    code = first(X)
    del first
    gc.collect()

    second = nn.Sequential(layer, nn.Tanh())

    np.testing.assert_array_equal(second(X), np.tanh(code))


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_a_copy_predicts_the_same_and_learns_alone(
    duplicate: Callable[[nn.Sequential], nn.Sequential],
) -> None:
    model = nn.Sequential(nn.Sequential(nn.Dense(2), nn.Tanh()), nn.Dense(3), nn.Dense(2))
    before = model(X)

    twin = duplicate(model)

    assert twin.parameters.tobytes() == model.parameters.tobytes()
    np.testing.assert_array_equal(twin(X), before)
    twin.parameters.fill(0)
    assert not twin(X).any()
    np.testing.assert_array_equal(model(X), before)
    assert [name for name, _, _ in twin.named_parameters()] == [
        name for name, _, _ in model.named_parameters()
    ]


def test_a_copy_of_a_trained_model_trains_on_at_once() -> None:
    model = small_model()
    model(X)
    twin = copy.deepcopy(model)

    gradients = []
    for each in (model, twin):
        y, backward = each.forward(X, training=True)
        backward(np.ones_like(y))
        gradients.append(each.gradients.tobytes())

    assert gradients[0] == gradients[1]


def test_a_shallow_copy_never_takes_the_layers_away() -> None:
    model = small_model()
    model(X)

    with pytest.raises(nn.BuildError):
        copy.copy(model)(X)


def test_a_copy_still_shares_the_layers_that_the_model_shares() -> None:
    shared = nn.Dense(2)
    model = nn.Sequential(nn.Sequential(shared, nn.Dense(2)), nn.Sequential(shared, nn.Tanh()))
    model(X)

    twin = copy.deepcopy(model)

    assert twin.parameters.tobytes() == model.parameters.tobytes()
    assert twin.layers[0].layers[0] is twin.layers[1].layers[0]


def test_float32_stays_float32_whatever_the_post_hands_in() -> None:
    model, loss = small_model(), nn.MeanSquaredError()
    optimizer = nn.SGD(learning_rate=float(np.float64(0.1)), momentum=0.5)
    optimizer.learning_rate = np.float64(0.1)

    y, backward = model.forward(X.astype(np.float64), training=True)
    error, gradient = loss(y, np.zeros((5, 1), np.int64))
    dx = backward(gradient.astype(np.float64))
    optimizer.step(model)

    assert type(error) is float
    arrays = [y, gradient, dx, model.parameters, model.gradients, model(X.tolist())]
    arrays += [array for _, *both in model.named_parameters() for array in both]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_a_float64_model_computes_in_float64_from_its_first_batch_on() -> None:
    model = nn.Sequential(nn.Dense(1, inputs=1), dtype=np.float64)
    third = np.array([[1 / 3]])

    first, second = model(third), model(third)

    assert first.dtype == np.float64
    assert first == second == third * model.parameters[0]


def test_float64_starts_where_float32_does() -> None:
    single, double = nn.Dense(4, inputs=2), nn.Dense(4, inputs=2)

    single.build(rng=1)
    double.build(rng=1, dtype=np.float64)

    np.testing.assert_array_equal(double.parameters.astype(np.float32), single.parameters)


@pytest.mark.parametrize(
    ("dtype", "message"), [(np.int32, "a model computes in float32 or float64, not in int32")]
)
def test_a_model_of_integers_is_refused(dtype: type, message: str) -> None:
    with pytest.raises(nn.BuildError) as caught:
        nn.Sequential(nn.Dense(1), dtype=dtype)(X)

    assert str(caught.value) == message


def test_parameters_that_do_not_exist_yet_are_asked_for() -> None:
    layer = nn.Dense(4)

    with pytest.raises(nn.BuildError) as flat:
        layer.parameters  # noqa: B018 - reading it is the act
    with pytest.raises(AttributeError) as view:
        layer.W  # noqa: B018 - reading it is the act
    with pytest.raises(nn.BuildError) as build:
        layer.build()

    assert str(flat.value) == (
        "Dense(4) has no parameters yet (did you forget to call it on a batch, or to build it?)"
    )
    assert str(view.value) == (
        "'Dense' has no attribute 'W'; parameters exist once it is called on a batch, or built"
    )
    assert str(build.value) == (
        "Dense(4) does not know its inputs (did you mean build(shape), with the shape of one "
        "example?)"
    )


def test_what_a_built_layer_has_not_is_not_promised() -> None:
    layer = nn.Dense(4, inputs=2)
    layer.build()

    with pytest.raises(AttributeError) as caught:
        layer.weights  # type: ignore[attr-defined]  # noqa: B018 - reading it is the act

    assert str(caught.value) == "'Dense' has no attribute 'weights'"


def test_a_model_is_built_once() -> None:
    model = nn.Sequential(nn.Dense(4, inputs=2))
    model.build()

    with pytest.raises(nn.BuildError) as caught:
        model.build()

    assert str(caught.value) == "Sequential(Dense(4, inputs=2)) is built already"


def test_a_model_shows_its_layers() -> None:
    assert repr(small_model()) == "Sequential(Dense(4), Tanh(), Dense(1))"
