"""What every layer is: a function of a batch that also returns its own way back.

A new layer defines `apply` and, where they have something to say, `output_shape` and
`declare`; building and checking happen here.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Apply, Array, Backward, Seed, Shape
from builder.network.blueprint import Blueprint
from builder.network.errors import BuildError, ShapeError, of_batch
from builder.network.parameters import Parameter
from builder.network.parametric import Parametric

if TYPE_CHECKING:
    from builder.network.training.summary import Summary


def both(apply: Apply, x: Array, training: bool) -> tuple[Array, Backward]:
    """Call a layer's `apply`, and return what it does, once it is seen to be y and a way back.

    Raises:
        TypeError: It is something else, such as y alone, which two examples would fit.
    """
    result: object = apply(x, training)
    if isinstance(result, tuple) and len(result) == 2 and callable(result[1]):
        return result
    layer = getattr(apply, "__self__", apply)
    raise TypeError(f"{layer!r}: apply returns y and the way back, got {type(result).__name__}")


class Layer(Parametric):
    """A differentiable function y = f(x), perhaps with parameters.

    It keeps nothing of a call: whatever the way back needs lives in the closure that
    `forward` returns. A layer may therefore be applied twice, or appear twice in a model,
    and its gradients are still right, because every way back adds to them.

    It computes in float32 and rounds x to that, a float64 x too, unless it is built for
    float64: `layer.build(shape, dtype=np.float64)` alone, or as a part of a model with that
    `dtype`.
    """

    layers: tuple["Layer", ...] = ()

    apply_first: Apply
    """As `apply`, where nobody asks for dL/dx: the way back may return an empty array.

    Only of layers to which that is less work, and asked for by `shortest` alone.
    """

    _has_short_way: bool = False

    def __init_subclass__(cls) -> None:
        """Let who changes the way forward not keep a short way back of another one.

        Raises:
            TypeError: The class changes what `apply` is asked through.
        """
        for name in ("forward", "__call__"):
            if name in vars(cls):
                raise TypeError(f"{cls.__name__} defines {name} (did you mean apply?)")
        names = {"apply_first", "apply"}
        nearest = next(each for each in cls.__mro__ if names & vars(each).keys())
        cls._has_short_way = "apply_first" in vars(nearest)

    def forward(
        self, x: npt.ArrayLike, training: bool = False, input_gradient: bool = True
    ) -> tuple[Array, Backward]:
        """Compute y = f(x) and the way back; the first call builds the layer.

        Args:
            x: (N, ...), a batch of N examples, which is rounded to the layer's `dtype`.
            training: Whether layers that train differently (dropout, batch
                normalisation) do so.
            input_gradient: Whether the way back goes on to dL/dx. A training loop that
                has no use for it saves up to a third of the first layer's work.

        Returns:
            y, (N, ...), and `backward`, which takes dL/dy in y's shape, adds its part to
            every parameter's gradient, and returns dL/dx in x's shape; without
            `input_gradient` it may return an empty array. Gradients that are there from
            another way back stay in the sum, until a step or `clear_gradients` sets them to
            0. It reads the parameters and x as they are by then, so call it before they
            change.

        Raises:
            ShapeError: x does not fit; or, from `backward`, dL/dy does not.
            BuildError: A layer inside belongs to another model.
        """
        x = np.asarray(x)
        if x.shape[1:] not in self._accepted:
            self._accept(x)
        apply = self.apply if input_gradient else self.shortest()
        y, way_back = both(apply, self.receive(x), training)

        def backward(dy: Array) -> Array:
            dy = np.asarray(dy, self.dtype)
            if dy.shape != y.shape:
                raise ShapeError(repr(self), f"y has shape {y.shape}, but dL/dy has {dy.shape}")
            return way_back(dy)

        return y, backward

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Predict: compute y = f(x) and drop the way back.

        Raises:
            ShapeError: x does not fit.
            BuildError: A layer inside belongs to another model.
        """
        return self.forward(x)[0]

    def build(
        self,
        input_shape: Shape | None = None,
        rng: Seed | None = None,
        dtype: npt.DTypeLike | None = None,
    ) -> Shape:
        """Make the parameters, as the first `forward` does, and return the output's shape.

        A part that has parameters already, because it was used on its own or is a copy,
        keeps their values; they move into this model's buffers.

        Args:
            input_shape: Of one example, without N; not needed where the layer knows it.
            rng: Seed or generator to draw with, instead of the layer's own.
            dtype: float32 or float64, instead of the layer's own.

        Raises:
            BuildError: It is built already, its input shape is unknown, the dtype is no
                float, or a part belongs to another model.
            ShapeError: Two parts do not fit together.
        """
        if self._buffers is not None:
            raise BuildError(f"{self!r} is built already")
        shape = self.input_shape if input_shape is None else tuple(input_shape)
        if shape is None:
            raise BuildError(
                f"{self!r} does not know its inputs (did you mean build(shape), with the shape "
                "of one example?)"
            )
        return self._move_in(shape, rng, self.dtype if dtype is None else dtype)

    def rebuild(self, dtype: npt.DTypeLike) -> None:
        """Move the parameters into new buffers of another dtype; their values stay.

        Raises:
            BuildError: There are none yet, or the dtype is neither float32 nor float64.
        """
        _ = self.parameters
        assert self.input_shape is not None
        self._move_in(self.input_shape, None, dtype)

    def _move_in(self, shape: Shape, rng: Seed | None, dtype: npt.DTypeLike) -> Shape:
        blueprint = Blueprint()
        output_shape = self.plan(shape, blueprint)
        family = self.family()
        for part in family:
            part.check_belongs_to(family)
        generator = np.random.default_rng(self.rng if rng is None else rng)
        allocation = blueprint.allocate(np.dtype(dtype), generator, owner=self)
        for part in family:
            part.settle(
                blueprint.wanted[part],
                blueprint.input_shapes[part][0],
                allocation.buffers_of(part.family()),
                generator,
            )
        return output_shape

    def summary(self, input_shape: Shape | None = None) -> "Summary":
        """Tell every layer's output shape and parameters; a table in posts and notebooks.

        Args:
            input_shape: Of one example, without N; not needed where the layer knows it.

        Raises:
            BuildError: The input shape is unknown.
            ShapeError: Two parts do not fit together.
        """
        from builder.network.training.summary import summarize  # noqa: PLC0415 - seldom used

        return summarize(self, input_shape)

    def receive(self, x: npt.ArrayLike) -> Array:
        """Return a batch in the dtype that the layer computes with."""
        return np.asarray(x, self.dtype)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one example of y; that of x unless a layer says otherwise.

        Raises:
            ShapeError: No input of this shape fits.
        """
        return input_shape

    def declare(self, _input_shape: Shape) -> Mapping[str, Parameter]:
        """Return the parameters by name; none unless a layer says otherwise."""
        return {}

    def plan(self, input_shape: Shape, blueprint: Blueprint) -> Shape:
        """Add what the layer and its parts declare, and return the output's shape.

        Raises:
            ShapeError: No input of this shape fits, or two parts do not fit together.
        """
        output_shape = self.output_shape(input_shape)
        wanted = self.declare(input_shape)
        for name, parameter in wanted.items():
            has = vars(self).get(name)
            if has is not None and has.shape != parameter.shape:
                raise ShapeError(
                    repr(self),
                    f"{name} has shape {has.shape}, but an input of {of_batch(input_shape)} "
                    f"needs {parameter.shape}",
                )
        blueprint.add(self, input_shape, wanted)
        for part in self.layers:
            if part not in blueprint.wanted:
                raise BuildError(
                    f"{self!r} does not plan {part!r}, which it holds "
                    "(did you mean a subclass of Sequential?)"
                )
        return output_shape

    def apply(self, x: Array, training: bool) -> tuple[Array, Backward]:
        """Compute y and the way back, as `forward` does, of a batch that is known to fit.

        x, and dL/dy on the way back, belong to others, too: never change them in place.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define apply")

    def shortest(self) -> Apply:
        """Return `apply`, or `apply_first` where that does the same with less work."""
        return self.apply_first if self._has_short_way else self.apply

    def _accept(self, x: Array) -> None:
        if x.ndim == 0:
            raise ShapeError(repr(self), "expects a batch of shape (N, ...), got a single number")
        if self.is_built:
            self.plan(x.shape[1:], Blueprint())
        else:
            self.build(x.shape[1:])
        self._accepted |= {x.shape[1:]}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
