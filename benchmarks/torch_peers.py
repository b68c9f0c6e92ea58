"""The cases of `bench_network`, in eager PyTorch on one thread."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

torch.set_num_threads(1)

Module = Callable[[Tensor], Tensor]


def dense(*sizes: int, relu: bool = False) -> nn.Module:
    """Return linear layers with an activation between them."""
    layers: list[nn.Module] = []
    for inputs, units in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(inputs, units), nn.ReLU() if relu else nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def lenet(size: int) -> nn.Module:
    """Return two convolutions with pooling, and two dense layers."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * (size // 4) ** 2, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def convolution(inputs: int, filters: int, kernel: int) -> nn.Module:
    """Return a convolution."""
    return nn.Conv2d(inputs, filters, kernel)


def max_pooling() -> nn.Module:
    """Return 2 x 2 max pooling."""
    return nn.MaxPool2d(2)


def attention(D: int, heads: int) -> Module:
    """Return self-attention."""
    layer = nn.MultiheadAttention(D, heads, batch_first=True)
    return lambda x: layer(x, x, x, need_weights=False)[0]


def transformer_block(D: int, heads: int) -> Module:
    """Return a block with the norm first, without dropout."""
    return nn.TransformerEncoderLayer(
        D,
        heads,
        4 * D,
        dropout=0.0,
        activation=lambda x: nn.functional.gelu(x, approximate="tanh"),
        batch_first=True,
        norm_first=True,
    )


def lstm(inputs: int, units: int) -> Module:
    """Return an LSTM's states."""
    layer = nn.LSTM(inputs, units, batch_first=True)
    return lambda x: layer(x)[0]


def there_and_back(module: Any, x: np.ndarray) -> Callable[[], object]:
    """Time forward, and backward to the input and to all parameters."""
    given = torch.tensor(x, requires_grad=True)
    dy = torch.ones_like(module(given))

    def run() -> None:
        given.grad = None
        module(given).backward(dy)

    return run


def step(
    model: nn.Module, x: np.ndarray, y: np.ndarray, loss: str, name: str
) -> Callable[[], object]:
    """Time one step on one batch."""
    measure = {"mse": nn.functional.mse_loss, "ce": nn.functional.cross_entropy}[loss]
    optimizer = _optimizer(name, model)
    inputs, targets = torch.tensor(x), torch.tensor(y)

    def run() -> float:
        return _train(model, inputs, targets, measure, optimizer)

    return run


def epoch(
    model: nn.Module, X: np.ndarray, labels: np.ndarray, batch: int, name: str
) -> Callable[[], object]:
    """Time one epoch in a new order."""
    optimizer = _optimizer(name, model)
    inputs, targets = torch.tensor(X), torch.tensor(labels)

    def run() -> None:
        for rows in torch.randperm(len(inputs)).split(batch):
            _train(model, inputs[rows], targets[rows], nn.functional.cross_entropy, optimizer)

    return run


def _optimizer(name: str, model: nn.Module) -> torch.optim.Optimizer:
    kinds = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam}
    return kinds[name](model.parameters(), lr=0.01 if name == "SGD" else 0.001)


def _train(
    model: nn.Module, x: Tensor, y: Tensor, measure: Any, optimizer: torch.optim.Optimizer
) -> float:
    optimizer.zero_grad()
    error = measure(model(x), y)
    error.backward()
    optimizer.step()
    return float(error.detach())
