"""The system calls that the standard library does not wrap.

Each does nothing, or answers with nothing found, where the system lacks it.
"""

import ctypes
import os
import signal
import sys
from contextlib import suppress

_SET_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
IS_LINUX = sys.platform == "linux"
# Loaded once, here: a post that loads a library is watched for that.
_LIBC = ctypes.CDLL(None) if hasattr(os, "fork") else None


def die_with_parent(parent: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Send this process a signal when `parent` ends, however it ends."""
    if IS_LINUX and _LIBC:
        _LIBC.prctl(_SET_DEATH_SIGNAL, how)
    if os.getppid() != parent:  # it ended before the call
        os._exit(1)


def be_in_background() -> None:
    """Have no terminal, leave no core, and let those that watch run first."""
    if hasattr(os, "setsid"):
        import resource  # noqa: PLC0415  # not on every system

        with suppress(PermissionError):  # it leads a session already
            os.setsid()
        os.nice(5)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def outlive_parent() -> None:
    """Undo `die_with_parent`."""
    if IS_LINUX and _LIBC:
        _LIBC.prctl(_SET_DEATH_SIGNAL, 0)


def become_subreaper() -> None:
    """Let orphaned descendants become children of this process, to be found and ended."""
    if IS_LINUX and _LIBC:
        _LIBC.prctl(_SET_CHILD_SUBREAPER, 1)


def flush_c_streams() -> None:
    """Write out what C code has printed so far."""
    if _LIBC:
        _LIBC.fflush(None)


def children(pid: int) -> tuple[int, ...]:
    """List the processes that `pid` has started and that still are."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except OSError:
        pass
    return tuple(found)


def descendants(pid: int) -> tuple[int, ...]:
    """List all processes below `pid`."""
    found: list[int] = []
    todo = [pid]
    while todo:
        below = children(todo.pop())
        found += below
        todo += below
    return tuple(found)


def thread_count() -> int:
    """Count the threads of this process."""
    return len(os.listdir("/proc/self/task")) if IS_LINUX else 1


def resident_bytes(pid: int) -> int:
    """Memory that `pid` holds and does not share with a file or another process."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            _, resident, shared, *_ = map(int, file.read().split())
    except OSError:
        return 0
    return (resident - shared) * _PAGE


def proportional_bytes(pid: int) -> int:
    """Memory of `pid`, where what n processes share counts for an n-th (PSS)."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            rows = (line.split() for line in file)
            return next(int(row[1]) * 1024 for row in rows if row[0] == "Pss:")
    except (OSError, StopIteration):
        return 0


def is_running(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def is_zombie(pid: int) -> bool:
    """Whether `pid` has ended, be its status taken or not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True
