"""A neural network library in NumPy, small enough to read in an evening.

    from builder import network as nn

    model = nn.Sequential(nn.Dense(16), nn.Tanh(), nn.Dense(1), rng=0)
    loss, optimizer = nn.MeanSquaredError(), nn.SGD(learning_rate=0.1)
    for x, y in nn.mini_batches(X, Y, batch_size=32, rng=rng):
        prediction, backward = model.forward(x, training=True)
        error, gradient = loss(prediction, y)
        backward(gradient)
        optimizer.step(model)

A name is imported when it is first used, so that a post loads, and depends on, only the
files it needs. Nothing here imports another part of `builder`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from builder.network.activations import ReLU as ReLU
    from builder.network.activations import Tanh as Tanh
    from builder.network.batches import mini_batches as mini_batches
    from builder.network.dense import Dense as Dense
    from builder.network.errors import BuildError as BuildError
    from builder.network.errors import NetworkError as NetworkError
    from builder.network.errors import ShapeError as ShapeError
    from builder.network.gradient_check import GradientCheck as GradientCheck
    from builder.network.gradient_check import check_gradients as check_gradients
    from builder.network.layer import Layer as Layer
    from builder.network.losses import Loss as Loss
    from builder.network.losses import MeanSquaredError as MeanSquaredError
    from builder.network.optimizers import SGD as SGD
    from builder.network.optimizers import Optimizer as Optimizer
    from builder.network.parameters import Parameter as Parameter
    from builder.network.sequential import Sequential as Sequential

_HOMES: Final = {
    "BuildError": "errors",
    "Dense": "dense",
    "GradientCheck": "gradient_check",
    "Layer": "layer",
    "Loss": "losses",
    "MeanSquaredError": "losses",
    "NetworkError": "errors",
    "Optimizer": "optimizers",
    "Parameter": "parameters",
    "ReLU": "activations",
    "SGD": "optimizers",
    "Sequential": "sequential",
    "ShapeError": "errors",
    "Tanh": "activations",
    "check_gradients": "gradient_check",
    "mini_batches": "batches",
}

__all__ = list(_HOMES)

# Hidden from type checkers: they would take any name, `nn.Dens` too, for an attribute.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(_unknown(name))
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted(__all__)


def _unknown(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only mistakes pay for it

    # Letter case is the likeliest slip (nn.relu, nn.dense), so it counts for nothing.
    by_lower = {known.lower(): known for known in _HOMES}
    nearest = get_close_matches(name.lower(), by_lower, n=1)
    hint = f" (did you mean {by_lower[nearest[0]]!r}?)" if nearest else ""
    return f"the network library has no {name!r}{hint}"
