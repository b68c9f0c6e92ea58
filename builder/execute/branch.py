"""Run a block in a copy of the post's process, so that the post goes on as if it had not run.

The copy writes into the same channels, its parent waits; so outputs and events come in
one order, and all that watches over the post watches over the copy.
"""

import faulthandler
import os
import shutil
import signal
import stat
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from builder.execute import checkpoint
from builder.execute.protocol import Fault

_FAILED = 212
"""With which a copy ends whose block did not end well, having told why."""

_COUNT_BYTES = 8


def cannot(block: int, own: Collection[int], reaper: int) -> Fault | None:
    """Why a block cannot run in a copy; None where it can.

    Args:
        block: that is to run.
        own: descriptors of the engine.
        reaper: the process to which those go that have lost their parents.
    """
    if not hasattr(os, "fork"):
        reason, hint = "this system cannot copy a process", "build where fork() is, as on Linux"
    else:
        told = checkpoint.why_not(own, reaper) if sys.platform == "linux" else None
        if told is None:
            return None
        reason, hint = told, "end or close it in the block before"
    return Fault(
        message=f"a sweep cannot start each time from the same state: {reason}",
        hint=hint,
        block=block,
        line=1,
        traceback="",
    )


def run_apart(
    own: Collection[int], scratch: str, run: Callable[[], tuple[bool, int]]
) -> tuple[bool, int]:
    """Run in a copy of this process, and wait for its end.

    Args:
        own: descriptors of the engine.
        scratch: the folder that the post may write into; it is put back as it was.
        run: what the copy does; gives whether it went well, and the number of the next event.
    """
    kept = _Scratch(scratch)
    read_end, write_end = os.pipe()
    pid = checkpoint.fork_copy(own)
    if pid == 0:
        _be_copy(write_end, run)
    try:
        status = _await(pid)
        os.set_blocking(read_end, False)  # what it has started may still hold the other end
        told = _told(read_end)
        if len(told) < _COUNT_BYTES:  # the post has ended it
            _end_likewise(status)
        return status == 0, int.from_bytes(told, "big")
    finally:
        os.close(write_end)
        os.close(read_end)
        kept.put_back()


class _Scratch:
    """A folder as it is now, to be put back."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files = _files_in(folder)
        self._copy = f"{folder}.kept"
        shutil.rmtree(self._copy, ignore_errors=True)  # of a run that was ended
        if self._files:
            shutil.copytree(folder, self._copy, symlinks=True, ignore=_special)

    def put_back(self) -> None:
        """Undo what has changed; a file that has not stays the same one for who has it open."""
        for name, state in _files_in(self._folder).items():
            if self._files.get(name) != state:
                _remove(os.path.join(self._folder, name))
        if self._files:
            for name in self._files.keys() - _files_in(self._folder).keys():
                _copy(os.path.join(self._copy, name), os.path.join(self._folder, name))
            shutil.rmtree(self._copy, ignore_errors=True)


def _files_in(folder: str) -> dict[str, tuple[int, ...]]:
    """All files and folders below a folder, with what changes when they do; the upper first."""
    found = {}
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = os.path.join(parent, name)
            state = os.lstat(path)
            changes = () if name in folders else (state.st_mtime_ns, state.st_size, state.st_ino)
            found[os.path.relpath(path, folder)] = (stat.S_IFMT(state.st_mode), *changes)
    return found


def _special(folder: str, names: list[str]) -> list[str]:
    """What has no content to keep, such as a named pipe."""
    kinds = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    modes = {name: os.lstat(os.path.join(folder, name)).st_mode for name in names}
    return [name for name, mode in modes.items() if not any(is_kind(mode) for is_kind in kinds)]


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(FileNotFoundError):
            os.unlink(path)


def _copy(path: str, target: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)


def _be_copy(write_end: int, run: Callable[[], tuple[bool, int]]) -> NoReturn:
    is_well, count = run()
    os.write(write_end, count.to_bytes(_COUNT_BYTES, "big"))
    os._exit(0 if is_well else _FAILED)


def _told(read_end: int) -> bytes:
    """What the copy has said before it ended."""
    try:
        return os.read(read_end, _COUNT_BYTES)
    except BlockingIOError:
        return b""


def _await(pid: int) -> int:
    """How a copy ended. Who asks this process where it is wants to know it of the copy."""
    asked = getattr(signal, "SIGUSR1", None)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    if asked is not None:
        faulthandler.unregister(asked)
        signal.signal(asked, pass_on)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _end_likewise(status: int) -> NoReturn:
    """End this process as the copy has ended, for the guard to tell."""
    if status < 0:
        with suppress(OSError, ValueError):  # of some it cannot be another
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)
