"""The guard: watches over one post.

Forked from the zygote, it forks the worker and never runs the author's code, so
it survives whatever the post does. It reads the output pipes and the events,
enforces the limits, takes the exit status, and ends what the post leaves behind.
"""

import faulthandler
import os
import re
import resource
import selectors
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe

from builder.execute import linux
from builder.execute.capture import Splicer
from builder.execute.display import mask_addresses
from builder.execute.protocol import (
    Began,
    BlockDone,
    Displayed,
    Ended,
    Event,
    Finished,
    Job,
    PostDone,
    Raised,
    Trace,
)
from builder.execute.worker import Worker
from builder.model import BlockResult, Failure, Output, Stream

_READ_BYTES = 1 << 16
_POLL_S = 0.05


def serve(builder: Connection) -> None:
    """Run the job that the builder sends, and report each block's result to it."""
    faulthandler.disable()  # it is the worker's alone
    linux.become_subreaper()
    scratch = None
    try:
        job = builder.recv()
        scratch = tempfile.mkdtemp(prefix="post-")
        _Guard(builder, job, scratch).run()
    except (EOFError, OSError):
        pass  # the builder has gone
    finally:
        _end_descendants()
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


class _Guard:
    def __init__(self, builder: Connection, job: Job, scratch: str) -> None:
        self.builder = builder
        self.job = job
        self.scratch = scratch
        self.token = os.urandom(8).hex().encode()
        self.splicer = Splicer(self.token, job.output_bytes)
        self.pipes = {name: os.pipe() for name in ("stdout", "stderr")}
        self.events, self.events_out = Pipe(duplex=False)
        self.crash_file = os.memfd_create("traceback")
        self.selector = selectors.DefaultSelector()
        self.block = 0
        self.outputs: list[Output] = []
        self.started = time.monotonic()
        self.is_finished = False
        self.is_stopped = False
        self.failure: Failure | None = None

    def run(self) -> None:
        pid = self._fork_worker()
        status = self._watch(pid)
        _end_descendants()
        self._drain()
        if self.failure is None and not self.is_finished:
            self.failure = self._explain(status)
            self.outputs.append(self.failure)
            self._block_done(time.monotonic() - self.started, None)
        self.builder.send(PostDone(self.failure))

    def _fork_worker(self) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            linux.die_with_parent(parent)
            self.selector.close()
            self.builder.close()
            self.events.close()
            for read_end, _ in self.pipes.values():
                os.close(read_end)
            os.environ["TMPDIR"] = tempfile.tempdir = self.scratch
            (_, stdout), (_, stderr) = self.pipes["stdout"], self.pipes["stderr"]
            Worker(self.job, self.events_out, (stdout, stderr), self.crash_file, self.token).main()
        for _, write_end in self.pipes.values():
            os.close(write_end)
        self.events_out.close()
        return pid

    # ---- while the worker runs

    def _watch(self, pid: int) -> int:
        """Until the worker has ended; its wait status."""
        exit_descriptor = os.pidfd_open(pid)
        for name, (read_end, _) in self.pipes.items():
            os.set_blocking(read_end, False)
            self.selector.register(read_end, selectors.EVENT_READ, name)
        self.selector.register(self.events, selectors.EVENT_READ, "event")
        self.selector.register(self.builder, selectors.EVENT_READ, "builder")
        self.selector.register(exit_descriptor, selectors.EVENT_READ, "exit")
        while True:
            ready = {key.data: key.fd for key, _ in self.selector.select(_POLL_S)}
            for name in self.pipes.keys() & ready.keys():
                self._read_pipe(name)
            if "event" in ready:
                self._read_event()
            if "builder" in ready:
                raise EOFError  # it sends nothing more: it has gone, or cancels
            for stdout, stderr, event in self.splicer.ready():
                self._take(stdout, stderr, event)
            if ready.keys() == {"exit"}:  # what it wrote has been read
                return os.waitpid(pid, 0)[1]
            if not self.is_stopped:
                self._enforce_limits(pid)

    def _read_pipe(self, name: str) -> None:
        read_end = self.pipes[name][0]
        with suppress(BlockingIOError):
            content = os.read(read_end, _READ_BYTES)
            if content:
                self.splicer.feed(name, content)
            elif read_end in self.selector.get_map():
                self.selector.unregister(read_end)

    def _read_event(self) -> None:
        try:
            number, event = self.events.recv()
        except EOFError:
            self.selector.unregister(self.events)
        else:
            self.splicer.add_event(number, event)

    def _take(self, stdout: bytes, stderr: bytes, event: Event | None) -> None:
        self._write("stdout", stdout)
        self._write("stderr", stderr)
        match event:
            case Began(block):
                self.block, self.outputs = block, []
                self.started = time.monotonic()
                self.splicer.start_block()
            case Displayed(display):
                self.outputs.append(display)
            case Raised(failure):
                self.outputs.append(failure)
                self.failure = failure
            case Ended(_, seconds, trace):
                self._block_done(seconds, None if self.failure else trace)
            case Finished():
                self.is_finished = True
            case _:
                pass

    def _write(self, name: str, content: bytes) -> None:
        """Add text to the outputs, joined to the text before it on the same stream."""
        if not content:
            return
        text = content.decode("utf-8", "backslashreplace")
        last = self.outputs[-1] if self.outputs else None
        if isinstance(last, Stream) and last.name == name:
            self.outputs[-1] = Stream(last.name, last.text + text)
        else:
            self.outputs.append(Stream("stdout" if name == "stdout" else "stderr", text))

    def _block_done(self, seconds: float, trace: Trace | None) -> None:
        if self.splicer.dropped:
            count = f"{self.splicer.dropped:,}"
            self._write("stderr", f"\n… and {count} more bytes, not shown\n".encode())
        outputs = tuple(
            Stream(o.name, mask_addresses(o.text)) if isinstance(o, Stream) else o
            for o in self.outputs
        )
        self.builder.send(BlockDone(self.block, BlockResult(outputs, seconds), trace))

    # ---- limits

    def _enforce_limits(self, pid: int) -> None:
        timeout_s = self.job.blocks[self.block].timeout_s
        if time.monotonic() - self.started > timeout_s:
            self._stop(
                pid,
                f"the block did not end within its {timeout_s:g} seconds",
                "give it more with '#| timeout: SECONDS', or less to do",
            )
        family = (pid, *linux.descendants(pid))
        if sum(map(linux.resident_bytes, family)) > self.job.memory_bytes:
            limit = self.job.memory_bytes // 1_000_000
            self._stop(
                pid,
                f"the block took more than {limit:,} MB of memory",
                "raise 'memory' in [tool.site], or hold less at once",
            )

    def _stop(self, pid: int, message: str, hint: str) -> None:
        """End the worker, having asked it for the line where it is."""
        self.is_stopped = True
        os.ftruncate(self.crash_file, 0)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR1)
            time.sleep(_POLL_S)
            os.kill(pid, signal.SIGKILL)
        self.failure = self._failed(message, hint)
        self.outputs.append(self.failure)
        self._block_done(time.monotonic() - self.started, None)

    # ---- the end

    def _drain(self) -> None:
        """Take what is still in the pipes."""
        if self.is_stopped:
            return
        for name, (read_end, _) in self.pipes.items():
            with suppress(BlockingIOError):
                while content := os.read(read_end, _READ_BYTES):
                    self.splicer.feed(name, content)
        with suppress(EOFError):
            while self.events.poll():
                self.splicer.add_event(*self.events.recv())
        for stdout, stderr, event in self.splicer.rest():
            self._take(stdout, stderr, event)

    def _explain(self, status: int) -> Failure:
        """Say why the worker ended before its time."""
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            what = {
                "SIGSEGV": "a segmentation fault",
                "SIGKILL": "SIGKILL, as when memory runs out",
            }
            return self._failed(
                f"the block was ended by {what.get(name, name)}",
                "the fault lies in a compiled library that it calls, or in its own ctypes",
            )
        return self._failed(
            f"the block ended the process with status {os.waitstatus_to_exitcode(status)}",
            "leave out os._exit(); a post ends by itself",
        )

    def _failed(self, message: str, hint: str) -> Failure:
        """A failure with the line where the worker last was."""
        os.lseek(self.crash_file, 0, os.SEEK_SET)
        trace = os.read(self.crash_file, _READ_BYTES).decode("utf-8", "replace")
        frames = re.findall(rf'File "{re.escape(self.job.name)}", line (\d+)', trace)
        line = int(frames[0]) if frames else self.job.blocks[self.block].line
        return Failure(message=message, hint=hint, line=line, traceback="")


def _end_descendants() -> None:
    """End every process below this one; those being born while this runs, too."""
    while strays := linux.descendants(os.getpid()):
        for pid in strays:
            with suppress(OSError):  # it may have ended meanwhile
                resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))
        for pid in strays:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.001)
