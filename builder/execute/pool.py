"""Run posts side by side, each in a process of its own."""

import os
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Protocol, Self

from builder.execute.protocol import Fault, Job, PostDone, Report
from builder.execute.zygote import Zygote

_RESIDENT_POSTS = 8


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Runner(Protocol):
    """What runs jobs, however it does."""

    @property
    def is_resident(self) -> bool:
        """Whether posts leave checkpoints."""

    def warm(self) -> None:
        """Begin what takes long."""

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Report]]:
        """Yield what the jobs report, as it comes; the last of each job is a `PostDone`."""


class Pool:
    """Runs jobs on a warm zygote, which starts with the first of them.

    Args:
        import_path: the folder from which posts import `builder`.
        slots: how many posts run at once.
        is_resident: whether posts leave checkpoints, for a pool that outlives a build.
    """

    def __init__(
        self, import_path: str, slots: int | None = None, *, is_resident: bool = False
    ) -> None:
        self.is_resident = is_resident
        self._import_path = import_path
        self._slots = slots or usable_cores()
        self._zygote: Zygote | None = None
        self._running: dict[Connection, Job] = {}
        self._residents: OrderedDict[str, Connection] = OrderedDict()
        self._waking: set[Connection] = set()
        """Of residents that have not yet answered to their job."""

    def __enter__(self) -> Self:
        """Give itself; leaving the block ends every process."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the zygote and all that it has started."""
        if self._zygote is None:
            return
        for connection in (*self._running, *self._residents.values()):
            connection.close()  # their guards see it and end their posts
        self._running.clear()
        self._residents.clear()
        self._zygote.close()
        self._zygote = None

    def warm(self) -> None:
        """Start the zygote, whose warm-up goes on while the caller does."""
        if self._zygote is None:
            self._zygote = Zygote(self._import_path)

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Report]]:
        """Yield what the jobs report, as it comes; the last of each job is a `PostDone`."""
        todo = deque(jobs)
        try:
            while todo or self._running:
                while todo and len(self._running) < self._slots:
                    self._start(todo.popleft())
                for ready in wait(list(self._running)):
                    if not isinstance(ready, Connection):
                        continue
                    job, report = self._running[ready], self._receive(ready)
                    if report is None:
                        del self._running[ready]
                        self._start(job)
                        continue
                    if isinstance(report, PostDone):
                        self._end(ready, job)
                        if todo:  # before the caller goes to work on this one
                            self._start(todo.popleft())
                    yield job, report
        finally:  # the caller may have no use for the rest
            for connection in self._running:
                connection.close()  # their guards see it and end their posts
            self._running.clear()
            self._waking.clear()

    def _start(self, job: Job) -> None:
        self.warm()
        connection = self._residents.pop(job.name, None)
        if connection is not None:
            with suppress(OSError):  # its guard was killed, which `_receive` sees, too
                connection.send(job)
            self._waking.add(connection)
        else:
            connection = self._fork_guard()
            connection.send(job)
        self._running[connection] = job

    def _fork_guard(self) -> Connection:
        if self._zygote is not None and self._zygote.was_killed():
            self._zygote.close()
            self._zygote = None
        self.warm()
        assert self._zygote is not None
        return self._zygote.fork_guard()

    def _end(self, connection: Connection, job: Job) -> None:
        """Let a post that has run wait for its next job, or end it."""
        del self._running[connection]
        if not self.is_resident or connection.closed:
            connection.close()
            return
        self._residents[job.name] = connection
        while len(self._residents) > _RESIDENT_POSTS:
            _, oldest = self._residents.popitem(last=False)
            oldest.close()

    def _receive(self, connection: Connection) -> Report | None:
        """The next report; None where a guard was killed while it waited for the job."""
        was_asleep = connection in self._waking
        self._waking.discard(connection)
        try:
            report: Report = connection.recv()
        except (EOFError, ConnectionError):
            assert self._zygote is not None
            self._zygote.check()
            self._zygote.sweep()
            if was_asleep:
                connection.close()
                return None
            fault = Fault(
                message="the process that watches over this post has ended",
                hint="build again; it was killed, or memory ran out",
                block=0,
                line=1,
                traceback="",
            )
            connection.close()
            return PostDone(fault)
        return report
