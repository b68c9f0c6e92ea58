"""Keep the books of one run: what a worker wrote and told becomes the results of its blocks."""

import codecs
import signal
import time
from collections.abc import Callable
from dataclasses import replace

from builder.execute.capture import Written, mask_addresses
from builder.execute.channels import DisturbedError
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

BROKEN, LOST, UNCONFINED = 213, 214, 215
"""With which a worker ends that cannot go on, has lost its channels, or cannot be confined."""

_MEDIA_BYTES = 100_000_000
"""Of figures and the like that one block may show."""

DISTURBED = (
    "the block wrote into descriptors that are not its own",
    "write only into what the block itself has opened",
)
_ENDINGS = {
    BROKEN: (
        "the block left Python in a state in which nothing can run",
        "leave builtins, sys.modules and audit hooks as they are",
    ),
    LOST: (
        "the block closed descriptors that are not its own",
        "close only what the block itself has opened",
    ),
    UNCONFINED: (
        "the kernel has refused to confine the post, so nothing of it has run",
        "build without --sandbox only what you trust",
    ),
}
_SIGNALS = {"SIGSEGV": "a segmentation fault", "SIGKILL": "SIGKILL, as for want of memory"}
_decoder = codecs.getincrementaldecoder("utf-8")


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
        self.has_ended = False
        """Whether the block has, and the next has not begun."""

        self.fault: Fault | None = None
        self._has_begun = False
        self._send = send
        self._outputs: list[Stream | Display] = []
        self._started = time.monotonic()
        self._room = self._media_room = self._dropped = 0
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
        """Take what was written, and the event after it.

        Raises:
            DisturbedError: no worker sends it at this place.
        """
        self._write("stdout", written.stdout, written.dropped["stdout"])
        self._write("stderr", written.stderr, written.dropped["stderr"])
        match written.event:
            case Began(block):
                _require(block == self._next_block() and self._has_begun == self.has_ended)
                self.block, self._outputs, self._has_begun = block, [], True
                self._room, self._dropped = self.limits.output_bytes, 0
                self._media_room = _MEDIA_BYTES
                self._started, self.has_ended = time.monotonic(), False
            case Displayed(display):
                self._display(display)
            case Raised(fault):
                self.fault = fault
            case Ended(block, seconds, processor_s, trace):
                _require(block == self.block and self._has_begun and not self.has_ended)
                self.seconds[block] = seconds
                if self.fault is not None:  # a change of what it has used may mend it
                    self.fault = replace(self.fault, used=(*trace.files, *trace.folders))
                self._block_done(seconds, processor_s, None if self.fault else trace)
            case NotFrozen(block, reason):
                self._not_frozen[block] = reason
            case Finished():
                is_whole = self._next_block() == len(self.job.blocks)
                _require(is_whole or self.fault is not None)
                self.is_finished = True
            case _:
                pass

    def fail(self, message: str, hint: str, crash: str) -> None:
        """End the block that runs with a fault; `crash` is a dump of the stack."""
        block, line = last_place(crash, self.job.name) or (self.block, 1)
        if block not in range(len(self.job.blocks)):  # the post has written into the dump, too
            block, line = self.block, 1
        self.fault = Fault(message=message, hint=hint, block=block, line=line, traceback="")
        if not self.has_ended:
            self._block_done(self.running_s, 0.0, None)

    def report(self) -> None:
        """Tell that no more blocks will run."""
        self._send(PostDone(self.fault, self._not_frozen))

    def _next_block(self) -> int:
        """The block that may begin next; their number where there is none."""
        block = self.block + self.has_ended
        while block in self.job.skipped:
            block += 1
        return block

    def _write(self, name: str, content: bytes, dropped: int) -> None:
        """Add text to the outputs, joined to the text before it on the same stream."""
        decoder = _decoder("backslashreplace")
        kept = content[: self._room]
        self._dropped += dropped + len(content) - len(kept)
        is_cut = dropped > 0 or len(kept) < len(content)
        text = decoder.decode(kept, final=not is_cut)
        self._dropped += len(decoder.getstate()[0])  # of a character that was cut in two
        self._room -= len(kept)
        if not text:
            return
        last = self._outputs[-1] if self._outputs else None
        if isinstance(last, Stream) and last.name == name:
            self._outputs[-1] = Stream(last.name, last.text + text)
        else:
            self._outputs.append(Stream("stdout" if name == "stdout" else "stderr", text))

    def _display(self, display: Display) -> None:
        """Add a value or a figure; text counts as if it were printed."""
        text = len(display.content.get("text/plain", b""))
        media = sum(map(len, display.content.values())) - text
        if text > self._room or media > self._media_room:
            self._dropped += text + media
            return
        self._room -= text
        self._media_room -= media
        self._outputs.append(display)

    def _block_done(self, seconds: float, processor_s: float, trace: Trace | None) -> None:
        self.has_ended = True
        if self._dropped:
            told = f"\n… and {self._dropped:,} more bytes, not shown\n"
            self._outputs.append(Stream("stderr", told))
        outputs = tuple(
            Stream(o.name, mask_addresses(o.text)) if isinstance(o, Stream) else o
            for o in self._outputs
        )
        self._send(BlockDone(self.block, outputs, seconds, processor_s, trace))


def _require(holds: bool) -> None:
    if not holds:
        raise DisturbedError


def excess(
    limits: BlockJob, running_s: float, processes: int, memory: int
) -> tuple[str, str] | None:
    """What a block takes beyond its limits: a message and a hint; None while it does not."""
    if running_s > limits.timeout_s:
        return (
            f"the block did not end within its {limits.timeout_s:g} seconds",
            "give it more with '#| timeout: SECONDS', or less to do",
        )
    if processes - limits.is_branch > limits.processes:  # the copy that it runs in is the engine's
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
        name = _signal_name(-status)
        return (
            f"the block was ended by {_SIGNALS.get(name, name)}",
            "the fault lies in a compiled library that it calls, or in its own ctypes",
        )
    told = (
        f"the block ended the process with status {status}",
        "leave out os._exit(); a post ends by itself",
    )
    return _ENDINGS.get(status, told)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have no names
        return f"signal {number}"
