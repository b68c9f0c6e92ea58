"""How parameters move along their gradients."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from builder.network.arrays import Array
from builder.network.parametric import Parametric


@dataclass(slots=True)
class Memory:
    """What an optimizer remembers of one model between steps."""

    arrays: tuple[Array, ...]
    """Each (P,), beside the model's parameters; zeros at first."""

    scratch: Array
    """(P,), overwritten by every step."""

    steps: int = 0
    """How many were taken, this one included."""


class Optimizer:
    """θ ← θ − η d, with a direction d that the optimizer makes of the gradient.

    θ are a model's parameters, (P,), moved in place. A new optimizer defines `direction`
    and, if it remembers anything, `remembers`.

    Args:
        learning_rate: η; may be changed between steps.

    Raises:
        ValueError: The learning rate is not positive.
    """

    remembers: int = 0
    """How many arrays in the parameters' shape the optimizer keeps for each model."""

    def __init__(self, learning_rate: float) -> None:
        if not learning_rate > 0:
            raise ValueError(f"learning_rate must be positive, got {learning_rate!r}")
        self.learning_rate = learning_rate
        self._memories: WeakKeyDictionary[Parametric, Memory] = WeakKeyDictionary()

    def step(self, model: Parametric) -> None:
        """Move the parameters of `model`, then set its gradients to 0 for the next batch.

        Raises:
            BuildError: The model has no parameters yet.
        """
        parameters, gradients = model.parameters, model.gradients
        memory = self._memories.get(model) or self._begin(model)
        memory.steps += 1
        direction = self.direction(gradients, memory)
        # float(): a NumPy float64 as the rate would compute in float64.
        np.multiply(direction, float(self.learning_rate), out=memory.scratch)
        parameters -= memory.scratch
        gradients.fill(0)

    def direction(self, gradients: Array, memory: Memory) -> Array:
        """Return d, (P,), which may be one of the arrays given; `gradients` stay as they are."""
        raise NotImplementedError

    def _begin(self, model: Parametric) -> Memory:
        arrays = tuple(np.zeros_like(model.parameters) for _ in range(self.remembers))
        memory = self._memories[model] = Memory(arrays, np.empty_like(model.parameters))
        return memory
