"""The layers of a model that has them one after the other."""

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
