"""Losses against their definitions, and their gradients against central differences."""

import numpy as np
import numpy.typing as npt
import pytest

from builder import network as nn

RNG = np.random.default_rng(11)
LABELS = np.array([0, 2, 1, 2])


def probabilities(*shape: int) -> np.ndarray:
    return nn.softmax(RNG.standard_normal(shape))


CLASSIFIED: list[tuple[np.ndarray, np.ndarray]] = [
    (RNG.standard_normal((1, 3)), np.array([2])),
    (RNG.standard_normal((4, 3)), LABELS),
    (RNG.standard_normal((2, 2, 3)), LABELS.reshape(2, 2)),
    (RNG.standard_normal((4, 3)), probabilities(4, 3)),
    (RNG.standard_normal((2, 2, 3)), probabilities(2, 2, 3)),
]

CASES: list[tuple[nn.Loss, np.ndarray, np.ndarray]] = [
    *[
        (loss, RNG.standard_normal(shape), RNG.standard_normal(shape))
        for loss in (nn.MeanSquaredError(), nn.MeanAbsoluteError(), nn.Huber(), nn.Huber(0.3))
        for shape in ((1, 1), (4, 1), (4,), (3, 2, 5))
    ],
    *[
        (loss, RNG.standard_normal(shape), RNG.uniform(0, 1, shape))
        for loss in (nn.BinaryCrossEntropy(), nn.BinaryCrossEntropy(label_smoothing=0.2))
        for shape in ((1, 1), (4,), (3, 2, 5))
    ],
    *[
        (loss, logits, target)
        for loss in (nn.CrossEntropy(), nn.CrossEntropy(label_smoothing=0.1))
        for logits, target in CLASSIFIED
    ],
    (nn.Hinge(), RNG.standard_normal((4, 3)), LABELS),
    (nn.Hinge(0.3), RNG.standard_normal((2, 2, 3)), LABELS.reshape(2, 2)),
    (nn.Hinge(), RNG.standard_normal((4, 1)), np.array([[1], [-1], [-1], [1]])),
    (nn.KLDivergence(), RNG.standard_normal((4, 3)), probabilities(4, 3)),
    (nn.KLDivergence(), RNG.standard_normal((2, 2, 3)), np.eye(3)[LABELS.reshape(2, 2)]),
]


@pytest.mark.parametrize(("loss", "prediction", "target"), CASES, ids=str)
def test_the_gradient_of_a_loss_is_that_of_central_differences(
    loss: nn.Loss, prediction: np.ndarray, target: np.ndarray
) -> None:
    check = nn.check_gradients(nn.Sequential(), prediction, loss, target)

    # The differences err by about 1e-10.
    assert check.worst < 1e-8, check


def test_the_mean_squared_error_is_the_mean_over_all_elements() -> None:
    error, gradient = nn.MeanSquaredError()([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 4.0]])

    assert error == (0 + 4 + 9 + 0) / 4
    assert gradient.tolist() == [[0, 1], [1.5, 0]]


def test_absolute_errors_and_those_of_huber_are_their_definitions() -> None:
    prediction, target = [1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 3.5, 4.0]

    absolute, slopes = nn.MeanAbsoluteError()(prediction, target)
    huber, _ = nn.Huber()(prediction, target)

    assert absolute == (0 + 2 + 0.5 + 0) / 4
    assert slopes.tolist() == [0, 0.25, -0.25, 0]
    assert huber == (0 + 1.5 + 0.125 + 0) / 4


def test_the_cross_entropy_is_the_mean_of_minus_log_p() -> None:
    p = probabilities(4, 3)

    error, gradient = nn.CrossEntropy()(np.log(p) + 5, LABELS)

    # Sums in another order.
    assert error == pytest.approx(-np.log(p[np.arange(4), LABELS]).mean(), rel=1e-14)
    np.testing.assert_allclose(gradient, (p - np.eye(3)[LABELS]) / 4, atol=1e-15)


def test_labels_are_worth_the_same_as_their_probabilities() -> None:
    logits: np.ndarray = RNG.standard_normal((4, 3))

    for loss in (nn.CrossEntropy(), nn.CrossEntropy(label_smoothing=0.3)):
        error, gradient = loss(logits, LABELS)
        other, other_gradient = loss(logits, np.eye(3)[LABELS])
        assert error == pytest.approx(other, rel=1e-14)
        np.testing.assert_allclose(gradient, other_gradient, atol=1e-15)


def test_the_cross_entropy_of_two_classes_is_the_binary_one() -> None:
    z, t = RNG.standard_normal(6), np.array([0, 1, 1, 0, 1, 0])

    binary, slope = nn.BinaryCrossEntropy()(z, t)
    error, slopes = nn.CrossEntropy()(np.stack([np.zeros(6), z], axis=1), t)

    assert binary == pytest.approx(error, rel=1e-14)
    np.testing.assert_allclose(slope, slopes[:, 1], atol=1e-15)


def test_the_divergence_of_a_distribution_from_itself_is_zero() -> None:
    p = probabilities(4, 3)

    error, gradient = nn.KLDivergence()(np.log(p), p)

    assert error == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(gradient, 0, atol=1e-15)
    assert nn.KLDivergence()(np.zeros((1, 2)), [[1.0, 0.0]])[0] == pytest.approx(np.log(2))


def test_the_hinge_counts_every_class_that_comes_too_near() -> None:
    error, gradient = nn.Hinge()([[2.0, 1.5, 0.0], [0.0, 3.0, 1.0]], [0, 1])

    assert error == 0.5 / 2
    assert gradient.tolist() == [[-0.5, 0.5, 0], [0, 0, 0]]


@pytest.mark.parametrize("size", [1e4, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "loss",
    [nn.CrossEntropy(), nn.CrossEntropy(label_smoothing=0.1), nn.Hinge()],
    ids=repr,
)
def test_huge_logits_are_lost_or_won_but_never_not_a_number(
    loss: nn.Loss, dtype: npt.DTypeLike, size: float
) -> None:
    logits: np.ndarray = np.array([[size, -size, 0], [-size, size, 0], [0, 0, 0]], dtype)

    won, at_ease = loss(logits[:1], [0])
    lost, pulled = loss(logits[:1], [1])
    mixed, _ = loss(logits, [0, 1, 2])

    assert np.isfinite([won, lost, mixed]).all()
    assert lost > won
    assert np.isfinite(at_ease).all()
    assert pulled[0, 1] < 0 < pulled[0, 0]


def test_huge_logits_of_two_classes_cost_what_they_miss_by() -> None:
    error, gradient = nn.BinaryCrossEntropy()(np.array([1e4, -1e4, 1e4, -1e4]), [1, 0, 0, 1])

    assert error == 2e4 / 4
    assert gradient.tolist() == [0, 0, 0.25, -0.25]


def test_a_row_far_below_the_others_keeps_its_digits() -> None:
    logits = np.array([[1e4, 0.0], [-1e4, -1e4 + 1]])

    p = nn.softmax(logits)

    np.testing.assert_allclose(p[1], [1 / (1 + np.e), np.e / (1 + np.e)], rtol=1e-12)


@pytest.mark.parametrize(("loss", "prediction", "target"), CASES[::3], ids=str)
def test_a_loss_leaves_prediction_and_target_as_they_are(
    loss: nn.Loss, prediction: np.ndarray, target: np.ndarray
) -> None:
    before = prediction.copy(), target.copy()

    loss(prediction, target)

    np.testing.assert_array_equal(prediction, before[0])
    np.testing.assert_array_equal(target, before[1])


@pytest.mark.parametrize(("loss", "prediction", "target"), CASES, ids=str)
def test_a_loss_of_float32_stays_float32(
    loss: nn.Loss, prediction: np.ndarray, target: np.ndarray
) -> None:
    error, gradient = loss(prediction.astype(np.float32), target)

    assert type(error) is float
    assert gradient.dtype == np.float32
    assert gradient.shape == prediction.shape


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "message"),
    [
        (
            nn.CrossEntropy(),
            np.zeros((4, 3)),
            np.zeros((4, 1), int),
            "CrossEntropy(): logits of shape (4, 3) have classes in (4,), but target has (4, 1) "
            "(did you mean target.reshape(4,)?)",
        ),
        (
            nn.CrossEntropy(),
            np.zeros((4, 3)),
            [0, 1, 3, 2],
            "CrossEntropy(): classes are whole numbers from 0 to 2, got some from 0 to 3",
        ),
        (
            nn.CrossEntropy(0.1),
            np.zeros((2, 3)),
            [0, -1],
            "CrossEntropy(label_smoothing=0.1): classes are whole numbers from 0 to 2, "
            "got some from -1 to 0",
        ),
        (
            nn.Hinge(),
            np.zeros((2, 3)),
            [0.5, 1],
            "Hinge(1.0): classes are whole numbers from 0 to 2, got some from 0.5 to 1",
        ),
        (
            nn.CrossEntropy(),
            np.zeros((0, 3)),
            np.zeros(0, int),
            "CrossEntropy(): no mean of an empty batch, of shape (0, 3)",
        ),
        (
            nn.BinaryCrossEntropy(),
            np.zeros((2, 1)),
            np.zeros(2),
            "BinaryCrossEntropy(): prediction has shape (2, 1), but target has (2,) "
            "(did you mean target.reshape(2, 1)?)",
        ),
        (
            nn.BinaryCrossEntropy(),
            np.zeros(2),
            [1, -1],
            "BinaryCrossEntropy(): targets are probabilities, got some from -1 to 1",
        ),
        (
            nn.Hinge(),
            np.zeros(2),
            [1, 0],
            "Hinge(1.0): targets in the prediction's shape must be -1 or 1",
        ),
        (
            nn.KLDivergence(),
            np.zeros((1, 2)),
            [[1.5, -0.5]],
            "KLDivergence(): targets are probabilities, got some from -0.5 to 1.5",
        ),
    ],
)
def test_targets_that_make_no_sense_are_reported(
    loss: nn.Loss, prediction: np.ndarray, target: object, message: str
) -> None:
    with pytest.raises(nn.ShapeError) as caught:
        loss(prediction, target)  # type: ignore[arg-type]

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Huber(0), "delta must be positive, got 0"),
        (lambda: nn.Hinge(-1), "margin must be positive, got -1"),
        (lambda: nn.CrossEntropy(1), "label_smoothing must lie in [0, 1), got 1"),
        (lambda: nn.BinaryCrossEntropy(-0.1), "label_smoothing must lie in [0, 1), got -0.1"),
    ],
)
def test_an_impossible_option_is_refused(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match="must") as caught:
        make()

    assert str(caught.value) == message
