"""The worker: runs a post's blocks, in a fresh copy of the warm interpreter."""

import ast
import asyncio
import builtins
import faulthandler
import functools
import inspect
import io
import linecache
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import NoReturn

from builder.execute import branch, checkpoint, figures, linux
from builder.execute.capture import marker
from builder.execute.channels import Channels, Outlet
from builder.execute.confinement import confine_post
from builder.execute.display import to_display, to_inline
from builder.execute.frames import describe, format_warning, is_expected, not_raised
from builder.execute.places import block_file
from builder.execute.protocol import (
    Began,
    Displayed,
    Ended,
    Event,
    Finished,
    Froze,
    Job,
    NotFrozen,
    Raised,
    Synced,
    Wrote,
)
from builder.execute.recorder import BROKEN, LOST, UNCONFINED
from builder.execute.seeds import Seeds
from builder.execute.shapes import tell_shapes
from builder.execute.streams import OrderedStream, is_open
from builder.execute.tracing import Tracer
from builder.model import TRACEBACK, Display

_FUTURES = sum(
    getattr(__import__("__future__"), name).compiler_flag
    for name in __import__("__future__").all_feature_names
)
_FATAL = ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT")
_HELD_BACK = {s for s in signal.valid_signals() if getattr(s, "name", "") not in _FATAL}
_HELD_BACK -= {getattr(signal, "SIGUSR1", None)}  # the guard asks with it


class Worker:
    """Runs the blocks of a job in this process, and ends it.

    Args:
        job: what to run.
        outlet: where output and events go.
        crash_file: where a traceback goes that Python can no longer print.
        token: marks the place of events in the output.
        has_alarm: whether it notes by itself where it is when its time is over, as nobody
            can ask it.
    """

    def __init__(
        self, job: Job, outlet: Outlet, crash_file: int, token: bytes, *, has_alarm: bool = False
    ) -> None:
        self._has_alarm = has_alarm
        self._job = job
        self._crash_file = crash_file
        self._lock = threading.RLock()
        self._lines: list[str] = []
        self._flags = 0
        self._connect(outlet, token)

    def main(self) -> NoReturn:
        """Run every block, or up to the first that fails, and end the process."""
        status = BROKEN
        try:
            self._set_up()
            if self._job.is_sandboxed and not confine_post(self._job.root, self._scratch):
                os._exit(UNCONFINED)
            index = 0
            while index < len(self._job.blocks) and self._run_step(index):
                index = self._after_block(index)
            self._emit(Finished())
            status = 0
        except BaseException:  # a fault of this engine, or a post has changed what it stands on
            sys.__excepthook__(*sys.exc_info())
        finally:
            os._exit(status)  # whatever happens, no copy of the guard runs on

    # ---- setting up

    def _connect(self, outlet: Outlet, token: bytes) -> None:
        self._outlet = outlet
        self._token = token
        self._pid = os.getpid()
        self._count = 0
        self._inodes = outlet.inodes()
        self._written_last: OrderedStream | None = None

    def _set_up(self) -> None:
        self._reaper = os.getppid()
        linux.be_in_background()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        self._streams = (OrderedStream(1, self._writes_to), OrderedStream(2, self._writes_to))
        self._restore_streams()
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # as long as the process
        sys.__stdout__, sys.__stderr__ = self._streams  # type: ignore[misc]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if hasattr(os, "fork"):  # functions of a post cannot be imported by other means
            multiprocessing.set_start_method("fork", force=True)
        self._scratch = tempfile.gettempdir()
        os.chdir(self._job.folder)
        sys.path.insert(0, self._job.folder)
        module = types.ModuleType("__main__")
        module.__file__ = os.path.join(self._job.root, self._job.name)
        sys.modules["__main__"] = module
        sys.argv = [module.__file__]
        self._namespace = module.__dict__
        builtins.__dict__["display"] = self._display
        warnings.formatwarning = functools.partial(format_warning, self._job)
        figures.install(self._show)
        self._seeds = Seeds()
        self._seeds.set()
        self._block = 0
        self._tracer = Tracer(self._job, lambda: self._emit(Wrote(self._block)))
        self._tracer.install()

    def _restore_streams(self) -> None:
        """Undo what the block before has done to its streams, and to what tells of crashes."""
        self._check_channels()
        for descriptor, pipe in ((1, self._outlet.stdout), (2, self._outlet.stderr)):
            os.dup2(pipe, descriptor)
        if not all(map(is_open, self._streams)):
            self._streams = (OrderedStream(1, self._writes_to), OrderedStream(2, self._writes_to))
        sys.stdout, sys.stderr = self._streams
        for stream in self._streams:
            stream.start_block()
        faulthandler.enable(self._crash_file)
        if hasattr(faulthandler, "register"):
            faulthandler.register(signal.SIGUSR1, self._crash_file, all_threads=False)

    def _check_channels(self) -> None:
        """End the process where a post has closed what leads out of it."""
        try:
            is_whole = self._outlet.inodes() == self._inodes
        except OSError:
            is_whole = False
        if not is_whole:
            os._exit(LOST)

    # ---- what the blocks show

    def _writes_to(self, stream: OrderedStream) -> None:
        """Mark a switch from one stream to the other."""
        if self._written_last not in (None, stream):
            self._emit(Synced())
        self._written_last = stream

    def _emit(self, event: Event, descriptor: int | None = None) -> None:
        """Send an event, and mark its place in both pipes."""
        if os.getpid() != self._pid:  # a process that the post has forked
            return
        with _signals_held_back(), self._lock:
            self._check_channels()
            for stream in self._streams:
                with suppress(ValueError, OSError):  # the post may have closed it
                    stream.flush()
            linux.flush_c_streams()
            self._outlet.send(self._count, event, descriptor)
            for pipe in (self._outlet.stdout, self._outlet.stderr):
                if hasattr(os, "set_blocking"):
                    os.set_blocking(pipe, True)  # the post may have changed it
                os.write(pipe, marker(self._token, self._count))
            self._count += 1
            self._written_last = None

    def _show(self, display: Display) -> None:
        self._emit(Displayed(display))

    def _display(self, *values: object) -> None:
        """Show values at this place, as `display()` in a notebook does."""
        for value in values:
            shown = to_display(value)
            if shown is not None:
                self._show(shown)

    # ---- running

    def _run_step(self, index: int) -> bool:
        """Run one block, here or in a copy of this process; whether it ended well."""
        if not self._job.blocks[index].is_branch:
            return self._run_block(index)
        if index in self._job.skipped:
            return True
        own = self._own_descriptors()
        fault = branch.cannot(index, own, self._reaper)
        if fault is not None:
            self._emit(Began(index))
            self._emit(Raised(fault))
            self._emit(Ended(index, 0.0, 0.0, self._tracer.end_block()))
            return False
        is_well, self._count = branch.run_apart(own, self._scratch, lambda: self._run_copy(index))
        return is_well

    def _run_copy(self, index: int) -> tuple[bool, int]:
        """Run one block in the copy that this process is; the number of its next event, too."""
        self._pid = os.getpid()
        return self._run_block(index), self._count

    def _run_block(self, index: int) -> bool:
        """Run one block; whether it ended well."""
        block = self._job.blocks[index]
        self._restore_streams()
        self._block = index
        self._emit(Began(index))
        figures.start_block(index, block.figures)
        self._namespace.update(block.setting)
        if block.seed is not None:
            self._seeds.set(block.seed)
        self._tracer.start_block()
        self._load_lines(index)
        started, worked_s = time.perf_counter(), _processor_s()
        is_well = self._try_block(index)
        figures.end_block()
        if self._has_alarm:
            faulthandler.cancel_dump_traceback_later()
        seconds, worked_s = time.perf_counter() - started, _processor_s() - worked_s
        self._emit(Ended(index, seconds, worked_s, self._tracer.end_block()))
        return is_well

    def _try_block(self, index: int) -> bool:
        """Execute a block and tell how it fails; whether it ended as its author expects."""
        block = self._job.blocks[index]
        try:
            if self._has_alarm:
                faulthandler.dump_traceback_later(block.timeout_s, file=self._crash_file)
            name = block_file(self._job.name, index)
            if block.is_values:
                self._evaluate(block.code, name)
            else:
                self._execute(block.code, name)
            figures.show_all()
        except BaseException as error:  # whatever the author's code raises, SystemExit too
            self._end_child(error, index)
            return self._tell(error, index)
        self._end_child(None, index)
        if block.expected_error is not None:
            self._emit(Raised(not_raised(block.expected_error, index)))
        return block.expected_error is None

    def _tell(self, error: BaseException, index: int) -> bool:
        """Show or report an error; whether the author expects it."""
        with suppress(Exception):  # the first error is the one to tell
            figures.show_all()
        fault = describe(error, self._job, index)
        if is_expected(error, self._job.blocks[index].expected_error):
            self._show(Display({TRACEBACK: fault.traceback.encode()}))
            return True
        self._emit(Raised(replace(fault, shapes=tell_shapes(error, self._job))))
        return False

    def _end_child(self, error: BaseException | None, index: int) -> None:
        """End a process that the post has forked and that came out of the block, as Python does."""
        if os.getpid() == self._pid:
            return
        status = 0
        if isinstance(error, SystemExit):
            status = error.code if isinstance(error.code, int) else int(error.code is not None)
        elif error is not None:
            sys.stderr.write(describe(error, self._job, index).traceback)
            status = 1
        for stream in self._streams:
            with suppress(ValueError, OSError):
                stream.flush()
        os._exit(status & 0xFF)

    def _load_lines(self, index: int) -> None:
        """Give the block's lines to tracebacks, and all lines so far to `inspect`."""
        lines = [f"{line}\n" for line in self._job.blocks[index].code.split("\n")]
        self._lines = [*self._lines, *lines]
        for name, content in (
            (block_file(self._job.name, index), lines),
            (str(sys.modules["__main__"].__file__), self._lines),
        ):
            linecache.cache[name] = (1, None, content, name)

    def _execute(self, code: str, name: str) -> None:
        """Run a block's statements; show the value of a last expression."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self._flags
        tree = compile(code, name, "exec", flags | ast.PyCF_ONLY_AST, True)
        last: ast.Expression | None = None
        end = tree.body[-1] if tree.body else None
        if isinstance(end, ast.Expr) and not _is_silenced(code, end):
            last = ast.Expression(end.value)
            tree.body.pop()
        self._run_code(compile(tree, name, "exec", flags, True))
        if last is not None:
            value = self._run_code(compile(last, name, "eval", flags, True))
            if value is not None:
                self._namespace["_"] = value
                self._display(value)

    def _evaluate(self, code: str, name: str) -> None:
        """Show the value of each line, which may end in a format: `loss:.3f`."""
        for number, line in enumerate(code.split("\n")):
            above = "\n" * number
            try:
                expression = compile(f"{above}({line}\n)", name, "eval")
            except SyntaxError:
                expression = compile(f"{above}f'''{{{line}}}'''", name, "eval")
            self._show(to_inline(eval(expression, self._namespace)))

    def _run_code(self, code: types.CodeType) -> object:
        self._flags |= code.co_flags & _FUTURES
        value: object = eval(code, self._namespace)
        if code.co_flags & inspect.CO_COROUTINE and inspect.iscoroutine(value):
            return asyncio.run(value)
        return value

    # ---- checkpoints

    def _after_block(self, index: int) -> int:
        """Leave a checkpoint, if the job asks for them; the next block to run."""
        channels = self._outlet
        if self._job.checkpoints is None or not isinstance(channels, Channels):
            return index + 1
        if self._job.blocks[index].is_branch:
            return index + 1
        own = self._own_descriptors()
        reason = checkpoint.why_not(own, self._reaper)
        control = self._hand_over_control(index) if reason is None else None
        if control is None:
            self._emit(NotFrozen(index, reason or "no descriptor is left"))
            return index + 1
        is_last = index + 1 == len(self._job.blocks)
        if is_last:
            self._emit(Finished())
        request = checkpoint.freeze(control, channels, own, goes_on=not is_last)
        self._pid = os.getpid()
        os.setpgid(0, 0)
        if request is None:
            return index + 1
        self._job = request.job
        self._connect(request.channels.lifted(), request.token)
        return request.start

    def _own_descriptors(self) -> frozenset[int]:
        """Those that are the engine's."""
        return frozenset((0, 1, 2, self._crash_file, *self._outlet.descriptors))

    def _hand_over_control(self, index: int) -> socket.socket | None:
        """Announce a checkpoint and pass the guard its end of the control socket."""
        try:
            ours, theirs = socket.socketpair()
        except OSError:  # the post has lowered its limits
            return None
        with theirs:
            self._emit(Froze(index), theirs.fileno())
        return ours


def _processor_s() -> float:
    """What this process and those that it has started and seen end have computed."""
    return sum(os.times()[:4])


def _is_silenced(code: str, last: ast.Expr) -> bool:
    """Whether the author asks, as in a notebook, not to see the last value."""
    lines = io.StringIO(code, newline=None).read().split("\n")
    end = lines[(last.end_lineno or 1) - 1].encode()[last.end_col_offset :]
    return end.lstrip().startswith(b";")


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Let no handler of the post's come in between; one could raise half-way."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
