"""Stage 3: run posts side by side, each in a process of its own."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Self

from builder.execute.protocol import Job, PostDone, Report
from builder.execute.zygote import Zygote
from builder.model import Failure


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool:
    """Runs jobs on a warm zygote, which starts with the first of them.

    Args:
        import_path: the folder from which posts import `builder`.
        slots: how many posts run at once.
    """

    def __init__(self, import_path: str, slots: int | None = None) -> None:
        self._import_path = import_path
        self._slots = slots or usable_cores()
        self._zygote: Zygote | None = None
        self._running: dict[Connection, Job] = {}

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
        if self._zygote is not None:
            for connection in self._running:  # their guards see it and end their posts
                connection.close()
            self._zygote.close(is_idle=not self._running)
            self._zygote = None

    def warm(self) -> None:
        """Start the zygote, whose warm-up goes on while the caller does."""
        if self._zygote is None:
            self._zygote = Zygote(self._import_path)

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Report]]:
        """Yield what the jobs report, as it comes; the last of each job is a `PostDone`."""
        todo = deque(jobs)
        running = self._running

        def start_next() -> None:
            job = todo.popleft()
            running[self._start(job)] = job

        while todo or running:
            while todo and len(running) < self._slots:
                start_next()
            for ready in wait(list(running)):
                if not isinstance(ready, Connection):
                    continue
                job, report = running[ready], self._receive(ready, running[ready])
                if isinstance(report, PostDone):
                    del running[ready]
                    ready.close()
                    if todo:  # before the caller goes to work on this one
                        start_next()
                yield job, report

    def _start(self, job: Job) -> Connection:
        self.warm()
        assert self._zygote is not None
        connection = self._zygote.fork_guard()
        connection.send(job)
        return connection

    def _receive(self, connection: Connection, job: Job) -> Report:
        try:
            report: Report = connection.recv()
        except (EOFError, ConnectionError):
            assert self._zygote is not None
            self._zygote.check()
            return PostDone(
                Failure(
                    message="the process that watches over this post has ended",
                    hint="build again; it was killed, or memory ran out",
                    line=job.blocks[0].line,
                    traceback="",
                )
            )
        return report
