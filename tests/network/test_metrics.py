"""Metrics against their definitions."""

from collections.abc import Callable

import numpy as np
import pytest

from builder import network as nn

LOGITS = np.array([[3.0, 1, 0], [0, 2, 1], [0, 2, 1], [1, 0, 4], [5, 0, 1]])
LABELS = np.array([0, 1, 2, 2, 2])


def test_accuracy_takes_logits_of_classes_logits_of_two_or_classes() -> None:
    assert nn.accuracy(LOGITS, LABELS) == 3 / 5
    assert nn.accuracy(LOGITS.reshape(5, 1, 3), LABELS.reshape(5, 1)) == 3 / 5
    assert nn.accuracy([-1.0, 2.0, 3.0], [0, 1, 0]) == 2 / 3
    assert nn.accuracy([[-1.0], [2.0], [3.0]], [0, 1, 0]) == 2 / 3
    assert nn.accuracy([[-1.0], [2.0], [3.0]], [[0], [1], [0]]) == 2 / 3
    assert nn.accuracy([1, 2, 3], [1, 2, 0]) == 2 / 3


def test_accuracy_takes_the_targets_that_losses_take() -> None:
    assert nn.accuracy([-1.0, 2.0, 3.0], [-1, 1, -1]) == 2 / 3
    assert nn.accuracy(LOGITS, np.eye(3)[LABELS]) == 3 / 5
    assert nn.accuracy([0.1, 0.4, 0.9], [0, 1, 1], threshold=0.5) == 2 / 3


def test_a_confusion_matrix_counts_true_classes_down_and_predicted_ones_across() -> None:
    M = nn.confusion_matrix(LOGITS, LABELS)

    assert M.tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 1]]
    assert nn.confusion_matrix([[-3.0], [-2.0]], [0, 0]).tolist() == [[2, 0], [0, 0]]
    assert nn.confusion_matrix([1, 0], [1, 1], classes=3).tolist() == [
        [0, 0, 0],
        [1, 1, 0],
        [0, 0, 0],
    ]


def test_precision_recall_and_f1_are_told_by_class() -> None:
    np.testing.assert_array_equal(nn.precision(LOGITS, LABELS), [1 / 2, 1 / 2, 1])
    np.testing.assert_array_equal(nn.recall(LOGITS, LABELS), [1, 1, 1 / 3])
    np.testing.assert_allclose(nn.f1(LOGITS, LABELS), [2 / 3, 2 / 3, 1 / 2], rtol=1e-15)


def test_a_class_that_is_never_taken_or_never_there_counts_as_zero() -> None:
    assert nn.precision([0, 0], [0, 1]).tolist() == [0.5, 0]
    assert nn.recall([0, 1], [0, 0]).tolist() == [0.5, 0]
    assert nn.f1([0, 0], [0, 0]).tolist() == [1, 0]


def test_r_squared_is_one_for_the_target_and_zero_for_its_mean() -> None:
    target = np.array([1.0, 2, 3, 6])

    assert nn.r_squared(target, target) == 1
    assert nn.r_squared(np.full(4, 3.0), target) == 0
    assert nn.r_squared([1, 2, 3, 5], target) == 1 - 1 / 14
    assert np.isnan(nn.r_squared([1.0, 2], [3.0, 3]))


def test_the_perplexity_of_not_knowing_is_the_number_of_words() -> None:
    assert nn.perplexity(np.zeros((2, 3, 7)), np.ones((2, 3), int)) == pytest.approx(7)
    assert nn.perplexity([[1e4, 0.0]], [0]) == 1


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (
            lambda: nn.accuracy(LOGITS, LABELS[:3]),
            "accuracy: prediction has shape (5, 3), but target has (3,)",
        ),
        (
            lambda: nn.accuracy(np.zeros((0, 3)), []),
            "accuracy: no mean of an empty batch, of shape (0,)",
        ),
        (lambda: nn.confusion_matrix([0], [3], 2), "confusion_matrix: class 3 is none of 0 to 1"),
        (
            lambda: nn.accuracy(np.array([0.0, 1, 2]), [0, 1, 2]),
            "accuracy: one logit tells two classes apart, but targets are 0 to 2",
        ),
        (
            lambda: nn.accuracy(LOGITS, LOGITS),
            "accuracy: one logit tells two classes apart, but targets are 0 to 5",
        ),
        (
            lambda: nn.accuracy([0.1, 2.0], [0.5, 1]),
            "accuracy: targets are classes, got some from 0.5 to 1",
        ),
        (
            lambda: nn.confusion_matrix([1, 0], [-1, 1]),
            "confusion_matrix: class -1 is none of 0 to 1",
        ),
        (
            lambda: nn.r_squared([1.0], [[1.0]]),
            "r_squared: prediction has shape (1,), but target has (1, 1)",
        ),
        (
            lambda: nn.perplexity(LOGITS, LABELS + 1),
            "perplexity: classes are whole numbers from 0 to 2, got some from 1 to 3",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(measure: Callable[[], object], message: str) -> None:
    with pytest.raises(nn.ShapeError) as caught:
        measure()

    assert str(caught.value) == message
