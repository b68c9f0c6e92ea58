"""Losses and their gradients against PyTorch's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array
from builder.network.functions import softmax
from tests.network.oracle.agreement import ROUNDING_OF_FLOAT32, assert_agreement

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

F = torch.nn.functional
RNG = np.random.default_rng(9)


@dataclass(frozen=True, slots=True)
class Twin:
    """A loss, what PyTorch has for it, and something to measure."""

    loss: nn.Loss
    reference: Callable[[Any, Any], Any]
    prediction: Array
    target: Array

    def __repr__(self) -> str:
        shapes = f"{self.prediction.shape} and {self.target.shape}"
        return f"{self.loss!r} of {shapes}"


def cross_entropy(label_smoothing: float = 0.0) -> Callable[[Any, Any], Any]:
    def reference(z: Any, t: Any) -> Any:
        # Classes are PyTorch's axis 1, and our last.
        t = t.movedim(-1, 1) if t.ndim == z.ndim else t
        return F.cross_entropy(z.movedim(-1, 1), t, label_smoothing=label_smoothing)

    return reference


def binary_cross_entropy(label_smoothing: float = 0.0) -> Callable[[Any, Any], Any]:
    def reference(z: Any, t: Any) -> Any:
        t = t * (1 - label_smoothing) + label_smoothing / 2
        return F.binary_cross_entropy_with_logits(z, t)

    return reference


def kl_divergence(z: Any, t: Any) -> Any:
    # Its "batchmean" divides by the length of the first axis, ours by the number of rows.
    rows = z.shape[-1]
    log_p = F.log_softmax(z, dim=-1)
    return F.kl_div(log_p.reshape(-1, rows), t.reshape(-1, rows), reduction="batchmean")


def hinge(margin: float = 1.0) -> Callable[[Any, Any], Any]:
    def reference(z: Any, t: Any) -> Any:
        C = z.shape[-1]
        # PyTorch divides by C as well; Weston and Watkins do not.
        return F.multi_margin_loss(z.reshape(-1, C), t.reshape(-1), margin=margin) * C

    return reference


def hinge_of_two(margin: float = 1.0) -> Callable[[Any, Any], Any]:
    return lambda z, t: F.relu(margin - t * z).mean()


def logits(*shape: int) -> Array:
    return 3 * RNG.standard_normal(shape)


def extreme(*shape: int) -> Array:
    return RNG.choice([-1e4, -700.0, -30.0, 0.0, 1e-9, 30.0, 700.0, 1e4], shape)


def apart(*shape: int) -> Array:
    """Draw rows that lie far from each other, so that no one shift serves them all."""
    z: Array = logits(*shape) - RNG.choice([0.0, 13.0, 26.0, 28.0, 60.0], (*shape[:-1], 1))
    return z


def labels(C: int, *shape: int) -> Array:
    return RNG.integers(0, C, shape)


def probabilities(*shape: int) -> Array:
    return softmax(logits(*shape))


def one_hot(*shape: int) -> Array:
    return np.eye(shape[-1])[labels(shape[-1], *shape[:-1])]


def signs(*shape: int) -> Array:
    return RNG.choice([-1.0, 1.0], shape)


REGRESSION = [
    Twin(loss, reference, scale * RNG.standard_normal(shape), RNG.standard_normal(shape))
    for shape in [(6,), (6, 1), (4, 3), (2, 3, 4)]
    for scale in (1, 1e4)
    for loss, reference in [
        (nn.MeanSquaredError(), F.mse_loss),
        (nn.MeanAbsoluteError(), F.l1_loss),
        (nn.Huber(), F.huber_loss),
        (nn.Huber(0.3), lambda p, t: F.huber_loss(p, t, delta=0.3)),
        (nn.Huber(2.5), lambda p, t: F.huber_loss(p, t, delta=2.5)),
    ]
]

CLASSIFICATION = [
    Twin(nn.CrossEntropy(smoothing), cross_entropy(smoothing), z(*shape), t)
    for z in (logits, apart, extreme)
    for smoothing in (0.0, 0.1, 0.9)
    for shape in [(6, 4), (1, 2), (2, 5, 3), (2, 3, 4, 5)]
    for t in (labels(shape[-1], *shape[:-1]), probabilities(*shape), one_hot(*shape))
] + [
    Twin(nn.KLDivergence(), kl_divergence, z(*shape), t)
    for z in (logits, apart, extreme)
    for shape in [(6, 4), (2, 5, 3)]
    for t in (probabilities(*shape), one_hot(*shape), 2 * probabilities(*shape))
]

TWO_CLASSES = [
    Twin(nn.BinaryCrossEntropy(smoothing), binary_cross_entropy(smoothing), z(*shape), t)
    for z in (logits, extreme)
    for smoothing in (0.0, 0.2)
    for shape in [(7,), (7, 1), (2, 3, 4)]
    for t in (RNG.random(shape), labels(2, *shape).astype(np.float64))
]

MARGINS = [
    Twin(nn.Hinge(margin), hinge(margin), z(*shape), labels(shape[-1], *shape[:-1]))
    for z in (logits, extreme)
    for margin in (1.0, 0.3)
    for shape in [(6, 4), (1, 2), (2, 5, 3)]
] + [
    Twin(nn.Hinge(margin), hinge_of_two(margin), z(*shape), signs(*shape))
    for z in (logits, extreme)
    for margin in (1.0, 0.3)
    for shape in [(7,), (7, 1), (2, 3, 4)]
]


@pytest.mark.parametrize("twin", [*REGRESSION, *CLASSIFICATION, *TWO_CLASSES, *MARGINS], ids=repr)
def test_a_losss_value_and_gradient_are_those_of_pytorch(twin: Twin) -> None:
    prediction = torch.tensor(twin.prediction, requires_grad=True)
    theirs = twin.reference(prediction, torch.tensor(twin.target))
    theirs.backward()

    value, gradient = twin.loss(twin.prediction, twin.target)

    assert np.isfinite(value)
    assert_agreement(value, theirs.item(), "L")
    assert_agreement(gradient, prediction.grad.numpy(), "dL/d(prediction)")


@pytest.mark.parametrize("twin", CLASSIFICATION + TWO_CLASSES, ids=repr)
def test_in_float32_they_differ_by_its_rounding(twin: Twin) -> None:
    single = twin.prediction.astype(np.float32)
    prediction = torch.tensor(single, dtype=torch.float64, requires_grad=True)
    theirs = twin.reference(prediction, torch.tensor(twin.target))
    theirs.backward()

    value, gradient = twin.loss(single, twin.target)

    assert gradient.dtype == np.float32
    assert_agreement(value, theirs.item(), "L", ROUNDING_OF_FLOAT32)
    assert_agreement(gradient, prediction.grad.numpy(), "dL/d(prediction)", ROUNDING_OF_FLOAT32)


@pytest.mark.parametrize("gap", [30.0, 100.0, 700.0, 1e4])
def test_the_loss_of_a_sure_and_right_prediction_keeps_its_digits(gap: float) -> None:
    z, t = np.array([[gap, 0.0]]), np.array([0])

    value = nn.CrossEntropy()(z, t)[0]
    binary = nn.BinaryCrossEntropy()(z[:, :1], np.ones((1, 1)))[0]

    # log(1 + e⁻ᶻ) is less than the rounding of 1 from z = 37 on: only log1p keeps it.
    expected = F.binary_cross_entropy_with_logits(
        torch.tensor(z[:, :1]), torch.ones(1, 1, dtype=torch.float64)
    ).item()
    assert binary == pytest.approx(expected, rel=1e-14)
    assert value == pytest.approx(
        F.cross_entropy(torch.tensor(z), torch.tensor(t)).item(), abs=2e-16
    )
