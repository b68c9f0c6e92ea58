"""The zygote: one warm, single-threaded interpreter that forks a guard for each post.

The builder sends it one byte and one descriptor, the guard's end of a fresh
connection; all else travels on that connection. So the zygote parses nothing,
keeps no state, and no post can spoil it.
"""

import gc
import importlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe

from builder.errors import SiteError, refusal
from builder.execute import linux
from builder.execute.environment import post_environment
from builder.execute.scratch import Scratch

_FORK, _SWEEP = b"+", b"-"
_PATIENCE_S = 10.0
_SWEEPS, _SWEEP_EVERY_S = 5, 0.02
_PAGE_COLUMNS = 64
"""Characters of code that stand side by side in a page."""


class Zygote:
    """The builder's handle; the warm-up goes on in the background."""

    def __init__(self, import_path: str, *, is_sandboxed: bool = False) -> None:
        self._has_forked = False
        self._socket, theirs = socket.socketpair()
        variables = post_environment(os.environ, is_sandboxed=is_sandboxed)
        environment = {**variables, "PYTHONPATH": import_path}
        self._process = subprocess.Popen(
            # -P: the folder of the build is no import path of the posts.
            [sys.executable, "-P", "-m", "builder.execute.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    def fork_guard(self) -> Connection:
        """Start a guard that waits for a job on the connection returned.

        Where none can be started, the connection has no other end.

        Raises:
            SiteError: the zygote has ended by itself, for a reason that it has printed.
        """
        ours, theirs = Pipe()
        with theirs:
            try:
                socket.send_fds(self._socket, [_FORK], [theirs.fileno()])
            except OSError:
                self.check()
        self._has_forked = True
        return ours

    def sweep(self) -> None:
        """End what a guard that was killed has left."""
        with suppress(OSError):
            self._socket.send(_SWEEP)

    def check(self) -> None:
        """Make sure that the zygote has not failed.

        Raises:
            SiteError: it has ended by itself, for a reason that it has printed.
        """
        with suppress(subprocess.TimeoutExpired):
            status = self._process.wait(timeout=0.1)
            if status >= 0:
                raise SiteError(
                    f"the process that runs posts could not start (status {status}): "
                    "what it said stands above"
                )

    def was_killed(self) -> bool:
        """Whether it has been ended by another."""
        return (self._process.poll() or 0) < 0

    def close(self) -> None:
        """End the zygote, which first ends what the posts have started."""
        self._socket.close()
        if not self._has_forked:
            self._process.kill()  # it may still be warming up
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:  # it was halted
            self._process.kill()
            self._process.wait()


def warm_up() -> None:
    """Import what posts use, and draw once: fonts, caches and codecs are then in memory."""
    for name in ("builder.execute.guard", "builder.execute.worker", "builder.execute.figures"):
        importlib.import_module(name)
    figures = importlib.import_module("builder.execute.figures")
    figures.prepare()
    pyplot = importlib.import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots()
    axes.plot([0, 1], label=r"$\alpha$")
    axes.set_title("title")
    axes.legend()
    figure.savefig(io.BytesIO(), format="svg")
    pyplot.close("all")
    numpy = importlib.import_module("numpy")
    numpy.random.seed(0)
    numpy.set_printoptions(linewidth=_PAGE_COLUMNS)
    ones = numpy.ones((64, 64))
    ones @ ones


def main() -> None:
    """Serve until the builder has gone."""
    try:
        _serve()
    except (OSError, MemoryError) as error:
        told = refusal(error)
        if told is None:
            raise
        sys.exit(f"error: {told}")


def _serve() -> None:
    with suppress(ValueError):  # not the main thread's to set on every system
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the builder's to answer
    connection = socket.socket(fileno=int(sys.argv[1]))
    warm_up()
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, pages shared with the posts
    if linux.thread_count() != 1:
        raise SystemExit("the zygote must have one thread, or its copies may hang")
    linux.become_subreaper()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    guards: set[int] = set()
    scratch = None
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
        if message == _FORK:
            # Not before: a zygote that has forked nothing is killed.
            scratch = scratch or Scratch()
            with suppress(OSError):  # no more processes: the builder finds its connection closed
                guards.add(_fork_guard(connection, descriptors[0], scratch))
            os.close(descriptors[0])
        elif message == _SWEEP:
            guards = _sweep(guards)
        else:
            linux.end_descendants()
            break
    if scratch is not None:
        scratch.close()


def _fork_guard(connection: socket.socket, descriptor: int, scratch: Scratch) -> int:
    """Start a guard, which never comes back from here; its process."""
    pid = os.fork()
    if pid == 0:
        _be_guard(connection, descriptor, scratch)
    return pid


def _sweep(guards: set[int]) -> set[int]:
    """End what a guard that was killed leaves to this process; the guards that are left.

    Its end is seen a moment before its children change hands.
    """
    for _ in range(_SWEEPS):
        left = set(linux.children(os.getpid()))
        guards = guards & left
        for child in left - guards:
            for pid in (child, *linux.descendants(child)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(_SWEEP_EVERY_S)
    return guards


def _be_guard(connection: socket.socket, descriptor: int, scratch: Scratch) -> None:
    parent = os.getppid()
    guard = sys.modules["builder.execute.guard"]
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        # Asked to end, it ends its post's processes first.
        linux.die_with_parent(parent, signal.SIGTERM)
        connection.close()
        scratch.leave()
        guard.serve(Connection(descriptor), str(scratch.path))
    except SystemExit:
        pass
    except BaseException:  # the copy must end here and never return into the zygote's loop
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
