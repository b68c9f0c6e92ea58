"""Run posts in interpreters of their own, each started for one post.

For systems without fork(), and to try them. Results are the same; what is missing
are checkpoints, and outside Linux the limits of memory and processes.
"""

import os
import queue
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from builder.execute import linux
from builder.execute.capture import Splicer, Written
from builder.execute.environment import post_environment
from builder.execute.protocol import Job, PostDone, Report, Resumed
from builder.execute.recorder import Recorder, ending, excess
from builder.execute.zygote import make_scratch

_READ_BYTES = 1 << 16
_POLL_S = 0.05
_GRACE_S = 0.3
"""After its time is over, for a post to note the line where it is."""


class SpawnPool:
    """Runs jobs as `Pool` does.

    Args:
        import_path: the folder from which posts import `builder`.
        slots: how many posts run at once.
    """

    is_resident = False

    def __init__(self, import_path: str, slots: int) -> None:
        self._import_path = import_path
        self._slots = slots
        self._waiting: deque[_Interpreter] = deque()
        self._running: set[_Interpreter] = set()

    def __enter__(self) -> Self:
        """Give itself; leaving the block ends every process."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every interpreter that is left."""
        for interpreter in (*self._waiting, *self._running):
            interpreter.close()
        self._waiting.clear()

    def warm(self) -> None:
        """Start as many interpreters as posts run at once."""
        while len(self._waiting) < self._slots:
            self._waiting.append(_Interpreter(self._import_path))

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Report]]:
        """Yield what the jobs report, as it comes; the last of each job is a `PostDone`."""
        todo = deque(jobs)
        reports: queue.Queue[tuple[Job, Report]] = queue.Queue()
        running = 0
        while todo or running:
            while todo and running < self._slots:
                self._start(todo.popleft(), reports, has_more=bool(todo))
                running += 1
            job, report = reports.get()
            running -= isinstance(report, PostDone)
            yield job, report

    def _start(self, job: Job, reports: queue.Queue[tuple[Job, Report]], *, has_more: bool) -> None:
        if not self._waiting:
            self._waiting.append(_Interpreter(self._import_path))
        interpreter = self._waiting.popleft()
        if has_more:
            self._waiting.append(_Interpreter(self._import_path))
        self._running.add(interpreter)

        def work() -> None:
            try:
                interpreter.run(job, lambda report: reports.put((job, report)))
            finally:
                interpreter.close()
                self._running.discard(interpreter)

        threading.Thread(target=work, daemon=True).start()


class _Books:
    """Brings what three threads read into one order."""

    def __init__(self, recorder: Recorder, token: bytes) -> None:
        limit = max(block.output_bytes for block in recorder.job.blocks)
        self._recorder = recorder
        self._splicer = Splicer(token, limit)
        self._lock = threading.Lock()

    def read(self, name: str, pipe: IO[bytes]) -> None:
        """Read a stream to its end."""
        while content := os.read(pipe.fileno(), _READ_BYTES):
            with self._lock:
                self._splicer.feed(name, content)
                self._take(self._splicer.ready())

    def listen(self, connection: Connection) -> None:
        """Read events until the other side has gone."""
        with suppress(EOFError, OSError):
            while True:
                number, event = connection.recv()
                with self._lock:
                    self._splicer.add_event(number, event)
                    self._take(self._splicer.ready())

    def close(self) -> None:
        """Take what is left, complete or not."""
        with self._lock:
            self._take(self._splicer.rest())

    def _take(self, written: Iterable[Written]) -> None:
        for item in written:
            self._recorder.take(item)


class _Interpreter:
    """A warm interpreter that runs one post."""

    def __init__(self, import_path: str) -> None:
        self._folder = Path(make_scratch())
        (self._folder / "crash").touch()
        (self._folder / "scratch").mkdir()
        key = secrets.token_bytes(16)
        self._listener = Listener(authkey=key)
        environment = {
            **post_environment(os.environ),
            "PYTHONPATH": import_path,
            "BUILDER_KEY": key.hex(),
        }
        address = str(self._listener.address)
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "builder.execute.spawned",
                str(os.getpid()),
                address,
                str(self._folder / "crash"),
            ],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, job: Job, send: Callable[[Report], None]) -> None:
        """Run a job and send its reports."""
        token = secrets.token_hex(8).encode()
        connection = self._listener.accept()
        send(Resumed(0))
        connection.send((job, token, str(self._folder / "scratch")))
        recorder = Recorder(job, 0, send)
        books = _Books(recorder, token)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        threads = [
            threading.Thread(target=target, args=args, daemon=True)
            for target, args in (
                (books.read, ("stdout", self._process.stdout)),
                (books.read, ("stderr", self._process.stderr)),
                (books.listen, (connection,)),
            )
        ]
        for thread in threads:
            thread.start()
        told = self._await_end(recorder)
        self._end_family()
        for thread in threads:
            thread.join(_GRACE_S)
        if told is None:
            books.close()
        if told is None and not recorder.is_finished and recorder.fault is None:
            told = ending(self._process.returncode)
        if told is not None:
            recorder.fail(*told, self._crash())
        recorder.report()

    def _await_end(self, recorder: Recorder) -> tuple[str, str] | None:
        """Until the process has ended, by itself or for the reason given."""
        while True:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_POLL_S)
                return None
            family = (self._process.pid, *linux.descendants(self._process.pid))
            memory = sum(map(linux.resident_bytes, family))
            late = recorder.running_s - _GRACE_S
            told = excess(recorder.limits, late, len(family) - 1, memory)
            if told is not None and not recorder.is_finished:
                return told

    def _crash(self) -> str:
        return (self._folder / "crash").read_text(encoding="utf-8", errors="replace")

    def _end_family(self) -> None:
        """End the process with all that it has started."""
        family = linux.descendants(self._process.pid)
        if hasattr(os, "killpg"):
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for pid in family:
            with suppress(OSError):
                os.kill(pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    def close(self) -> None:
        """End the process and forget its folder."""
        self._end_family()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)
