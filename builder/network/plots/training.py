"""The curve of a training."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from builder.network.plots.page import axes_of, font_size_pt, points_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_LOG_FROM = 20.0
"""How many times the least loss the largest is where the axis is logarithmic."""


class _History(Protocol):
    """What was recorded: a list's item for each step, or for each epoch."""

    @property
    def step_losses(self) -> Sequence[float]: ...
    @property
    def losses(self) -> Sequence[float]: ...
    @property
    def validation_losses(self) -> Sequence[float]: ...
    @property
    def metrics(self) -> Mapping[str, Sequence[float]]: ...
    @property
    def steps_per_epoch(self) -> int: ...


def history(history: _History, *, metric: str | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw the losses of a training against the epoch, or one of its metrics.

    Each step's loss is a faint line; the mean of an epoch stands in the middle of its
    steps, and what is measured after an epoch at its end. The axis of losses is
    logarithmic where they fall to less than a twentieth.

    Args:
        history: What a training recorded.
        metric: Name of the metric to draw instead of the losses.
        ax: Where to draw.

    Raises:
        ValueError: No epoch is over, or there is no such metric.
    """
    if not len(history.losses):
        raise ValueError("the history has no epoch yet (did you forget to train?)")
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - only plots need Matplotlib

    ax = axes_of(ax)
    if metric is None:
        _draw_losses(ax, history)
    else:
        _draw_metric(ax, history, metric)
    ax.set_xlabel("epoch")
    ax.set_ylabel(metric or "loss")
    ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    return ax


def _draw_losses(ax: "Axes", history: _History) -> None:
    steps = (np.arange(len(history.step_losses)) + 0.5) / max(history.steps_per_epoch, 1)
    ax.plot(steps, history.step_losses, color="C0", alpha=0.3, linewidth=0.8)
    ends = np.arange(len(history.losses)) + 1.0
    lines = ax.plot(ends - 0.5, history.losses, color="C0", label="training")
    if len(history.validation_losses):
        lines += ax.plot(ends, history.validation_losses, color="C1", label="validation")
    drawn = np.concatenate([np.asarray(line.get_ydata(), float) for line in lines])
    drawn = drawn[np.isfinite(drawn)]
    if drawn.size and drawn.max() > _LOG_FROM * drawn.min() > 0:
        ax.set_yscale("log")
    ax.set_xlim(0, len(ends))
    _name_ends(ax, lines)


def _draw_metric(ax: "Axes", history: _History, metric: str) -> None:
    if metric not in history.metrics:
        known = ", ".join(history.metrics) or "none"
        raise ValueError(f"the history has no metric {metric!r} (recorded: {known})")
    values = history.metrics[metric]
    marker = "o" if len(values) == 1 else None
    # One number for each class is a line for each, in the colours of the classes.
    for k, column in enumerate(np.reshape(values, (len(values), -1)).T):
        ax.plot(np.arange(len(values)) + 1.0, column, color=f"C{k}", marker=marker)


def _name_ends(ax: "Axes", lines: Sequence["Line2D"]) -> None:
    """Write the names of one or two lines at their ends, a letter's height apart."""
    ends = np.array([np.asarray(line.get_ydata(), float)[-1] for line in lines])
    heights = points_of(ax, np.column_stack([np.ones(len(ends)), ends]))[:, 1]
    overlap = max(0.0, 1.1 * font_size_pt() - float(np.ptp(heights))) if len(ends) > 1 else 0.0
    for place, index in enumerate(np.argsort(heights, kind="stable").tolist()):
        ax.annotate(
            str(lines[index].get_label()),
            (1, ends[index]),
            (4, (place - 0.5) * overlap),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            color=lines[index].get_color(),
            verticalalignment="center",
        )
