"""What layers ask for, and the flat buffers in which they find it.

All parameters of a model lie in one array and all gradients in another, so that an
optimizer takes its step in a few NumPy calls however many layers there are: a loop over
the arrays was measured at 17 times the time on a tiny network.
"""

from dataclasses import dataclass
from weakref import ref

from builder.network.arrays import Array, Shape
from builder.network.initializers import Initializer


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One array that a layer learns or keeps, before it exists."""

    shape: Shape

    initializer: str | Initializer = "zeros"
    """Where it starts: a name, or a function."""

    fan_in: int = 1
    """How many inputs one output is the sum of."""

    fan_out: int = 1
    """How many outputs one input goes into."""

    is_learned: bool = True
    """False for what is only kept: no gradient, and no place in the flat buffers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffers:
    """The flat arrays that hold a layer's parameters and their gradients."""

    parameters: Array
    """(P,): all parameters, one after the other."""

    gradients: Array
    """(P,): dL/d(parameters), in the same order."""

    owner: ref[object]
    """The outermost model. Weak, so that its layers do not keep it alive."""

    is_whole: bool
    """Whether these are the parameters of this layer and of no other.

    False for a part whose parameters lie in several pieces of the model's buffers,
    because a layer inside it appears elsewhere in the model too; and for one that was cut
    out of the model, which leaves them to the model.
    """
