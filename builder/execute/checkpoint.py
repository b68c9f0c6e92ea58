"""Copies of a post's process that wait, each as it was after a block.

After a block the worker forks: the parent freezes, the child goes on. So the
checkpoints of a post are a line of descent, and ending one ends all later ones,
which are just those that an edit makes stale.
"""

import gc
import os
import random
import signal
import socket
import stat
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NoReturn

from builder.execute import linux
from builder.execute.channels import Channels
from builder.execute.protocol import Job

_PATIENCE_S, _LOOK_S = 0.2, 0.002
_HARMLESS = ("/dev/null", "/dev/urandom", "/dev/random", "/proc/")


@dataclass(frozen=True, slots=True)
class Request:
    """What a checkpoint is to go on with."""

    job: Job
    start: int
    """The first block to run."""

    token: bytes
    channels: Channels


def why_not(own: Collection[int], reaper: int) -> str | None:
    """Say why a fork would not be a faithful copy of this process; None where it would.

    Args:
        own: descriptors of the engine.
        reaper: the process to which those go that have lost their parents.
    """
    try:
        _take_ends()
        return _obstacle(own, reaper)
    except OSError as error:  # the post has lowered its limits
        return f"it cannot be seen: {error.strerror}"


def _take_ends() -> None:
    """Take the end of processes that nobody waits for, as `os.popen(…).read()` leaves them."""
    subprocess = sys.modules.get("subprocess")
    abandoned, take = (getattr(subprocess, name, None) for name in ("_active", "_cleanup"))
    end = time.monotonic() + _PATIENCE_S
    while abandoned and take and time.monotonic() < end:
        take()
        time.sleep(_LOOK_S)


def _obstacle(own: Collection[int], reaper: int) -> str | None:
    if linux.thread_count() > 1:
        return "other threads run"
    if linux.children(os.getpid()) or linux.adopted(reaper):
        return "child processes run"
    if signal.getitimer(signal.ITIMER_REAL)[0]:
        return "a timer is set"
    for descriptor, target in _descriptors(own):
        if not target.startswith("/"):
            return f"a {target.partition(':')[0]} is open"
        if _flags(descriptor) & (os.O_WRONLY | os.O_RDWR):
            name = os.fsencode(os.path.basename(target)).decode("utf-8", "backslashreplace")
            return f"{name} is open for writing"
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        if any(" rw-s " in line for line in maps):
            return "memory is shared"
    return None


def freeze(
    control: socket.socket, channels: Channels, own: Collection[int], *, goes_on: bool
) -> Request | None:
    """Wait for requests, for ever; return in forked children only.

    Args:
        control: the guard's other end gives the requests.
        channels: of the run so far; the child keeps them, this process does not.
        own: descriptors of the engine.
        goes_on: whether a child goes on at once; it gets None.
    """
    gc.freeze()  # the collector would touch, and so copy, what parent and child share
    offsets = _offsets(own)
    request: Request | None = None
    connection = Connection(os.dup(control.fileno()))
    is_first = True
    while True:
        if goes_on:
            pid = _fork(offsets)
            if pid == 0:
                connection.close()
                control.close()
                return request
            connection.send(pid)
        else:
            connection.send(None)
        if is_first:
            channels.close()
            is_first = False
        elif request is not None:
            request.channels.close()
        request = _await_request(connection, control)
        goes_on = True


def fork_copy(own: Collection[int]) -> int:
    """Fork a copy that lives as long as this process; 0 in the copy, its process here.

    Args:
        own: descriptors of the engine, which both go on to share.
    """
    return _fork(_offsets(own))


def _fork(offsets: tuple[tuple[int, int], ...]) -> int:
    parent = os.getpid()
    numbers = random.getstate()  # Python seeds it anew in forked children
    pid = os.fork()
    if pid == 0:
        linux.die_with_parent(parent)
        random.setstate(numbers)
        _reopen(offsets)
    return pid


def _await_request(connection: Connection, control: socket.socket) -> Request:
    while True:
        try:
            match connection.recv():
                case ("resume", job, start, token):
                    _, descriptors, _, _ = socket.recv_fds(control, 1, 3)
                    return Request(job, start, token, Channels(*descriptors))
                case ("wait", pid):
                    connection.send(os.waitpid(pid, 0)[1])
                case ("orphan",):  # the one before this is about to be dropped
                    linux.outlive_parent()
                    connection.send(True)
                case ("adopt", parent):
                    linux.die_with_parent(parent)
                    connection.send(True)
        except (EOFError, OSError):
            _end()


def _end() -> NoReturn:
    os._exit(0)


def _descriptors(own: Collection[int]) -> Iterator[tuple[int, str]]:
    """Open descriptors that are the post's, with what they lead to."""
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the listing's own
            target = os.readlink(f"/proc/self/fd/{name}")
            if int(name) not in own and not target.startswith(_HARMLESS):
                yield int(name), target


def _flags(descriptor: int) -> int:
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as file:
        return int(file.read().split("flags:")[1].split()[0], 8)


def _offsets(own: Collection[int]) -> tuple[tuple[int, int], ...]:
    """Positions in the regular files that are open, all of them for reading."""
    if not linux.IS_LINUX:
        return ()
    return tuple(
        (descriptor, os.lseek(descriptor, 0, os.SEEK_CUR))
        for descriptor, _ in _descriptors(own)
        if stat.S_ISREG(os.fstat(descriptor).st_mode)
    )


def _reopen(offsets: tuple[tuple[int, int], ...]) -> None:
    """Give this process positions of its own: a forked copy shares them with its parent."""
    for descriptor, offset in offsets:
        with suppress(OSError):  # closed meanwhile
            flags = _flags(descriptor)
            fresh = os.open(f"/proc/self/fd/{descriptor}", flags & ~os.O_CREAT)
            os.lseek(fresh, offset, os.SEEK_SET)
            os.dup2(fresh, descriptor, inheritable=not flags & os.O_CLOEXEC)
            os.close(fresh)
