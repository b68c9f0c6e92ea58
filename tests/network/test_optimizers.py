"""Optimizers against their formulas, step by step."""

from collections.abc import Callable

import numpy as np
import pytest

from builder import network as nn

RNG = np.random.default_rng(5)
GRADIENTS = RNG.standard_normal((12, 3))


def model_with(parameters: list[float], gradients: list[float]) -> nn.Sequential:
    model = nn.Sequential(nn.Dense(1, inputs=len(parameters) - 1), dtype=np.float64)
    model.build()
    model.parameters[:] = parameters
    model.gradients[:] = gradients
    return model


def after_steps(optimizer: nn.Optimizer) -> np.ndarray:
    model = model_with([1, -2, 3], [0, 0, 0])
    for gradient in GRADIENTS:
        model.gradients[:] = gradient
        optimizer.step(model)
    return model.parameters


def adam(decay: float, coupled: bool) -> np.ndarray:
    w, m, v = np.array([1.0, -2, 3]), np.zeros(3), np.zeros(3)
    for t, gradient in enumerate(GRADIENTS, start=1):
        g = gradient + decay * w if coupled else gradient
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        w = w * (1 if coupled else 1 - 0.1 * decay)
        w = w - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w


def sgd(momentum: float, nesterov: bool, decay: float) -> np.ndarray:
    w, v = np.array([1.0, -2, 3]), np.zeros(3)
    for gradient in GRADIENTS:
        g = gradient + decay * w
        v = momentum * v + g
        w = w - 0.1 * (g + momentum * v if nesterov else v)
    return w


def squares(rho: float | None, decay: float, epsilon: float) -> np.ndarray:
    w, v = np.array([1.0, -2, 3]), np.zeros(3)
    for gradient in GRADIENTS:
        g = gradient + decay * w
        v = v + g * g if rho is None else rho * v + (1 - rho) * g * g
        w = w - 0.1 * g / (np.sqrt(v) + epsilon)
    return w


def lion(decay: float) -> np.ndarray:
    w, m = np.array([1.0, -2, 3]), np.zeros(3)
    for g in GRADIENTS:
        w = w - 0.1 * (np.sign(0.9 * m + 0.1 * g) + decay * w)
        m = 0.99 * m + 0.01 * g
    return w


@pytest.mark.parametrize(
    ("optimizer", "by_formula"),
    [
        (nn.SGD(0.1), lambda: sgd(0, False, 0)),
        (nn.SGD(0.1, momentum=0.8), lambda: sgd(0.8, False, 0)),
        (nn.SGD(0.1, momentum=0.8, nesterov=True), lambda: sgd(0.8, True, 0)),
        (nn.SGD(0.1, 0.8, nesterov=True, weight_decay=0.3), lambda: sgd(0.8, True, 0.3)),
        (nn.Adagrad(0.1), lambda: squares(None, 0, 1e-10)),
        (nn.Adagrad(0.1, weight_decay=0.3), lambda: squares(None, 0.3, 1e-10)),
        (nn.RMSprop(0.1), lambda: squares(0.99, 0, 1e-8)),
        (nn.RMSprop(0.1, rho=0.9, weight_decay=0.3), lambda: squares(0.9, 0.3, 1e-8)),
        (nn.Adam(0.1), lambda: adam(0, True)),
        (nn.Adam(0.1, weight_decay=0.3), lambda: adam(0.3, True)),
        (nn.AdamW(0.1), lambda: adam(0.01, False)),
        (nn.AdamW(0.1, weight_decay=0.3), lambda: adam(0.3, False)),
        (nn.Lion(0.1), lambda: lion(0)),
        (nn.Lion(0.1, weight_decay=0.3), lambda: lion(0.3)),
    ],
    ids=lambda value: repr(value) if isinstance(value, nn.Optimizer) else "",
)
def test_an_optimizer_follows_its_formula(
    optimizer: nn.Optimizer, by_formula: Callable[[], np.ndarray]
) -> None:
    # Twelve steps, rounded in another order.
    np.testing.assert_allclose(after_steps(optimizer), by_formula(), rtol=1e-12)


def test_adam_takes_the_first_step_of_its_learning_rate_whatever_the_gradient() -> None:
    model = model_with([0, 0, 0], [1e-3, -5, 1e4])

    nn.Adam(0.25).step(model)

    # Section 2.1 of the paper; ε is a hundred-thousandth of the smallest.
    np.testing.assert_allclose(model.parameters, [-0.25, 0.25, -0.25], rtol=2e-5)


def test_sgd_moves_against_the_gradient_and_clears_it() -> None:
    model = model_with([1, 2, 3], [10, 0, -10])
    parameters = model.parameters

    nn.SGD(learning_rate=0.5).step(model)

    assert parameters.tolist() == [-4, 2, 8]
    assert model.gradients.tolist() == [0, 0, 0]


def test_momentum_remembers_each_models_steps_apart() -> None:
    optimizer = nn.SGD(learning_rate=1.0, momentum=0.5)
    one, two = model_with([0, 0], [1, 0]), model_with([0, 0], [0, 1])

    optimizer.step(one)
    optimizer.step(two)
    optimizer.step(one)

    assert one.parameters.tolist() == [-1.5, 0]
    assert two.parameters.tolist() == [0, -1]


def test_a_long_gradient_is_cut_to_length_and_a_short_one_is_not() -> None:
    long, short = model_with([0, 0], [3, 4]), model_with([0, 0], [0.3, 0.4])
    optimizer = nn.SGD(1.0, clip_norm=1.0)

    optimizer.step(long)
    optimizer.step(short)

    np.testing.assert_allclose(long.parameters, [-0.6, -0.8], rtol=1e-15)
    np.testing.assert_allclose(short.parameters, [-0.3, -0.4], rtol=1e-15)


def test_a_gradient_of_zero_or_without_end_is_no_length_to_cut() -> None:
    still, lost = model_with([1, 2], [0, 0]), model_with([1, 2], [np.inf, 1])
    optimizer = nn.SGD(1.0, clip_norm=1.0)

    optimizer.step(still)
    optimizer.step(lost)

    assert still.parameters.tolist() == [1, 2]
    # To cut it would make inf / inf of it, and "not a number" of all parameters in time.
    assert lost.parameters.tolist() == [-np.inf, 1]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [(nn.Optimizer, "direction"), (nn.Schedule, "__call__"), (nn.Loss, "__call__")],
)
def test_what_a_kind_of_ones_own_must_define_is_told_when_one_is_made(
    kind: type, missing: str
) -> None:
    class Mine(kind):  # type: ignore[misc]
        pass

    with pytest.raises(TypeError, match=f"abstract class Mine .*{missing}"):
        Mine()


def test_the_learning_rate_may_change_between_steps() -> None:
    model = model_with([0, 0], [1, 1])
    optimizer = nn.SGD(learning_rate=1.0)
    optimizer.learning_rate = 0.25

    optimizer.step(model)

    assert model.parameters.tolist() == [-0.25, -0.25]


@pytest.mark.parametrize(
    "optimizer",
    [nn.SGD(0.1, 0.9, weight_decay=0.1), nn.Adam(weight_decay=0.1), nn.AdamW(), nn.Lion()],
    ids=repr,
)
def test_optimizers_of_float32_stay_in_float32_and_in_place(optimizer: nn.Optimizer) -> None:
    model = nn.Sequential(nn.Dense(3, inputs=2))
    model.build()
    optimizer.learning_rate = np.float64(0.1)
    parameters = model.parameters
    before = parameters.copy()
    model.gradients[:] = 1

    optimizer.step(model)

    assert model.parameters is parameters or np.shares_memory(model.parameters, parameters)
    assert parameters.dtype == np.float32
    assert {array.dtype for array in optimizer.memory_of(model).arrays} == {np.dtype(np.float32)}
    assert not np.array_equal(parameters, before)


def test_a_step_of_a_part_leaves_the_rest_of_the_model() -> None:
    generator, discriminator = nn.Sequential(nn.Dense(2)), nn.Sequential(nn.Dense(1))
    model = nn.Sequential(generator, discriminator)
    y, backward = model.forward(np.ones((3, 2)), training=True)
    backward(np.ones_like(y))
    before = generator.parameters.copy(), discriminator.parameters.copy()

    nn.SGD(learning_rate=0.1).step(generator)

    assert not np.array_equal(generator.parameters, before[0])
    assert np.array_equal(discriminator.parameters, before[1])
    assert discriminator.gradients.any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.SGD(0), "learning_rate must be positive, got 0"),
        (lambda: nn.SGD(float("nan")), "learning_rate must be positive, got nan"),
        (lambda: nn.SGD(1, momentum=1), "momentum must lie in [0, 1), got 1"),
        (lambda: nn.SGD(1, nesterov=True), "nesterov needs a momentum, got 0.0"),
        (lambda: nn.Adam(weight_decay=-1), "weight_decay must not be negative, got -1"),
        (lambda: nn.Adam(beta2=1), "beta2 must lie in [0, 1), got 1"),
        (lambda: nn.RMSprop(rho=-0.1), "rho must lie in [0, 1), got -0.1"),
        (lambda: nn.Lion(clip_norm=0), "clip_norm must be positive, got 0"),
        (lambda: nn.StepSchedule(1, 0), "every must be 1 or more, got 0"),
        (lambda: nn.StepSchedule(0, 1), "learning_rate must be positive, got 0"),
        (lambda: nn.ExponentialSchedule(1, 0), "factor must lie in (0, 1], got 0"),
        (
            lambda: nn.CosineSchedule(1, 10, warmup=10),
            "warmup must be 0 or more and less than steps, got 10",
        ),
        (
            lambda: nn.CosineSchedule(1, 10, end=2),
            "end must lie between 0 and the learning rate, got 2",
        ),
        (lambda: nn.OneCycleSchedule(1, 10, pct_start=1), "pct_start must lie in (0, 1), got 1"),
        (lambda: nn.OneCycleSchedule(1, 10, div_factor=0), "div_factor must be 1 or more, got 0"),
    ],
)
def test_an_impossible_setting_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=r"must|needs") as caught:
        make()

    assert str(caught.value) == message


def test_a_model_without_parameters_yet_cannot_take_a_step() -> None:
    with pytest.raises(nn.BuildError):
        nn.SGD(learning_rate=0.1).step(nn.Sequential(nn.Dense(1)))


def test_a_step_schedule_drops_and_an_exponential_one_decays() -> None:
    steps, exponential = nn.StepSchedule(1.0, every=3, factor=0.5), nn.ExponentialSchedule(1.0, 0.5)

    assert [steps(t) for t in range(7)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]
    assert [exponential(t) for t in range(4)] == [1, 0.5, 0.25, 0.125]


def test_a_cosine_schedule_warms_up_and_then_falls_to_its_end() -> None:
    schedule = nn.CosineSchedule(1.0, steps=14, warmup=4, end=0.2)

    rates = [schedule(t) for t in range(20)]

    assert rates[:5] == [0.25, 0.5, 0.75, 1, 1]
    assert rates[9] == pytest.approx(0.6)
    assert (np.diff(rates[4:15]) < 0).all()
    assert rates[14:] == pytest.approx([0.2] * 6)


def test_one_cycle_goes_up_once_and_down_once() -> None:
    schedule = nn.OneCycleSchedule(1.0, steps=100)

    rates = np.array([schedule(t) for t in range(110)])

    assert rates[0] == pytest.approx(1 / 25)
    assert rates.argmax() == 29
    assert rates[29] == pytest.approx(1)
    assert (np.diff(rates[:30]) > 0).all()
    assert (np.diff(rates[29:100]) < 0).all()
    np.testing.assert_allclose(rates[99:], 1 / 25 / 1e4)


def test_an_optimizer_follows_its_schedule_step_by_step() -> None:
    optimizer = nn.SGD(nn.ExponentialSchedule(1.0, 0.5))
    model = model_with([0, 0], [1, 1])

    for _ in range(3):
        model.gradients[:] = 1
        optimizer.step(model)

    assert model.parameters.tolist() == [-1.75, -1.75]
    assert optimizer.learning_rate == 0.25
    assert repr(optimizer) == (
        "SGD(learning_rate=ExponentialSchedule(learning_rate=1.0, factor=0.5), momentum=0.0)"
    )
