"""Run posts side by side, each in a process of its own."""

import os
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Protocol, Self

from builder.execute.interrupt import Interrupt
from builder.execute.protocol import BlockDone, Cancel, Fault, Job, PostDone, Report, Resumed
from builder.execute.zygote import Zygote

_RESIDENT_POSTS = 8
_PATIENCE_S = 5.0


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

    @property
    def is_sandboxed(self) -> bool:
        """Whether posts are confined."""

    @property
    def states(self) -> dict[str, Sequence[str | None]]:
        """What state each post was in before its first block and after each, when it last ran."""

    def warm(self) -> None:
        """Begin what takes long."""

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Report]]:
        """Yield what the jobs report, as it comes; the last of each job is a `PostDone`."""


@dataclass(slots=True)
class _Run:
    """A job that runs."""

    started: Job
    """As it was asked for first."""

    job: Job
    """As it is asked for now."""

    done: int | None = None
    """So many of its blocks are done, as far as has been told; None before it has begun."""

    until: int | None = None
    """From this block on, what was started is no longer what is asked for."""

    @property
    def running(self) -> int:
        """The block that runs: the next one that was not to be skipped."""
        skipped, block = self.started.skipped, self.done or 0
        while block in skipped:
            block += 1
        return block


class Pool:
    """Runs jobs on a warm zygote, which starts with the first of them.

    A resident one that is interrupted lets its posts run on: the next call goes on with those
    whose blocks are asked for again, up to the first that was edited, and ends the others.

    Args:
        import_path: the folder from which posts import `builder`.
        slots: how many posts run at once.
        is_resident: whether posts leave checkpoints, for a pool that outlives a build.
        is_sandboxed: whether posts are confined.
        interrupt: ends a run that waits for reports.
    """

    def __init__(
        self,
        import_path: str,
        slots: int | None = None,
        *,
        is_resident: bool = False,
        is_sandboxed: bool = False,
        interrupt: Interrupt | None = None,
    ) -> None:
        self.is_resident = is_resident
        self.is_sandboxed = is_sandboxed
        self._import_path = import_path
        self._slots = slots or usable_cores()
        self._interrupt = interrupt or Interrupt()
        self._zygote: Zygote | None = None
        self._running: dict[Connection, _Run] = {}
        self._left: dict[str, Connection] = {}
        """Of posts that an interrupted call has left running, by name."""

        self._residents: OrderedDict[str, Connection] = OrderedDict()
        self.states: dict[str, Sequence[str | None]] = {}
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
        self._left.clear()
        self._residents.clear()
        self._zygote.close()
        self._zygote = None

    def warm(self) -> None:
        """Start the zygote, whose warm-up goes on while the caller does."""
        if self._zygote is None:
            self._zygote = Zygote(self._import_path, is_sandboxed=self.is_sandboxed)

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Report]]:
        """Yield what the jobs report, as it comes; the last of each job is a `PostDone`.

        Raises:
            InterruptedBuildError: another thread has asked for it.
        """
        todo = deque(jobs)
        taken_up = self._take_up(todo)
        try:
            for run in taken_up:
                assert run.done is not None
                yield run.job, Resumed(run.done)
            while todo or self._running:
                while todo and len(self._running) < self._slots:
                    self._start(todo.popleft())
                for ready in wait([*self._running, self._interrupt.fileno()]):
                    self._interrupt.check()
                    assert isinstance(ready, Connection)
                    job, report = self._running[ready].job, self._next(ready)
                    if isinstance(report, PostDone) and todo:
                        # Before the caller goes to work on this one.
                        self._start(todo.popleft())
                    if report is not None:
                        yield job, report
        finally:  # the caller may have no use for the rest
            self._leave()

    def _leave(self) -> None:
        """Let what runs run on where it may be asked for again; otherwise end it."""
        if self.is_resident:
            self._left = {run.job.name: connection for connection, run in self._running.items()}
            return
        for connection in self._running:
            connection.close()  # their guards see it and end their posts
        self._running.clear()
        self._waking.clear()

    def _take_up(self, todo: deque[Job]) -> list[_Run]:
        """Go on with posts that run already, and take these from `todo`; end all others."""
        taken_up, left = [], dict(self._left)
        self._left.clear()
        for job in tuple(todo):
            connection = left.pop(job.name, None)
            if connection is None:
                continue
            run = self._running[connection]
            if run.done is None and connection.poll(_PATIENCE_S):
                report = self._receive(connection)
                run.done = report.blocks if isinstance(report, Resumed) else None
            going = _goes_on(run, job)
            if going is None:
                self._cancel(connection)
                continue
            self._running[connection] = going
            todo.remove(job)
            taken_up.append(going)
        for connection in left.values():
            self._cancel(connection)
        return taken_up

    def _next(self, connection: Connection) -> Report | None:
        """The next report of a post that runs; None where it is of no use."""
        run, report = self._running[connection], self._receive(connection)
        if report is None:
            del self._running[connection]
            self._start(run.job)
            return None
        match report:
            case Resumed(blocks):
                run.done = blocks
            case BlockDone(block, trace=trace):
                run.done = block + 1
                if run.until is not None and run.running >= run.until and trace is not None:
                    self._cancel(connection)
                    self._start(replace(run.job, known=block + 1))
            case PostDone():
                self._end(connection, run.job)
        return report

    def _start(self, job: Job) -> None:
        self.warm()
        # What comes after these blocks is told as they end, or is lost with a run that is ended.
        self.states[job.name] = self.states.get(job.name, ())[: job.known + 1]
        connection = self._residents.pop(job.name, None)
        if connection is not None:
            self._waking.add(connection)
        else:
            connection = self._fork_guard()
        with suppress(OSError):  # its guard was killed, or never was, which `_receive` sees, too
            connection.send(job)
        self._running[connection] = _Run(job, job)

    def _cancel(self, connection: Connection) -> None:
        """End what a post runs, and keep its checkpoints."""
        run = self._running[connection]
        try:
            connection.send(Cancel())
            while connection.poll(_PATIENCE_S):
                if isinstance(connection.recv(), PostDone):
                    self._end(connection, run.job)
                    return
        except (EOFError, OSError):
            pass
        del self._running[connection]
        connection.close()

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
        self._waking.discard(connection)
        if not self.is_resident or connection.closed:
            connection.close()
            return
        self._residents[job.name] = connection
        while len(self._residents) > _RESIDENT_POSTS:
            _, oldest = self._residents.popitem(last=False)
            oldest.close()

    def _receive(self, connection: Connection) -> Report | None:
        """The next report; None where a guard was killed while it waited for the job."""
        run, was_asleep = self._running[connection], connection in self._waking
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
                block=min(run.running, len(run.job.blocks) - 1),
                line=1,
                traceback="",
            )
            connection.close()
            return PostDone(fault)
        return report


def _goes_on(run: _Run, job: Job) -> _Run | None:
    """A run as a job that is asked for now has it; None where it is of no use for this one."""
    was = run.started
    if (was.root, was.folder, was.checkpoints) != (job.root, job.folder, job.checkpoints):
        return None
    same = 0
    for old, new in zip(was.blocks, job.blocks, strict=False):
        is_missed = same in was.skipped and same not in job.skipped
        if old != new or is_missed:
            break
        same += 1
    # What is done must be known, and the block that runs be one that is asked for.
    if run.done is None or run.done > job.known or same <= run.running:
        return None
    until = None if len(was.blocks) == same == len(job.blocks) else same
    return _Run(was, job, run.done, until)
