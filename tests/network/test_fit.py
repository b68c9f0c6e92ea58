"""`fit`, its history and its callbacks."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from builder import network as nn

RNG = np.random.default_rng(2)
X = RNG.uniform(-2, 2, (48, 2))
Y = np.sin(X[:, :1]) * X[:, 1:]
DATA = X, Y
HELD_OUT = X[:12] + 0.1, Y[:12]


def model(rng: int = 0) -> nn.Sequential:
    return nn.Sequential(nn.Dense(8), nn.Tanh(), nn.Dense(1), rng=rng)


def fit(network: nn.Layer, **options: object) -> nn.History:
    optimizer = options.pop("optimizer", nn.SGD(0.1))
    return nn.fit(network, DATA, nn.MeanSquaredError(), optimizer, **options)  # type: ignore[arg-type]


def test_fit_takes_the_steps_of_the_loop_that_a_post_would_write() -> None:
    by_fit, by_hand = model(), model()
    loss, optimizer, rng = nn.MeanSquaredError(), nn.SGD(0.1, 0.9), np.random.default_rng(3)
    losses = []
    for _ in range(2):
        for x, y in nn.mini_batches(X, Y, batch_size=16, rng=rng):
            prediction, backward = by_hand.forward(x, training=True)
            error, gradient = loss(prediction, y)
            backward(gradient)
            optimizer.step(by_hand)
            losses.append(error)

    history = fit(by_fit, optimizer=nn.SGD(0.1, 0.9), epochs=2, batch_size=16, rng=3)

    assert by_fit.parameters.tobytes() == by_hand.parameters.tobytes()
    # By hand the targets are float64 until the loss rounds them.
    assert history.step_losses == losses


@pytest.mark.parametrize(("batch_size", "steps"), [(None, 1), (48, 1), (32, 2), (16, 3), (1, 48)])
def test_batch_mini_batch_and_stochastic_descent_are_one_argument_apart(
    batch_size: int | None, steps: int
) -> None:
    history = fit(model(), epochs=2, batch_size=batch_size)

    assert history.steps_per_epoch == steps
    assert history.steps == 2 * steps
    assert history.epochs == 2


def test_the_same_seed_gives_the_same_bits_and_another_order_others() -> None:
    one, same, other = model(), model(), model()

    fit(one, rng=1)
    fit(same, rng=1)
    fit(other, rng=2)

    assert one.parameters.tobytes() == same.parameters.tobytes() != other.parameters.tobytes()


def test_the_history_has_every_step_and_every_epoch() -> None:
    network = model()

    history = fit(
        network,
        epochs=3,
        batch_size=20,
        validation=HELD_OUT,
        metrics=[nn.r_squared],
        optimizer=nn.SGD(nn.StepSchedule(0.1, every=3)),
    )

    assert len(history.step_losses) == 9
    assert history.learning_rates == pytest.approx([0.1] * 3 + [0.01] * 3 + [0.001] * 3)
    batches = np.array([20, 20, 8])
    means = np.array(history.step_losses).reshape(3, 3) @ batches / 48
    assert history.losses == pytest.approx(list(means), rel=1e-12)
    prediction = nn.predict(network, HELD_OUT[0])
    assert history.validation_losses[-1] == nn.MeanSquaredError()(prediction, Y[:12])[0]
    assert history.metrics["r_squared"][-1] == pytest.approx(nn.r_squared(prediction, Y[:12]))
    assert len(history.validation_losses) == len(history.metrics["r_squared"]) == 3
    assert history.watched is history.validation_losses
    assert repr(history).startswith("History(3 epochs, 9 steps, loss ")
    empty = nn.History(steps_per_epoch=3, metrics={"accuracy": []})
    assert repr(empty) == "History(0 epochs, 0 steps)"


def test_metrics_may_have_names_and_are_measured_on_the_training_without_validation() -> None:
    network = model()

    history = fit(network, metrics={"share explained": nn.r_squared})

    assert history.validation_losses == []
    assert history.metrics["share explained"] == [pytest.approx(nn.r_squared(network(X), Y))]


def test_a_history_draws_itself() -> None:
    ax = Figure().subplots()

    drawn = fit(model(), epochs=2).plot(ax=ax)

    assert drawn is ax
    assert ax.lines


class Script(nn.Callback):
    """Plays losses that are given, as if they had been measured."""

    def __init__(self, losses: list[float]) -> None:
        self.losses = losses

    def after_epoch(self, training: nn.Training) -> None:
        epoch = training.history.epochs
        training.history.validation_losses[-1] = self.losses[epoch - 1]
        training.model.parameters.fill(epoch)


def test_early_stopping_ends_when_patience_is_over_and_gives_the_best_back() -> None:
    network = model()
    script = Script([5, 3, 4, 2, 2, 3, 2.5, 1])

    history = fit(
        network,
        epochs=8,
        validation=HELD_OUT,
        callbacks=[script, nn.EarlyStopping(patience=3)],
    )

    assert history.epochs == 7
    assert history.best_epoch == 4
    assert (network.parameters == 4).all()


def test_early_stopping_may_keep_the_last_and_ask_for_more_than_a_little() -> None:
    network = model()
    stopping = nn.EarlyStopping(patience=2, min_delta=0.5, restore_best=False)

    history = fit(
        network, epochs=8, validation=HELD_OUT, callbacks=[Script([5, 4.8, 4.6, 1]), stopping]
    )

    assert history.epochs == 3
    assert (network.parameters == 3).all()


def test_early_stopping_gives_running_statistics_back_too() -> None:
    network = nn.Sequential(nn.BatchNorm(), nn.Dense(1))
    seen = []

    class Listener(nn.Callback):
        def after_epoch(self, training: nn.Training) -> None:
            seen.append(network.layers[0].running_mean.copy())  # type: ignore[attr-defined]

    script = Script([1, 2, 3])
    fit(
        network,
        epochs=3,
        validation=HELD_OUT,
        callbacks=[script, Listener(), nn.EarlyStopping(patience=2)],
    )

    np.testing.assert_array_equal(network.layers[0].running_mean, seen[0])  # type: ignore[attr-defined]
    assert not np.array_equal(seen[0], seen[2])


def test_a_plateau_lowers_the_learning_rate() -> None:
    plateau = nn.ReduceOnPlateau(factor=0.5, patience=2, min_learning_rate=0.03)
    script = Script([5, 4, 4, 4, 4, 4, 4, 4, 4])

    history = fit(
        model(),
        epochs=9,
        batch_size=None,
        validation=HELD_OUT,
        callbacks=[script, plateau],
    )

    assert history.learning_rates == [0.1] * 4 + [0.05] * 2 + [0.03] * 3


def test_a_plateau_and_a_schedule_are_one_too_many() -> None:
    with pytest.raises(ValueError, match="schedule") as caught:
        fit(
            model(),
            optimizer=nn.SGD(nn.ExponentialSchedule(0.1, 0.9)),
            callbacks=[nn.ReduceOnPlateau()],
        )

    assert str(caught.value) == (
        "SGD(learning_rate=ExponentialSchedule(learning_rate=0.1, factor=0.9), momentum=0.0) "
        "has a schedule, which a plateau cannot change (did you mean a number as its "
        "learning rate?)"
    )


def test_a_trajectory_has_every_point_that_the_parameters_came_to() -> None:
    network = model()
    network.build((2,))
    start = network.parameters.copy()
    every, third = nn.Trajectory(), nn.Trajectory(every=3)

    fit(network, epochs=2, batch_size=16, callbacks=[every, third])

    assert every.points.shape == (7, network.parameters.size)
    np.testing.assert_array_equal(every.points[0], start)
    np.testing.assert_array_equal(every.points[-1], network.parameters)
    np.testing.assert_array_equal(third.points, every.points[::3])


def test_checkpoints_are_written_as_it_goes_and_the_best_is_kept(tmp_path: Path) -> None:
    best = nn.Checkpoint(tmp_path / "best.npz", best_only=True)
    every = nn.Checkpoint(tmp_path / "after-{epoch}.npz", every=2)

    fit(
        model(),
        epochs=5,
        validation=HELD_OUT,
        callbacks=[Script([5, 3, 4, 2, 3]), best, every],
    )

    assert {path.name for path in tmp_path.iterdir()} == {
        "best.npz",
        "after-2.npz",
        "after-4.npz",
    }
    twin = model()
    nn.load(twin, tmp_path / "best.npz")
    assert (twin.parameters == 4).all()


def test_predictions_in_batches_are_those_of_all_at_once() -> None:
    network = model()
    whole = network(X)

    # float32 sums in another order.
    np.testing.assert_allclose(nn.predict(network, X, batch_size=7), whole, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ((X, Y[:5]), {}, "fit: X and the targets of data differ in length: (48, 2) and (5, 1)"),
        ((X[:0], Y[:0]), {}, "data has no example, X has shape (0, 2)"),
        (DATA, {"epochs": 0}, "epochs must be a whole number, 1 or more, got 0"),
        (DATA, {"batch_size": 0}, "batch_size must be at least 1, or None for all, got 0"),
    ],
)
def test_a_training_that_cannot_be_is_refused(
    data: tuple[np.ndarray, np.ndarray], options: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared whole
        nn.fit(model(), data, nn.MeanSquaredError(), nn.SGD(0.1), **options)  # type: ignore[arg-type]

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.EarlyStopping(0),
        lambda: nn.ReduceOnPlateau(1.0),
        lambda: nn.ReduceOnPlateau(patience=0),
        lambda: nn.Checkpoint("x", every=0),
        lambda: nn.Trajectory(0),
    ],
)
def test_an_impossible_callback_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=r"must (be 1 or more|lie in \(0, 1\)), got"):
        make()
