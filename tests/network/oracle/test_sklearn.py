"""Metrics against scikit-learn's, on random predictions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array
from builder.network.functions import softmax

metrics = pytest.importorskip("sklearn.metrics")
pytestmark = pytest.mark.oracle

# Counts and quotients of them: the same but for the last digit.
DIGIT = 1e-15

PER_CLASS = pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (nn.precision, metrics.precision_score),
        (nn.recall, metrics.recall_score),
        (nn.f1, metrics.f1_score),
    ],
    ids=["precision", "recall", "f1"],
)

# A hundred examples of three classes; few of many, so that some are never taken or never
# there; one alone.
SIZES = pytest.mark.parametrize(("size", "classes"), [(100, 3), (9, 8), (1, 4), (500, 2)])
SEEDS = pytest.mark.parametrize("seed", range(5))


def drawn(seed: int, size: int, classes: int) -> tuple[Array, Array]:
    """Return logits and classes, of which about half are right."""
    rng = np.random.default_rng(seed)
    target = rng.integers(0, classes, size)
    return 1.5 * np.eye(classes)[target] + rng.standard_normal((size, classes)), target


@SEEDS
@SIZES
def test_accuracy_is_that_of_sklearn(seed: int, size: int, classes: int) -> None:
    logits, target = drawn(seed, size, classes)
    predicted = logits.argmax(axis=1)
    expected = metrics.accuracy_score(target, predicted)

    assert nn.accuracy(logits, target) == pytest.approx(expected, rel=DIGIT)
    assert nn.accuracy(softmax(logits), target) == pytest.approx(expected, rel=DIGIT)
    assert nn.accuracy(predicted, target) == pytest.approx(expected, rel=DIGIT)


@SEEDS
@pytest.mark.parametrize("shape", [(50,), (50, 1)])
def test_accuracy_of_one_logit_is_that_of_its_sign(seed: int, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(seed)
    logits, target = rng.standard_normal(shape), rng.integers(0, 2, 50)
    expected = metrics.accuracy_score(target, logits.ravel() > 0)

    assert nn.accuracy(logits, target) == pytest.approx(expected, rel=DIGIT)


@SEEDS
def test_accuracy_of_sequences_is_that_of_all_their_words(seed: int) -> None:
    logits, target = drawn(seed, 60, 4)
    expected = metrics.accuracy_score(target, logits.argmax(axis=1))

    accuracy = nn.accuracy(logits.reshape(5, 12, 4), target.reshape(5, 12))

    assert accuracy == pytest.approx(expected, rel=DIGIT)


@SEEDS
@SIZES
def test_the_confusion_matrix_is_that_of_sklearn(seed: int, size: int, classes: int) -> None:
    logits, target = drawn(seed, size, classes)
    predicted = logits.argmax(axis=1)
    expected = metrics.confusion_matrix(target, predicted, labels=range(classes))

    np.testing.assert_array_equal(nn.confusion_matrix(logits, target), expected)
    np.testing.assert_array_equal(nn.confusion_matrix(predicted, target, classes), expected)


@SEEDS
@SIZES
@PER_CLASS
def test_a_metric_of_every_class_is_that_of_sklearn(
    seed: int,
    size: int,
    classes: int,
    ours: Callable[[Array, Array], Array],
    theirs: Callable[..., Any],
) -> None:
    logits, target = drawn(seed, size, classes)
    predicted = logits.argmax(axis=1)
    expected = theirs(target, predicted, labels=range(classes), average=None, zero_division=0)

    np.testing.assert_allclose(ours(logits, target), expected, rtol=DIGIT)


@PER_CLASS
def test_a_class_that_never_occurs_counts_nothing(
    ours: Callable[[Array, Array], Array], theirs: Callable[..., Any]
) -> None:
    # Class 1 is never taken, class 2 never there, class 3 neither.
    logits, target = np.eye(4)[[0, 0, 2, 0]], np.array([0, 1, 1, 0])
    expected = theirs(target, [0, 0, 2, 0], labels=range(4), average=None, zero_division=0)

    np.testing.assert_allclose(ours(logits, target), expected, rtol=DIGIT)


@SEEDS
@pytest.mark.parametrize("shape", [(40,), (40, 1), (10, 3)])
@pytest.mark.parametrize("noise", [0.0, 0.3, 10.0])
def test_r_squared_is_that_of_sklearn(seed: int, shape: tuple[int, ...], noise: float) -> None:
    rng = np.random.default_rng(seed)
    target = 5 + rng.standard_normal(shape)
    prediction = target + noise * rng.standard_normal(shape)
    # Ours takes all numbers together, also those of several outputs.
    expected = metrics.r2_score(target.ravel(), prediction.ravel())

    # Sums of squares in another order.
    assert nn.r_squared(prediction, target) == pytest.approx(expected, rel=1e-13)


@SEEDS
@SIZES
def test_perplexity_is_e_to_the_log_loss_of_sklearn(seed: int, size: int, classes: int) -> None:
    logits, target = drawn(seed, size, classes)
    log_loss = metrics.log_loss(target, softmax(logits), labels=range(classes))

    # log_loss takes logarithms of rounded probabilities.
    assert nn.perplexity(logits, target) == pytest.approx(np.exp(log_loss), rel=1e-13)


@SEEDS
@SIZES
def test_the_cross_entropy_is_the_log_loss_of_sklearn(seed: int, size: int, classes: int) -> None:
    logits, target = drawn(seed, size, classes)
    log_loss = metrics.log_loss(target, softmax(logits), labels=range(classes))

    assert nn.CrossEntropy()(logits, target)[0] == pytest.approx(log_loss, rel=1e-13)


@SEEDS
@pytest.mark.parametrize("shape", [(50,), (10, 4)])
def test_losses_of_numbers_are_the_mean_errors_of_sklearn(
    seed: int, shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(seed)
    prediction, target = rng.standard_normal((2, *shape))
    absolute = metrics.mean_absolute_error(target, prediction)
    squared = metrics.mean_squared_error(target, prediction)

    assert nn.MeanAbsoluteError()(prediction, target)[0] == pytest.approx(absolute, rel=1e-14)
    assert nn.MeanSquaredError()(prediction, target)[0] == pytest.approx(squared, rel=1e-14)


@SEEDS
def test_the_hinge_of_two_classes_is_that_of_sklearn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, target = rng.standard_normal(50), rng.choice([-1, 1], 50)
    expected = metrics.hinge_loss(target, scores)

    assert nn.Hinge()(scores, target)[0] == pytest.approx(expected, rel=1e-14)
