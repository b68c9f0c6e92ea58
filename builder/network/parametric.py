"""What holds parameters: on its own, or as a part of a model that holds them for all parts."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from builder.network.arrays import Array, Seed, Shape
from builder.network.errors import BuildError, ShapeError
from builder.network.parameters import Buffers, Parameter

_FUNCTIONS = ("fit", "load", "predict", "save")
"""What other libraries have as methods of a model."""

_OUTERMOST = 0
"""In a memo of copies, whose keys are the ids of objects, the outermost one; no id is 0."""


class Parametric:
    """Something with parameters, perhaps made of parts that have some too.

    A parameter W lies in the attribute `W`, its gradient dL/dW in `dW`: views into the
    flat arrays `parameters` and `gradients` of the outermost model.
    """

    layers: tuple["Parametric", ...] = ()
    """The parts; a plain layer has none."""

    input_shape: Shape | None = None
    """Of one example, without N; None until the post or a batch has told it."""

    dtype: np.dtype[Any] = np.dtype(np.float32)
    """Of the parameters, and of everything computed with them."""

    rng: Seed = 0
    """What the first parameters, and noise in training, are drawn with; by default seed 0."""

    names: tuple[str, ...] = ()
    """The attributes that hold this very layer's parameters, once it is built."""

    kept_names: tuple[str, ...] = ()
    """The attributes that hold what it keeps without learning it, like running means."""

    _buffers: Buffers | None = None
    _is_copy: bool = False
    _accepted: frozenset[Shape] = frozenset()
    _views: frozenset[str] = frozenset()

    @property
    def is_built(self) -> bool:
        """Whether the parameters exist; those of a copy move into its buffers when asked for."""
        if self._buffers is None and self._is_copy:
            self.build()
        return self._buffers is not None

    @property
    def parameters(self) -> Array:
        """(P,): all parameters in one array, which an optimizer moves in place.

        Raises:
            BuildError: They do not exist yet, or are those of a larger model too.
        """
        return self._whole_buffers().parameters

    @property
    def gradients(self) -> Array:
        """(P,): dL/d(parameters), summed over all ways back since they were cleared.

        Raises:
            BuildError: They do not exist yet, or are those of a larger model too.
        """
        return self._whole_buffers().gradients

    def clear_gradients(self) -> None:
        """Set all gradients to 0, where there are any.

        A step does so, too; after a way back that no step followed, or one of a part of
        the model, it is yours to do.
        """
        if self.is_built:
            self.gradients.fill(0)

    def named_parameters(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield name, parameter and gradient; those of a layer that appears twice, once.

        A name is the attribute's, after the indices that lead to its layer: "W" of a
        layer alone, "0.W" in a model, "1.0.W" in a model in a model.
        """
        _ = self.is_built
        seen: set[Parametric] = set()
        for path, part in self.walk():
            for name in () if part in seen else part.names:
                yield path + name, getattr(part, name), getattr(part, f"d{name}")
            seen.add(part)

    def named_arrays(self) -> Iterator[tuple[str, Array]]:
        """Yield name and array of all parameters, and of what is kept beside them."""
        _ = self.is_built
        seen: set[Parametric] = set()
        for path, part in self.walk():
            for name in () if part in seen else part.names + part.kept_names:
                yield path + name, getattr(part, name)
            seen.add(part)

    def family(self) -> tuple["Parametric", ...]:
        """Return this layer and every part of it, each once, in order."""
        return tuple(dict.fromkeys(part for _, part in self.walk()))

    def walk(self, path: str = "") -> Iterator[tuple[str, "Parametric"]]:
        """Yield this layer and every part of it, wherever it appears, after its path."""
        yield path, self
        for index, part in enumerate(self.layers):
            yield from part.walk(f"{path}{index}.")

    def settle(
        self,
        wanted: Mapping[str, Parameter],
        input_shape: Shape,
        buffers: Buffers,
        rng: np.random.Generator,  # noqa: ARG002 - for layers that go on to draw from it
    ) -> None:
        """Move in: the parameters that were wanted lie in `buffers` from now on."""
        self.names = tuple(name for name, each in wanted.items() if each.is_learned)
        self.kept_names = tuple(name for name, each in wanted.items() if not each.is_learned)
        self._views = frozenset([*wanted, *(f"d{name}" for name in self.names)])
        self._buffers = buffers
        self.input_shape = input_shape
        self.dtype = buffers.parameters.dtype

    def check_belongs_to(self, family: tuple["Parametric", ...]) -> None:
        """Check that `family` is all of it, and that no other living model holds any.

        Raises:
            BuildError: A layer is held outside of `layers`, where it would never learn; or
                another model would lose its parameters without a word.
        """
        for name, value in vars(self).items():
            for each in _layers_in(value):
                # One that is built already is kept as it is, on purpose.
                if each not in family and not each.is_built:
                    raise BuildError(
                        f"{self!r} holds {each!r} as {name}, where it would never learn "
                        "(did you mean a subclass of Sequential?)"
                    )
        owner = self._buffers and self._buffers.owner()
        if owner is not None and owner not in family:
            raise BuildError(
                f"{self!r} is part of another model already (did you mean copy.deepcopy of it?)"
            )

    def check_is_built(self) -> None:
        """Check that the parameters exist.

        Raises:
            BuildError: They do not.
        """
        if not self.is_built:
            raise BuildError(
                f"{self!r} has no parameters yet (did you forget to call it on a batch, "
                "or to build it?)"
            )

    def _whole_buffers(self) -> Buffers:
        buffers = self._buffers
        if buffers is None:
            self.check_is_built()
            return self._whole_buffers()
        if not buffers.is_whole:
            raise BuildError(
                f"{self!r} shares layers with its model, so that it has no parameters of its "
                "own (did you mean those of the whole model?)"
            )
        return buffers

    def __setattr__(self, name: str, value: object) -> None:
        if name in self._views and value is not vars(self)[name]:
            # In the place of a view, another array would be one that no optimizer moves.
            view, array = vars(self)[name], np.asarray(value)
            if array.shape != view.shape:
                raise ShapeError(repr(self), f"{name} has shape {view.shape}, got {array.shape}")
            view[...] = array
        elif name == "layers" and self._buffers is not None:
            raise BuildError(f"{self!r} is built already, with the layers that it had then")
        else:
            object.__setattr__(self, name, value)

    def __getstate__(self) -> dict[str, object]:
        # A copied view would be an array of its own. So a copy keeps the parameters'
        # values, which move into buffers of its own.
        left = {"_accepted", "_views", *(f"d{name}" for name in self.names)}
        state = {name: value for name, value in vars(self).items() if name not in left}
        if state.pop("_buffers", None) is not None:
            state["_is_copy"] = True
        return state

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        is_outermost = memo.setdefault(_OUTERMOST, self) is self
        twin = memo[id(self)] = type(self).__new__(type(self))
        vars(twin).update(deepcopy(self.__getstate__(), memo))
        if is_outermost:
            del memo[_OUTERMOST]
            _ = twin.is_built  # asks for the buffers
        return twin

    if TYPE_CHECKING:

        def build(self) -> Shape:
            """Make the parameters, and return the shape of one example; every layer does."""
    else:
        # Hidden from type checkers, to which every name would be an attribute.
        def __getattr__(self, name: str) -> object:
            message = f"{type(self).__name__!r} has no attribute {name!r}"
            if name in _FUNCTIONS:
                message += f" (did you mean nn.{name}(model, …)?)"
            elif self._buffers is None and not name.startswith("_"):
                message += "; parameters exist once it is called on a batch, or built"
            raise AttributeError(message)


def _layers_in(value: object) -> Iterator[Parametric]:
    """Yield the layers that an attribute holds, also in a list, a tuple or a dictionary."""
    if isinstance(value, Parametric):
        yield value
    elif isinstance(value, list | tuple | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _layers_in(each)
