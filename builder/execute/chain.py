"""The guard's side of a post's checkpoints: which are there, and how to go on from one."""

import os
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from builder.execute import linux
from builder.execute.channels import DisturbedError, loads
from builder.execute.protocol import BlockJob, Checkpoints, Job

_PATIENCE_S = 60.0
"""For an answer of a process that has only to fork, on a machine with much else to do."""

_LONGEST_ANSWER = 1 << 10
_GONE = (DisturbedError, EOFError, OSError)


class LostError(Exception):
    """A checkpoint has ended, or does not answer."""


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    block: int
    """It waits as it was after this block."""

    pid: int
    control: socket.socket
    connection: Connection

    def ask(self, *message: object) -> object:
        self.connection.send(message)
        return self.answer()

    def answer(self) -> object:
        if not self.connection.poll(_PATIENCE_S):
            raise DisturbedError
        try:
            return loads(self.connection.recv_bytes(_LONGEST_ANSWER))
        except ConnectionError:
            raise
        except OSError as error:  # it is no message
            raise DisturbedError from error

    def descendant(self) -> int | None:
        """The process that goes on from it, where one does; what is no descendant is no answer."""
        pid = self.answer()
        if pid is None or pid in linux.descendants(os.getpid()):
            assert pid is None or isinstance(pid, int)
            return pid
        raise DisturbedError

    def close(self) -> None:
        self.connection.close()
        self.control.close()


class Chain:
    """Checkpoints of one post, each the parent of the next."""

    def __init__(self) -> None:
        self._waiting: list[_Checkpoint] = []
        self._blocks: Sequence[BlockJob] = ()
        self._first_faithful = 0

    @property
    def pids(self) -> frozenset[int]:
        """The processes that wait."""
        return frozenset(c.pid for c in self._waiting)

    def prepare(self, job: Job) -> int:
        """Drop what the job has made stale; the first block to run."""
        same = 0
        for old, new in zip(self._blocks, job.blocks, strict=False):
            if (old.code, old.is_values, old.setting) != (new.code, new.is_values, new.setting):
                break
            same += 1
        self._blocks = job.blocks
        self.drop_after(min(same, job.known) - 1)
        for place, checkpoint in enumerate(self._waiting):
            if linux.is_zombie(checkpoint.pid):  # it was killed, and with it all later ones
                self.drop_after(self._waiting[place - 1].block if place else -1)
                break
        if not self._waiting or self._waiting[-1].block < self._first_faithful:
            self.forget()
            return 0
        return self._waiting[-1].block + 1

    def resume(self, job: Job, start: int, token: bytes, channels: Sequence[int]) -> int:
        """Let a copy of the last checkpoint run from `start`; its process.

        Raises:
            LostError: none can.
        """
        last = self._waiting[-1]
        try:
            last.connection.send(("resume", job, start, token))
            socket.send_fds(last.control, [b"c"], list(channels))
            pid = last.descendant()
        except _GONE as error:
            raise LostError from error
        if pid is None:
            raise LostError
        return pid

    def add(self, block: int, pid: int, control: socket.socket) -> int | None:
        """Take a new checkpoint; the process that goes on from it, if one does."""
        connection = Connection(os.dup(control.fileno()))
        checkpoint = _Checkpoint(block, pid, control, connection)
        child = checkpoint.descendant()
        self._waiting.append(checkpoint)
        return child

    def has_written(self, block: int) -> None:
        """Know that `block` has changed files: what was before it cannot be resumed."""
        self._first_faithful = block

    def wait_status(self, pid: int) -> int:
        """The wait status of a worker that has ended, whoever its parent is."""
        try:
            return os.waitpid(pid, 0)[1]
        except ChildProcessError:
            with suppress(*_GONE):
                status = self._waiting[-1].ask("wait", pid)
                if isinstance(status, int) and _is_of_an_end(status):
                    return status
            return signal.SIGKILL  # as its parent was, with which it ends

    def drop_after(self, block: int) -> None:
        """Drop the checkpoints after `block`: ending one ends all that descend from it."""
        doomed = [c for c in self._waiting if c.block > block]
        self._waiting = [c for c in self._waiting if c.block <= block]
        for checkpoint in doomed:
            with suppress(ProcessLookupError):
                os.kill(checkpoint.pid, signal.SIGKILL)
            checkpoint.close()
        if doomed:
            with suppress(*_GONE):
                self._reap(doomed[0].pid)
        for checkpoint in doomed[1:]:  # which are this process's children now
            with suppress(ChildProcessError):
                os.waitpid(checkpoint.pid, 0)

    def forget(self) -> None:
        """Drop all checkpoints."""
        self.drop_after(-1)
        self._first_faithful = 0

    def thin(self, limits: Checkpoints, seconds: Mapping[int, float]) -> None:
        """Keep to the limits, dropping first what is soonest run again.

        Args:
            limits: of number and memory.
            seconds: that each block has run.
        """
        while len(self._waiting) > 1:
            memory = sum(linux.proportional_bytes(c.pid) for c in self._waiting)
            if len(self._waiting) <= limits.count and memory <= limits.memory_bytes:
                return
            try:
                self._drop(self._cheapest(seconds))
            except _GONE:  # it was killed, and with it all that descend from it
                return

    def _cheapest(self, seconds: Mapping[int, float]) -> int:
        """The place of the checkpoint, but for the last, that saves the least time."""
        starts = [0, *(c.block + 1 for c in self._waiting)]
        costs = [
            sum(seconds.get(block, 0.0) for block in range(starts[place], checkpoint.block + 1))
            for place, checkpoint in enumerate(self._waiting[:-1])
        ]
        return costs.index(min(costs))

    def _drop(self, place: int) -> None:
        """Drop one that others descend from; the next becomes this process's child."""
        doomed, heir = self._waiting[place], self._waiting[place + 1]
        heir.ask("orphan")
        os.kill(doomed.pid, signal.SIGKILL)
        del self._waiting[place]
        self._reap(doomed.pid, before=place)
        doomed.close()
        heir.ask("adopt", os.getpid())

    def _reap(self, pid: int, before: int | None = None) -> None:
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            parents = self._waiting[:before]
            if parents:
                parents[-1].ask("wait", pid)


def _is_of_an_end(status: int) -> bool:
    return status in range(1 << 16) and (os.WIFEXITED(status) or os.WIFSIGNALED(status))
