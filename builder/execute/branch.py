"""Run a block in a copy of the post's process, so that the post goes on as if it had not run.

The copy writes into the same channels, its parent waits; so outputs and events come in
one order, and all that watches over the post watches over the copy.
"""

import faulthandler
import os
import signal
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


def cannot(block: int, own: Collection[int]) -> Fault | None:
    """Why a block cannot run in a copy; None where it can.

    Args:
        block: that is to run.
        own: descriptors of the engine.
    """
    if not hasattr(os, "fork"):
        reason, hint = "this system cannot copy a process", "build where fork() is, as on Linux"
    else:
        told = checkpoint.why_not(own) if sys.platform == "linux" else None
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


def run_apart(own: Collection[int], run: Callable[[], tuple[bool, int]]) -> tuple[bool, int]:
    """Run in a copy of this process, and wait for its end.

    Args:
        own: descriptors of the engine.
        run: what the copy does; gives whether it went well, and the number of the next event.
    """
    read_end, write_end = os.pipe()
    pid = checkpoint.fork_copy(own)
    if pid == 0:
        _be_copy(write_end, run)
    os.close(write_end)
    try:
        status = _await(pid)
        if status not in (0, _FAILED):
            _end_likewise(status)
        return status == 0, int.from_bytes(os.read(read_end, _COUNT_BYTES), "big")
    finally:
        os.close(read_end)


def _be_copy(write_end: int, run: Callable[[], tuple[bool, int]]) -> NoReturn:
    is_well, count = run()
    os.write(write_end, count.to_bytes(_COUNT_BYTES, "big"))
    os._exit(0 if is_well else _FAILED)


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
