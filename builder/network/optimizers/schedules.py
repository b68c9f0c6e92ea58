"""Learning rates that change with the steps taken: give one to an optimizer as its rate.

A schedule is a function from the number of steps taken, 0 before the first, to a rate.
"""

from abc import ABC, abstractmethod
from math import cos, pi


class Schedule(ABC):
    """A learning rate for every step. A new one defines `__call__`.

    Args:
        learning_rate: The rate at the start, or, after a warm-up, at its top.

    Raises:
        ValueError: It is not positive.
    """

    def __init__(self, learning_rate: float) -> None:
        if not learning_rate > 0:
            raise ValueError(f"learning_rate must be positive, got {learning_rate!r}")
        self.learning_rate = float(learning_rate)

    @abstractmethod
    def __call__(self, steps: int) -> float:
        """Return the rate for the next step, after so many."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in vars(self).items())})"


class StepSchedule(Schedule):
    """η_t = η₀ γ^⌊t / every⌋: a drop every so many steps.

    Args:
        learning_rate: η₀.
        every: Steps from one drop to the next.
        factor: γ, in (0, 1].

    Raises:
        ValueError: A number is out of its range.
    """

    def __init__(self, learning_rate: float, every: int, factor: float = 0.1) -> None:
        super().__init__(learning_rate)
        self.every, self.factor = _count("every", every), _part("factor", factor)

    def __call__(self, steps: int) -> float:
        """Return η_t."""
        return self.learning_rate * self.factor ** (steps // self.every)


class ExponentialSchedule(Schedule):
    """η_t = η₀ γᵗ.

    Args:
        learning_rate: η₀.
        factor: γ, in (0, 1].

    Raises:
        ValueError: A number is out of its range.
    """

    def __init__(self, learning_rate: float, factor: float) -> None:
        super().__init__(learning_rate)
        self.factor = _part("factor", factor)

    def __call__(self, steps: int) -> float:
        """Return η_t."""
        return self.learning_rate * self.factor**steps


class CosineSchedule(Schedule):
    """η_t = η_end + ½ (η₀ − η_end) (1 + cos π u), with u from 0 to 1; before, a warm-up.

    In the warm-up the rate grows in equal parts, from η₀ / warmup; after the last step it
    stays η_end.

    Args:
        learning_rate: η₀.
        steps: All steps, the warm-up among them.
        warmup: Steps of the warm-up.
        end: η_end.

    Raises:
        ValueError: A number is out of its range.

    Source: Loshchilov and Hutter, "SGDR", ICLR 2017, equation 5, without restarts.
    """

    def __init__(self, learning_rate: float, steps: int, warmup: int = 0, end: float = 0.0) -> None:
        super().__init__(learning_rate)
        self.steps, self.warmup, self.end = _count("steps", steps), warmup, float(end)
        if not 0 <= warmup < steps:
            raise ValueError(f"warmup must be 0 or more and less than steps, got {warmup!r}")
        if not 0 <= end <= learning_rate:
            raise ValueError(f"end must lie between 0 and the learning rate, got {end!r}")

    def __call__(self, steps: int) -> float:
        """Return η_t."""
        if steps < self.warmup:
            return self.learning_rate * (steps + 1) / self.warmup
        u = min(1.0, (steps - self.warmup) / (self.steps - self.warmup))
        return self.end + (self.learning_rate - self.end) * _half_cosine(u)


class OneCycleSchedule(Schedule):
    """Up from η₀ / div_factor to η₀ in the first part of the steps, then down to almost nothing.

    Both ways along half a cosine; the end is the beginning's ten-thousandth.

    Args:
        learning_rate: η₀, the top.
        steps: All steps.
        pct_start: The part of them that goes up, in (0, 1).
        div_factor: How many times lower the beginning is.

    Raises:
        ValueError: A number is out of its range.

    Source: Smith and Topin, "Super-convergence", 2019, with the numbers of PyTorch.
    """

    def __init__(
        self, learning_rate: float, steps: int, pct_start: float = 0.3, div_factor: float = 25.0
    ) -> None:
        super().__init__(learning_rate)
        self.steps = _count("steps", steps)
        self.pct_start, self.div_factor = float(pct_start), float(div_factor)
        if not 0 < pct_start < 1:
            raise ValueError(f"pct_start must lie in (0, 1), got {pct_start!r}")
        if not div_factor >= 1:
            raise ValueError(f"div_factor must be 1 or more, got {div_factor!r}")

    def __call__(self, steps: int) -> float:
        """Return η_t."""
        top, low = self.learning_rate, self.learning_rate / self.div_factor
        last = self.steps - 1
        turn = self.pct_start * self.steps - 1
        if steps < turn:
            return top + (low - top) * _half_cosine(steps / turn)
        u = min(1.0, (steps - turn) / (last - turn)) if last > turn else 1.0
        return low / 1e4 + (top - low / 1e4) * _half_cosine(u)


def _half_cosine(u: float) -> float:
    """Return the way from 1, at u = 0, to 0, at u = 1."""
    return 0.5 * (1 + cos(pi * u))


def _count(name: str, number: int) -> int:
    if number < 1:
        raise ValueError(f"{name} must be 1 or more, got {number!r}")
    return number


def _part(name: str, number: float) -> float:
    if not 0 < number <= 1:
        raise ValueError(f"{name} must lie in (0, 1], got {number!r}")
    return float(number)
