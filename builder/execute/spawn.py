"""Run posts in interpreters of their own, each started for one post.

For systems without fork(), and to try them. Results are the same; what is missing
are checkpoints, and outside Linux the limits of memory and processes.
"""

import os
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from types import TracebackType
from typing import IO, Self

from builder.errors import SiteError
from builder.execute import linux
from builder.execute.capture import Splicer, Written
from builder.execute.channels import DisturbedError, EventReader
from builder.execute.environment import post_environment
from builder.execute.interrupt import Interrupt
from builder.execute.protocol import Job, PostDone, Report, Resumed
from builder.execute.recorder import DISTURBED, Recorder, ending, excess
from builder.execute.scratch import Scratch

_READ_BYTES = 1 << 16
_POLL_S = 0.05
_PATIENCE_S = 5.0
_GRACE_S = 0.3
"""After its time is over, for a post to note the line where it is."""


class SpawnPool:
    """Runs jobs as `Pool` does.

    Args:
        import_path: the folder from which posts import `builder`.
        slots: how many posts run at once.
        is_sandboxed: whether posts are confined.
        interrupt: ends a run that waits for reports.
    """

    is_resident = False

    def __init__(
        self,
        import_path: str,
        slots: int,
        *,
        is_sandboxed: bool = False,
        interrupt: Interrupt | None = None,
    ) -> None:
        self.is_sandboxed = is_sandboxed
        self._import_path = import_path
        self._slots = slots
        self._interrupt = interrupt or Interrupt()
        self._waiting: deque[_Interpreter] = deque()
        self._running: set[_Interpreter] = set()
        self.states: dict[str, Sequence[str | None]] = {}

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
        self._end_running()
        for interpreter in self._waiting:
            interpreter.close()
        self._waiting.clear()

    def _end_running(self) -> None:
        for interpreter in tuple(self._running):
            interpreter.close()

    def warm(self) -> None:
        """Start as many interpreters as posts run at once."""
        while len(self._waiting) < self._slots:
            self._waiting.append(self._interpreter())

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Report]]:
        """Yield what the jobs report, as it comes; the last of each job is a `PostDone`.

        Raises:
            InterruptedBuildError: another thread has asked for it.
        """
        todo = deque(jobs)
        reports: queue.Queue[tuple[Job, Report | Exception]] = queue.Queue()
        running = 0
        while todo or running:
            while todo and running < self._slots:
                self._start(todo.popleft(), reports, has_more=bool(todo))
                running += 1
            if self._interrupt.is_set:
                self._end_running()
                self._interrupt.check()
            try:
                # Not for ever: a signal that another thread has taken is answered in between.
                job, report = reports.get(timeout=_GRACE_S)
            except queue.Empty:
                continue
            if isinstance(report, Exception):
                raise report
            running -= isinstance(report, PostDone)
            yield job, report

    def _interpreter(self) -> "_Interpreter":
        return _Interpreter(self._import_path, is_sandboxed=self.is_sandboxed)

    def _start(
        self, job: Job, reports: queue.Queue[tuple[Job, Report | Exception]], *, has_more: bool
    ) -> None:
        if not self._waiting:
            self._waiting.append(self._interpreter())
        interpreter = self._waiting.popleft()
        if has_more and not self._waiting:
            self._waiting.append(self._interpreter())
        self._running.add(interpreter)

        def work() -> None:
            try:
                interpreter.run(job, lambda report: reports.put((job, report)))
            except Exception as error:  # the thread that asked for the reports has to know
                reports.put((job, error))
            finally:
                interpreter.close()
                self._running.discard(interpreter)

        threading.Thread(target=work, daemon=True).start()


class _Books:
    """Brings what three threads read into one order."""

    def __init__(self, recorder: Recorder, token: bytes) -> None:
        limit = max((block.output_bytes for block in recorder.job.blocks), default=0)
        self._recorder = recorder
        self._splicer = Splicer(token, limit)
        self._lock = threading.Lock()
        self.is_disturbed = False

    def read(self, name: str, pipe: IO[bytes]) -> None:
        """Read a stream to its end."""
        with suppress(OSError, ValueError):  # the pool is being closed
            while content := os.read(pipe.fileno(), _READ_BYTES):
                with self._lock:
                    self._splicer.feed(name, content)
                    self._take(self._splicer.ready())

    def listen(self, events: EventReader) -> None:
        """Read events until the other side has gone."""
        try:
            while True:
                for number, event in events.read():
                    with self._lock:
                        self._splicer.add_event(number, event)
                        self._take(self._splicer.ready())
        except DisturbedError:
            self.is_disturbed = True
        except (EOFError, OSError):
            pass
        finally:
            events.close()

    def close(self) -> None:
        """Take what is left, complete or not."""
        with self._lock:
            self._take(self._splicer.rest())

    def _take(self, written: Iterable[Written]) -> None:
        for item in written:
            try:  # of a post that has told nonsense, the text alone
                self._recorder.take(replace(item, event=None) if self.is_disturbed else item)
            except DisturbedError:
                self.is_disturbed = True


class _Interpreter:
    """A warm interpreter that runs one post."""

    def __init__(self, import_path: str, *, is_sandboxed: bool) -> None:
        self._scratch = Scratch()
        self._folder = self._scratch.path
        (self._folder / "crash").touch()
        (self._folder / "scratch").mkdir()
        self._key = secrets.token_bytes(16)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(_POLL_S)
        environment = {
            **post_environment(os.environ, is_sandboxed=is_sandboxed),
            "PYTHONPATH": import_path,
            "BUILDER_KEY": self._key.hex(),
        }
        port = str(self._server.getsockname()[1])
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "builder.execute.spawned",
                str(os.getpid()),
                port,
                str(self._folder / "crash"),
            ],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, job: Job, send: Callable[[Report], None]) -> None:
        """Run a job and send its reports.

        Raises:
            SiteError: the interpreter has ended before it could take the job.
        """
        token = secrets.token_hex(8).encode()
        with self._accept() as connection:
            worker = connection.recv()
            send(Resumed(0))
            connection.send((job, token, str(self._folder / "scratch")))
            number = connection.fileno()
            events = EventReader(
                socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM), len(job.blocks)
            )
        recorder = Recorder(job, 0, send)
        books = _Books(recorder, token)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        threads = [
            threading.Thread(target=target, args=args, daemon=True)
            for target, args in (
                (books.read, ("stdout", self._process.stdout)),
                (books.read, ("stderr", self._process.stderr)),
                (books.listen, (events,)),
            )
        ]
        for thread in threads:
            thread.start()
        told = self._await_end(recorder, books)
        if told is not None and hasattr(signal, "SIGUSR1"):
            with suppress(OSError):
                os.kill(worker, signal.SIGUSR1)  # it notes where it is
                time.sleep(_POLL_S)
                os.kill(worker, signal.SIGKILL)  # before a child whose end would let it go on
        self._end_family()
        for thread in threads:
            thread.join(_GRACE_S)
        books.close()
        if not recorder.is_finished and recorder.fault is None:
            if books.is_disturbed:  # which may have been read after the process had ended
                told = DISTURBED
            recorder.fail(*(told or ending(self._process.returncode)), self._crash())
        recorder.report()

    def _accept(self) -> Connection:
        """Wait until the interpreter is warm."""
        while self._process.poll() is None:
            with suppress(TimeoutError):
                accepted, _ = self._server.accept()
                accepted.setblocking(True)
                connection = Connection(accepted.detach())
                deliver_challenge(connection, self._key)
                answer_challenge(connection, self._key)
                return connection
        assert self._process.stderr is not None
        said = self._process.stderr.read().decode("utf-8", "replace")
        status = self._process.returncode
        raise SiteError(
            f"the process that runs posts could not start (status {status})\n{said}".strip()
        )

    def _await_end(self, recorder: Recorder, books: _Books) -> tuple[str, str] | None:
        """Until the process has ended, by itself or for the reason given."""
        late_s = 0.0 if hasattr(signal, "SIGUSR1") else _GRACE_S
        while True:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_POLL_S)
                return DISTURBED if books.is_disturbed else None
            if books.is_disturbed:
                return DISTURBED
            family = linux.descendants(self._process.pid)  # the worker and what it has started
            limits = recorder.limits
            memory = linux.held_bytes(family, limits.memory_bytes)
            told = excess(limits, recorder.running_s - late_s, len(family) - 1, memory)
            if told is not None and not recorder.is_finished:
                return told

    def _crash(self) -> str:
        try:
            trace = (self._folder / "crash").read_text(encoding="utf-8", errors="replace")
        except OSError:  # the pool is being closed
            return ""
        return trace[max(0, trace.find("Current thread")) :]

    def _end_family(self) -> None:
        """End the process with all that it has started."""
        if not linux.IS_LINUX:
            if hasattr(os, "killpg"):
                with suppress(OSError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
            self._process.wait()
            return
        self._process.terminate()  # it ends its family first
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:  # it was halted
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End the process and forget its folder."""
        self._end_family()
        self._server.close()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()
        self._scratch.close()
