"""What happens beside a training: stopping early, keeping the best, slowing down, recording."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath

import numpy as np

from builder.network.arrays import Array
from builder.network.layer import Layer
from builder.network.optimizers.optimizer import Optimizer
from builder.network.training.history import History
from builder.network.training.storage import save


@dataclass(slots=True)
class Training:
    """What callbacks see of a training while it goes on."""

    model: Layer
    optimizer: Optimizer
    history: History

    is_over: bool = False
    """Set by a callback, ends the training after this epoch."""


class Callback:
    """Called by `fit`; a new one defines the methods that it has something to do in."""

    def begin(self, training: Training) -> None:
        """Before the first epoch."""

    def after_step(self, training: Training) -> None:
        """After each step."""

    def after_epoch(self, training: Training) -> None:
        """After each epoch and its measurements."""

    def end(self, training: Training) -> None:
        """After the last epoch."""


class _Patience(Callback):
    """Watches the validation loss, or the training's without validation."""

    def __init__(self, patience: int, min_delta: float) -> None:
        if patience < 1:
            raise ValueError(f"patience must be 1 or more, got {patience!r}")
        self.patience, self.min_delta = patience, float(min_delta)

    def begin(self, _training: Training) -> None:
        """Forget the last training."""
        self.best, self.waited = float("inf"), 0

    def has_improved(self, training: Training) -> bool:
        """Look at the last epoch; if it is no better, one more has been waited for."""
        loss = training.history.watched[-1]
        is_better = loss < self.best - self.min_delta
        self.best, self.waited = (loss, 0) if is_better else (self.best, self.waited + 1)
        return is_better


class EarlyStopping(_Patience):
    """Ends the training when the watched loss has not improved for some epochs.

    It is the validation loss, or the training's without validation.

    Args:
        patience: For how many epochs in a row.
        min_delta: By how much it has to fall to have improved.
        restore_best: Whether the model gets back what it had learned after its best epoch.

    Raises:
        ValueError: `patience` is less than 1.

    Source: Prechelt, "Early stopping, but when?", 1998.
    """

    def __init__(
        self, patience: int = 5, *, min_delta: float = 0.0, restore_best: bool = True
    ) -> None:
        super().__init__(patience, min_delta)
        self.restore_best = restore_best

    def begin(self, training: Training) -> None:
        """Forget the last training."""
        super().begin(training)
        self.kept: dict[str, Array] = {}

    def after_epoch(self, training: Training) -> None:
        """Look whether it has improved."""
        if self.has_improved(training):
            named = training.model.named_arrays() if self.restore_best else ()
            self.kept = {name: array.copy() for name, array in named}
        else:
            training.is_over |= self.waited >= self.patience

    def end(self, training: Training) -> None:
        """Give the best back."""
        for name, array in training.model.named_arrays() if self.kept else ():
            array[...] = self.kept[name]


class ReduceOnPlateau(_Patience):
    """Lowers the learning rate when the watched loss has not improved for some epochs.

    Args:
        factor: What the rate is multiplied by, in (0, 1).
        patience: For how many epochs in a row.
        min_delta: By how much it has to fall to have improved.
        min_learning_rate: Where it stops falling.

    Raises:
        ValueError: A number is out of its range, or, in training, the optimizer has a
            schedule of its own.
    """

    def __init__(
        self,
        factor: float = 0.5,
        patience: int = 3,
        *,
        min_delta: float = 0.0,
        min_learning_rate: float = 0.0,
    ) -> None:
        super().__init__(patience, min_delta)
        if not 0 < factor < 1:
            raise ValueError(f"factor must lie in (0, 1), got {factor!r}")
        self.factor, self.min_learning_rate = float(factor), float(min_learning_rate)

    def begin(self, training: Training) -> None:
        """Forget the last training."""
        super().begin(training)
        if training.optimizer.schedule:
            raise ValueError(
                f"{training.optimizer!r} has a schedule, which a plateau cannot change "
                "(did you mean a number as its learning rate?)"
            )

    def after_epoch(self, training: Training) -> None:
        """Look whether it has improved."""
        if not self.has_improved(training) and self.waited >= self.patience:
            rate = float(training.optimizer.learning_rate)
            lowered = max(self.min_learning_rate, rate * self.factor)
            training.optimizer.learning_rate = min(rate, lowered)
            self.waited = 0


class Checkpoint(Callback):
    """Saves the model and its optimizer as it goes, see `save`.

    Args:
        path: Of the file, written anew each time; an `{epoch}` in it, or `{epoch:03}`,
            becomes the epoch's number, which keeps them all.
        every: After how many epochs.
        best_only: Whether only after an epoch better than all before, in this training and
            in those before it.

    Raises:
        ValueError: `every` is less than 1.
    """

    def __init__(
        self, path: str | PathLike[str], *, every: int = 1, best_only: bool = False
    ) -> None:
        if every < 1:
            raise ValueError(f"every must be 1 or more, got {every!r}")
        self.path, self.every, self.best_only = fspath(path), every, best_only
        self.best = float("inf")

    def after_epoch(self, training: Training) -> None:
        """Save what there is."""
        epoch = training.history.epochs
        loss = training.history.watched[-1]
        is_due = epoch % self.every == 0
        if is_due and (not self.best_only or loss < self.best):
            path = self.path.format(epoch=epoch)
            save(training.model, path, optimizer=training.optimizer)
        self.best = min(loss, self.best)


class Trajectory(Callback):
    """Records where the parameters went.

    Args:
        every: After how many steps.

    Raises:
        ValueError: `every` is less than 1.
    """

    def __init__(self, every: int = 1) -> None:
        if every < 1:
            raise ValueError(f"every must be 1 or more, got {every!r}")
        self.every = every
        self._points: list[Array] = []

    @property
    def points(self) -> Array:
        """(R, P): the parameters before the first step, if they existed, and after each `every`."""
        return np.array(self._points)

    def begin(self, training: Training) -> None:
        """Start anew, from where the parameters are."""
        model = training.model
        self._points = [model.parameters.copy()] if model.is_built else []

    def after_step(self, training: Training) -> None:
        """Record the parameters."""
        if training.history.steps % self.every == 0:
            self._points.append(training.model.parameters.copy())
