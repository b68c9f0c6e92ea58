"""The cases of `bench_network`, in eager PyTorch on one thread."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from benchmarks.network_cases import Case

torch.set_num_threads(1)


def run_peer(case: Case) -> Callable[[], object]:
    """Return what PyTorch does for a case."""
    torch.manual_seed(0)
    model = _MODELS[case.model]()
    x = torch.randn(case.shape)
    if case.kind == "way":
        return _there_and_back(model, x)
    kinds = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam}
    optimizer = kinds[case.optimizer](model.parameters(), lr=0.01)
    if case.kind == "step":
        y = torch.randn(len(x), 1)
        return lambda: _train(model, x, y, nn.functional.mse_loss, optimizer)
    labels = torch.randint(10, (len(x),))

    def epoch() -> None:
        for rows in torch.randperm(len(x)).split(case.batch):
            _train(model, x[rows], labels[rows], nn.functional.cross_entropy, optimizer)

    return epoch


def _lenet(size: int) -> Any:
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


def _attention() -> Any:
    layer = nn.MultiheadAttention(64, 4, batch_first=True)
    return lambda x: layer(x, x, x, need_weights=False)[0]


def _block() -> Any:
    return nn.TransformerEncoderLayer(
        64,
        4,
        256,
        dropout=0.0,
        activation=lambda x: nn.functional.gelu(x, approximate="tanh"),
        batch_first=True,
        norm_first=True,
    )


def _lstm() -> Any:
    layer = nn.LSTM(32, 64, batch_first=True)
    return lambda x: layer(x)[0]


_MODELS: Mapping[str, Callable[[], Any]] = {
    "2-16-16-1": lambda: nn.Sequential(
        nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1)
    ),
    "784-128-10": lambda: nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)),
    "LeNet 8": lambda: _lenet(8),
    "LeNet 28": lambda: _lenet(28),
    "convolution 1 8": lambda: nn.Conv2d(1, 8, 3),
    "convolution 8 16": lambda: nn.Conv2d(8, 16, 3),
    "convolution 32 32": lambda: nn.Conv2d(32, 32, 3),
    "max pooling": lambda: nn.MaxPool2d(2),
    "attention": _attention,
    "block": _block,
    "LSTM": _lstm,
}


def _there_and_back(module: Any, x: Any) -> Callable[[], object]:
    x.requires_grad_()
    dy = torch.ones_like(module(x))

    def run() -> None:
        x.grad = None
        module(x).backward(dy)

    return run


def _train(model: Any, x: Any, y: Any, loss: Any, optimizer: Any) -> float:
    optimizer.zero_grad()
    error = loss(model(x), y)
    error.backward()
    optimizer.step()
    return float(error.detach())
