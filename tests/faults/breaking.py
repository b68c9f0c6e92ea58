"""Builds in a process that has loaded everything, on a disk that breaks at any operation one likes.

Counted is what changes files: opening one to write, a write, a new folder, a link, another
name, a removal. What the processes do that the builder starts is not.
"""

import builtins
import ctypes
import errno
import io
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing.connection import Connection
from typing import Any

from builder import cli
from tests.faults.sites import Site

DIED = 77
"""The exit status of a process that died."""

_NAMES = {
    "os.mkdir": 1,
    "os.link": 2,
    "os.rename": 2,
    "os.remove": 1,
    "os.rmdir": 1,
    "os.symlink": 2,
    "os.utime": 1,
    "sqlite3.connect": 1,
}
"""Audited operations, and how many of their arguments are paths."""

_FREEING = ("os.remove", "os.rmdir", "os.utime")
"""What works on a full disk."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_OPEN = io.open


class Kind(Enum):
    """What happens at an operation."""

    FULL = "there is no room from then on"
    FAILS = "it fails, and no other one"
    GONE = "it fails, and so do all that follow"
    DIES = "the process dies; if it writes, half-way through"
    ASKED = "the process is asked to end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """When and how a disk breaks."""

    kind: Kind
    number: int
    """Of the operation, counted from 1."""

    can_exchange: bool = True
    """Whether the system can exchange two names in one step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a build runs on."""

    disk: Break | None = None
    limits: Mapping[int, int] = field(default_factory=dict)
    """By `resource.RLIMIT_…`."""

    clock_ahead_s: float = 0
    is_strict: bool = False
    """Whether root, too, may write only where it has the right to."""


SOUND = Machine()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a build."""

    status: int
    said: str
    count: int
    """Of operations that change files."""

    broken: str
    """The operation at which the disk broke."""


def run(site: Site, *options: str, on: Machine = SOUND) -> Ran:
    """Build a site on a machine."""
    arguments = ("build", "--root", str(site.root), *options)
    said, saying = _STARTER.Pipe(duplex=False)
    told, telling = _STARTER.Pipe(duplex=False)
    with said, told:
        with saying, telling:
            process = _STARTER.Process(target=_be, args=(arguments, on, site, saying, telling))
            process.start()
        process.join()
        status = process.exitcode
        process.close()
        assert status is not None
        os.set_blocking(said.fileno(), False)  # of what is left running, it is not the end
        words = ""
        with suppress(BlockingIOError):
            words = os.read(said.fileno(), 65_536).decode()
        count, broken = told.recv()
    return Ran(status=status, said=words, count=count, broken=broken)


class _Disk:
    """Counts operations, and breaks at one of them."""

    def __init__(self, planned: Break | None, telling: Connection) -> None:
        self._planned = planned
        self._telling = telling
        self._count = 0
        self._told = ""
        self._pid = os.getpid()

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at what is about to be done."""
        if os.getpid() != self._pid:
            return
        if event == "open":
            path, _, flags = arguments
            if not isinstance(path, int) and flags & _WRITING and not _is_device(path):
                self._step(event, path)
        elif event in _NAMES and arguments[0] != ":memory:":
            self._step(event, *arguments[: _NAMES[event]])
        elif event == "ctypes.dlsym" and arguments[1] == "renameat2":
            if self._planned and not self._planned.can_exchange:
                raise AttributeError("renameat2")
            self._step("exchange")

    def write(self, file: io.FileIO, content: memoryview) -> None:
        """See a write that is about to be done."""
        if self._is_next("write"):
            if self._planned and self._planned.kind is not Kind.ASKED:
                os.write(file.fileno(), content[: len(content) // 2])
            self._break("write", file.name)

    def write_down(self) -> None:
        """Tell how many operations there were, and which broke."""
        self._telling.send((self._count, self._told))

    def _step(self, event: str, *paths: object) -> None:
        if self._is_next(event):
            self._break(event, *paths)

    def _is_next(self, event: str) -> bool:
        """Count an operation; whether it must not be done."""
        self._count += 1
        if self._planned is None:
            return False
        kind, number = self._planned.kind, self._planned.number
        if kind in (Kind.FAILS, Kind.DIES, Kind.ASKED):
            return self._count == number
        return self._count >= number and (kind is Kind.GONE or event not in _FREEING)

    def _break(self, event: str, *paths: object) -> None:
        assert self._planned is not None
        self._told = self._told or " ".join((event, *map(str, paths)))
        if self._planned.kind is Kind.DIES:
            self.write_down()
            os._exit(DIED)
        if self._planned.kind is Kind.ASKED:
            os.kill(self._pid, signal.SIGTERM)
            return
        number = errno.ENOSPC if self._planned.kind is Kind.FULL else errno.EIO
        raise OSError(number, os.strerror(number))


class _Watched(io.FileIO):
    """A file whose writes are counted."""

    disk: _Disk

    def write(self, content: Any) -> int:
        self.disk.write(self, memoryview(content).cast("B"))
        return super().write(content)


def _open(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **options: Any) -> Any:
    """As the built-in one, with writes that are counted."""
    if isinstance(file, int) or "+" in mode or not set(mode) & set("wax") or _is_device(file):
        return _OPEN(file, mode, buffering, *rest, **options)
    binary = io.BufferedWriter(_Watched(file, mode.replace("b", "").replace("t", "")))
    return binary if "b" in mode else io.TextIOWrapper(binary, *rest, **options)


def _is_device(path: Any) -> bool:
    return os.fsdecode(path).startswith(("/dev/", "/proc/"))


def _be(
    arguments: Sequence[str],
    machine: Machine,
    site: Site,
    saying: Connection,
    telling: Connection,
) -> None:
    """Be the builder, in a process made for this alone."""
    os.dup2(saying.fileno(), 2)
    saying.close()
    os.environ["TMPDIR"] = tempfile.tempdir = str(site.scratch)  # which is then not tried
    _Watched.disk = disk = _Disk(machine.disk, telling)
    _set_clock(machine.clock_ahead_s)
    if machine.is_strict:
        give_up_rights()
    for limit, value in machine.limits.items():
        resource.setrlimit(limit, (value, value))
    builtins.open = io.open = _open
    sys.addaudithook(disk.audit)
    try:
        cli.main(arguments)
    finally:
        disk.write_down()


def _set_clock(ahead_s: float) -> None:
    now, now_ns, ahead_ns = time.time, time.time_ns, int(ahead_s * 1e9)
    time.time, time.time_ns = lambda: now() + ahead_s, lambda: now_ns() + ahead_ns


def give_up_rights() -> None:
    """Let this thread write and read only where it may; root may everywhere otherwise."""
    version_3, of_this_thread, none = 0x20080522, 0, (0,) * 6
    head, rights = (ctypes.c_uint32 * 2)(version_3, of_this_thread), (ctypes.c_uint32 * 6)(*none)
    assert ctypes.CDLL(None, use_errno=True).capset(head, rights) == 0


_STARTER = multiprocessing.get_context("forkserver")
_STARTER.set_forkserver_preload(["__main__", "tests.faults.breaking", "tests.faults.warmed"])
