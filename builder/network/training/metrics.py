"""How good predictions are, in numbers that people read."""

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, as_floats, whole_numbers
from builder.network.errors import ShapeError
from builder.network.functions import log_softmax
from builder.network.losses.classification import labels_of


def accuracy(prediction: npt.ArrayLike, target: npt.ArrayLike, threshold: float = 0.0) -> float:
    """Return the share of examples whose class is right.

    Args:
        prediction: Logits or probabilities, (N, ..., C), of which the largest counts; of two
            classes, logits (N, ...) or (N, 1); or the classes themselves, whole numbers in
            the target's shape.
        target: Classes, whole numbers in (N, ...), of two also as -1 and 1; or, for logits
            of C classes, the probabilities (N, ..., C) that a loss takes.
        threshold: What a prediction of two classes must exceed for the second: 0 for
            logits, 0.5 for probabilities.

    Raises:
        ShapeError: The shapes do not fit, there is no example, or a target is no class.
    """
    predicted, true = _classes("accuracy", prediction, target, threshold)
    return float(np.mean(predicted == true))


def confusion_matrix(
    prediction: npt.ArrayLike, target: npt.ArrayLike, classes: int | None = None
) -> Array:
    """Return M, (C, C), with M[i, j] the number of examples of class i taken for class j.

    Args:
        prediction: As for `accuracy`, with a threshold of 0.
        target: As for `accuracy`.
        classes: C; by default as many as the prediction has logits for, and all that occur.

    Raises:
        ShapeError: The shapes do not fit, there is no example, or a class is not below C.
    """
    predicted, true = _classes("confusion_matrix", prediction, target, 0.0)
    both = np.concatenate([predicted, true])
    width = np.shape(prediction)[-1] if np.ndim(prediction) > np.ndim(target) else 2
    C = max(width, 2, int(both.max()) + 1) if classes is None else classes
    odd = both[(both < 0) | (both >= C)]
    if odd.size:
        raise ShapeError("confusion_matrix", f"class {odd[0]} is none of 0 to {C - 1}")
    return np.bincount(true * C + predicted, minlength=C * C).reshape(C, C)


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
    if t.min() == t.max():
        return float("nan")
    return float(1 - ((t - p) ** 2).sum() / ((t - t.mean()) ** 2).sum())


def perplexity(prediction: npt.ArrayLike, target: npt.ArrayLike) -> float:
    """Return e^L with L the mean cross-entropy: among how many words a model wavers.

    Args:
        prediction: Logits, (N, ..., C).
        target: Classes, whole numbers in (N, ...).

    Raises:
        ShapeError: The shapes do not fit, there is no example, or no such class.
    """
    z = as_floats(prediction)
    labels = labels_of("perplexity", z, target)
    log_p, _ = log_softmax(z.reshape(len(labels), -1))
    with np.errstate(over="ignore"):  # as many words as there are not
        return float(np.exp(-log_p[np.arange(len(labels)), labels].mean(dtype=np.float64)))


def _classes(
    asked: str, prediction: npt.ArrayLike, target: npt.ArrayLike, threshold: float
) -> tuple[Array, Array]:
    """Return the predicted and the true classes, each in one row."""
    p, t = np.asarray(prediction), np.asarray(target)
    if not t.size:
        raise ShapeError(asked, f"no mean of an empty batch, of shape {t.shape}")
    is_logits = p.dtype.kind == "f" and p.shape == t.shape and p.ndim > 1 and p.shape[-1] > 1
    if is_logits and np.allclose(t.sum(axis=-1), 1):
        t = t.argmax(axis=-1)
    true = whole_numbers(t)
    if true is None:
        raise ShapeError(asked, f"targets are classes, got some from {t.min():g} to {t.max():g}")
    if p.ndim == t.ndim + 1 and p.shape[:-1] == t.shape and p.shape[-1] > 1:
        return p.argmax(axis=-1).ravel(), true.ravel()
    if p.size != t.size or p.shape[: t.ndim] != t.shape[: p.ndim]:
        raise ShapeError(asked, f"prediction has shape {p.shape}, but target has {t.shape}")
    if p.dtype.kind in "iub":
        return p.ravel().astype(np.intp), true.ravel()
    if true.min() < -1 or true.max() > 1:
        found = f"{true.min()} to {true.max()}"
        raise ShapeError(asked, f"one logit tells two classes apart, but targets are {found}")
    return (p > threshold).ravel().astype(np.intp), (true > 0).ravel().astype(np.intp)


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
