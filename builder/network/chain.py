"""A model whose layers stand one after the other, looked at layer by layer."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from builder.network.arrays import NO_GRADIENT, Array, Backward, LossFunction
from builder.network.layer import Layer
from builder.network.layers.sequential import Sequential


def layers_of(model: Layer) -> tuple[Layer, ...]:
    """Return the layers through which a batch goes, each once.

    Raises:
        ValueError: The model has none, or is more than a chain of them, as a Residual is.
    """
    is_chain = isinstance(model, Sequential) and type(model).apply is Sequential.apply
    if not is_chain or not model.layers:
        raise ValueError(f"expects a Sequential with layers, got {model!r}")
    return model.layers


def layer_outputs(model: Layer, x: npt.ArrayLike) -> tuple[Array, ...]:
    """Return what each layer gives, (N, ...), in the order of the layers, when it predicts.

    Args:
        model: A Sequential; like `forward`, this builds one that is not built.
        x: (N, ...), a batch.

    Raises:
        ShapeError: x does not fit.
        ValueError: The model is no Sequential with layers.
    """
    outputs, _ = _go_forward(model, x)
    return tuple(outputs)


def layer_gradients(
    model: Layer, x: npt.ArrayLike, y: npt.ArrayLike, loss: LossFunction
) -> tuple[Array, ...]:
    """Return dL/d(output) of each layer, in the shapes of `layer_outputs`, when it predicts.

    The gradients of the parameters stay as they are.

    Args:
        model: A Sequential; like `forward`, this builds one that is not built.
        x: (N, ...), a batch.
        y: Its targets.
        loss: L, called with the model's output and `y`. One that is a mean over N examples
            gives gradients that are N times smaller than those of one example.

    Returns:
        An array for each layer, which is empty for layers before an `Embedding`: words have
        no gradient.

    Raises:
        ShapeError: x or y does not fit.
        ValueError: The model is no Sequential with layers.
    """
    outputs, ways_back = _go_forward(model, x)
    found = [loss(outputs[-1], y)[1]]
    with _kept_gradients(model):
        for way_back in reversed(ways_back[1:]):
            found.append(NO_GRADIENT if found[-1] is NO_GRADIENT else way_back(found[-1]))
    return tuple(reversed(found))


def _go_forward(model: Layer, x: npt.ArrayLike) -> tuple[list[Array], list[Backward]]:
    layers = layers_of(model)
    model(x)  # builds all layers as one model, and says which of them x does not fit
    x = np.asarray(x)
    outputs, ways_back = [], []
    for layer in layers:
        x, way_back = layer.forward(x)
        outputs.append(x)
        ways_back.append(way_back)
    return outputs, ways_back


@contextmanager
def _kept_gradients(model: Layer) -> Iterator[None]:
    kept = [(gradient, gradient.copy()) for _, _, gradient in model.named_parameters()]
    try:
        yield
    finally:
        for gradient, before in kept:
            gradient[...] = before
