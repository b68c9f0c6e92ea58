"""Whatever a post does: it is told what and where, it leaves nothing, and others go on."""

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from builder.execute import linux
from builder.model import Display, Stream
from tests.faults.cases import CASES, Case
from tests.faults.conftest import POOLS
from tests.faults.runs import Limits, Outcome, make_job, processes_naming, run_jobs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits need /proc")

PROBE = """\
import atexit, faulthandler, gc, hashlib, locale, os, resource, signal, sys, threading, warnings
import builtins, random
import numpy as np
import matplotlib as mpl, matplotlib.pyplot as plt
print(os.path.basename(os.getcwd()), len(sys.path), sorted(os.environ))
print(hashlib.sha256(repr(sorted(mpl.rcParams.items(), key=str)).encode()).hexdigest())
print(mpl.get_backend(), locale.setlocale(locale.LC_ALL), warnings.filters)
print(sys.gettrace(), sys.excepthook is sys.__excepthook__, print.__module__, len.__module__)
print(threading.active_count(), atexit._ncallbacks(), gc.isenabled(), faulthandler.is_enabled())
print([signal.getsignal(s) for s in (2, 14, 15)], signal.pthread_sigmask(0, []))
print([resource.getrlimit(n) for n in range(10)], sys.getrecursionlimit())
print(len(os.listdir('/proc/self/fd')), len(sys.modules), sorted(vars(builtins)))
print(random.random(), np.random.rand(), np.random.default_rng().random())
plt.plot([1, 2])
"""
IN_TIME_S = 6.0


@dataclass(frozen=True, slots=True)
class Batch:
    """All cases on one pool, with good posts between them."""

    outcomes: Mapping[str, Outcome]
    alone: list[tuple[Stream | Display, ...]]
    """What the good post gives on a pool of its own."""

    below: int
    """Processes that run when all posts are done and the pool is open."""

    left: list[str]
    """Processes that run when the pool is closed."""

    folders: list[str]
    """What is then left in the folder for temporary files."""


@pytest.fixture(scope="module")
def batches(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Batch]:
    """Each batch, run when it is first asked for."""

    @cache
    def of_kind(kind: str) -> Batch:
        root, scratch = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("scratch")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TMPDIR", str(scratch))
            patch.setattr(tempfile, "tempdir", None)
            return _run(kind, root, scratch)

    return of_kind


def _cases(kind: str) -> Mapping[str, Case]:
    is_costly = kind == "interpreters"
    return {name: c for name, c in CASES.items() if c.is_for_interpreters or not is_costly}


def _run(kind: str, root: Path, scratch: Path) -> Batch:
    is_resident, every = kind == "resident", 8 if kind == "interpreters" else 6
    jobs = []
    for place, (name, case) in enumerate(_cases(kind).items()):
        if place % every == 0:
            good = f"good {place}"
            jobs.append(make_job(root, good, [PROBE], Limits(), is_resident=is_resident))
        jobs.append(make_job(root, name, case.codes, case.limits, is_resident=is_resident))
    before = len(_living())
    with POOLS[kind]() as pool:
        (alone,) = run_jobs(pool, jobs[:1], 20).values()
    with POOLS[kind]() as pool:
        outcomes = run_jobs(pool, jobs, 90)
        time.sleep(0.3)  # the last guard is ending
        below = len(_living()) - before
    left = processes_naming(str(root), str(scratch))
    folders = [path.name for path in scratch.iterdir()]
    return Batch(outcomes, alone.blocks, below, left, folders)


def _living() -> list[int]:
    return [pid for pid in linux.descendants(os.getpid()) if not linux.is_zombie(pid)]


@pytest.mark.parametrize(("kind", "name"), [(k, name) for k in POOLS for name in _cases(k)])
def test_each_fault_has_a_message_of_its_own_and_ends_in_time(
    batches: Callable[[str], Batch], kind: str, name: str
) -> None:
    outcome, case = batches(kind).outcomes[name], CASES[name]

    assert outcome.is_done
    assert outcome.seconds < IN_TIME_S
    told = outcome.fault
    if told is not None and case.fault is not None and "line *" in case.fault:
        told = re.sub(r"line \d+", "line *", told)
    assert told == case.fault
    if case.shown is not None:
        assert tuple(outcome.shown) == case.shown


@pytest.mark.parametrize("kind", POOLS)
def test_a_post_beside_others_gives_what_it_gives_alone(
    batches: Callable[[str], Batch], kind: str
) -> None:
    batch = batches(kind)
    good = [outcome for name, outcome in batch.outcomes.items() if name.startswith("good ")]

    assert [outcome.fault for outcome in good] == [None] * len(good)
    for outcome in good:
        assert outcome.blocks == batch.alone


@pytest.mark.parametrize("kind", POOLS)
def test_no_process_and_no_folder_outlives_the_pool(
    batches: Callable[[str], Batch], kind: str
) -> None:
    assert batches(kind).left == []
    assert batches(kind).folders == []


def test_what_a_post_has_started_ends_with_it(batches: Callable[[str], Batch]) -> None:
    assert batches("forked").below <= 1  # the zygote, unless a post has ended that, too
    assert batches("interpreters").below == 0
