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


class EarlyStopping(Callback):
    """Ends the training when the watched loss has not improved for some epochs.

    It is the validation loss, or the training's without validation.

    Args:
        patience: For how many epochs in a row.
        least: By how much it has to fall to have improved.
        restore_best: Whether the model gets back what it had learned after its best epoch.

    Raises:
        ValueError: `patience` is less than 1.

    Source: Prechelt, "Early stopping, but when?", 1998.
    """

    def __init__(self, patience: int = 5, *, least: float = 0.0, restore_best: bool = True) -> None:
        if patience < 1:
            raise ValueError(f"patience must be 1 or more, got {patience!r}")
        self.patience, self.least, self.restore_best = patience, float(least), restore_best

    def begin(self, _training: Training) -> None:
        """Forget the last training."""
        self.best, self.waited = float("inf"), 0
        self.kept: dict[str, Array] = {}

    def after_epoch(self, training: Training) -> None:
        """Look whether it has improved."""
        loss = training.history.watched[-1]
        if loss < self.best - self.least:
            self.best, self.waited = loss, 0
            if self.restore_best:
                named = training.model.named_arrays()
                self.kept = {name: array.copy() for name, array in named}
        else:
            self.waited += 1
            training.is_over |= self.waited >= self.patience

    def end(self, training: Training) -> None:
        """Give the best back."""
        for name, array in training.model.named_arrays() if self.kept else ():
            array[...] = self.kept[name]


class ReduceOnPlateau(Callback):
    """Lowers the learning rate when the watched loss has not improved for some epochs.

    Args:
        factor: What the rate is multiplied by, in (0, 1).
        patience: For how many epochs in a row.
        lowest: Where it stops falling.

    Raises:
        ValueError: A number is out of its range, or, in training, the optimizer has a
            schedule of its own.
    """

    def __init__(self, factor: float = 0.5, patience: int = 3, *, lowest: float = 0.0) -> None:
        if not 0 < factor < 1:
            raise ValueError(f"factor must lie in (0, 1), got {factor!r}")
        if patience < 1:
            raise ValueError(f"patience must be 1 or more, got {patience!r}")
        self.factor, self.patience, self.lowest = float(factor), patience, float(lowest)

    def begin(self, training: Training) -> None:
        """Forget the last training."""
        if training.optimizer.schedule:
            raise ValueError(
                f"{training.optimizer!r} has a schedule, which a plateau cannot change "
                "(did you mean a number as its learning rate?)"
            )
        self.best, self.waited = float("inf"), 0

    def after_epoch(self, training: Training) -> None:
        """Look whether it has improved."""
        loss = training.history.watched[-1]
        if loss < self.best:
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited >= self.patience:
            optimizer = training.optimizer
            lowered = max(self.lowest, float(optimizer.learning_rate) * self.factor)
            optimizer.learning_rate = min(float(optimizer.learning_rate), lowered)
            self.waited = 0


class Checkpoint(Callback):
    """Saves the model and its optimizer as it goes, see `save`.

    Args:
        path: Of the file, written anew each time; an `{epoch}` in it becomes the epoch's
            number, which keeps them all.
        every: After how many epochs.
        best_only: Whether only after an epoch better than all before.

    Raises:
        ValueError: `every` is less than 1.
    """

    def __init__(
        self, path: str | PathLike[str], *, every: int = 1, best_only: bool = False
    ) -> None:
        if every < 1:
            raise ValueError(f"every must be 1 or more, got {every!r}")
        self.path, self.every, self.best_only = fspath(path), every, best_only

    def after_epoch(self, training: Training) -> None:
        """Save what there is."""
        epoch = training.history.epochs
        is_due = epoch % self.every == 0
        if is_due and (not self.best_only or training.history.best_epoch == epoch):
            path = self.path.replace("{epoch}", str(epoch))
            save(training.model, path, optimizer=training.optimizer)


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
        """(R, P): the parameters before the first step, if they existed, and after each."""
        return np.array(self._points)

    def begin(self, training: Training) -> None:
        """Start anew, from where the parameters are."""
        model = training.model
        self._points = [model.parameters.copy()] if model.is_built else []

    def after_step(self, training: Training) -> None:
        """Record the parameters."""
        if training.history.steps % self.every == 0:
            self._points.append(training.model.parameters.copy())
