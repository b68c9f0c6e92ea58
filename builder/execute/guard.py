"""The guard: watches over one post.

Forked from the zygote, it forks the worker and never runs the author's code, so
it survives whatever the post does. It reads the output pipes and the events,
enforces the limits, takes the exit status, and ends what the post leaves behind.
While the post is resident it keeps the checkpoints and waits for the next job.
"""

import faulthandler
import os
import selectors
import shutil
import signal
import socket
import stat
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection

from builder.errors import refusal
from builder.execute import linux
from builder.execute.capture import Splicer, Written
from builder.execute.chain import Chain, LostError
from builder.execute.channels import Channels, DisturbedError, EventReader
from builder.execute.protocol import (
    Began,
    Cancel,
    Fault,
    Froze,
    Job,
    NotFrozen,
    PostDone,
    Resumed,
    Wrote,
)
from builder.execute.recorder import DISTURBED, Recorder, ending, excess
from builder.execute.worker import Worker

_READ_BYTES = 1 << 16
_POLL_S = 0.05
_DUMP_S = 0.5
"""For a worker on a busy machine to begin to tell where it is."""


def serve(builder: Connection, scratch: str) -> None:
    """Run the jobs that the builder sends, and report each block's result to it.

    Args:
        builder: the jobs come from there, the reports go there.
        scratch: the folder for folders that blocks may write into.
    """
    faulthandler.disable()  # it is the worker's alone
    linux.become_subreaper()
    guard = _Guard(builder, scratch)
    try:
        while True:
            job = builder.recv()
            if isinstance(job, Cancel):  # of a job that has ended meanwhile
                continue
            guard.run(job)
            if job.checkpoints is None:
                break
    except (EOFError, ConnectionError):
        pass  # the builder has gone
    except OSError as error:
        with suppress(OSError):
            builder.send(PostDone(_cannot_run(error)))
    finally:
        guard.close()


def _cannot_run(error: OSError) -> Fault:
    """Why no worker could be started or watched, as with no room for its folder."""
    return Fault(
        message=f"the post cannot run: {refusal(error) or error}",
        hint=None,
        block=0,
        line=1,
        traceback="",
    )


class _Guard:
    """What is the same for all jobs of a post."""

    def __init__(self, builder: Connection, scratch: str) -> None:
        self._builder = builder
        self._scratch_parent = scratch
        self._chain = Chain()
        self._crash_file = linux.lift(os.memfd_create("traceback"))
        self._scratch: str | None = None
        """Around the folder that the post may write into, for what sweeps keep beside that."""

    def run(self, job: Job) -> None:
        """Run a job from the first block that must run."""
        start = self._chain.prepare(job)
        self._builder.send(Resumed(start))
        try:
            self._run(job, start)
        except LostError:
            self._chain.forget()
            self._builder.send(Resumed(0))
            self._run(job, 0)

    def _run(self, job: Job, start: int) -> None:
        run = _Run(self._builder, job, start, self._chain, self._crash_file)
        try:
            if start < len(job.blocks):
                run.watch(self._resume(run) if start else self._fork(run))
            else:
                run.channels.close()  # later workers would have them open
        finally:
            linux.end_descendants(self._chain.pids)
            run.close()
        run.report()

    def close(self) -> None:
        """End what is left of the post."""
        linux.end_descendants()
        self._clear_scratch()

    def _fork(self, run: "_Run") -> int:
        """Start a worker; its process."""
        self._clear_scratch()
        os.makedirs(self._scratch_parent, 0o700, exist_ok=True)  # some systems clear up
        self._scratch = tempfile.mkdtemp(dir=self._scratch_parent)
        folder = os.path.join(self._scratch, "scratch")
        os.mkdir(folder)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            linux.die_with_parent(parent)
            self._builder.close()
            run.leave_to_worker()
            os.environ["TMPDIR"] = tempfile.tempdir = folder
            Worker(run.job, run.channels.lifted(), self._crash_file, run.token).main()
        run.channels.close()
        return pid

    def _resume(self, run: "_Run") -> int:
        """Let a copy of the last checkpoint go on; its process."""
        channels = (run.channels.stdout, run.channels.stderr, run.channels.events)
        try:
            return self._chain.resume(run.job, run.start, run.token, channels)
        finally:
            run.channels.close()

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
        ours.setblocking(False)
        self.channels = Channels(pipes["stdout"][1], pipes["stderr"][1], theirs.detach())
        self._builder = builder
        self._chain = chain
        self._crash_file = crash_file
        self._readers = {name: read_end for name, (read_end, _) in pipes.items()}
        self._events = EventReader(ours, len(job.blocks))
        self._selector = selectors.DefaultSelector()
        limit = max((block.output_bytes for block in job.blocks), default=0)
        self._splicer = Splicer(self.token, limit)
        self._recorder = Recorder(job, start, builder.send)
        self._pid: int | None = None
        self._exit: int | None = None
        self._checked_at = 0.0
        self._stopped: tuple[str, str] | None = None
        """Why the worker has been ended."""

        self._is_cancelled = False
        self._is_killed = False
        """Whether it has been ended for that."""

    def leave_to_worker(self) -> None:
        """Close, in the worker, what is the guard's."""
        self._selector.close()
        self._events.close()
        for read_end in self._readers.values():
            os.close(read_end)

    def report(self) -> None:
        """Tell the builder that no more blocks will run."""
        self._recorder.report()

    def close(self) -> None:
        """Close the guard's ends."""
        self._watch_process(None)
        self.leave_to_worker()

    def watch(self, pid: int) -> None:
        """Until the worker has finished or ended."""
        for name, read_end in self._readers.items():
            os.set_blocking(read_end, False)
            self._selector.register(read_end, selectors.EVENT_READ, name)
        self._selector.register(self._events, selectors.EVENT_READ, "event")
        self._selector.register(self._builder, selectors.EVENT_READ, "builder")
        self._watch_process(pid)
        while not self._recorder.is_finished:
            ready = {key.data: key.fd for key, _ in self._selector.select(_POLL_S)}
            if "builder" in ready:
                self._cancel()
            for name in self._readers.keys() & ready.keys():
                self._read_pipe(name)
            if "event" in ready:
                self._read_events()
            for written in self._splicer.ready():
                self._take(written)
            if "exit" in ready:
                self._conclude()
                return
            self._enforce_limits()

    def _watch_process(self, pid: int | None) -> None:
        """Know which process runs now."""
        if self._exit is not None:
            self._selector.unregister(self._exit)
            os.close(self._exit)
        self._pid, self._exit = pid, None
        if pid is not None:
            self._exit = os.pidfd_open(pid)
            self._selector.register(self._exit, selectors.EVENT_READ, "exit")

    def _read_pipe(self, name: str) -> bool:
        """Read what has come; whether there may be more."""
        try:
            content = os.read(self._readers[name], _READ_BYTES)
        except BlockingIOError:
            return False
        if content:
            self._splicer.feed(name, content)
        elif self._readers[name] in self._selector.get_map():
            self._selector.unregister(self._readers[name])
        return bool(content)

    def _read_events(self) -> bool:
        """Read what has come; whether there may be more."""
        try:
            for number, event in self._events.read():
                if isinstance(event, Froze):
                    self._add_checkpoint(event.block)
                self._splicer.add_event(number, event)
        except BlockingIOError:
            return False
        except (DisturbedError, EOFError, ConnectionError) as error:
            if self._events.fileno() in self._selector.get_map():
                self._selector.unregister(self._events)
            if isinstance(error, DisturbedError):
                self._stop(DISTURBED)
            return False
        return True

    def _add_checkpoint(self, block: int) -> None:
        """Know that the worker waits, and which process goes on.

        Raises:
            DisturbedError: nobody has asked it to, or there is no way to speak to it.
        """
        if self.job.checkpoints is None or self._pid is None or not self._events.descriptors:
            raise DisturbedError
        descriptor = self._events.descriptors.pop(0)
        if self._stopped or self._is_killed:  # what waits there has been ended
            os.close(descriptor)
            return
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise DisturbedError
        control = socket.socket(fileno=descriptor)
        self._watch_process(self._chain.add(block, self._pid, control))

    def _take(self, written: Written) -> None:
        if self._stopped == DISTURBED:  # what else it tells is worth nothing
            written = replace(written, event=None)
        try:
            self._recorder.take(written)
        except DisturbedError:
            self._stop(DISTURBED)
            return
        if self._is_cancelled and isinstance(written.event, Began | Froze | NotFrozen):
            self._kill()
        match written.event:
            case Wrote(block):
                self._chain.has_written(block)
            case Froze():
                assert self.job.checkpoints is not None
                self._chain.thin(self.job.checkpoints, self._recorder.seconds)
            case _:
                pass

    def _enforce_limits(self) -> None:
        """End the worker where its block takes too much; to look costs time, too."""
        now = time.monotonic()
        if self._pid is None or self._stopped or now - self._checked_at < _POLL_S:
            return
        self._checked_at = now
        waiting = self._chain.pids
        linux.forget_ended({self._pid, *waiting})
        # All below this process, for what has lost its parent has become its child.
        family = set(linux.descendants(os.getpid())) - waiting
        limits = self._recorder.limits
        memory = linux.held_bytes(family, limits.memory_bytes)
        count = len(family) - 1
        if count > limits.processes:  # what has ended since is no longer one of them
            count -= sum(map(linux.is_zombie, family.intersection(linux.children(os.getpid()))))
        told = excess(limits, self._recorder.running_s, count, memory)
        if told is not None:
            self._stop(told)

    def _stop(self, told: tuple[str, str]) -> None:
        """End the worker, having asked where it is."""
        if self._stopped:
            return
        self._stopped = told
        if self._pid is None:
            return
        os.ftruncate(self._crash_file, 0)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGUSR1)
            end = time.monotonic() + _DUMP_S
            while not os.fstat(self._crash_file).st_size and time.monotonic() < end:
                time.sleep(_POLL_S / 10)
            time.sleep(_POLL_S)
            os.kill(self._pid, signal.SIGKILL)

    def _cancel(self) -> None:
        """End the worker, for the builder asks for it; between two blocks, once it has frozen.

        Raises:
            EOFError: the builder has gone.
        """
        self._builder.recv()
        self._is_cancelled = True
        if not self._recorder.has_ended:
            self._kill()

    def _kill(self) -> None:
        self._is_killed = True
        if self._pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def _conclude(self) -> None:
        """Take what is still to be read of a worker that has ended, and say why it has."""
        assert self._pid is not None
        status = self._chain.wait_status(self._pid)
        linux.end_descendants(self._chain.pids)  # nobody writes any more
        while self._read_events():
            pass
        for name in self._readers:
            while self._read_pipe(name):
                pass
        self._watch_process(None)
        for written in self._splicer.rest():
            self._take(written)
        if self._is_killed:
            return
        if not self._recorder.is_finished and self._recorder.fault is None:
            told = self._stopped or ending(os.waitstatus_to_exitcode(status))
            self._recorder.fail(*told, self._crash())

    def _crash(self) -> str:
        """The dump of the stack, which is then forgotten."""
        os.lseek(self._crash_file, 0, os.SEEK_SET)
        trace = os.read(self._crash_file, _READ_BYTES).decode("utf-8", "replace")
        os.ftruncate(self._crash_file, 0)
        os.lseek(self._crash_file, 0, os.SEEK_SET)
        return trace[max(0, trace.find("Current thread")) :]  # not the one that is listed first
