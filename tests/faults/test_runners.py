"""Whichever pool runs a post, and beside how many others, it gives the same."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.execute.pool import Pool
from builder.execute.protocol import BlockDone, Job, PostDone, Report, Resumed, Trace
from builder.execute.spawn import SpawnPool
from tests.execute.conftest import Lab, make_post
from tests.faults.runs import Limits, make_job, run_jobs

TRAINING = (
    "import sys, warnings\nimport numpy as np\nimport matplotlib.pyplot as plt\n"
    "from builder import network as nn\nrng = np.random.default_rng()\n"
    "X = rng.normal(size=(64, 2)).astype('float32')\nY = X[:, :1] * X[:, 1:]",
    "model = nn.Sequential(nn.Dense(8), nn.Tanh(), nn.Dense(1))\n"
    "loss, optimizer = nn.MeanSquaredError(), nn.SGD(0.1)\nlosses = []\n"
    "for epoch in range(20):\n"
    "    for x, y in nn.mini_batches(X, Y, batch_size=16, rng=rng):\n"
    "        prediction, backward = model.forward(x, training=True)\n"
    "        error, gradient = loss(prediction, y)\n        backward(gradient)\n"
    "        optimizer.step(model)\n    losses.append(float(error))\n"
    "print(error)\nprint('to standard error', file=sys.stderr)\nlosses[-1]",
    "plt.plot(losses, label='loss')\nplt.legend()\nplt.show()\nwarnings.warn('careful')\n"
    "np.float32(1) / np.zeros(1)\nplt.scatter(*X.T)",
    "raise ValueError(losses[-1])",
)


def test_an_interpreter_of_its_own_gives_what_a_forked_copy_gives(
    tmp_path: Path, pool: Pool
) -> None:
    job = make_job(tmp_path, "p", TRAINING, Limits(), is_resident=False)
    with SpawnPool(str(PROJECT), 1) as interpreters:
        spawned = run_jobs(interpreters, [job], 30)["p"]

    forked = run_jobs(pool, [job], 30)["p"]

    assert spawned.fault == forked.fault
    assert spawned.fault is not None
    assert spawned.fault.startswith("block 4, line 1: ValueError: 0.")
    assert spawned.traceback == forked.traceback
    assert spawned.blocks == forked.blocks


def test_any_number_of_posts_at_once_gives_the_same(tmp_path: Path, scratch: Path) -> None:
    jobs = [
        make_job(tmp_path, f"p{n}", [*TRAINING[:3], f"print({n})"], Limits(), is_resident=False)
        for n in range(4)
    ]
    found = []
    for slots in (1, 2, 4):
        with Pool(str(PROJECT), slots) as pool:
            outcomes = run_jobs(pool, jobs, 60)
        found.append({name: (o.fault, o.blocks) for name, o in outcomes.items()})

    assert found[0] == found[1] == found[2]
    assert all(fault is None for fault, _ in found[0].values())


@pytest.mark.parametrize("slots", [1, 3])
def test_no_more_posts_run_at_once_than_asked_for(
    tmp_path: Path, scratch: Path, slots: int
) -> None:
    code = "import time\nstart = time.monotonic()\ntime.sleep(0.2)\nprint(start, time.monotonic())"
    jobs = [make_job(tmp_path, f"p{n}", [code], Limits(), is_resident=False) for n in range(6)]

    with Pool(str(PROJECT), slots) as pool:
        outcomes = run_jobs(pool, jobs, 30)

    spans = [tuple(map(float, o.shown[0].split())) for o in outcomes.values()]
    at_once = [sum(start <= moment < end for start, end in spans) for moment, _ in spans]
    assert max(at_once) == slots


class Recording:
    """A pool that runs nothing, and knows in which order it was asked."""

    is_resident = False

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds
        self.asked: list[str] = []
        self.states: dict[str, Sequence[str | None]] = {}

    def warm(self) -> None:
        pass

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Report]]:
        for job in jobs:
            self.asked.append(job.name)
            trace = Trace({}, (), (), (), {})
            yield job, Resumed(0)
            yield job, BlockDone(0, (), self.seconds[job.name], 0.0, trace)
            yield job, PostDone(None)


def test_a_new_post_starts_first_and_then_the_one_that_took_longest(tmp_path: Path) -> None:
    pool = Recording({"posts/a.md": 1.0, "posts/b.md": 3.0, "posts/c.md": 2.0})
    (tmp_path / "posts").mkdir()
    lab = Lab(tmp_path, pool)  # type: ignore[arg-type]  # it does what a pool does
    posts = [make_post(["1"], name) for name in pool.seconds]
    lab.execute(*posts)
    pool.asked.clear()

    new = make_post(["1"], "posts/new.md")
    pool.seconds["posts/new.md"] = 0.0
    lab.execute(*posts, new, is_fresh=True)

    assert pool.asked == ["posts/new.md", "posts/b.md", "posts/c.md", "posts/a.md"]
