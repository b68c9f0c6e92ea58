"""What comes back from a cluster reaches the builder, whatever it is."""

import pickle
import platform
import signal
import sys
import threading
from asyncio import CancelledError
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, Self

import pytest
from distributed.scheduler import KilledWorker

from builder.cache.files import content_of
from builder.execute.protocol import BlockDone, BlockJob, FileState, Job, PostDone, Report, Trace
from builder.execute.remote import dispatch
from builder.execute.remote.dispatch import _cannot, _Dispatcher, _serve
from builder.execute.remote.protocol import Places, Refused, Reply, Start

LIMITS = BlockJob(code="", timeout_s=2.0, memory_bytes=5_000_000, output_bytes=10, processes=3)
JOB = Job(
    name="posts/p.md", root="/r", folder="/r/posts", blocks=(LIMITS,), known=0, checkpoints=None
)


class Done:
    """A future that is done.

    Args:
        reply: what came of it, if it has not failed.
        failure: how it has.
    """

    def __init__(
        self, reply: Reply | None = None, failure: type[BaseException] | None = None
    ) -> None:
        self.reply = reply
        self.failure = failure

    def add_done_callback(self, callback: Callable[["Done"], None]) -> None:
        threading.Thread(target=callback, args=(self,)).start()

    def result(self) -> bytes:
        if self.failure is not None:
            raise self.failure.__new__(self.failure)
        return pickle.dumps(self.reply)

    def done(self) -> bool:
        return self.reply is not None


class Client:
    """Sends nothing.

    Args:
        python: that its one worker runs; None where it has no worker.
    """

    def __init__(self, python: str | None = None) -> None:
        self.python = python
        self.cancelled: list[Done] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, *_: Any, **__: Any) -> Done:
        return Done(Reply((PostDone(None),), {}))

    def cancel(self, futures: list[Done], *, force: bool) -> None:
        assert force
        self.cancelled += futures

    def wait_for_workers(self, _: int, timeout: float) -> None:
        if self.python is None:
            raise TimeoutError(timeout)

    def get_versions(self) -> dict[str, Any]:
        return {"workers": {"tcp://10.0.0.1:1": {"host": {"python": f"{self.python}.final.0"}}}}


class Failing:
    """A dispatcher that fails at what it takes."""

    def submit(self, job: Job) -> Done:
        return Done()

    def take(self, job: Job, future: Done) -> None:
        raise ValueError("what nobody thought of")

    def end(self, running: object) -> None:
        pass


def _serve_failing(connection: Connection) -> None:
    _serve(connection, Failing())  # type: ignore[arg-type]  # it does what a dispatcher does


def test_a_failure_at_what_came_back_is_told() -> None:
    ours, theirs = Pipe()
    serving = threading.Thread(target=_serve_failing, args=(theirs,))
    serving.start()

    with ours:
        ours.send(JOB)
        assert ours.poll(20)
        told = ours.recv()

    serving.join()
    theirs.close()
    assert told == Refused(
        "what has come of posts/p.md cannot be taken: ValueError('what nobody thought of')"
    )


def test_a_file_that_was_removed_meanwhile_keeps_no_post_from_being_told(tmp_path: Path) -> None:
    (tmp_path / "project" / "builder").mkdir(parents=True)
    (tmp_path / "site").mkdir()
    outside = tmp_path / "outside.txt"
    outside.write_text("words")
    used = {0: {f"file:{outside}": content_of(str(outside))}}
    there = FileState(1, 5)
    trace = Trace({str(outside): there}, (), (), (), {})
    reply = Reply((BlockDone(0, (), 0.1, 0.1, trace), PostDone(None)), used)
    home = Places(str(tmp_path / "project"), str(tmp_path / "site"))
    dispatcher = _Dispatcher(Start("", home), Client())
    state = outside.stat()

    taken = [dispatcher.take(JOB, Done(reply))]
    outside.unlink()
    taken.append(dispatcher.take(JOB, Done(reply)))

    found = [reports[0].trace.files for reports in taken if isinstance(reports, list)]
    assert found == [
        {str(outside): FileState(state.st_mtime_ns, state.st_size)},
        {str(outside): there},
    ]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    (tmp_path / "project" / "builder").mkdir(parents=True)
    (tmp_path / "site").mkdir()
    return Start("tcp://10.0.0.2:8786", Places(f"{tmp_path}/project", f"{tmp_path}/site"))


def _taken(start: Start, done: Done) -> Sequence[Report]:
    """The reports of a post that has run."""
    taken = _Dispatcher(start, Client()).take(JOB, done)
    assert not isinstance(taken, Refused)
    return taken


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (Done(failure=ValueError), "posts/p.md could not be run by Dask: the scheduler is gone"),
        (
            Done(failure=CancelledError),
            "posts/p.md could not be run by Dask: the scheduler is gone",
        ),
        (Done(Reply((), {}, "no numpy")), "posts cannot run on the Dask workers: no numpy"),
    ],
    ids=["failed", "cancelled", "refused"],
)
def test_why_nothing_came_of_a_post_is_told(start: Start, done: Done, told: str) -> None:
    refused = _Dispatcher(start, Client()).take(JOB, done)

    assert isinstance(refused, Refused)
    assert refused.message.startswith(told)


def test_workers_that_are_lost_fail_the_post(start: Start) -> None:
    (done,) = _taken(start, Done(failure=KilledWorker))

    assert isinstance(done, PostDone)
    assert done.fault is not None
    assert done.fault.message == (
        "the Dask workers that ran this post were lost, one after the other"
    )


def test_what_is_another_one_there_is_told_and_ends_the_post(start: Start, tmp_path: Path) -> None:
    sent = tmp_path / "site" / "rows.csv"
    sent.write_text("1")
    trace = Trace({str(sent): FileState(1, 1), "/gone": None}, (), ("LANG",), (), {})
    plain = BlockDone(0, (), 0.1, 0.1, trace)
    other = BlockDone(1, (), 0.1, 0.1, trace)
    used = {0: {"file:site/rows.csv": "another"}, 1: {"variable:LANG": "Klingon"}}
    failed = BlockDone(2, (), 0.1, 0.1, None)

    first, second, done = _taken(start, Done(Reply((plain, other, failed), used)))

    state = sent.stat()
    assert isinstance(first, BlockDone)
    assert first.trace is not None
    assert first.trace.files == {
        str(sent): FileState(state.st_mtime_ns, state.st_size),
        "/gone": None,
    }
    assert isinstance(second, BlockDone)
    assert second.trace is None
    assert isinstance(done, PostDone)
    assert done.fault is not None
    assert done.fault.message == (
        "the block uses the variable LANG, which is another one on the Dask workers"
    )
    assert done.fault.block == 1


def test_what_still_runs_is_cancelled(start: Start) -> None:
    client = Client()
    running, ended = Done(), Done(Reply((), {}))

    _Dispatcher(start, client).end([running, ended])

    assert client.cancelled == [running]


@pytest.mark.parametrize(
    ("python", "told"),
    [
        (platform.python_version(), None),
        (None, "the Dask scheduler has no workers: start some with 'dask worker'"),
        (
            "2.7.18",
            "the Dask worker tcp://10.0.0.1:1 runs Python 2.7.18, and this builder "
            f"{platform.python_version()}: results would differ",
        ),
    ],
)
def test_why_no_worker_could_be_asked_is_told(python: str | None, told: str | None) -> None:
    assert _cannot(Client(python)) == (told and Refused(told))


@pytest.mark.parametrize("answers", ["a scheduler", "none", "one without workers"])
def test_the_builder_is_told_whether_there_is_a_cluster(
    start: Start, monkeypatch: pytest.MonkeyPatch, answers: str
) -> None:
    def connect(address: str, **_: object) -> Client:
        if answers == "none":
            raise OSError(address)
        return Client(platform.python_version() if answers == "a scheduler" else None)

    ours, theirs = Pipe()
    monkeypatch.setattr(dispatch, "Client", connect)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["", str(theirs.fileno())])
    ours.send(start)
    ours.send(JOB)
    serving = threading.Thread(target=dispatch.main)
    serving.start()
    assert ours.poll(20)
    told = ours.recv()
    ours.close()
    serving.join()
    theirs._handle = None  # type: ignore[attr-defined]  # the other has closed it

    if answers == "a scheduler":
        assert told == ("posts/p.md", [PostDone(None)])
    else:
        where = "answers at tcp://10.0.0.2:8786" if answers == "none" else "has no workers"
        assert where in told.message
