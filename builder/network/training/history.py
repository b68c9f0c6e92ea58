"""What happened in a training, step by step and epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(slots=True, kw_only=True)
class History:
    """The record of a training, which `fit` returns and callbacks read."""

    steps_per_epoch: int

    step_losses: list[float] = field(default_factory=list)
    """(S,): of each batch, before the step that it led to."""

    learning_rates: list[float] = field(default_factory=list)
    """(S,): of each step."""

    losses: list[float] = field(default_factory=list)
    """(E,): of each epoch, the mean over its examples, while the model was changing."""

    validation_losses: list[float] = field(default_factory=list)
    """(E,): after each epoch; empty without validation."""

    metrics: dict[str, list[Any]] = field(default_factory=dict)
    """By the metric's name, (E,): after each epoch, on the validation examples, or on the
    training's where there are none.

    A metric that tells an array, such as one number a class, has a list of arrays.
    """

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.step_losses)

    @property
    def epochs(self) -> int:
        """How many epochs were finished."""
        return len(self.losses)

    @property
    def watched(self) -> list[float]:
        """The validation losses, or the training's without validation."""
        return self.validation_losses or self.losses

    @property
    def best_epoch(self) -> int:
        """The epoch with the least watched loss, counted from 1; 0 where there is none."""
        finite = [(loss, epoch) for epoch, loss in enumerate(self.watched, 1) if not isnan(loss)]
        return min(finite)[1] if finite else 0

    def plot(self, *, metric: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw the losses, see `plots.history`."""
        from builder.network.plots.training import history  # noqa: PLC0415 - only plots need it

        return history(self, metric=metric, ax=ax)

    def __repr__(self) -> str:
        told = [f"{self.epochs} epochs", f"{self.steps} steps"]
        if self.losses:
            told.append(f"loss {self.losses[-1]:.4g}")
        if self.validation_losses:
            told.append(f"validation loss {self.validation_losses[-1]:.4g}")
        for name, values in self.metrics.items():
            if values:
                told.append(f"{name} {np.array2string(np.asarray(values[-1]), precision=4)}")
        return f"History({', '.join(told)})"
