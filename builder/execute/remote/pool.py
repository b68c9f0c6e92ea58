"""Run posts on the workers of a Dask cluster."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Self

from builder.errors import SiteError
from builder.execute.interrupt import Interrupt
from builder.execute.protocol import Job, Report
from builder.execute.remote.protocol import Refused, Start

_DISPATCHER = "builder.execute.remote.dispatch"
_PATIENCE_S = 10.0


class DaskPool:
    """Runs jobs as `Pool` does, wherever there is a worker.

    Args:
        start: where the scheduler is, and what to send.
        interrupt: ends a run that waits for reports.

    Raises:
        SiteError: Dask is not installed.
    """

    is_resident = False

    def __init__(self, start: Start, interrupt: Interrupt | None = None) -> None:
        if find_spec("distributed") is None:
            raise SiteError(
                "--executor needs the package distributed: 'make dask' installs it, or "
                "'python -m pip install --require-hashes -r requirements-dask.txt'"
            )
        self._start = start
        self.is_sandboxed = start.is_sandboxed
        self._interrupt = interrupt or Interrupt()
        self._connection: Connection | None = None
        self.states: dict[str, Sequence[str | None]] = {}

    def __enter__(self) -> Self:
        """Give itself; leaving the block ends what still runs."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the dispatcher, which cancels what the workers still run."""
        if self._connection is None:
            return
        self._connection.close()
        self._connection = None
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def warm(self) -> None:
        """Begin to connect, and to send what posts need."""
        self._connected()

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Report]]:
        """Yield what the jobs report, each when it is done; the last of each is a `PostDone`.

        Raises:
            InterruptedBuildError: another thread has asked for it.
            SiteError: the scheduler or its workers cannot be used.
        """
        waiting = {job.name: job for job in jobs}
        if not waiting:
            return
        connection = self._connected()
        with suppress(OSError):  # it has ended, and may have said why
            for job in waiting.values():
                connection.send(job)
        while waiting:
            wait([connection, self._interrupt.fileno()])
            self._interrupt.check()
            name, reports = self._received(connection)
            job = waiting.pop(name)
            for report in reports:
                yield job, report

    def _connected(self) -> Connection:
        if self._connection is None:
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", _DISPATCHER, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    env={**os.environ, "PYTHONPATH": self._start.home.project},
                    stdin=subprocess.DEVNULL,
                )
            self._connection = Connection(ours.detach())
            with suppress(OSError):  # it could not even start, which is seen where it should answer
                self._connection.send(self._start)
        return self._connection

    def _received(self, connection: Connection) -> tuple[str, Sequence[Report]]:
        try:
            told: tuple[str, Sequence[Report]] | Refused = connection.recv()
        except (EOFError, OSError):
            raise SiteError("the process that talks to the Dask scheduler has ended") from None
        if isinstance(told, Refused):
            raise SiteError(told.message)
        return told
