"""Time the network library beside PyTorch, in one process on one thread.

    python -m benchmarks.bench_network [--against torch|numpy] [--rounds 15] [--only LSTM]

Each case is run in turns with what it is held against; the ratio is the median of the
rounds' ratios. Without PyTorch a matrix product of NumPy's, 256 x 256, stands in.
"""

import argparse
import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"  # read when the libraries load, so set before

import numpy as np

from builder import network as nn
from builder.network.arrays import Array

_ROUND_S = 0.05

Case = tuple[str, Callable[[], object], Callable[[], object] | None]
"""What is timed, ours, and PyTorch's."""


def main() -> None:
    """Run every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", choices=("torch", "numpy"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="part of a case's name")
    options = parser.parse_args()
    peer = options.against or ("torch" if _has_torch() else "numpy")
    print(f"{'':44} {'ours':>10} {peer:>10} {'ratio':>7}   quartiles")
    for name, ours, theirs in _cases(peer == "torch"):
        if options.only in name:
            _report(name, ours, theirs or _matrix_product(), options.rounds)
    if not options.only:
        _report_import()


def _report(
    name: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> None:
    calls = [_calls_in_a_round(ours), _calls_in_a_round(theirs)]
    pairs = []
    gc.collect()
    gc.disable()
    for _ in range(rounds):
        pairs.append(
            [_seconds(each, count) for each, count in zip((ours, theirs), calls, strict=True)]
        )
    gc.enable()
    ratios = [one / other for one, other in pairs]
    low, middle, high = statistics.quantiles(ratios, n=4)
    ms = [statistics.median(times) * 1e3 for times in zip(*pairs, strict=True)]
    print(f"{name:44} {ms[0]:7.3f} ms {ms[1]:7.3f} ms {middle:7.2f}   {low:.2f} to {high:.2f}")


def _report_import() -> None:
    programs = ("import numpy", "import numpy; from builder import network as nn; nn.Sequential")
    times = [[_import_s(each) for each in programs] for _ in range(9)]
    alone, both = (statistics.median(each) * 1e3 for each in zip(*times, strict=True))
    print(f"import of NumPy {alone:.0f} ms, and of the library on top {both - alone:.1f} ms")


def _import_s(program: str) -> float:
    timed = f"import time; t = time.perf_counter(); {program}; print(time.perf_counter() - t)"
    return float(
        subprocess.run([sys.executable, "-c", timed], capture_output=True, check=True).stdout
    )


def _calls_in_a_round(run: Callable[[], object]) -> int:
    run()
    return max(1, round(_ROUND_S / max(min(_seconds(run, 1) for _ in range(3)), 1e-7)))


def _seconds(run: Callable[[], object], calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - started) / calls


def _matrix_product() -> Callable[[], object]:
    A = np.random.default_rng(0).standard_normal((256, 256)).astype(np.float32)
    return lambda: A @ A


def _has_torch() -> bool:
    try:
        import torch  # noqa: F401, PLC0415 - optional
    except ModuleNotFoundError:
        return False
    return True


def _cases(with_torch: bool) -> Iterator[Case]:
    peer = None
    if with_torch:
        from benchmarks import torch_peers as peer  # noqa: PLC0415 - optional
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Array:
        return rng.standard_normal(shape).astype(np.float32)

    for batch in (4, 32):
        x, y = normal(batch, 2), normal(batch, 1)
        model = nn.Sequential(nn.Dense(16), nn.Tanh(), nn.Dense(16), nn.Tanh(), nn.Dense(1))
        yield (
            f"step of 2-16-16-1, batch {batch}, SGD",
            _step(model, x, y, nn.MeanSquaredError(), nn.SGD(0.01)),
            peer and peer.step(peer.dense(2, 16, 16, 1), x, y, "mse", "SGD"),
        )
    X, labels = normal(1024, 784), rng.integers(0, 10, 1024)
    for batch in (32, 256):
        for optimizer in (nn.SGD(0.01), nn.Adam()):
            name = type(optimizer).__name__
            model = nn.Sequential(nn.Dense(128), nn.ReLU(), nn.Dense(10))
            yield (
                f"epoch of 784-128-10, batch {batch}, {name}",
                _epoch(model, X, labels, batch, optimizer),
                peer and peer.epoch(peer.dense(784, 128, 10, relu=True), X, labels, batch, name),
            )
    for size in (8, 28):
        images, labels = normal(512, 1, size, size), rng.integers(0, 10, 512)
        yield (
            f"epoch of a LeNet, {size} x {size}, batch 32, SGD",
            _epoch(lenet(), images, labels, 32, nn.SGD(0.01)),
            peer and peer.epoch(peer.lenet(size), images, labels, 32, "SGD"),
        )
    for N, C, size, F in ((32, 1, 28, 8), (32, 8, 26, 16), (16, 32, 32, 32)):
        x = normal(N, C, size, size)
        yield (
            f"3 x 3 convolution, {N} x {C} x {size} x {size} to {F}",
            _there_and_back(nn.Conv2D(F, 3), x),
            peer and peer.there_and_back(peer.convolution(C, F, 3), x),
        )
    x = normal(32, 8, 26, 26)
    yield (
        "2 x 2 max pooling, 32 x 8 x 26 x 26",
        _there_and_back(nn.MaxPool2D(), x),
        peer and peer.there_and_back(peer.max_pooling(), x),
    )
    x = normal(16, 64, 64)
    yield (
        "attention, 16 x 64 x 64, 4 heads",
        _there_and_back(nn.MultiHeadAttention(4), x),
        peer and peer.there_and_back(peer.attention(64, 4), x),
    )
    yield (
        "transformer block, 16 x 64 x 64, 4 heads",
        _there_and_back(nn.TransformerBlock(4), x),
        peer and peer.there_and_back(peer.transformer_block(64, 4), x),
    )
    x = normal(32, 32, 32)
    yield (
        "LSTM, 32 x 32 x 32 to 64",
        _there_and_back(nn.LSTM(64), x),
        peer and peer.there_and_back(peer.lstm(32, 64), x),
    )


def lenet() -> nn.Sequential:
    """Return two convolutions with pooling, and two dense layers."""
    return nn.Sequential(
        nn.Conv2D(8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2D(),
        nn.Conv2D(16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2D(),
        nn.Flatten(),
        nn.Dense(64),
        nn.ReLU(),
        nn.Dense(10),
    )


def _there_and_back(layer: nn.Layer, x: Array) -> Callable[[], object]:
    dy = np.ones_like(layer(x))

    def run() -> None:
        _, backward = layer.forward(x, training=True)
        backward(dy)

    return run


def _step(
    model: nn.Layer, x: Array, y: Array, loss: nn.Loss, optimizer: nn.Optimizer
) -> Callable[[], object]:
    return lambda: nn.train_step(model, x, y, loss, optimizer)


def _epoch(
    model: nn.Layer, X: Array, labels: Array, batch: int, optimizer: nn.Optimizer
) -> Callable[[], object]:
    return lambda: nn.fit(model, (X, labels), nn.CrossEntropy(), optimizer, batch_size=batch)


if __name__ == "__main__":
    main()
