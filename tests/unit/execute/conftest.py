"""Posts run on one warm pool, to see what their blocks show."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.execute.pool import Pool
from builder.model import Display, Stream
from tests.faults.runs import Limits, make_job, run_jobs

Show = Callable[..., list[tuple[Stream | Display, ...]]]


@pytest.fixture(scope="package")
def warm_pool() -> Iterator[Pool]:
    with Pool(str(PROJECT), 1) as pool:
        yield pool


@pytest.fixture
def show(tmp_path: Path, warm_pool: Pool) -> Show:
    """What each block of a post shows."""

    def run(*codes: str) -> list[tuple[Stream | Display, ...]]:
        job = make_job(tmp_path, "p", codes, Limits(), is_resident=False)
        outcome = run_jobs(warm_pool, [job], 30)["p"]
        assert outcome.fault is None, outcome.fault
        return outcome.blocks

    return run
