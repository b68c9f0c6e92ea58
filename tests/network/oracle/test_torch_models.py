"""Models of several layers, and their ways back, against the same models in PyTorch."""

from typing import Any

import numpy as np
import pytest

from builder import network as nn
from tests.network.oracle.agreement import ROUNDING_OF_FLOAT32, assert_agreement
from tests.network.oracle.twins import (
    Twin,
    assert_gradients_agree,
    assert_twins_agree,
    built_at_random,
    leaves_of,
    torch,
)

pytestmark = pytest.mark.oracle

F = torch.nn.functional


def dense(x: Any, W: Any, b: Any) -> Any:
    return F.linear(x, W.T, b)


def lenet() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2D(6, 5, padding="same"),
        nn.ReLU(),
        nn.MaxPool2D(),
        nn.Conv2D(16, 5),
        nn.ReLU(),
        nn.MaxPool2D(),
        nn.Flatten(),
        nn.Dense(60),
        nn.ReLU(),
        nn.Dense(10),
    )


def lenet_of_pytorch(x: Any, **p: Any) -> Any:
    x = F.max_pool2d(F.relu(F.conv2d(x, p["W_0"], p["b_0"], padding="same")), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, p["W_3"], p["b_3"])), 2)
    x = F.relu(dense(x.flatten(1), p["W_7"], p["b_7"]))
    return dense(x, p["W_9"], p["b_9"])


def residual_network(x: Any, **p: Any) -> Any:
    def normal(x: Any, at: str) -> Any:
        running = p[f"running_mean_{at}"], p[f"running_var_{at}"]
        return F.batch_norm(x, *running, p[f"gamma_{at}"], p[f"beta_{at}"], training=True)

    x = F.conv2d(x, p["W_0"], padding=1)
    f = F.relu(normal(F.conv2d(x, p["W_1_0"], padding=1), "1_1"))
    f = normal(F.conv2d(f, p["W_1_3"], padding=1), "1_4")
    return dense(F.relu(x + f).mean(dim=(2, 3)), p["W_4"], p["b_4"])


shared = nn.Dense(3)
shared_filter = nn.Conv2D(2, 3, padding=1)

MODELS = [
    Twin(
        nn.Sequential(nn.Dense(4), nn.Tanh(), nn.Dense(2), nn.ReLU(), nn.Dense(1)),
        lambda x, W_0, b_0, W_2, b_2, W_4, b_4: dense(
            F.relu(dense(torch.tanh(dense(x, W_0, b_0)), W_2, b_2)), W_4, b_4
        ),
        (5, 3),
    ),
    Twin(
        nn.Sequential(shared, nn.Tanh(), shared, nn.Sequential(nn.Sigmoid(), shared)),
        lambda x, W_0, b_0: dense(
            torch.sigmoid(dense(torch.tanh(dense(x, W_0, b_0)), W_0, b_0)), W_0, b_0
        ),
        (5, 3),
    ),
    Twin(
        nn.Sequential(shared_filter, nn.MaxPool2D(), shared_filter),
        lambda x, W_0, b_0: F.conv2d(
            F.max_pool2d(F.conv2d(x, W_0, b_0, padding=1), 2), W_0, b_0, padding=1
        ),
        (2, 2, 6, 6),
    ),
    Twin(
        nn.Residual(nn.Dense(4), nn.GELU(), nn.Dense(3)),
        lambda x, W_0, b_0, W_2, b_2: (
            x + dense(F.gelu(dense(x, W_0, b_0), approximate="tanh"), W_2, b_2)
        ),
        (5, 3),
    ),
    Twin(nn.Residual(), lambda x: x + x, (5, 3)),
    Twin(
        nn.Concatenate(nn.Dense(4), nn.Sequential(), nn.Sequential(nn.Dense(2), nn.Tanh())),
        lambda x, W_0, b_0, W_2_0, b_2_0: torch.cat(
            [dense(x, W_0, b_0), x, torch.tanh(dense(x, W_2_0, b_2_0))], dim=1
        ),
        (5, 3),
    ),
    Twin(
        nn.Concatenate(nn.Dense(4), nn.Tanh(), axis=-1),
        lambda x, W_0, b_0: torch.cat([dense(x, W_0, b_0), torch.tanh(x)], dim=-1),
        (2, 5, 3),
    ),
    Twin(
        nn.Concatenate(
            nn.Conv2D(2, 1),
            nn.Conv2D(3, 3, padding=1),
            nn.MaxPool2D(3, stride=1, padding=1),
            nn.Sequential(nn.AvgPool2D(3, stride=1, padding=1), nn.Conv2D(1, 1)),
        ),
        lambda x, W_0, b_0, W_1, b_1, W_3_1, b_3_1: torch.cat(
            [
                F.conv2d(x, W_0, b_0),
                F.conv2d(x, W_1, b_1, padding=1),
                F.max_pool2d(x, 3, 1, 1),
                F.conv2d(F.avg_pool2d(x, 3, 1, 1), W_3_1, b_3_1),
            ],
            dim=1,
        ),
        (2, 3, 5, 4),
    ),
    Twin(
        nn.Sequential(
            nn.Conv2D(4, 3, padding="same", bias=False),
            nn.Residual(
                nn.Conv2D(4, 3, padding="same", bias=False),
                nn.BatchNorm(),
                nn.ReLU(),
                nn.Conv2D(4, 3, padding="same", bias=False),
                nn.BatchNorm(),
            ),
            nn.ReLU(),
            nn.GlobalAvgPool2D(),
            nn.Dense(3),
        ),
        residual_network,
        (4, 2, 6, 5),
        training=True,
    ),
    Twin(
        nn.Sequential(
            nn.Dense(12),
            nn.Reshape(3, 2, 2),
            nn.Upsample(),
            nn.ConvTranspose2D(2, 4, stride=2, padding=1),
            nn.Sigmoid(),
        ),
        lambda x, W_0, b_0, W_3, b_3: torch.sigmoid(
            F.conv_transpose2d(
                F.interpolate(dense(x, W_0, b_0).reshape(-1, 3, 2, 2), scale_factor=2),
                W_3,
                b_3,
                stride=2,
                padding=1,
            )
        ),
        (3, 5),
    ),
    Twin(lenet(), lenet_of_pytorch, (3, 1, 28, 28)),
]


every_twin = pytest.mark.parametrize("twin", MODELS, ids=lambda twin: f"{twin!r:.60}")


@every_twin
def test_a_models_output_and_all_its_gradients_are_those_of_pytorch(twin: Twin) -> None:
    assert_twins_agree(twin)


@every_twin
def test_they_are_the_same_however_x_lies_in_memory(twin: Twin) -> None:
    assert_twins_agree(twin, order="F")


@every_twin
def test_in_float32_they_differ_by_its_rounding(twin: Twin) -> None:
    assert_twins_agree(twin, dtype=np.float32, bound=ROUNDING_OF_FLOAT32)


def test_a_lenets_loss_goes_back_to_the_gradients_of_pytorch() -> None:
    rng = np.random.default_rng(4)
    x, labels = rng.standard_normal((8, 1, 28, 28)), rng.integers(0, 10, 8)
    model = built_at_random(lenet(), x, rng)
    leaves = leaves_of(model)
    their_loss = F.cross_entropy(lenet_of_pytorch(torch.tensor(x), **leaves), torch.tensor(labels))
    their_loss.backward()

    y, backward = model.forward(x, training=True, input_gradient=False)
    loss, gradient = nn.CrossEntropy()(y, labels)
    backward(gradient)

    assert_agreement(loss, their_loss.item(), "L")
    assert_gradients_agree(model, leaves)


def test_a_network_trains_as_in_pytorch_step_by_step() -> None:
    rng = np.random.default_rng(6)
    x, labels = rng.standard_normal((40, 3)), rng.integers(0, 4, 40)
    layers = nn.Sequential(nn.Dense(8, bias=False), nn.BatchNorm(), nn.Tanh(), nn.Dense(4))
    model = built_at_random(layers, x, rng)
    optimizer = nn.AdamW(nn.CosineSchedule(0.05, steps=80))
    p = leaves_of(model)
    theirs = torch.optim.AdamW([each for each in p.values() if each.requires_grad], lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, T_max=80)

    def their_step(x: Any, labels: Any) -> Any:
        theirs.zero_grad()
        running = p["running_mean_1"], p["running_var_1"]
        hidden = F.linear(x, p["W_0"].T)
        hidden = F.batch_norm(hidden, *running, p["gamma_1"], p["beta_1"], training=True)
        loss = F.cross_entropy(dense(torch.tanh(hidden), p["W_3"], p["b_3"]), labels)
        loss.backward()
        theirs.step()
        schedule.step()
        return loss.item()

    losses = []
    for step in range(80):
        batch = slice(step % 4 * 10, step % 4 * 10 + 10)
        their_loss = their_step(torch.tensor(x[batch]), torch.tensor(labels[batch]))
        losses.append(nn.train_step(model, x[batch], labels[batch], nn.CrossEntropy(), optimizer))

        # Every step hands its rounding on to all that follow.
        assert_agreement(losses[-1], their_loss, f"loss at step {step}", 1e-10)

    # They did not agree on standing still.
    assert np.mean(losses[-4:]) < 0.7 * np.mean(losses[:4])
