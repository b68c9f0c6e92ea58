"""Check a way back against the definition of a derivative."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array, Backward, LossFunction, Seed
from builder.network.layer import Layer

_STEP = 1e-5
# A gradient smaller than this is judged by its absolute error: rounding alone leaves
# about 1e-11 in a difference, which is much of a gradient that is 0.
_FLOOR = 1e-3

_REMARK = "  (all zero, which a wrong way back may give, too)"


@dataclass(frozen=True, slots=True, repr=False)
class GradientCheck:
    """How far backward gradients are from central differences."""

    errors: Mapping[str, float]
    """Relative error of dL/dx, as "input", and of each parameter's gradient, by its name.

    max |g − d| / max(|g|, |d|, 0.001) over all elements of the gradient g and of the
    differences d, with the largest element of each below the line.
    """

    unseen: tuple[str, ...] = ()
    """Those whose gradients and differences are all exactly 0, which tells little.

    Where a factor is 0, as x or W is in x W, a wrong way back gives 0 too: check at
    parameters and inputs that are not.
    """

    @property
    def worst(self) -> float:
        """The largest error; below 1e-7 the gradients are right."""
        return max(self.errors.values())

    def __repr__(self) -> str:
        width = max(map(len, self.errors))
        lines = [
            f"  {name:<{width}}  {error:.1e}{_REMARK if name in self.unseen else ''}"
            for name, error in self.errors.items()
        ]
        return "\n".join([f"worst relative error {self.worst:.1e}", *lines])


def check_gradients(  # noqa: PLR0913 - all but the first four by name
    layer: Layer,
    x: npt.ArrayLike,
    loss: LossFunction | None = None,
    target: npt.ArrayLike = 0.0,
    *,
    training: bool = False,
    directions: int | None = None,
    rng: Seed = 0,
) -> GradientCheck:
    """Compare backward gradients with central differences (L(θ + h) − L(θ − h)) / 2h.

    A copy in float64 is checked; `layer` stays as it is. With h = 1e-5 the error of the
    differences is about 1e-10 of the gradient, but for functions with a kink, like ReLU,
    when an input of theirs lies within about h of it.

    What is multiplied by 0 is not checked: at parameters that are all 0, any kernel of a
    convolution passes dL/dx. So the result tells, as `unseen`, where all that was compared
    was 0.

    Args:
        layer: A layer or a whole model, built or not.
        x: (N, ...), a batch.
        loss: L, called with y and `target`; by default Σ r y with random numbers r, which
            mixes all outputs. An empty Sequential lets a loss be checked alone.
        target: What `loss` compares y with.
        training: Passed to `forward`. What a layer draws then, as `Dropout` does, it draws
            alike in every call.
        directions: Along how many random unit vectors, 1 or more, to compare the slopes of
            each array, which is fast for large ones; by default along every axis.
        rng: What r and the directions are drawn with.

    Raises:
        ShapeError: x does not fit.
        ValueError: `directions` is less than 1; or a layer changes x or dL/dy in place.
    """
    if directions is not None and directions < 1:
        raise ValueError(f"directions must be 1 or more, or None for all axes, got {directions!r}")
    # Another stream than x may come from: r in line with x would see no more than one direction.
    rng = np.random.default_rng([rng, 1] if isinstance(rng, int) else rng)
    double = deepcopy(layer)
    if double.is_built:
        double.rebuild(np.float64)
    else:
        double.build(np.shape(x)[1:], dtype=np.float64)
    batch = double.receive(x).copy()
    seen = _read_only(batch)
    generators = [part.rng for part in double.family() if isinstance(part.rng, np.random.Generator)]
    states = [each.bit_generator.state for each in generators]

    def forward() -> tuple[Array, Backward]:
        for generator, state in zip(generators, states, strict=True):
            generator.bit_generator.state = state
        return double.forward(seen, training)

    y, backward = forward()
    r = rng.standard_normal(y.shape)

    def measure(y: Array) -> tuple[float, Array]:
        return loss(y, target) if loss else (float(np.vdot(r, y)), r)

    def value() -> float:
        return measure(forward()[0])[0]

    dx = backward(_read_only(measure(y)[1]))
    checked = {"input": (batch, dx)} if batch.dtype.kind == "f" else {}
    checked |= {name: (array, gradient) for name, array, gradient in double.named_parameters()}
    errors, unseen = {}, []
    for name, (array, gradient) in checked.items():
        # Along every axis the slopes are the gradient's own elements.
        along = _axes(array) if directions is None else _random_units(array, directions, rng)
        pairs = np.array([(np.vdot(gradient, v), _slope(value, array, v)) for v in along])
        errors[name] = _relative_error(*pairs.reshape(-1, 2).T)
        if not pairs.any():
            unseen.append(name)
    return GradientCheck(errors, tuple(unseen))


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def _axes(array: Array) -> Iterator[Array]:
    direction = np.zeros_like(array)
    for at in np.ndindex(array.shape):
        direction[at] = 1
        yield direction
        direction[at] = 0


def _random_units(array: Array, count: int, rng: np.random.Generator) -> Iterator[Array]:
    for _ in range(count):
        direction = rng.standard_normal(array.shape)
        yield direction / np.linalg.norm(direction)


def _slope(value: Callable[[], float], array: Array, direction: Array) -> float:
    """Estimate dL/dt of L(array + t direction) at t = 0, disturbing `array` in place."""
    kept = array.copy()
    array += _STEP * direction
    above = value()
    array[...] = kept - _STEP * direction
    below = value()
    array[...] = kept
    return (above - below) / (2 * _STEP)


def _relative_error(gradient: Array, slope: Array) -> float:
    distance = np.max(np.abs(gradient - slope), initial=0)
    scale = max(np.max(np.abs(each), initial=_FLOOR) for each in (gradient, slope))
    # Not a number is no small error.
    return float(distance / scale) if np.isfinite(distance) else float("inf")
