"""Optimizers and schedules against PyTorch's, step by step."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array
from builder.network.optimizers.optimizer import clip
from tests.network.oracle.agreement import assert_agreement

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

schedulers = torch.optim.lr_scheduler

# Some hundred steps hand their rounding on; a wrong formula is off by 1e-3 and more.
BOUND = 1e-12

OPTIMIZERS: list[tuple[nn.Optimizer, Callable[..., Any], dict[str, Any]]] = [
    (nn.SGD(0.1), torch.optim.SGD, {"lr": 0.1}),
    (nn.SGD(0.1, weight_decay=0.2), torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.2}),
    (nn.SGD(0.1, 0.9), torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    (
        nn.SGD(0.1, 0.5, weight_decay=0.2),
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.2},
    ),
    (
        nn.SGD(0.1, 0.9, nesterov=True),
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    ),
    (
        nn.SGD(0.1, 0.5, nesterov=True, weight_decay=0.2),
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.5, "nesterov": True, "weight_decay": 0.2},
    ),
    (nn.Adagrad(), torch.optim.Adagrad, {}),
    (
        nn.Adagrad(0.1, epsilon=1e-3, weight_decay=0.2),
        torch.optim.Adagrad,
        {"lr": 0.1, "eps": 1e-3, "weight_decay": 0.2},
    ),
    (nn.RMSprop(0.01), torch.optim.RMSprop, {}),
    (
        nn.RMSprop(0.05, rho=0.9, epsilon=1e-3, weight_decay=0.2),
        torch.optim.RMSprop,
        {"lr": 0.05, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.2},
    ),
    (nn.Adam(), torch.optim.Adam, {}),
    (
        nn.Adam(0.05, beta1=0.8, beta2=0.95, epsilon=1e-3, weight_decay=0.2),
        torch.optim.Adam,
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.2},
    ),
    (nn.Adam(0.05, beta1=0.0), torch.optim.Adam, {"lr": 0.05, "betas": (0.0, 0.999)}),
    (nn.AdamW(), torch.optim.AdamW, {}),
    (
        nn.AdamW(0.05, beta1=0.8, beta2=0.95, epsilon=1e-3, weight_decay=0.2),
        torch.optim.AdamW,
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.2},
    ),
    (nn.AdamW(weight_decay=0.0), torch.optim.AdamW, {"weight_decay": 0.0}),
]

every_optimizer = pytest.mark.parametrize(
    ("optimizer", "kind", "options"),
    OPTIMIZERS,
    ids=[f"{kind.__name__} with {options}" for _, kind, options in OPTIMIZERS],
)


def model_of(parameters: Array) -> nn.Layer:
    model = nn.Dense(1, inputs=len(parameters) - 1)
    model.build(dtype=np.float64)
    model.parameters[:] = parameters
    return model


@every_optimizer
def test_an_optimizer_goes_where_pytorchs_goes_on_the_same_gradients(
    optimizer: nn.Optimizer, kind: Callable[..., Any], options: dict[str, Any]
) -> None:
    rng = np.random.default_rng(1)
    start = rng.standard_normal(40)
    # Large and small gradients, and some that are always 0, as behind dead units.
    scales = np.repeat([1e-3, 1.0, 100.0, 0.0], 10)
    model = model_of(start)
    theta = torch.tensor(start, requires_grad=True)
    theirs = kind([theta], **options)

    # After 64 steps an optimizer of ours forgets what is next to nothing.
    for step in range(100):
        gradient = scales * rng.standard_normal(40)
        model.gradients[:] = gradient
        optimizer.step(model)
        theta.grad = torch.tensor(gradient)
        theirs.step()

        assert_agreement(model.parameters, theta.detach(), f"θ after step {step + 1}", BOUND)
        # Those that move little, by themselves.
        moved, their_moved = model.parameters - start, theta.detach().numpy() - start
        assert_agreement(moved[:10], their_moved[:10], f"small θ after step {step + 1}", BOUND)


@every_optimizer
def test_an_optimizer_goes_down_a_valley_as_pytorchs_does(
    optimizer: nn.Optimizer, kind: Callable[..., Any], options: dict[str, Any]
) -> None:
    rng = np.random.default_rng(2)
    curvature = np.diag([0.1, 1.0, 5.0])
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    A = turn @ curvature @ turn.T
    start = np.array([3.0, -2.0, 1.0])
    model = model_of(start)
    theta = torch.tensor(start, requires_grad=True)
    theirs = kind([theta], **options)

    for step in range(30):
        model.gradients[:] = A @ model.parameters
        optimizer.step(model)
        theirs.zero_grad()
        (0.5 * theta @ torch.tensor(A) @ theta).backward()
        theirs.step()

        assert_agreement(model.parameters, theta.detach(), f"θ after step {step + 1}", BOUND)

    before, after = (float(each @ A @ each) for each in (start, model.parameters))
    assert after < before


@pytest.mark.parametrize("norm", [1e-3, 0.5, 1.0, 10.0, 1e4])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_gradient_is_cut_to_the_length_that_pytorch_cuts_it_to(norm: float, scale: float) -> None:
    gradient = scale * np.random.default_rng(3).standard_normal(20)
    theta = [torch.zeros(each, dtype=torch.float64) for each in (12, 8)]
    theta[0].grad, theta[1].grad = torch.tensor(gradient[:12]), torch.tensor(gradient[12:])
    their_length = torch.nn.utils.clip_grad_norm_(theta, norm).item()
    theirs = np.concatenate([each.grad for each in theta])

    length = clip(gradient, norm)

    # PyTorch divides by the length + 1e-6, we by the length.
    exact = theirs * (length + 1e-6) / length if length + 1e-6 > norm else theirs
    assert length == pytest.approx(their_length, rel=1e-14)
    assert_agreement(gradient, exact, "gradient", 1e-14)


@pytest.mark.parametrize(
    ("optimizer", "kind", "options"),
    [
        (nn.SGD(0.1, 0.9, clip_norm=2.0), torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
        (
            nn.SGD(0.1, weight_decay=0.2, clip_norm=2.0),
            torch.optim.SGD,
            {"lr": 0.1, "weight_decay": 0.2},
        ),
        (nn.Adam(clip_norm=2.0), torch.optim.Adam, {}),
        (nn.AdamW(clip_norm=2.0), torch.optim.AdamW, {}),
    ],
    ids=str,
)
def test_a_gradient_is_cut_before_anything_else_happens_to_it(
    optimizer: nn.Optimizer, kind: Callable[..., Any], options: dict[str, Any]
) -> None:
    rng = np.random.default_rng(4)
    start = rng.standard_normal(20)
    model = model_of(start)
    theta = torch.tensor(start, requires_grad=True)
    theirs = kind([theta], **options)

    for step in range(30):
        gradient = (1 + step % 3) * rng.standard_normal(20)
        model.gradients[:] = gradient
        optimizer.step(model)
        theta.grad = torch.tensor(gradient)
        torch.nn.utils.clip_grad_norm_(theta, 2.0)
        theirs.step()

        # PyTorch's gradient is 1e-6 / length shorter.
        assert_agreement(model.parameters, theta.detach(), f"θ after step {step + 1}", 1e-6)


def one_cycle(optimizer: Any, **options: Any) -> Any:
    return schedulers.OneCycleLR(optimizer, cycle_momentum=False, **options)


def warm_up_and_cosine(optimizer: Any, warmup: int, steps: int, end: float) -> Any:
    up = schedulers.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    down = schedulers.CosineAnnealingLR(optimizer, T_max=steps - warmup, eta_min=end)
    return schedulers.SequentialLR(optimizer, [up, down], milestones=[warmup])


SCHEDULES: list[tuple[nn.Schedule, Callable[..., Any], dict[str, Any], int]] = [
    (nn.StepSchedule(0.5, every=7), schedulers.StepLR, {"step_size": 7}, 60),
    (
        nn.StepSchedule(0.5, every=1, factor=0.9),
        schedulers.StepLR,
        {"step_size": 1, "gamma": 0.9},
        60,
    ),
    (nn.ExponentialSchedule(0.5, 0.93), schedulers.ExponentialLR, {"gamma": 0.93}, 60),
    (nn.ExponentialSchedule(0.5, 1.0), schedulers.ExponentialLR, {"gamma": 1.0}, 10),
    # After its last step PyTorch's goes up again and ours stays: both are asked once more.
    (nn.CosineSchedule(0.5, steps=50), schedulers.CosineAnnealingLR, {"T_max": 50}, 51),
    (
        nn.CosineSchedule(0.5, steps=50, end=0.1),
        schedulers.CosineAnnealingLR,
        {"T_max": 50, "eta_min": 0.1},
        51,
    ),
    (nn.CosineSchedule(0.5, steps=1), schedulers.CosineAnnealingLR, {"T_max": 1}, 2),
    (
        nn.CosineSchedule(0.5, steps=50, warmup=10),
        warm_up_and_cosine,
        {"warmup": 10, "steps": 50, "end": 0.0},
        51,
    ),
    (
        nn.CosineSchedule(0.5, steps=20, warmup=3, end=0.1),
        warm_up_and_cosine,
        {"warmup": 3, "steps": 20, "end": 0.1},
        21,
    ),
    *(
        (
            nn.OneCycleSchedule(0.5, steps, up, start),
            one_cycle,
            {"max_lr": 0.5, "total_steps": steps, "pct_start": up, "div_factor": start},
            steps,
        )
        for steps, up, start in [
            (100, 0.3, 25.0), (37, 0.3, 25.0), (10, 0.25, 4.0), (50, 0.77, 10.0), (3, 0.3, 25.0)
        ]
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("schedule", "kind", "options", "steps"),
    SCHEDULES,
    ids=[f"{kind.__name__} with {options}" for _, kind, options, _ in SCHEDULES],
)
def test_every_step_is_taken_at_the_rate_that_pytorch_takes_it_at(
    schedule: nn.Schedule, kind: Callable[..., Any], options: dict[str, Any], steps: int
) -> None:
    model = model_of(np.zeros(2))
    optimizer = nn.SGD(schedule)
    theirs = torch.optim.SGD([torch.zeros(2, requires_grad=True)], lr=0.5)
    their_schedule = kind(theirs, **options)

    for step in range(steps):
        before = model.parameters.copy()
        model.gradients[:] = 1
        optimizer.step(model)
        their_rate = theirs.param_groups[0]["lr"]
        theirs.step()
        if step < steps - 1:
            their_schedule.step()

        # PyTorch multiplies its way from rate to rate; ours comes from the formula.
        assert optimizer.learning_rate == pytest.approx(their_rate, rel=1e-13, abs=1e-15)
        np.testing.assert_allclose(before - model.parameters, their_rate, rtol=0, atol=1e-14)
