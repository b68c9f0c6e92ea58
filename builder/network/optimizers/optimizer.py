"""What every optimizer is: a way to move a model's parameters along their gradients."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from builder.network.arrays import Array
from builder.network.parametric import Parametric

# Numbers so small that processors take many times longer for them build up where gradients
# stay 0, as behind dead ReLUs: an epoch of Adam was measured at seven times its time.
_TINY = 1e-30
_SWEEP_EVERY = 64


Rate: TypeAlias = float | Callable[[int], float]
"""A learning rate, or a schedule: a function from the number of steps taken to a rate."""


@dataclass(slots=True)
class Memory:
    """What an optimizer remembers of one model between steps."""

    arrays: tuple[Array, ...]
    """Each (P,), beside the model's parameters; zeros at first."""

    scratch: Array
    """(P,), overwritten by every step."""

    steps: int = 0
    """How many were taken, this one included."""


class Optimizer(ABC):
    """θ ← θ − η d, with a direction d that the optimizer makes of the gradient.

    θ are a model's parameters, (P,), moved in place. A new optimizer defines `direction`
    and, if it remembers anything, `remembers`.

    Args:
        learning_rate: η, which may be changed between steps; or a schedule, which tells it
            for every step.
        weight_decay: λ; λ θ is added to the gradient, or, where the optimizer says so, to d.
        clip_norm: The length that the gradient of the whole model is cut to, if longer.

    Raises:
        ValueError: A number is out of its range.
    """

    remembers: int = 0
    """How many arrays in the parameters' shape the optimizer keeps for each model."""

    decouples_decay: bool = False
    """Whether λ θ is added to d, and not to the gradient."""

    def __init__(
        self,
        learning_rate: Rate,
        *,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        if not weight_decay >= 0:
            raise ValueError(f"weight_decay must not be negative, got {weight_decay!r}")
        if clip_norm is not None and not clip_norm > 0:
            raise ValueError(f"clip_norm must be positive, got {clip_norm!r}")
        self.schedule: Callable[[int], float] | None = None
        if callable(learning_rate):
            self.schedule, learning_rate = learning_rate, learning_rate(0)
        elif not learning_rate > 0:
            raise ValueError(f"learning_rate must be positive, got {learning_rate!r}")
        self.learning_rate = learning_rate
        self.weight_decay = float(weight_decay)
        self.clip_norm = clip_norm
        self._memories: WeakKeyDictionary[Parametric, Memory] = WeakKeyDictionary()

    def step(self, model: Parametric) -> None:
        """Move the parameters of `model`, then set its gradients to 0 for the next batch.

        Raises:
            BuildError: The model has no parameters yet.
        """
        parameters, gradients = model.parameters, model.gradients
        memory = self.memory_of(model)
        if self.schedule:
            self.learning_rate = self.schedule(memory.steps)
        memory.steps += 1
        if self.clip_norm is not None:
            clip(gradients, self.clip_norm)
        if self.weight_decay and not self.decouples_decay:
            gradients += np.multiply(parameters, self.weight_decay, out=memory.scratch)
        direction = self.direction(gradients, memory)
        # float(): a NumPy float64 as the rate would compute in float64.
        rate = float(self.learning_rate)
        if self.weight_decay and self.decouples_decay:
            parameters *= 1 - rate * self.weight_decay
        # The gradients have had their day, so the step may lie in their place.
        parameters -= np.multiply(direction, rate, out=gradients)
        gradients.fill(0)
        if memory.steps % _SWEEP_EVERY == 0:
            for array in memory.arrays:
                np.multiply(array, np.abs(array) > _TINY, out=array)

    @abstractmethod
    def direction(self, gradients: Array, memory: Memory) -> Array:
        """Return d, (P,), which may be one of the arrays given, `memory.scratch` too."""

    def memory_of(self, model: Parametric) -> Memory:
        """Return what is remembered of a model that has parameters."""
        known = self._memories.get(model)
        if known is None:
            arrays = tuple(np.zeros_like(model.parameters) for _ in range(self.remembers))
            known = self._memories[model] = Memory(arrays, np.empty_like(model.parameters))
        elif known.scratch.dtype != model.dtype:  # the model was rebuilt
            known.arrays = tuple(each.astype(model.dtype) for each in known.arrays)
            known.scratch = known.scratch.astype(model.dtype)
        return known

    def __getstate__(self) -> dict[str, object]:
        # A copy of model and optimizer together remembers what they did.
        return {**vars(self), "_memories": list(self._memories.items())}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _memories=WeakKeyDictionary(state["_memories"]))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(learning_rate={self.schedule or self.learning_rate})"


def clip(gradients: Array, norm: float) -> float:
    """Shorten a gradient, (P,), in place to at most `norm`; return how long it was.

    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural
    networks", ICML 2013, algorithm 1.
    """
    largest = float(np.max(np.abs(gradients), initial=0))
    if not 0 < largest < np.inf:
        return largest
    # The square of a gradient that has exploded would be infinite.
    scaled = gradients / largest
    length = largest * float(np.sqrt(np.vdot(scaled, scaled)))
    if length > norm:
        np.multiply(scaled, norm * (largest / length), out=gradients)
    return length
