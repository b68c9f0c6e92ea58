"""What goes wrong without a word elsewhere: memory order, shared arrays, copies, leftovers."""

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array, Backward, Shape
from builder.network.blueprint import Blueprint
from tests.network.test_gradients import CASES as LAYERS
from tests.network.test_gradients import named
from tests.network.test_losses import CASES as LOSSES

RNG = np.random.default_rng(8)
X = RNG.standard_normal((6, 3)).astype(np.float32)
Y = RNG.standard_normal((6, 2)).astype(np.float32)


def layouts(array: np.ndarray) -> list[np.ndarray]:
    """Return the same numbers as they may lie in memory."""
    strided = np.repeat(array, 2, axis=0)[::2]
    read_only = array.copy()
    read_only.flags.writeable = False
    return [np.asfortranarray(array), strided, array[::-1][::-1], read_only]


@pytest.mark.parametrize(("loss", "prediction", "target"), LOSSES, ids=str)
def test_a_loss_is_the_same_however_its_arrays_lie_in_memory(
    loss: nn.Loss, prediction: np.ndarray, target: np.ndarray
) -> None:
    error, gradient = loss(prediction, target)

    for p in layouts(prediction):
        for t in layouts(target):
            other, other_gradient = loss(p, t)
            assert other == pytest.approx(error, rel=1e-12)
            np.testing.assert_allclose(other_gradient, gradient, atol=1e-15)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_words_are_told_apart_right_after_a_recurrent_layer(kind: type[nn.RNN]) -> None:
    words = RNG.integers(0, 4, (2, 5))

    check = nn.check_gradients(kind(4), RNG.standard_normal((2, 5, 3)), nn.CrossEntropy(), words)

    assert check.worst < 1e-7, check


@pytest.mark.parametrize(("layer", "x"), LAYERS, ids=named)
def test_a_layer_leaves_what_it_is_given_as_it_was_and_may_be_asked_twice(
    layer: nn.Layer, x: np.ndarray
) -> None:
    model = nn.Sequential(copy.deepcopy(layer))
    x = x.astype(np.float32) if x.dtype.kind == "f" else x
    y, backward = model.forward(x, training=True)
    given, dy = x.copy(), RNG.standard_normal(y.shape).astype(np.float32)
    kept = dy.copy()
    model.gradients.fill(0)

    first = np.array(backward(dy))
    once = model.gradients.copy()
    again = backward(dy)

    np.testing.assert_array_equal(x, given)
    np.testing.assert_array_equal(dy, kept)
    np.testing.assert_array_equal(again, first)
    np.testing.assert_allclose(model.gradients, 2 * once, rtol=1e-6, atol=1e-7)
    assert {y.dtype, first.dtype, once.dtype} == {np.dtype(np.float32)}


@pytest.mark.parametrize(("layer", "x"), LAYERS, ids=named)
def test_a_layer_is_the_same_however_its_input_lies_in_memory(
    layer: nn.Layer, x: np.ndarray
) -> None:
    model = nn.Sequential(copy.deepcopy(layer))
    y, backward = model.forward(x)
    dy = RNG.standard_normal(y.shape)
    dx = backward(dy)

    for other in layouts(x):
        z, way_back = model.forward(other)
        # float32 sums, perhaps in another order.
        np.testing.assert_allclose(z, y, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(way_back(np.asfortranarray(dy)), dx, rtol=1e-4, atol=1e-5)


def test_a_parameter_that_is_assigned_is_copied_into_its_place() -> None:
    layer = nn.Dense(2)
    model = nn.Sequential(layer, dtype=np.float64)
    model.build((3,))

    layer.W = np.ones((3, 2))
    layer.db = np.full(2, 5)

    assert model.parameters[:6].tolist() == [1] * 6
    assert model.gradients.tolist() == [0] * 6 + [5] * 2
    with pytest.raises(nn.ShapeError) as caught:
        layer.W = np.ones((2, 3))
    assert str(caught.value) == "Dense(2, inputs=3): W has shape (3, 2), got (2, 3)"
    with pytest.raises(AttributeError):
        model.parameters = np.ones(8)  # type: ignore[misc]
    with pytest.raises(nn.BuildError):
        model.layers += (nn.Dense(3),)


class Scaled(nn.Sequential):
    """A way forward of a post's own."""

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        y, way_back = super().apply(x, training)
        return 100 * y, lambda dy: way_back(100 * dy)


class Doubled(nn.Dense):
    """The same of a layer that has a short way back."""

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        y, way_back = super().apply(x, training)
        return 2 * y, lambda dy: way_back(2 * dy)


@pytest.mark.parametrize("model", [Scaled(nn.Dense(2)), Doubled(2), nn.Sequential(Doubled(2))])
def test_a_way_forward_of_ones_own_is_the_one_that_is_trained(model: nn.Layer) -> None:
    y, _ = model.forward(X)

    short, backward = model.forward(X, input_gradient=False)
    backward(np.ones_like(y))
    gradients = model.gradients.copy()
    model.clear_gradients()
    model.forward(X)[1](np.ones_like(y))

    np.testing.assert_array_equal(short, y)
    np.testing.assert_array_equal(gradients, model.gradients)
    assert gradients.any()


class Silent(nn.Layer):
    """A mixin with a way forward of its own."""

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        return 0 * x[:, :2], lambda dy: np.zeros((len(dy), 3), dy.dtype)


class SilentDense(Silent, nn.Dense):
    """Its way forward is the mixin's."""


def test_a_mixins_way_forward_is_the_one_that_is_trained() -> None:
    model = nn.Sequential(SilentDense(2))

    y, _ = model.forward(X, input_gradient=False)

    assert not y.any()


def test_who_overrides_forward_is_told_of_apply() -> None:
    with pytest.raises(TypeError) as caught:

        class Mine(nn.Layer):
            def forward(self, x: Array) -> Array:  # type: ignore[override]
                return x

    assert str(caught.value) == "Mine defines forward (did you mean apply?)"


class Alone(nn.Layer):
    """A way forward that forgets the way back."""

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        return x  # type: ignore[return-value]


@pytest.mark.parametrize("model", [Alone(), nn.Sequential(nn.Tanh(), Alone())])
def test_y_alone_is_never_taken_apart(model: nn.Layer) -> None:
    with pytest.raises(
        TypeError, match=r"^Alone\(\): apply returns y and the way back, got ndarray$"
    ):
        model(X[:2])


def test_a_layer_in_a_list_would_not_learn_but_a_built_one_may_be_kept() -> None:
    class Blocks(nn.Layer):
        def __init__(self, inner: nn.Layer) -> None:
            self.blocks = [inner]

        def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
            return self.blocks[0](x), lambda dy: dy

    teacher = nn.Dense(3)
    teacher(X)

    with pytest.raises(nn.BuildError):
        Blocks(nn.Dense(3))(X)
    assert Blocks(teacher)(X).shape == (6, 3)
    assert copy.deepcopy(Blocks(teacher))(X).shape == (6, 3)


class Gated(nn.Layer):
    """y = x f(x), with a layer f that it plans itself."""

    def __init__(self, f: nn.Layer) -> None:
        self.layers = (f,)

    def plan(self, input_shape: Shape, blueprint: Blueprint) -> Shape:
        self.layers[0].plan(input_shape, blueprint)
        return super().plan(input_shape, blueprint)

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        gate, way_back = self.layers[0].apply(x, training)
        return x * gate, lambda dy: dy * gate + way_back(dy * x)


def test_a_layer_that_plans_what_it_holds_learns_it() -> None:
    check = nn.check_gradients(nn.Sequential(Gated(nn.Dense(3)), nn.Dense(1)), X)

    assert list(check.errors) == ["input", "0.0.W", "0.0.b", "1.W", "1.b"]
    assert check.worst < 1e-7, check


def test_words_may_lie_behind_layers_of_shape() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Embedding(4, 2), nn.Flatten(), nn.Dense(2))

    nn.fit(model, (np.arange(4).reshape(2, 2), [0, 1]), nn.CrossEntropy(), nn.SGD(0.1))

    assert model.parameters.any()


def test_a_build_that_fails_leaves_nothing_behind() -> None:
    layer = nn.Dense(2)
    broken = nn.Dense(2, initializer=lambda *_: np.ones(7))

    with pytest.raises(ValueError, match="broadcast"):
        nn.Sequential(layer, broken)(X)

    assert nn.Sequential(layer)(np.zeros((1, 5))).shape == (1, 2)


def test_attention_of_a_block_is_what_the_block_pays() -> None:
    block = nn.TransformerBlock(2)
    x = RNG.standard_normal((1, 5, 4))
    norm = block.layers[0].layers[0]

    A = block.attention(x)

    np.testing.assert_array_equal(A, block.looks.attention(norm(x)))
    assert A.shape == (1, 2, 5, 5)


def test_a_rebuilt_models_optimizer_goes_on_in_its_new_dtype() -> None:
    model, adam = nn.Sequential(nn.Dense(2)), nn.Adam()
    nn.train_step(model, X, Y, nn.MeanSquaredError(), adam)

    model.rebuild(np.float64)
    nn.train_step(model, X, Y, nn.MeanSquaredError(), adam)

    assert {each.dtype for each in adam.memory_of(model).arrays} == {np.dtype(np.float64)}
    assert adam.memory_of(model).steps == 2


def test_the_best_epoch_is_never_one_that_was_lost() -> None:
    history = nn.History(steps_per_epoch=1, losses=[np.nan, 1.0, 0.5])

    assert history.best_epoch == 3


def test_checkpoints_may_count_with_zeros(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Dense(2))
    checkpoint = nn.Checkpoint(tmp_path / "m{epoch:02}.npz")

    nn.fit(model, (X, Y), nn.MeanSquaredError(), nn.SGD(0.1), epochs=2, callbacks=checkpoint)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["m01.npz", "m02.npz"]


class ChangesInPlace(nn.Layer):
    """Arrays of others, changed."""

    def __init__(self, changes_x: bool) -> None:
        self.changes_x = changes_x

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        if self.changes_x:
            x *= 2

        def backward(dy: Array) -> Array:
            dy *= 1 + self.changes_x
            return dy

        return x, backward


@pytest.mark.parametrize("changes_x", [False, True])
def test_a_gradient_check_finds_who_changes_arrays_of_others(changes_x: bool) -> None:
    with pytest.raises(ValueError, match="read-only"):
        nn.check_gradients(ChangesInPlace(changes_x), X)


def test_a_gradient_check_along_no_direction_is_none() -> None:
    with pytest.raises(ValueError, match="directions") as caught:
        nn.check_gradients(nn.Tanh(), X, directions=0)

    assert str(caught.value) == "directions must be 1 or more, or None for all axes, got 0"


class Holder(nn.Layer):
    """A layer inside, where nobody looks."""

    def __init__(self) -> None:
        self.inner = nn.Dense(3)

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        return self.inner.apply(x, training)


class Planless(nn.Layer):
    """Layers inside, whose sizes nobody asks for."""

    def __init__(self) -> None:
        self.layers = (nn.Dense(3),)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            Holder(),
            "Holder() holds Dense(3) as inner, where it would never learn "
            "(did you mean a subclass of Sequential?)",
        ),
        (
            Planless(),
            "Planless() does not plan Dense(3), which it holds "
            "(did you mean a subclass of Sequential?)",
        ),
    ],
)
def test_a_layer_that_would_not_learn_is_refused(layer: nn.Layer, message: str) -> None:
    with pytest.raises(nn.BuildError) as caught:
        layer(X)

    assert str(caught.value) == message


def test_a_step_is_one_of_its_own_batch_whatever_was_looked_at_before() -> None:
    loss, models = nn.MeanSquaredError(), []
    for looks_first in (False, True):
        model = nn.Sequential(nn.Dense(2))
        if looks_first:
            y, backward = model.forward(X)
            backward(loss(y, Y)[1])
        nn.train_step(model, X, Y, loss, nn.SGD(0.1))
        models.append(model)
        nn.fit(model, (X, Y), loss, nn.SGD(0.1))

    np.testing.assert_array_equal(models[0].parameters, models[1].parameters)


def test_fit_computes_in_the_models_own_dtype_from_the_start() -> None:
    X64 = RNG.standard_normal((6, 3))
    fresh, built = (nn.Sequential(nn.Dense(2), dtype=np.float64) for _ in range(2))
    built.build((3,))

    for model in (fresh, built):
        nn.fit(model, (X64, Y), nn.MeanSquaredError(), nn.SGD(0.1))

    np.testing.assert_array_equal(fresh.parameters, built.parameters)


def test_an_integer_prediction_does_not_round_its_targets() -> None:
    for loss in (nn.MeanSquaredError(), nn.MeanAbsoluteError(), nn.Huber()):
        assert loss([0, 0], [0.5, 0.9])[0] > 0.2
    assert nn.softmax([0, 0]).tolist() == [0.5, 0.5]
    assert nn.CrossEntropy()([[1, 1]], [0])[0] == pytest.approx(np.log(2))


def test_an_exploded_gradient_is_cut_and_not_lost() -> None:
    model = nn.Sequential(nn.Dense(1, inputs=2, bias=False))
    model.build()
    start = model.parameters.copy()
    model.gradients[:] = [3e19, 4e19]

    nn.SGD(1.0, clip_norm=1.0).step(model)

    np.testing.assert_allclose(start - model.parameters, [0.6, 0.8], rtol=1e-6)


@pytest.mark.parametrize("value", [255.0, 1e4])
def test_a_large_constant_is_normalized_to_zero(value: float) -> None:
    y, _ = nn.BatchNorm().forward(np.full((25_088, 2), value), training=True)

    assert not y.any()
    assert not nn.LayerNorm()(np.full((1, 7), 300.1)).any()


def test_a_batch_of_one_leaves_the_running_statistics() -> None:
    layer = nn.BatchNorm()
    layer.forward(X, training=True)
    before = layer.running_mean.copy(), layer.running_var.copy()

    layer.forward(X[:1], training=True)

    np.testing.assert_array_equal(layer.running_mean, before[0])
    np.testing.assert_array_equal(layer.running_var, before[1])


def test_words_and_numbers_may_go_side_by_side() -> None:
    model = nn.Concatenate(nn.Embedding(5, 4), nn.Reshape(-1, 1), axis=2)

    y, backward = model.forward([[1, 2, 3]])
    dx = backward(np.ones_like(y))

    assert y.shape == (1, 3, 5)
    assert y.dtype == np.float32
    assert dx.shape == (1, 3)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Sequential(nn.TransformerBlock(1), nn.Flatten(), nn.Dropout(), nn.Dense(2)),
        lambda: nn.Sequential(nn.Bidirectional(nn.GRU(2)), nn.Flatten(), nn.Dense(2)),
        lambda: nn.Sequential(nn.Conv1D(4, 2), nn.BatchNorm(), nn.Flatten(), nn.Dense(2)),
    ],
)
def test_a_copy_is_a_whole_model_at_once_and_trains_on_like_the_first(
    duplicate: Callable[[nn.Sequential], nn.Sequential], make: Callable[[], nn.Sequential]
) -> None:
    examples = RNG.standard_normal((8, 3, 3)), RNG.standard_normal((8, 2))
    model = make()
    nn.fit(model, examples, nn.MeanSquaredError(), nn.SGD(0.01))

    twin = duplicate(model)

    assert twin.is_built
    arrays = dict(twin.named_arrays())
    assert {name for name, _, _ in twin.named_parameters()} <= arrays.keys()
    for each in (model, twin):
        nn.fit(each, examples, nn.MeanSquaredError(), nn.SGD(0.01))
    np.testing.assert_array_equal(twin.parameters, model.parameters)
    for name, array in model.named_arrays():
        np.testing.assert_array_equal(arrays[name], array)


def test_a_copied_optimizer_remembers_what_it_did_to_a_copied_model() -> None:
    model, adam = nn.Sequential(nn.Dense(2)), nn.Adam(0.1)
    nn.train_step(model, X, Y, nn.MeanSquaredError(), adam)

    twin, other = copy.deepcopy((model, adam))
    third, another = pickle.loads(pickle.dumps((model, adam)))

    for network, optimizer in ((model, adam), (twin, other), (third, another)):
        nn.train_step(network, X, Y, nn.MeanSquaredError(), optimizer)
        assert optimizer.memory_of(network).steps == 2
        np.testing.assert_array_equal(network.parameters, model.parameters)


def test_a_file_that_is_refused_leaves_a_model_unbuilt(tmp_path: Path) -> None:
    saved, fresh = nn.Sequential(nn.Dense(5)), nn.Sequential(nn.Dense(5), nn.Dense(1))
    saved(X)
    nn.save(saved, tmp_path / "x.npz")

    with pytest.raises(nn.NetworkError):
        nn.load(fresh, tmp_path / "x.npz")

    assert not fresh.is_built
    assert fresh(np.zeros((1, 7))).shape == (1, 1)


def test_momentum_is_not_loaded_into_an_optimizer_without(tmp_path: Path) -> None:
    model, optimizer = nn.Sequential(nn.Dense(2)), nn.SGD(0.1, 0.9)
    nn.train_step(model, X, Y, nn.MeanSquaredError(), optimizer)
    nn.save(model, tmp_path / "x.npz", optimizer=optimizer)

    with pytest.raises(nn.NetworkError) as caught:
        nn.load(model, tmp_path / "x.npz", optimizer=nn.SGD(0.1))

    assert str(caught.value).endswith("was saved with SGD of other options")


def test_a_history_tells_metrics_by_class_too() -> None:
    labels = np.arange(6) % 2

    history = nn.fit(
        nn.Sequential(nn.Dense(2)),
        (X, labels),
        nn.CrossEntropy(),
        nn.SGD(0.1),
        metrics=[nn.f1, nn.CrossEntropy(label_smoothing=0.1)],
    )

    assert list(history.metrics) == ["f1", "CrossEntropy"]
    assert np.array(history.metrics["f1"]).shape == (1, 2)
    assert "f1 [" in repr(history)


def test_the_best_of_all_trainings_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "best.npz"
    model, best = nn.Sequential(nn.Dense(2)), nn.Checkpoint(path, best_only=True)
    nn.fit(model, (X, Y), nn.MeanSquaredError(), nn.SGD(0.1), callbacks=[best])
    kept = path.read_bytes()

    nn.fit(model, (X, 100 * Y), nn.MeanSquaredError(), nn.SGD(1e-9), callbacks=[best])

    assert path.read_bytes() == kept


def test_dropout_alone_is_the_same_in_every_process() -> None:
    one, other = nn.Dropout(), nn.Dropout()

    first, second = (each.forward(np.ones((1, 64)), training=True)[0] for each in (one, other))

    np.testing.assert_array_equal(first, second)


def test_a_function_may_be_a_schedule_and_may_begin_at_zero() -> None:
    optimizer = nn.SGD(lambda steps: 0.1 * steps)
    model = nn.Sequential(nn.Dense(1, inputs=1, bias=False), dtype=np.float64)
    model.build()
    start = model.parameters.copy()

    for _ in range(3):
        model.gradients[:] = 1
        optimizer.step(model)

    np.testing.assert_allclose(start - model.parameters, [0.3])


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda: nn.fit(nn.Dense(2), X, nn.MeanSquaredError(), nn.SGD(0.1)),  # type: ignore[arg-type]
            "data is a pair (X, targets), got ndarray "
            "(did you mean fit(model, (X, y), loss, optimizer)?)",
        ),
        (
            lambda: nn.fit(nn.Dense(2), (X, Y), nn.MeanSquaredError, nn.SGD(0.1)),  # type: ignore[arg-type]
            "fit takes a loss, such as nn.MeanSquaredError(), got "
            f"{nn.MeanSquaredError!r} (did you mean MeanSquaredError()?)",
        ),
        (
            lambda: nn.fit(nn.Dense(2), (X, Y), nn.MeanSquaredError(), "adam"),  # type: ignore[arg-type]
            "fit takes an optimizer, such as nn.SGD(0.1), got 'adam'",
        ),
        (
            lambda: nn.fit(
                nn.Dense(2),
                (X, Y),
                nn.MeanSquaredError(),
                nn.SGD(0.1),
                validation=0.2,  # type: ignore[arg-type]
            ),
            "validation is a pair (X, targets), got float "
            "(did you mean validation=(X, y)? see nn.data.split)",
        ),
        (
            lambda: nn.fit(
                nn.Dense(2),
                (X, Y),
                nn.MeanSquaredError(),
                nn.SGD(0.1),
                metrics=[lambda p, t: 1.0, lambda p, t: 2.0],
            ),
            "metrics are functions with names of their own, but two of them are '<lambda>' "
            "(did you mean a dictionary, name: function?)",
        ),
        (
            lambda: nn.Dense(2).fit(X),  # type: ignore[attr-defined]
            "'Dense' has no attribute 'fit' (did you mean nn.fit(model, …)?)",
        ),
        (
            lambda: nn.predict(nn.Dense(2), X, 0),
            "batch_size must be 1 or more, or None for all, got 0",
        ),
        (
            lambda: nn.Sequential(nn.Dense(1), dtype=np.float16)(X),
            "a model computes in float32 or float64, not in float16",
        ),
        (
            lambda: nn.Concatenate(nn.Tanh(), axis=0),
            "axis 0 is the batch's, along which nothing can be joined",
        ),
        (lambda: nn.TransformerBlock(1, hidden=0), "hidden must be 1 or more, got 0"),
        (
            lambda: nn.CrossEntropy()(X[:, :1], np.zeros(6, int)),
            "CrossEntropy(): one logit tells no classes apart, prediction has shape (6, 1) "
            "(did you mean BinaryCrossEntropy, with target[:, None]?)",
        ),
        (
            lambda: nn.Sequential(nn.Tanh(), nn.Embedding(3, 2))(X),
            "Embedding(3, 2): expects whole numbers from 0 to 2, got some from "
            f"{np.tanh(X).min():g} to {np.tanh(X).max():g}",
        ),
        (lambda: nn.Layer()(X), "Layer does not define apply"),
    ],
)
def test_a_mistake_is_told_in_the_writers_terms(act: Callable[[], object], message: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the message is compared whole
        act()

    assert str(caught.value) == message
