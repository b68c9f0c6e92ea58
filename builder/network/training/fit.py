"""The training loop, with what most trainings want around it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, Seed
from builder.network.blueprint import Blueprint
from builder.network.errors import ShapeError
from builder.network.layer import Layer
from builder.network.losses.loss import Loss
from builder.network.optimizers.optimizer import Optimizer
from builder.network.training.batches import mini_batches
from builder.network.training.callbacks import Callback, Training
from builder.network.training.history import History

Metric: TypeAlias = Callable[[Array, Array], float | Array] | Loss
"""What tells a number, or one for each class, of predictions and targets."""

Examples: TypeAlias = tuple[npt.ArrayLike, npt.ArrayLike]
"""X, (N, ...), and the targets, (N, ...)."""


def fit(  # noqa: PLR0913 - all but the first four by name
    model: Layer,
    data: Examples,
    loss: Loss,
    optimizer: Optimizer,
    *,
    epochs: int = 1,
    batch_size: int | None = 32,
    validation: Examples | None = None,
    metrics: Metric | Sequence[Metric] | Mapping[str, Metric] = (),
    callbacks: Callback | Sequence[Callback] = (),
    rng: Seed = 0,
) -> History:
    """Train a model, and return what happened.

    Every step is the loop that a post would write: forward, loss, backward, step. In each
    epoch every example is seen once, in an order drawn anew.

    Args:
        model: Built or not; it is trained in place, on from where it is.
        data: X and the targets.
        loss: What is made small.
        optimizer: How.
        epochs: How often all examples are seen.
        batch_size: Examples for one step: 1 is stochastic gradient descent, None, for all of
            them, batch gradient descent, and any number between is mini-batch.
        validation: Examples to measure with after each epoch.
        metrics: Functions of prediction and target, like `accuracy`, perhaps by name,
            measured on the validation examples, or on those of the training where there
            are none.
        callbacks: What else to do after each step and epoch; called in their order.
        rng: Seed or generator of the order. A seed gives every call the same orders: for
            several calls one after the other, make a generator before them.

    Raises:
        ShapeError: Something does not fit.
        ValueError: There is no example, `epochs` or `batch_size` is less than 1, two metrics have
            one name, or `ReduceOnPlateau` meets a schedule.
        TypeError: `data` or `validation` is no pair, or something is no loss or optimizer.
    """
    _check_tools(loss, optimizer)
    X, y = _examples("data", model, data)
    held_out = _examples("validation", model, validation) if validation is not None else None
    callbacks = [callbacks] if isinstance(callbacks, Callback) else callbacks
    if epochs < 1 or epochs != int(epochs):
        raise ValueError(f"epochs must be a whole number, 1 or more, got {epochs!r}")
    rng = np.random.default_rng(rng)
    named = _by_name(metrics)
    model.clear_gradients()
    history = History(
        steps_per_epoch=-(-len(X) // batch_size) if batch_size else 1,
        metrics={name: [] for name in named},
    )
    training = Training(model, optimizer, history)
    for callback in callbacks:
        callback.begin(training)
    while history.epochs < epochs and not training.is_over:
        total = 0.0
        for batch, target in mini_batches(X, y, batch_size, rng):
            error = _step(model, batch, target, loss, optimizer)
            total += error * len(batch)
            history.step_losses.append(error)
            history.learning_rates.append(float(optimizer.learning_rate))
            for callback in callbacks:
                callback.after_step(training)
        history.losses.append(total / len(X))
        _measure(training, named, held_out or (X, y), loss if held_out else None)
        for callback in callbacks:
            callback.after_epoch(training)
    for callback in callbacks:
        callback.end(training)
    return history


def train_step(
    model: Layer, x: npt.ArrayLike, y: npt.ArrayLike, loss: Loss, optimizer: Optimizer
) -> float:
    """Take one step downhill on one batch alone, and return its loss before the step.

    Raises:
        ShapeError: Something does not fit.
    """
    model.clear_gradients()
    return _step(model, x, y, loss, optimizer)


def _step(
    model: Layer, x: npt.ArrayLike, y: npt.ArrayLike, loss: Loss, optimizer: Optimizer
) -> float:
    prediction, backward = model.forward(x, training=True, input_gradient=False)
    error, gradient = loss(prediction, y)
    backward(gradient)
    optimizer.step(model)
    return error


def predict(model: Layer, X: npt.ArrayLike, batch_size: int | None = 256) -> Array:
    """Return model(X), (N, ...), computed in batches, which takes less memory; None for one.

    Raises:
        ShapeError: X does not fit.
        ValueError: `batch_size` is less than 1.
    """
    X = np.asarray(X)
    if batch_size is not None and batch_size < 1:
        raise ValueError(f"batch_size must be 1 or more, or None for all, got {batch_size!r}")
    if batch_size is None or len(X) <= batch_size:
        return model(X)
    return np.concatenate(
        [model(X[start : start + batch_size]) for start in range(0, len(X), batch_size)]
    )


def _measure(
    training: Training,
    metrics: Mapping[str, Metric],
    examples: tuple[Array, Array],
    loss: Loss | None,
) -> None:
    """Record the metrics and, if it is asked for, the loss on some examples."""
    if not metrics and not loss:
        return
    X, y = examples
    prediction = predict(training.model, X)
    if loss:
        training.history.validation_losses.append(loss(prediction, y)[0])
    for name, metric in metrics.items():
        value = metric(prediction, y)
        training.history.metrics[name].append(value[0] if isinstance(value, tuple) else value)


def _check_tools(loss: object, optimizer: object) -> None:
    if not callable(loss) or isinstance(loss, type):
        hint = f" (did you mean {loss.__name__}()?)" if isinstance(loss, type) else ""
        raise TypeError(f"fit takes a loss, such as nn.MeanSquaredError(), got {loss!r}{hint}")
    if not isinstance(optimizer, Optimizer):
        hint = f" (did you mean {optimizer.__name__}()?)" if isinstance(optimizer, type) else ""
        raise TypeError(f"fit takes an optimizer, such as nn.SGD(0.1), got {optimizer!r}{hint}")


def _by_name(metrics: Metric | Sequence[Metric] | Mapping[str, Metric]) -> Mapping[str, Metric]:
    if isinstance(metrics, Mapping):
        return metrics
    named: dict[str, Metric] = {}
    for metric in [metrics] if callable(metrics) else metrics:
        function = metric.func if isinstance(metric, partial) else metric
        name = getattr(function, "__name__", type(function).__name__)
        if not callable(metric) or name in named:
            told = f"two of them are {name!r}" if callable(metric) else f"{metric!r} is none"
            raise ValueError(
                f"metrics are functions with names of their own, but {told} "
                "(did you mean a dictionary, name: function?)"
            )
        named[name] = metric
    return named


def _examples(what: str, model: Layer, data: object) -> tuple[Array, Array]:
    """Return X and y in the dtype of the model, converted once and not in every batch."""
    if not isinstance(data, tuple | list) or len(data) != 2:
        hint = "did you mean fit(model, (X, y), loss, optimizer)?"
        if what == "validation":
            hint = "did you mean validation=(X, y)? see nn.data.split"
        raise TypeError(f"{what} is a pair (X, targets), got {type(data).__name__} ({hint})")
    X, y = np.asarray(data[0]), np.asarray(data[1])
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        problem = f"X and the targets of {what} differ in length: {X.shape} and {y.shape}"
        raise ShapeError("fit", problem)
    if not len(X):
        raise ValueError(f"{what} has no example, X has shape {X.shape}")
    if not model.is_built:
        model.build(X.shape[1:])
    model.plan(X.shape[1:], Blueprint())
    return model.receive(X), y.astype(model.dtype, copy=False) if y.dtype.kind == "f" else y
