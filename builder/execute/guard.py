"""The guard: watches over one post.

Forked from the zygote, it forks the worker and never runs the author's code, so
it survives whatever the post does. It reads the output pipes and the events,
enforces the limits, takes the exit status, and ends what the post leaves behind.
While the post is resident it keeps the checkpoints and waits for the next job.
"""

import faulthandler
import os
import resource
import selectors
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from multiprocessing.connection import Connection

from builder.execute import linux
from builder.execute.capture import Splicer, Written
from builder.execute.chain import Chain
from builder.execute.checkpoint import Channels
from builder.execute.display import mask_addresses
from builder.execute.places import last_place
from builder.execute.protocol import (
    Began,
    BlockDone,
    Displayed,
    Ended,
    Fault,
    Finished,
    Froze,
    Job,
    NotFrozen,
    PostDone,
    Raised,
    Resumed,
    Trace,
)
from builder.execute.worker import Worker
from builder.model import Display, Stream

_READ_BYTES = 1 << 16
_POLL_S = 0.05


def serve(builder: Connection) -> None:
    """Run the jobs that the builder sends, and report each block's result to it."""
    faulthandler.disable()  # it is the worker's alone
    linux.become_subreaper()
    guard = _Guard(builder)
    try:
        while True:
            job = builder.recv()
            guard.run(job)
            if job.checkpoints is None:
                break
    except (EOFError, OSError):
        pass  # the builder has gone
    finally:
        guard.close()


class _Guard:
    """What is the same for all jobs of a post."""

    def __init__(self, builder: Connection) -> None:
        self._builder = builder
        self._chain = Chain()
        self._crash_file = os.memfd_create("traceback")
        self._scratch: str | None = None

    def run(self, job: Job) -> None:
        """Run a job from the first block that must run."""
        start = self._chain.prepare(job)
        self._builder.send(Resumed(start))
        run = _Run(self._builder, job, start, self._chain, self._crash_file)
        if start == len(job.blocks):
            run.report()
            return
        try:
            run.watch(self._resume(run) if start else self._fork(run))
        finally:
            _end_descendants(self._chain.pids)
            run.close()
        run.report()

    def close(self) -> None:
        """End what is left of the post."""
        _end_descendants(())
        self._clear_scratch()

    def _fork(self, run: "_Run") -> int:
        """Start a worker; its process."""
        self._clear_scratch()
        self._scratch = tempfile.mkdtemp(prefix="post-")
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            linux.die_with_parent(parent)
            self._builder.close()
            run.leave_to_worker()
            os.environ["TMPDIR"] = tempfile.tempdir = self._scratch
            Worker(run.job, run.channels, self._crash_file, run.token).main()
        run.channels.close()
        return pid

    def _resume(self, run: "_Run") -> int:
        """Let a copy of the last checkpoint go on; its process."""
        channels = (run.channels.stdout, run.channels.stderr, run.channels.events)
        pid = self._chain.resume(run.job, run.start, run.token, channels)
        run.channels.close()
        return pid

    def _clear_scratch(self) -> None:
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None


class _Run:
    """One run of a post's blocks, with channels of its own."""

    def __init__(
        self, builder: Connection, job: Job, start: int, chain: Chain, crash_file: int
    ) -> None:
        self.job = job
        self.start = start
        self.token = os.urandom(8).hex().encode()
        pipes = {"stdout": os.pipe(), "stderr": os.pipe()}
        ours, theirs = socket.socketpair()
        self.channels = Channels(pipes["stdout"][1], pipes["stderr"][1], theirs.detach())
        self._builder = builder
        self._chain = chain
        self._crash_file = crash_file
        self._readers = {name: read_end for name, (read_end, _) in pipes.items()}
        self._carrier = ours
        self._events = Connection(os.dup(ours.fileno()))
        self._selector = selectors.DefaultSelector()
        limit = max((block.output_bytes for block in job.blocks), default=0)
        self._splicer = Splicer(self.token, limit)
        self._room, self._dropped = limit, 0
        self._pid: int | None = None
        self._exit: int | None = None
        self._block = start
        self._outputs: list[Stream | Display] = []
        self._started = time.monotonic()
        self._seconds: dict[int, float] = {}
        self._not_frozen: dict[int, str] = {}
        self._is_finished = False
        self._is_stopped = False
        self._fault: Fault | None = None

    def leave_to_worker(self) -> None:
        """Close, in the worker, what is the guard's."""
        self._selector.close()
        self._events.close()
        self._carrier.close()
        for read_end in self._readers.values():
            os.close(read_end)

    def report(self) -> None:
        """Tell the builder that no more blocks will run."""
        self._builder.send(PostDone(self._fault, self._chain.blocks, self._not_frozen))

    def close(self) -> None:
        """Close the guard's ends."""
        self._watch_process(None)
        self.leave_to_worker()

    # ---- while the worker runs

    def watch(self, pid: int) -> None:
        """Until the worker has finished or ended."""
        for name, read_end in self._readers.items():
            os.set_blocking(read_end, False)
            self._selector.register(read_end, selectors.EVENT_READ, name)
        self._selector.register(self._events, selectors.EVENT_READ, "event")
        self._selector.register(self._builder, selectors.EVENT_READ, "builder")
        self._watch_process(pid)
        while not self._is_finished:
            ready = {key.data: key.fd for key, _ in self._selector.select(_POLL_S)}
            for name in self._readers.keys() & ready.keys():
                self._read_pipe(name)
            if "event" in ready:
                self._read_event()
            if "builder" in ready:
                raise EOFError  # it sends nothing meanwhile: it has gone, or cancels
            for written in self._splicer.ready():
                self._take(written)
            if ready.keys() == {"exit"}:  # what it wrote has been read
                self._conclude()
                return
            if self._pid is not None and not self._is_stopped:
                self._enforce_limits(self._pid)

    def _watch_process(self, pid: int | None) -> None:
        """Know which process runs now."""
        if self._exit is not None:
            self._selector.unregister(self._exit)
            os.close(self._exit)
        self._pid, self._exit = pid, None
        if pid is not None:
            self._exit = os.pidfd_open(pid)
            self._selector.register(self._exit, selectors.EVENT_READ, "exit")

    def _read_pipe(self, name: str) -> None:
        with suppress(BlockingIOError):
            content = os.read(self._readers[name], _READ_BYTES)
            if content:
                self._splicer.feed(name, content)
            elif self._readers[name] in self._selector.get_map():
                self._selector.unregister(self._readers[name])

    def _read_event(self) -> None:
        try:
            number, event = self._events.recv()
        except (EOFError, ConnectionError):
            self._selector.unregister(self._events)
            return
        self._splicer.add_event(number, event)
        if isinstance(event, Froze):
            _, descriptors, _, _ = socket.recv_fds(self._carrier, 1, 1)
            assert self._pid is not None
            control = socket.socket(fileno=descriptors[0])
            self._watch_process(self._chain.add(event.block, self._pid, control))

    def _take(self, written: Written) -> None:
        self._write("stdout", written.stdout)
        self._write("stderr", written.stderr)
        self._dropped += written.dropped
        match written.event:
            case Began(block):
                self._block, self._outputs = block, []
                self._room, self._dropped = self.job.blocks[block].output_bytes, 0
                self._started = time.monotonic()
            case Displayed(display):
                self._outputs.append(display)
            case Raised(fault):
                self._fault = fault
            case Ended(block, seconds, trace):
                self._seconds[block] = seconds
                if trace.has_written:
                    self._chain.has_written(block)
                self._block_done(seconds, None if self._fault else trace)
            case Froze():
                assert self.job.checkpoints is not None
                self._chain.thin(self.job.checkpoints, self._seconds)
            case NotFrozen(block, reason):
                self._not_frozen[block] = reason
            case Finished():
                self._is_finished = True
            case _:
                pass

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
        self._builder.send(BlockDone(self._block, outputs, seconds, trace))

    # ---- limits

    def _enforce_limits(self, pid: int) -> None:
        limits = self.job.blocks[self._block]
        if time.monotonic() - self._started > limits.timeout_s:
            self._stop(
                f"the block did not end within its {limits.timeout_s:g} seconds",
                "give it more with '#| timeout: SECONDS', or less to do",
            )
            return
        family = (pid, *linux.descendants(pid))
        if len(family) - 1 > limits.processes:
            self._stop(
                f"the block started more than {limits.processes} processes",
                "allow more with '#| processes: NUMBER', or start fewer",
            )
        elif sum(map(linux.resident_bytes, family)) > limits.memory_bytes:
            self._stop(
                f"the block took more than {limits.memory_bytes // 1_000_000:,} MB of memory",
                "allow more with '#| memory: MEGABYTES', or hold less at once",
            )

    def _stop(self, message: str, hint: str) -> None:
        """End the worker, having asked it for the line where it is."""
        assert self._pid is not None
        self._is_stopped = True
        os.ftruncate(self._crash_file, 0)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGUSR1)
            time.sleep(_POLL_S)
            os.kill(self._pid, signal.SIGKILL)
        self._fault = self._fault_at_crash(message, hint)
        self._block_done(time.monotonic() - self._started, None)

    # ---- the end

    def _conclude(self) -> None:
        """Take what is still in the pipes of a worker that has ended, and say why it has."""
        assert self._pid is not None
        pid = self._pid
        self._watch_process(None)
        status = self._chain.wait_status(pid)
        if self._is_stopped:
            return
        _end_descendants(self._chain.pids)
        for name, read_end in self._readers.items():
            with suppress(BlockingIOError):
                while content := os.read(read_end, _READ_BYTES):
                    self._splicer.feed(name, content)
        for written in self._splicer.rest():
            self._take(written)
        if not self._is_finished and self._fault is None:
            self._fault = self._explain(status)
            self._block_done(time.monotonic() - self._started, None)

    def _explain(self, status: int) -> Fault:
        """Say why the worker ended before its time."""
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            what = {"SIGSEGV": "a segmentation fault", "SIGKILL": "SIGKILL, as for want of memory"}
            return self._fault_at_crash(
                f"the block was ended by {what.get(name, name)}",
                "the fault lies in a compiled library that it calls, or in its own ctypes",
            )
        return self._fault_at_crash(
            f"the block ended the process with status {os.waitstatus_to_exitcode(status)}",
            "leave out os._exit(); a post ends by itself",
        )

    def _fault_at_crash(self, message: str, hint: str) -> Fault:
        """A fault with the line where the worker last was."""
        os.lseek(self._crash_file, 0, os.SEEK_SET)
        trace = os.read(self._crash_file, _READ_BYTES).decode("utf-8", "replace")
        os.ftruncate(self._crash_file, 0)
        os.lseek(self._crash_file, 0, os.SEEK_SET)
        block, line = last_place(trace, self.job.name) or (self._block, 1)
        return Fault(message=message, hint=hint, block=block, line=line, traceback="")


def _end_descendants(kept: Collection[int]) -> None:
    """End every process below this one but `kept`; those being born while this runs, too."""
    while strays := set(linux.descendants(os.getpid())) - set(kept):
        for pid in strays:
            with suppress(OSError):  # it may have ended meanwhile
                resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if all(linux.is_zombie(pid) for pid in strays):
            break  # a checkpoint is their parent and will take their status
        time.sleep(0.001)
