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

from typing import TYPE_CHECKING, Final

from builder.network.lazy import lazy_names

if TYPE_CHECKING:
    from builder.network.errors import BuildError as BuildError
    from builder.network.errors import NetworkError as NetworkError
    from builder.network.errors import ShapeError as ShapeError
    from builder.network.gradient_check import GradientCheck as GradientCheck
    from builder.network.gradient_check import check_gradients as check_gradients
    from builder.network.layer import Layer as Layer
    from builder.network.layers.activations import ReLU as ReLU
    from builder.network.layers.activations import Tanh as Tanh
    from builder.network.layers.dense import Dense as Dense
    from builder.network.layers.sequential import Sequential as Sequential
    from builder.network.losses.loss import Loss as Loss
    from builder.network.losses.regression import MeanSquaredError as MeanSquaredError
    from builder.network.optimizers.optimizer import Optimizer as Optimizer
    from builder.network.optimizers.sgd import SGD as SGD
    from builder.network.parameters import Parameter as Parameter
    from builder.network.training.batches import mini_batches as mini_batches

_HOMES: Final = {
    "errors": "BuildError NetworkError ShapeError",
    "gradient_check": "GradientCheck check_gradients",
    "layer": "Layer",
    "layers.activations": "ReLU Tanh",
    "layers.dense": "Dense",
    "layers.sequential": "Sequential",
    "losses.loss": "Loss",
    "losses.regression": "MeanSquaredError",
    "optimizers.optimizer": "Optimizer",
    "optimizers.sgd": "SGD",
    "parameters": "Parameter",
    "training.batches": "mini_batches",
}

_find, __all__ = lazy_names(__name__, _HOMES, "the network library")

# Hidden from type checkers: they would take any name, `nn.Dens` too, for an attribute.
if not TYPE_CHECKING:
    __getattr__ = _find


def __dir__() -> list[str]:
    return __all__
