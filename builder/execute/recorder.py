"""Keep the books of one run: what a worker wrote and told becomes the results of its blocks."""

import signal
import time
from collections.abc import Callable

from builder.execute.capture import Written, mask_addresses
from builder.execute.places import last_place
from builder.execute.protocol import (
    Began,
    BlockDone,
    BlockJob,
    Displayed,
    Ended,
    Fault,
    Finished,
    Job,
    NotFrozen,
    PostDone,
    Raised,
    Report,
    Trace,
)
from builder.model import Display, Stream


class Recorder:
    """Turns what comes from a worker, in order, into reports.

    Args:
        job: what runs.
        start: the first block that runs.
        send: takes the reports.
    """

    def __init__(self, job: Job, start: int, send: Callable[[Report], None]) -> None:
        self.job = job
        self.block = start
        self.seconds: dict[int, float] = {}
        """That each block has run."""

        self.is_finished = False
        self.fault: Fault | None = None
        self._send = send
        self._outputs: list[Stream | Display] = []
        self._started = time.monotonic()
        self._room = self._dropped = 0
        self._not_frozen: dict[int, str] = {}

    @property
    def limits(self) -> BlockJob:
        """What the block that runs may take."""
        return self.job.blocks[self.block]

    @property
    def running_s(self) -> float:
        """How long the block has run."""
        return time.monotonic() - self._started

    def take(self, written: Written) -> None:
        """Take what was written, and the event after it."""
        self._write("stdout", written.stdout)
        self._write("stderr", written.stderr)
        self._dropped += written.dropped
        match written.event:
            case Began(block):
                self.block, self._outputs = block, []
                self._room, self._dropped = self.limits.output_bytes, 0
                self._started = time.monotonic()
            case Displayed(display):
                self._outputs.append(display)
            case Raised(fault):
                self.fault = fault
            case Ended(block, seconds, trace):
                self.seconds[block] = seconds
                self._block_done(seconds, None if self.fault else trace)
            case NotFrozen(block, reason):
                self._not_frozen[block] = reason
            case Finished():
                self.is_finished = True
            case _:
                pass

    def fail(self, message: str, hint: str, crash: str) -> None:
        """End the block that runs with a fault; `crash` is a dump of the stack."""
        block, line = last_place(crash, self.job.name) or (self.block, 1)
        self.fault = Fault(message=message, hint=hint, block=block, line=line, traceback="")
        self._block_done(self.running_s, None)

    def report(self, checkpoints: tuple[int, ...] = ()) -> None:
        """Tell that no more blocks will run."""
        self._send(PostDone(self.fault, checkpoints, self._not_frozen))

    def _write(self, name: str, content: bytes) -> None:
        """Add text to the outputs, joined to the text before it on the same stream."""
        self._dropped += max(0, len(content) - self._room)
        content = content[: self._room]
        self._room -= len(content)
        if not content:
            return
        text = content.decode("utf-8", "backslashreplace")
        last = self._outputs[-1] if self._outputs else None
        if isinstance(last, Stream) and last.name == name:
            self._outputs[-1] = Stream(last.name, last.text + text)
        else:
            self._outputs.append(Stream("stdout" if name == "stdout" else "stderr", text))

    def _block_done(self, seconds: float, trace: Trace | None) -> None:
        if self._dropped:
            told = f"\n… and {self._dropped:,} more bytes, not shown\n"
            self._outputs.append(Stream("stderr", told))
        outputs = tuple(
            Stream(o.name, mask_addresses(o.text)) if isinstance(o, Stream) else o
            for o in self._outputs
        )
        self._send(BlockDone(self.block, outputs, seconds, trace))


def excess(
    limits: BlockJob, running_s: float, processes: int, memory: int
) -> tuple[str, str] | None:
    """What a block takes beyond its limits: a message and a hint; None while it does not."""
    if running_s > limits.timeout_s:
        return (
            f"the block did not end within its {limits.timeout_s:g} seconds",
            "give it more with '#| timeout: SECONDS', or less to do",
        )
    if processes > limits.processes:
        return (
            f"the block started more than {limits.processes} processes",
            "allow more with '#| processes: NUMBER', or start fewer",
        )
    if memory > limits.memory_bytes:
        return (
            f"the block took more than {limits.memory_bytes // 1_000_000:,} MB of memory",
            "allow more with '#| memory: MEGABYTES', or hold less at once",
        )
    return None


def ending(status: int) -> tuple[str, str]:
    """Why a worker ended before its time: a message and a hint.

    Args:
        status: what it gave to `exit`, or the negative number of a signal.
    """
    if status < 0:
        signal_name = signal.Signals(-status).name
        known = {"SIGSEGV": "a segmentation fault", "SIGKILL": "SIGKILL, as for want of memory"}
        return (
            f"the block was ended by {known.get(signal_name, signal_name)}",
            "the fault lies in a compiled library that it calls, or in its own ctypes",
        )
    return (
        f"the block ended the process with status {status}",
        "leave out os._exit(); a post ends by itself",
    )
