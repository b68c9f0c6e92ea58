"""What `bench_network` times, told so that two libraries can build the same from it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing to time."""

    name: str

    model: str
    """A key of each library's models."""

    shape: tuple[int, ...]
    """Of x, (N, ...)."""

    kind: Literal["way", "step", "epoch"] = "way"
    """There and back through a layer, one step of training, or an epoch of steps."""

    batch: int = 32
    optimizer: Literal["SGD", "Adam"] = "SGD"


CASES = (
    *(
        Case(
            name=f"step of 2-16-16-1, batch {batch}",
            model="2-16-16-1",
            shape=(batch, 2),
            kind="step",
        )
        for batch in (4, 32)
    ),
    *(
        Case(
            name=f"epoch of 784-128-10, batch {batch}, {optimizer}",
            model="784-128-10",
            shape=(1024, 784),
            kind="epoch",
            batch=batch,
            optimizer=optimizer,
        )
        for batch in (32, 256)
        for optimizer in ("SGD", "Adam")
    ),
    *(
        Case(
            name=f"epoch of a LeNet, {size} x {size}, batch 32",
            model=f"LeNet {size}",
            shape=(512, 1, size, size),
            kind="epoch",
        )
        for size in (8, 28)
    ),
    *(
        Case(
            name=f"3 x 3 convolution, {N} x {C} x {size} x {size} to {F}",
            model=f"convolution {C} {F}",
            shape=(N, C, size, size),
        )
        for N, C, size, F in ((32, 1, 28, 8), (32, 8, 26, 16), (16, 32, 32, 32))
    ),
    Case(name="2 x 2 max pooling, 32 x 8 x 26 x 26", model="max pooling", shape=(32, 8, 26, 26)),
    Case(name="attention, 16 x 64 x 64, 4 heads", model="attention", shape=(16, 64, 64)),
    Case(name="transformer block, 16 x 64 x 64, 4 heads", model="block", shape=(16, 64, 64)),
    Case(name="LSTM, 32 x 32 x 32 to 64", model="LSTM", shape=(32, 32, 32)),
)
