"""The system calls that the standard library does not wrap.

Each does nothing, or answers with nothing found, where the system lacks it.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Collection, Iterable
from contextlib import suppress

_SET_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
_HIGH, _ROOM_ABOVE = 1024, 32
IS_LINUX = sys.platform == "linux"
# Loaded once, here: a post that loads a library is watched for that.
_LIBC = ctypes.CDLL(None) if hasattr(os, "fork") else None


def die_with_parent(parent: int, how: signal.Signals = _KILL) -> None:
    """Send this process a signal when `parent` ends, however it ends."""
    if not (IS_LINUX and _LIBC):
        return
    _LIBC.prctl(_SET_DEATH_SIGNAL, how)
    if os.getppid() != parent:  # it ended before the call
        os.kill(os.getpid(), _KILL)


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


def adopted(reaper: int) -> tuple[int, ...]:
    """List the living children of `reaper` that this process does not descend from.

    What has lost its parent becomes a child of the nearest subreaper.
    """
    pid, line = os.getpid(), {os.getpid()}
    while pid not in (reaper, 0):
        pid = _parent(pid)
        line.add(pid)
    return tuple(c for c in children(reaper) if c not in line and not is_zombie(c))


def thread_count() -> int:
    """Count the threads of this process."""
    return len(os.listdir("/proc/self/task")) if IS_LINUX else 1


def end_descendants(kept: Collection[int] = ()) -> None:
    """End every process below this one but `kept`; those being born while this runs, too."""
    import resource  # noqa: PLC0415  # not on every system

    while strays := set(descendants(os.getpid())) - set(kept):
        for pid in strays:
            with suppress(OSError):  # it may have ended meanwhile
                resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if all(is_zombie(pid) for pid in strays):
            break  # one that is kept is their parent and will take their status
        time.sleep(0.001)


def forget_ended(kept: Collection[int]) -> None:
    """Take the status of children that have ended, except `kept`, for which others wait."""
    for pid in set(children(os.getpid())) - set(kept):
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def lift(descriptor: int) -> int:
    """Give a descriptor a high number, which posts do not come upon by counting from 3."""
    if not hasattr(os, "fork"):
        return descriptor
    import fcntl  # noqa: PLC0415  # not on every system
    import resource  # noqa: PLC0415  # as above

    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    above = min(allowed if allowed > 0 else _HIGH, _HIGH) - _ROOM_ABOVE
    try:
        lifted = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, above)
    except OSError:  # the post has lowered its limit
        return descriptor
    os.close(descriptor)
    return lifted


def held_bytes(pids: Iterable[int], limit: int) -> int:
    """Memory that processes hold together, files that they have mapped not counted.

    What forked processes share is counted for each of them, which is quick; where
    that is more than `limit`, it is counted once.
    """
    pids = tuple(pids)
    quick = sum(_kilobytes(f"/proc/{pid}/status", "RssAnon", "RssShmem") for pid in pids) * 1024
    if quick <= limit:
        return quick
    rows = ("Pss_Anon", "Pss_Shmem")
    exact = sum(_kilobytes(f"/proc/{pid}/smaps_rollup", *rows) for pid in pids) * 1024
    return exact or quick  # kernels before 5.4 do not tell


def _kilobytes(path: str, *names: str) -> int:
    """The sum of some rows of a table in /proc."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            rows = (line.partition(":") for line in file)
            return sum(int(value.split()[0]) for name, _, value in rows if name in names)
    except OSError:
        return 0


def proportional_bytes(pid: int) -> int:
    """Memory of `pid`, where what n processes share counts for an n-th (PSS)."""
    return _kilobytes(f"/proc/{pid}/smaps_rollup", "Pss") * 1024


def is_zombie(pid: int) -> bool:
    """Whether `pid` has ended, be its status taken or not."""
    state, _ = _state_and_parent(pid)
    return state in "ZX"


def _parent(pid: int) -> int:
    """The process that has started `pid`; 0 where there is none."""
    return _state_and_parent(pid)[1]


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            state, parent = file.read().rpartition(")")[2].split()[:2]
    except OSError:
        return "X", 0
    return state, int(parent)
