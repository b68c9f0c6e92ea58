"""An interpreter of its own for one post: where posts cannot be forked, or shall not be.

On Linux it is two processes: one that stays without any module of the post's ends
what the post leaves behind, as a guard does.
"""

import os
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from multiprocessing.connection import Client
from typing import NoReturn

from builder.execute import linux
from builder.execute.channels import Pipes
from builder.execute.zygote import warm_up


def main() -> None:
    """Warm up, then run the one job that the builder sends."""
    parent, port, crash_path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    key = bytes.fromhex(os.environ.pop("BUILDER_KEY"))
    if linux.IS_LINUX:
        _watch_copy(parent)
    warm_up()
    connection = Client(("127.0.0.1", port), authkey=key)
    connection.send(os.getpid())
    job, token, scratch = connection.recv()
    os.environ["TMPDIR"] = os.environ["TEMP"] = os.environ["TMP"] = scratch
    tempfile.tempdir = scratch
    crash_file = linux.lift(os.open(crash_path, os.O_RDWR))
    worker = sys.modules["builder.execute.worker"]
    with connection:
        copy = socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)
    events = socket.socket(fileno=linux.lift(copy.detach()))
    outlet = Pipes(linux.lift(os.dup(1)), linux.lift(os.dup(2)), events)
    has_alarm = not hasattr(signal, "SIGUSR1")
    worker.Worker(job, outlet, crash_file, token, has_alarm=has_alarm).main()


def _watch_copy(parent: int) -> None:
    """Go on in a copy of this process, and here wait for its end."""
    signal.signal(signal.SIGTERM, _end)
    linux.die_with_parent(parent, signal.SIGTERM)
    linux.become_subreaper()
    watcher = os.getpid()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        linux.die_with_parent(watcher)
        return
    for descriptor in (1, 2):  # the builder sees the end of the output
        os.close(descriptor)
    ended = wait_status = 0
    while ended != pid:  # what the post has left to this process ends, too
        ended, wait_status = os.wait()
    status = os.waitstatus_to_exitcode(wait_status)
    linux.end_descendants()
    if status < 0:
        linux.be_in_background()  # without a core
        with suppress(OSError):  # of some it cannot be another
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


def _end(_signal: int, _frame: object) -> NoReturn:
    linux.end_descendants()
    os._exit(1)


if __name__ == "__main__":
    main()
