"""How good predictions are, in numbers that people read."""

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array
from builder.network.errors import ShapeError
from builder.network.functions import log_softmax
from builder.network.losses.classification import labels_of


def accuracy(prediction: npt.ArrayLike, target: npt.ArrayLike) -> float:
    """Return the share of examples whose class is right.

    Args:
        prediction: Logits or probabilities, (N, ..., C), of which the largest counts; of two
            classes, logits (N, ...) or (N, 1), which say 1 where they are positive; or the
            classes themselves, whole numbers in the target's shape.
        target: Classes, whole numbers in (N, ...).

    Raises:
        ShapeError: The shapes do not fit, or there is no example.
    """
    predicted, true = _classes(prediction, target)
    return float(np.mean(predicted == true))


def confusion_matrix(
    prediction: npt.ArrayLike, target: npt.ArrayLike, classes: int | None = None
) -> Array:
    """Return M, (C, C), with M[i, j] the number of examples of class i taken for class j.

    Args:
        prediction: As for `accuracy`.
        target: Classes, whole numbers in (N, ...).
        classes: C; by default one more than the largest that occurs.

    Raises:
        ShapeError: The shapes do not fit, there is no example, or a class is not below C.
    """
    predicted, true = _classes(prediction, target)
    largest = int(max(predicted.max(), true.max()))
    if classes is None:
        width = np.shape(prediction)[-1] if np.ndim(prediction) > np.ndim(target) else 2
        classes = max(width, largest + 1)
    if largest >= classes or min(predicted.min(), true.min()) < 0:
        raise ShapeError("confusion_matrix", f"class {largest} is not one of {classes}")
    counts = np.bincount(true * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)


def precision(prediction: npt.ArrayLike, target: npt.ArrayLike) -> Array:
    """Return, for each class, (C,), the share of what was taken for it that is it.

    0 where nothing was taken for it. Arguments and errors are those of `accuracy`.
    """
    M = confusion_matrix(prediction, target)
    return _ratio(np.diag(M), M.sum(axis=0))


def recall(prediction: npt.ArrayLike, target: npt.ArrayLike) -> Array:
    """Return, for each class, (C,), the share of its examples that were found.

    0 where there is none. Arguments and errors are those of `accuracy`.
    """
    M = confusion_matrix(prediction, target)
    return _ratio(np.diag(M), M.sum(axis=1))


def f1(prediction: npt.ArrayLike, target: npt.ArrayLike) -> Array:
    """Return, for each class, (C,), the harmonic mean 2 p r / (p + r) of precision and recall.

    Arguments and errors are those of `accuracy`.
    """
    M = confusion_matrix(prediction, target)
    return _ratio(2 * np.diag(M), M.sum(axis=0) + M.sum(axis=1))


def r_squared(prediction: npt.ArrayLike, target: npt.ArrayLike) -> float:
    """Return R² = 1 − Σ (t − p)² / Σ (t − mean t)², over all elements.

    1 is perfect, 0 no better than the mean, less is worse; not a number where t is constant.

    Raises:
        ShapeError: The shapes differ, or there is no example.
    """
    p, t = np.asarray(prediction, np.float64), np.asarray(target, np.float64)
    if p.shape != t.shape or not p.size:
        raise ShapeError("r_squared", f"prediction has shape {p.shape}, but target has {t.shape}")
    around = ((t - t.mean()) ** 2).sum()
    return float(1 - ((t - p) ** 2).sum() / around) if around else float("nan")


def perplexity(prediction: npt.ArrayLike, target: npt.ArrayLike) -> float:
    """Return e^L with L the mean cross-entropy: among how many words a model wavers.

    Args:
        prediction: Logits, (N, ..., C).
        target: Classes, whole numbers in (N, ...).

    Raises:
        ShapeError: The shapes do not fit, there is no example, or no such class.
    """
    z = np.asarray(prediction)
    labels = labels_of("perplexity", z, target)
    log_p = log_softmax(z)[0].reshape(len(labels), -1)
    return float(np.exp(-log_p[np.arange(len(labels)), labels].mean()))


def _classes(prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[Array, Array]:
    p, t = np.asarray(prediction), np.asarray(target)
    if p.ndim == t.ndim + 1 and p.shape[:-1] == t.shape and p.shape[-1] > 1:
        p = p.argmax(axis=-1)
    elif p.size == t.size and p.shape[: t.ndim] == t.shape[: p.ndim]:
        p = p if p.dtype.kind in "iub" else p > 0
    else:
        raise ShapeError("metric", f"prediction has shape {p.shape}, but target has {t.shape}")
    if not t.size:
        raise ShapeError("metric", f"no mean of an empty batch, of shape {t.shape}")
    return p.ravel().astype(np.intp), t.ravel().astype(np.intp)


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
