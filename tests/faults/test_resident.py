"""A pool that stays: its copies of posts may be killed, and nothing grows."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.execute import linux
from builder.execute.pool import Pool
from builder.execute.protocol import BlockDone, PostDone, Resumed
from builder.execute.zygote import Zygote
from tests.faults.runs import Limits, Outcome, make_job, processes_naming, run_jobs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@pytest.mark.parametrize("place", range(4))
def test_a_post_goes_on_from_an_earlier_copy_where_a_later_one_was_killed(
    tmp_path: Path, scratch: Path, place: int
) -> None:
    before = set(linux.children(os.getpid()))
    codes = [f"x{n} = {n}\nprint(x{n})" for n in range(4)]
    with Pool(str(PROJECT), 1, is_resident=True) as pool:
        _run(tmp_path, pool, codes)
        (guard,) = linux.children(_zygote(before))
        copies = _living(guard)
        os.kill(copies[place], signal.SIGKILL)
        time.sleep(0.05)

        again = _run(tmp_path, pool, [*codes, "print(x0 + x1 + x2 + x3)"], known=4)

    assert len(copies) == 4
    assert again.fault is None
    assert again.shown[-1] == "6\n"
    assert len(again.shown) == 1 + 4 - place


@pytest.mark.parametrize("place", range(3))
def test_a_copy_that_is_killed_while_it_is_asked_to_go_on_costs_a_full_run(
    tmp_path: Path, scratch: Path, place: int
) -> None:
    before = set(linux.children(os.getpid()))
    codes = [f"x{n} = {n}\nprint(x{n})" for n in range(3)]
    with Pool(str(PROJECT), 1, is_resident=True) as pool:
        _run(tmp_path, pool, codes)
        (guard,) = linux.children(_zygote(before))
        copies = _living(guard)
        os.kill(copies[-1], signal.SIGSTOP)  # it cannot answer before it is killed
        edited = [*codes, "print(x0 + x1 + x2)"]
        job = make_job(tmp_path, "p", edited, Limits(), is_resident=True, known=3)
        reports = pool.run([job])
        begun = [next(reports)[1]]
        os.kill(copies[place], signal.SIGKILL)
        begun += [report for _, report in reports]

        again = _run(tmp_path, pool, [*edited, "print(x0 - x2)"], known=4)

    assert begun[:2] == [Resumed(3), Resumed(0)]
    assert [r.block for r in begun if isinstance(r, BlockDone)] == [0, 1, 2, 3]
    assert begun[-1] == PostDone(None, {})
    assert (again.fault, again.shown) == (None, ["-2\n"])


def test_a_pool_that_is_closed_while_a_post_runs_leaves_nothing(
    tmp_path: Path, scratch: Path
) -> None:
    codes = ["x = 1", "import subprocess\nsubprocess.run(['sleep', '271'])"]
    with Pool(str(PROJECT), 1, is_resident=True) as pool:
        job = make_job(tmp_path, "p", codes, Limits(), is_resident=True)
        reports = pool.run([job])
        next(reports), next(reports)
        started = time.monotonic()

    assert time.monotonic() - started < 2
    assert processes_naming(str(tmp_path), str(scratch)) == []
    assert list(scratch.iterdir()) == []


def test_a_run_that_is_given_up_does_not_disturb_the_next(
    tmp_path: Path, resident_pool: Pool
) -> None:
    codes = ["1", "import time\ntime.sleep(271)"]
    reports = resident_pool.run([make_job(tmp_path, "slow", codes, Limits(), is_resident=True)])
    next(reports)
    reports.close()  # type: ignore[attr-defined]  # it is a generator

    outcome = _run(tmp_path, resident_pool, ["print('next')"])

    assert (outcome.fault, outcome.shown) == (None, ["next\n"])


@pytest.mark.parametrize("is_resident", [False, True], ids=["once", "resident"])
def test_a_folder_for_posts_that_was_cleared_away_is_made_again(
    tmp_path: Path, scratch: Path, is_resident: bool
) -> None:
    code = "import tempfile\nprint(len(tempfile.mkdtemp()) > 0)"
    with Pool(str(PROJECT), 1, is_resident=is_resident) as pool:
        for name in ("a", "b"):
            root = tmp_path / "site"
            job = make_job(root, name, [code], Limits(), is_resident=is_resident)
            outcome = run_jobs(pool, [job], 20)[name]
            assert (outcome.fault, outcome.shown) == (None, ["True\n"])
            for folder in scratch.iterdir():
                shutil.rmtree(folder, ignore_errors=True)  # the guard may be at it

    assert list(scratch.iterdir()) == []


def test_a_post_that_cannot_have_its_folder_is_told_why_and_others_run(
    tmp_path: Path, scratch: Path
) -> None:
    with Pool(str(PROJECT), 1) as pool:
        job = make_job(tmp_path, "p", ["1"], Limits(), is_resident=False)
        assert run_jobs(pool, [job], 20)["p"].fault is None
        (folder,) = scratch.iterdir()
        while folder.exists():
            shutil.rmtree(folder, ignore_errors=True)  # the guard may be at it
        folder.write_text("something else")

        outcome = run_jobs(pool, [job], 20)["p"]
        folder.unlink()
        again = run_jobs(pool, [job], 20)["p"]

    assert outcome.fault is not None
    assert outcome.fault.startswith("block 1, line 1: the post cannot run: ")
    assert again.fault is None


class Exhausted(Zygote):
    """A zygote that the machine refuses more processes."""

    def fork_guard(self) -> Connection:
        ours, theirs = Pipe()
        theirs.close()
        return ours


@pytest.mark.parametrize("is_resident", [False, True], ids=["once", "resident"])
def test_a_post_that_nobody_can_be_started_for_is_told_and_others_run(
    tmp_path: Path, scratch: Path, is_resident: bool
) -> None:
    with Pool(str(PROJECT), 1, is_resident=is_resident) as pool:
        pool._zygote = Exhausted(str(PROJECT))
        refused = make_job(tmp_path, "p", ["1", "2"], Limits(), is_resident=is_resident)
        outcome = run_jobs(pool, [refused], 20)["p"]
        pool._zygote.close()
        pool._zygote = None
        again = run_jobs(pool, [refused], 20)["p"]

    assert outcome.fault == (
        "block 1, line 1: the process that watches over this post has ended "
        "(build again; it was killed, or memory ran out)"
    )
    assert (again.fault, again.shown) == (None, ["1", "2"])


def test_hundreds_of_edits_let_nothing_grow(tmp_path: Path, scratch: Path) -> None:
    before = set(linux.children(os.getpid()))
    codes = ["import numpy as np\nx = np.ones(10)", "y = 1", "print(x.sum())"]
    sizes, processes = [], []
    with Pool(str(PROJECT), 1, is_resident=True) as pool:
        _run(tmp_path, pool, codes)
        zygote = _zygote(before)
        (guard,) = linux.children(zygote)
        for edit in range(200):
            place = 2 if edit % 7 else edit % 2
            edited = [*codes[:place], f"{codes[place]}\n# {edit}", *codes[place + 1 :]]
            assert _run(tmp_path, pool, edited, known=place).shown[-1] == "10.0\n"
            if edit % 66 == 65:
                sizes.append([_size(pid) for pid in (os.getpid(), zygote, guard)])
                processes.append(len(_living(zygote)))

    assert processes == [4, 4, 4]  # the guard, and a copy after each block
    for first, last in zip(sizes[0], sizes[-1], strict=True):
        assert last[0] == first[0]
        assert last[1] <= first[1] + 2_000


def _run(root: Path, pool: Pool, codes: Sequence[str], known: int = 0) -> Outcome:
    job = make_job(root, "p", codes, Limits(), is_resident=True, known=known)
    return run_jobs(pool, [job], 20)["p"]


def _living(pid: int) -> list[int]:
    return [p for p in linux.descendants(pid) if not linux.is_zombie(p)]


def _zygote(before: set[int]) -> int:
    (zygote,) = set(linux.children(os.getpid())) - before
    return zygote


def _size(pid: int) -> tuple[int, int]:
    """Open descriptors, and memory in kilobytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return len(os.listdir(f"/proc/{pid}/fd")), int(status.split("RssAnon:")[1].split()[0])
