"""A post on the machine of a worker, and the builder's end of it."""

import io
import os
import pickle
import signal
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from builder.cache.results import base_of
from builder.config import PROJECT
from builder.errors import SiteError
from builder.execute import linux
from builder.execute.protocol import BlockDone, Job, PostDone
from builder.execute.remote import pool as pools
from builder.execute.remote import run, task
from builder.execute.remote.pool import DaskPool
from builder.execute.remote.protocol import Places, Reply, Request, Start
from tests.faults.runs import Limits, make_job

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")

HOME = Places("/home/ada/builder", "/home/ada/blog")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """As it comes from home, where its folders lie elsewhere."""
    code = "import os\nprint(open('rows.csv').read(), sorted(os.listdir('.')))"
    job = make_job(tmp_path / "site", "p", [code, "1 / 0"], Limits(), is_resident=False)
    (tmp_path / "site" / "posts" / "rows.csv").write_text("1,2")
    return HOME.moved(job, Places("", str(tmp_path / "site")))


@pytest.fixture
def here(tmp_path: Path) -> Places:
    """What was unpacked on the worker's machine."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "builder").symlink_to(PROJECT / "builder")
    return Places(str(tmp_path / "project"), str(tmp_path / "site"))


def _replied(
    request: Request, folder: Path, monkeypatch: pytest.MonkeyPatch, parent: int = 0
) -> Reply:
    (folder / "request").write_bytes(pickle.dumps(request))
    monkeypatch.setattr(sys, "argv", ["", str(parent), str(folder)])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(linux, "die_with_parent", lambda *_: None)
    run.main()
    reply: Reply = pickle.loads((folder / "reply").read_bytes())
    return reply


def test_a_post_runs_and_tells_of_things_as_they_are_called_at_home(
    job: Job, here: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = base_of(here.surroundings(is_sandboxed=False))

    reply = _replied(Request(job, HOME, base, False), tmp_path, monkeypatch)

    first, failed, done = (r for r in reply.reports if isinstance(r, BlockDone | PostDone))
    assert isinstance(first, BlockDone)
    assert first.trace is not None
    assert "/home/ada/blog/posts/rows.csv" in first.trace.files
    assert first.trace.folders == ("/home/ada/blog/posts",)
    assert {"file:site/posts/rows.csv", "folder:site/posts"} <= set(reply.used[0])
    assert isinstance(failed, BlockDone)
    assert failed.trace is None
    assert isinstance(done, PostDone)
    assert done.fault is not None
    assert done.fault.message == "ZeroDivisionError: division by zero"
    assert list(reply.used) == [0]


def test_nothing_runs_where_a_package_is_another_one(
    job: Job, here: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = {**base_of(here.surroundings(is_sandboxed=False)), "package:numpy": "0.9"}

    reply = _replied(Request(job, HOME, base, False), tmp_path, monkeypatch)

    assert reply.reports == ()
    assert reply.refused is not None
    assert "and 0.9 here): install there what requirements.txt names" in reply.refused


def test_nothing_runs_where_it_cannot_be_confined(
    job: Job, here: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "why_not", lambda: "the kernel is old")
    base = base_of(here.surroundings(is_sandboxed=True))

    reply = _replied(Request(job, HOME, base, True), tmp_path, monkeypatch)

    assert reply.refused == "--sandbox is not possible there: the kernel is old"


# ---- what Dask calls


def _worker(folder: Path, state: str | None) -> SimpleNamespace:
    """As much of a worker as is used; it knows of no task where the state is None."""
    tasks = {} if state is None else {"key": SimpleNamespace(state=state)}
    return SimpleNamespace(
        local_directory=str(folder),
        get_current_task=lambda: "key",
        state=SimpleNamespace(tasks=tasks),
    )


def _archive(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


STANDS_IN = """
import os, sys
parent, folder = sys.argv[1:]
asked = open(os.path.join(folder, "request"), "rb").read()
told = [os.environ["CANARY"], os.environ["HOME"], os.listdir(os.path.join(folder, "site"))]
open(os.path.join(folder, "reply"), "wb").write(asked + repr(told).encode())
"""


def test_what_was_sent_is_unpacked_run_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "get_worker", lambda: _worker(tmp_path, "executing"))
    monkeypatch.setenv("HOME", "/home/worker")
    packages = ("builder", "builder/execute", "builder/execute/remote")
    program = {f"{package}/__init__.py": "" for package in packages}
    program["builder/execute/remote/run.py"] = STANDS_IN
    sent = {"CANARY": "sings", "HOME": "/home/ada"}

    reply = task.run_post(_archive(program), _archive({"post.md": "1"}), b"asked ", sent)

    assert reply == b"asked ['sings', '/home/worker', ['post.md']]"
    assert list(tmp_path.iterdir()) == []


def test_what_a_process_says_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "get_worker", lambda: _worker(tmp_path, "executing"))

    with pytest.raises(RuntimeError, match=r"No module named 'builder'"):
        task.run_post(_archive({}), _archive({}), b"", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("state", [None, "cancelled"])
def test_a_post_that_nobody_awaits_is_ended(tmp_path: Path, state: str | None) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    task._wait(process, _worker(tmp_path, state))

    assert process.returncode == -signal.SIGTERM


def test_a_post_that_is_awaited_runs_to_its_end(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.5)"])

    task._wait(process, _worker(tmp_path, "executing"))

    assert process.returncode == 0


# ---- at home


def test_a_cluster_needs_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "find_spec", lambda _: None)

    with pytest.raises(SiteError, match="needs the package distributed: 'make dask' installs it"):
        DaskPool(Start("", HOME))


def test_a_process_that_ends_before_it_answers_is_told(job: Job, tmp_path: Path) -> None:
    with DaskPool(Start("", Places(str(tmp_path), str(tmp_path)))) as pool:
        assert list(pool.run([])) == []
        with pytest.raises(SiteError, match="that talks to the Dask scheduler has ended"):
            list(pool.run([job]))


def test_a_process_that_is_halted_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_PATIENCE_S", 0.1)
    with DaskPool(Start("", Places(str(PROJECT), str(PROJECT)))) as pool:
        pool.warm()
        os.kill(pool._process.pid, signal.SIGSTOP)

    assert pool._process.returncode == -signal.SIGKILL
