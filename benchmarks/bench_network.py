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
from collections.abc import Callable, Mapping
from importlib.util import find_spec

for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"  # read when the libraries load, so set before

import numpy as np  # noqa: E402

from benchmarks.network_cases import CASES, Case  # noqa: E402
from builder import network as nn  # noqa: E402
from builder.network.arrays import Array  # noqa: E402

Run = Callable[[], object]

_ROUND_S = 0.05


def main() -> None:
    """Run every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", choices=("torch", "numpy"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="part of a case's name")
    options = parser.parse_args()
    peer = options.against or ("torch" if find_spec("torch") else "numpy")
    print(f"{'':42} {'ours':>10} {peer:>10} {'ratio':>7}   quartiles")
    for case in CASES:
        if options.only in case.name:
            _report(case.name, _run(case), _peer_of(case, peer), options.rounds)
    if not options.only:
        _report_import()


def _report(name: str, ours: Run, theirs: Run, rounds: int) -> None:
    runs = [(each, _calls_in_a_round(each)) for each in (ours, theirs)]
    gc.collect()
    gc.disable()
    pairs = [[_seconds(each, calls) for each, calls in runs] for _ in range(rounds)]
    gc.enable()
    low, middle, high = statistics.quantiles([one / other for one, other in pairs], n=4)
    ms = [statistics.median(times) * 1e3 for times in zip(*pairs, strict=True)]
    print(f"{name:42} {ms[0]:7.3f} ms {ms[1]:7.3f} ms {middle:7.2f}   {low:.2f} to {high:.2f}")


def _report_import() -> None:
    numpy = "import numpy, numpy.random"  # which NumPy loads at the first random number
    programs = (numpy, f"{numpy}; from builder import network", f"{numpy}; {_FOR_A_TRAINING}")
    times = [[_import_s(each) for each in programs] for _ in range(9)]
    # What else a machine does only ever adds to it.
    alone, bare, used = (min(each) * 1e3 for each in zip(*times, strict=True))
    print(
        f"import of NumPy {alone:.0f} ms; of the library on top {bare - alone:.1f} ms, "
        f"with what a first training uses of it {used - alone:.1f} ms"
    )


_FOR_A_TRAINING = (
    "from builder import network as nn; "
    "nn.Sequential, nn.Dense, nn.Tanh, nn.MeanSquaredError, nn.SGD, nn.mini_batches"
)


def _import_s(program: str) -> float:
    timed = f"import time; t = time.perf_counter(); {program}; print(time.perf_counter() - t)"
    done = subprocess.run([sys.executable, "-c", timed], capture_output=True, check=True)
    return float(done.stdout)


def _calls_in_a_round(run: Run) -> int:
    run()
    return max(1, round(_ROUND_S / max(min(_seconds(run, 1) for _ in range(3)), 1e-7)))


def _seconds(run: Run, calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - started) / calls


def _peer_of(case: Case, peer: str) -> Run:
    if peer == "torch":
        from benchmarks.torch_peers import run_peer  # noqa: PLC0415 - optional

        return run_peer(case)
    square = np.random.default_rng(0).standard_normal((256, 256)).astype(np.float32)
    return lambda: square @ square


def _lenet() -> nn.Layer:
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


_MODELS: Mapping[str, Callable[[], nn.Layer]] = {
    "2-16-16-1": lambda: nn.Sequential(
        nn.Dense(16), nn.Tanh(), nn.Dense(16), nn.Tanh(), nn.Dense(1)
    ),
    "784-128-10": lambda: nn.Sequential(nn.Dense(128), nn.ReLU(), nn.Dense(10)),
    "LeNet 8": _lenet,
    "LeNet 28": _lenet,
    "convolution 1 8": lambda: nn.Conv2D(8, 3),
    "convolution 8 16": lambda: nn.Conv2D(16, 3),
    "convolution 32 32": lambda: nn.Conv2D(32, 3),
    "max pooling": nn.MaxPool2D,
    "attention": lambda: nn.MultiHeadAttention(4),
    "block": lambda: nn.TransformerBlock(4),
    "LSTM": lambda: nn.LSTM(64),
}


def _run(case: Case) -> Run:
    rng = np.random.default_rng(0)
    model = _MODELS[case.model]()
    x: Array = rng.standard_normal(case.shape).astype(np.float32)
    if case.kind == "way":
        return _there_and_back(model, x)
    optimizer = nn.SGD(0.01) if case.optimizer == "SGD" else nn.Adam()
    if case.kind == "step":
        y = rng.standard_normal((len(x), 1)).astype(np.float32)
        return lambda: nn.train_step(model, x, y, nn.MeanSquaredError(), optimizer)
    labels = rng.integers(0, 10, len(x))
    return lambda: nn.fit(model, (x, labels), nn.CrossEntropy(), optimizer, batch_size=case.batch)


def _there_and_back(layer: nn.Layer, x: Array) -> Run:
    dy = np.ones_like(layer(x))

    def run() -> None:
        _, backward = layer.forward(x, training=True)
        backward(dy)

    return run


if __name__ == "__main__":
    main()
