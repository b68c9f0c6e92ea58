"""Save and load what a model has learned: as arrays in an .npz file, never as a pickle."""

from copy import deepcopy
from os import PathLike, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from builder.network.arrays import Array
from builder.network.errors import NetworkError
from builder.network.layer import Layer
from builder.network.optimizers.optimizer import Optimizer

_INPUT_SHAPE = "input_shape"
_OPTIMIZER = "optimizer"


def save(model: Layer, path: str | PathLike[str], *, optimizer: Optimizer | None = None) -> None:
    """Write a model's parameters, and what it keeps beside them, to a file.

    The same numbers give the same bytes. The file appears whole or not at all.

    Args:
        model: Built.
        path: Of the file, which `numpy.load` reads too: an array for each name of
            `model.named_arrays()`.
        optimizer: Saves what it remembers of the model, so that training can go on. What
            `Dropout` and the order of the examples are drawn with is not saved.

    Raises:
        BuildError: The model has no parameters yet.
        OSError: The file cannot be written.
    """
    _ = model.parameters  # asks for them, where there are none
    arrays = dict(model.named_arrays())
    arrays[_INPUT_SHAPE] = np.array(model.input_shape, np.int64)
    if optimizer is not None:
        memory = optimizer.memory_of(model)
        arrays[f"{_OPTIMIZER}.name"] = np.array(type(optimizer).__name__)
        arrays[f"{_OPTIMIZER}.steps"] = np.array(memory.steps)
        arrays[f"{_OPTIMIZER}.learning_rate"] = np.array(float(optimizer.learning_rate))
        arrays |= {f"{_OPTIMIZER}.{k}": array for k, array in enumerate(memory.arrays)}
    path = Path(path)
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    replace(unfinished, path)


def load(model: Layer, path: str | PathLike[str], *, optimizer: Optimizer | None = None) -> None:
    """Read into a model, made of the same layers, what `save` wrote; nothing on failure.

    Args:
        model: Built or not.
        path: Of the file.
        optimizer: Gets back what it remembered, if it was saved; of the same kind.

    Raises:
        NetworkError: The file is no such file, or another model's or optimizer's.
        OSError: The file cannot be read.
    """
    saved = _read(Path(path))
    shape = saved.pop(_INPUT_SHAPE, None)
    if shape is None:
        raise NetworkError(f"{path} holds no saved model")
    remembered = {
        name: saved.pop(name) for name in list(saved) if name.startswith(f"{_OPTIMIZER}.")
    }
    input_shape = tuple(int(each) for each in shape)
    twin = model
    if not model.is_built:
        twin = deepcopy(model)
        twin.build(input_shape)
    wanted = dict(twin.named_arrays())
    if odd := sorted(saved.keys() ^ wanted.keys()):
        where = "the file" if odd[0] in wanted else "the model"
        raise NetworkError(f"{path} is another model's: {where} has no {odd[0]}")
    for name, array in wanted.items():
        if saved[name].shape != array.shape:
            raise NetworkError(
                f"{path} is another model's: {name} has shape {saved[name].shape} there "
                f"and {array.shape} here"
            )
    arrays = [] if optimizer is None else _memories(optimizer, remembered, path)
    if not model.is_built:
        model.build(input_shape)
    for name, array in model.named_arrays():
        array[...] = saved[name]
    if optimizer is not None:
        memory = optimizer.memory_of(model)
        for array, kept in zip(memory.arrays, arrays, strict=True):
            array[...] = kept
        memory.steps = int(remembered[f"{_OPTIMIZER}.steps"])
        optimizer.learning_rate = float(remembered[f"{_OPTIMIZER}.learning_rate"])


def _read(path: Path) -> dict[str, Array]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays.items())
    except (ValueError, BadZipFile, EOFError, AttributeError, TypeError):
        raise NetworkError(f"{path} is no .npz file of arrays") from None


def _memories(
    optimizer: Optimizer, remembered: dict[str, Array], path: str | PathLike[str]
) -> list[Array]:
    """Return what an optimizer remembered, if it was one like this."""
    name = str(remembered.get(f"{_OPTIMIZER}.name", "no optimizer"))
    if name != type(optimizer).__name__:
        raise NetworkError(f"{path} was saved with {name}, not with {type(optimizer).__name__}")
    arrays = [remembered[key] for key in sorted(remembered) if key.rpartition(".")[2].isdigit()]
    if len(arrays) != optimizer.remembers:
        raise NetworkError(f"{path} was saved with {name} of other options")
    return arrays
