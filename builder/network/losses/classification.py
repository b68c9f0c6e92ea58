"""Losses for classes. Those of probabilities take logits, the numbers before the softmax.

From probabilities a loss would have to take logarithms of numbers that rounding has made
0 or 1; from logits it stays exact, and its gradient is simply p − t.
"""

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, as_floats, whole_numbers
from builder.network.errors import ShapeError
from builder.network.functions import log_softmax, sigmoid, softplus
from builder.network.losses.loss import Loss, same_shape


class _Smoothed(Loss):
    """What both cross-entropies share."""

    def __init__(self, label_smoothing: float = 0.0) -> None:
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing must lie in [0, 1), got {label_smoothing!r}")
        self.label_smoothing = float(label_smoothing)

    def __repr__(self) -> str:
        smoothing = f"label_smoothing={self.label_smoothing}" if self.label_smoothing else ""
        return f"{type(self).__name__}({smoothing})"


class CrossEntropy(_Smoothed):
    """L = −1/N Σ_n Σ_c t[n, c] log p[n, c], with p = softmax z of the logits z.

    dL/dz = (p − t) / N. N counts all rows; t is 1 for the row's class and 0 elsewhere, or,
    with smoothing ε, 1 − ε + ε/C and ε/C.

    Args:
        label_smoothing: ε, in [0, 1).

    Raises:
        ValueError: `label_smoothing` is not in [0, 1).

    Source: Bridle, "Probabilistic interpretation of feedforward classification network
    outputs", 1990; smoothing: Szegedy et al., CVPR 2016, section 7.
    """

    def __call__(self, prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
        """Return L and dL/d(prediction).

        Args:
            prediction: Logits, (N, ..., C), at least one row of at least two.
            target: Classes, whole numbers in (N, ...); or probabilities, (N, ..., C).

        Raises:
            ShapeError: The shapes do not fit, there is no row, no such class, or a negative
                probability.
        """
        z = as_floats(prediction)
        smoothing = self.label_smoothing
        if np.shape(target) == z.shape:
            z, t = same_shape(self, z, target)
            check_probabilities(self, t)
            log_p, p = log_softmax(z)
            N, C = z.size // z.shape[-1], z.shape[-1]
            t = t * (1 - smoothing) + smoothing / C
            return -float(np.vdot(t, log_p)) / N, (p * t.sum(axis=-1, keepdims=True) - t) / N
        labels = labels_of(self, z, target)
        log_p, p = log_softmax(z.reshape(len(labels), -1))
        N, C = p.shape
        at = np.arange(N), labels
        error = -float(log_p[at].sum()) / N * (1 - smoothing)
        if smoothing:
            error -= float(log_p.mean()) * smoothing
            p -= smoothing / C
        p[at] -= 1 - smoothing
        p /= N
        return error, p.reshape(z.shape)


class BinaryCrossEntropy(_Smoothed):
    """L = −1/M Σ (t log p + (1 − t) log(1 − p)), with p = σ(z) of the logits z.

    Computed as softplus(z) − t z, with dL/dz = (p − t) / M. With smoothing ε, t becomes
    t (1 − ε) + ε/2.

    Args:
        label_smoothing: ε, in [0, 1).

    Raises:
        ValueError: `label_smoothing` is not in [0, 1).
    """

    def __call__(self, prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
        """Return L and dL/d(prediction).

        Args:
            prediction: Logits, (N, ...), at least one.
            target: In the same shape, from 0 to 1.

        Raises:
            ShapeError: The shapes differ, there is no example, or a target is no probability.
        """
        z, t = same_shape(self, prediction, target)
        check_probabilities(self, t, largest=1)
        t = t * (1 - self.label_smoothing) + self.label_smoothing / 2
        return float((softplus(z) - t * z).mean()), (sigmoid(z) - t) / z.size


class Hinge(Loss):
    """L = 1/N Σ_n Σ_{c ≠ t} max(0, m + z[n, c] − z[n, t]): the right score leads by m.

    Each pair that falls short adds 1/N to dL/dz[n, c] and takes it from dL/dz[n, t]. For
    two classes as targets t = ±1 in the prediction's shape, L = mean max(0, m − t z).

    Args:
        margin: m.

    Raises:
        ValueError: `margin` is not positive.

    Source: Weston and Watkins, "Multi-class support vector machines", 1998; two classes:
    Cortes and Vapnik, "Support-vector networks", 1995.
    """

    def __init__(self, margin: float = 1.0) -> None:
        if not margin > 0:
            raise ValueError(f"margin must be positive, got {margin!r}")
        self.margin = float(margin)

    def __call__(self, prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
        """Return L and dL/d(prediction).

        Args:
            prediction: Scores, (N, ..., C), at least one row; or, of two classes, (N, ...).
            target: Classes, whole numbers in (N, ...); or ±1 in the prediction's shape.

        Raises:
            ShapeError: The shapes do not fit, there is no row, or no such class.
        """
        z = as_floats(prediction)
        if np.shape(target) == z.shape:
            return self._of_two(*same_shape(self, z, target))
        labels = labels_of(self, z, target)
        rows = z.reshape(-1, z.shape[-1])
        at = np.arange(len(rows)), labels
        short = np.maximum(rows - rows[at][:, None] + self.margin, 0)
        short[at] = 0
        dz = (short > 0).astype(z.dtype)
        dz[at] = -dz.sum(axis=1)
        return float(short.sum()) / len(rows), (dz / len(rows)).reshape(z.shape)

    def __repr__(self) -> str:
        return f"Hinge({self.margin})"

    def _of_two(self, z: Array, t: Array) -> tuple[float, Array]:
        if not np.isin(t, (-1, 1)).all():
            raise ShapeError(repr(self), "targets in the prediction's shape must be -1 or 1")
        short = np.maximum(self.margin - t * z, 0)
        return float(short.mean()), -t * (short > 0) / z.size


class KLDivergence(Loss):
    """L = 1/N Σ_n Σ_c t[n, c] (log t[n, c] − log p[n, c]), with p = softmax z.

    How many nats it costs to take p for t: the cross-entropy without t's own entropy.
    dL/dz = (p Σ t − t) / N.

    Source: Kullback and Leibler, "On information and sufficiency", 1951.
    """

    def __call__(self, prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
        """Return L and dL/d(prediction).

        Args:
            prediction: Logits, (N, ..., C), at least one row.
            target: Probabilities in the same shape.

        Raises:
            ShapeError: The shapes differ, there is no row, or a target is negative.
        """
        z, t = same_shape(self, prediction, target)
        check_probabilities(self, t)
        log_p, p = log_softmax(z)
        N = z.size // z.shape[-1]
        # 0 log 0 is 0, the limit.
        log_t = np.log(t, out=np.zeros_like(t), where=t > 0)
        return float(np.vdot(t, log_t - log_p)) / N, (p * t.sum(axis=-1, keepdims=True) - t) / N


def check_probabilities(loss: Loss, target: Array, largest: float = np.inf) -> None:
    """Check that no target is negative, nor larger than what is the largest.

    Raises:
        ShapeError: One is.
    """
    if not (target.min() >= 0 and target.max() <= largest):
        found = f"{target.min():g} to {target.max():g}"
        raise ShapeError(repr(loss), f"targets are probabilities, got some from {found}")


def labels_of(asked: object, prediction: Array, target: npt.ArrayLike) -> Array:
    """Return the classes in one row, of a prediction (N, ..., C) and a target (N, ...).

    Raises:
        ShapeError: The shapes do not fit, there is no row, only one class, or no such class.
    """
    subject = asked if isinstance(asked, str) else repr(asked)
    given = np.asarray(target)
    if prediction.ndim < 2 or given.shape != prediction.shape[:-1]:
        wanted = prediction.shape[:-1]
        hint = f" (did you mean target.reshape{wanted}?)" if given.size == np.prod(wanted) else ""
        raise ShapeError(
            subject,
            f"logits of shape {prediction.shape} have classes in {wanted}, "
            f"but target has {given.shape}{hint}",
        )
    if given.size == 0:
        raise ShapeError(subject, f"no mean of an empty batch, of shape {prediction.shape}")
    C = prediction.shape[-1]
    if C < 2:
        raise ShapeError(
            subject,
            f"one logit tells no classes apart, prediction has shape {prediction.shape} "
            "(did you mean BinaryCrossEntropy, with target[:, None]?)",
        )
    labels = whole_numbers(given)
    # Seen as unsigned, a negative number is a huge one.
    if labels is None or np.ascontiguousarray(labels).view(np.uintp).max() >= C:
        found = f"{given.min():g} to {given.max():g}"
        raise ShapeError(
            subject, f"classes are whole numbers from 0 to {C - 1}, got some from {found}"
        )
    return labels.ravel()
