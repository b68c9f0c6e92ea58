"""What comes back from a cluster reaches the builder, whatever it is."""

import pickle
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from builder.cache.files import content_of
from builder.execute.protocol import BlockDone, BlockJob, FileState, Job, PostDone, Trace
from builder.execute.remote.dispatch import _Dispatcher, _serve
from builder.execute.remote.protocol import Places, Refused, Reply, Start

LIMITS = BlockJob(code="", timeout_s=2.0, memory_bytes=5_000_000, output_bytes=10, processes=3)
JOB = Job(
    name="posts/p.md", root="/r", folder="/r/posts", blocks=(LIMITS,), known=0, checkpoints=None
)


class Done:
    """A future that is done.

    Args:
        reply: what came of it.
    """

    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply

    def add_done_callback(self, callback: Callable[["Done"], None]) -> None:
        threading.Thread(target=callback, args=(self,)).start()

    def result(self) -> bytes:
        return pickle.dumps(self.reply)


class Client:
    """Sends nothing."""

    def submit(self, *_: Any, **__: Any) -> Done:
        return Done()


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
