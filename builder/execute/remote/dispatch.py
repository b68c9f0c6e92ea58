"""The process between the builder and a Dask scheduler, for the builder forks: it has no threads.

It ends with the builder, and has no use then for what still runs.
"""

import logging
import os
import pickle
import platform
import signal
import sys
import threading
import warnings
from asyncio import CancelledError
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from operator import call

import cloudpickle
from distributed import Client, Future
from distributed.scheduler import KilledWorker

from builder.cache.results import base_of
from builder.cache.store import digest
from builder.execute.protocol import BlockDone, Fault, FileState, Job, PostDone, Report
from builder.execute.remote import task
from builder.execute.remote.protocol import Refused, Reply, Request, Start
from builder.execute.remote.shipment import Shipment, pack

_PATIENCE_S = 5.0
_LOST = Fault(
    message="the Dask workers that ran this post were lost, one after the other",
    hint="see what they have logged: a post that needs more memory than they have ends like this",
    block=0,
    line=1,
    traceback="",
)


class _Dispatcher:
    """Sends posts and takes what comes back."""

    def __init__(self, start: Start, client: Client) -> None:
        self._home = start.home
        self._client = client
        self._is_sandboxed = start.is_sandboxed
        self._now = start.home.surroundings(is_sandboxed=start.is_sandboxed)
        self._base = base_of(self._now)
        program = pack(start.home.project, ["builder"])
        site = pack(start.home.site)
        self._files = {**program.files, **site.files}
        self._archives = [self._send(shipment) for shipment in (program, site)]
        # Nothing of the builder's can be imported there, so the function itself is sent.
        self._run = client.submit(cloudpickle.loads, cloudpickle.dumps(task.run_post))

    def _send(self, shipment: Shipment) -> Future:
        """Send by content: what the workers have already is not sent again.

        As a result that can be had again, where the worker that had it is lost.
        """
        return self._client.submit(
            bytes, shipment.archive, key=f"folder-{digest(shipment.archive)}"
        )

    def submit(self, job: Job) -> Future:
        """Let a post run on some worker."""
        request = pickle.dumps(Request(job, self._home, self._base, self._is_sandboxed))
        return self._client.submit(
            call, self._run, *self._archives, request, dict(os.environ), pure=False
        )

    def take(self, job: Job, future: Future) -> Sequence[Report] | Refused:
        """What has come of a post."""
        try:
            reply: Reply = pickle.loads(future.result())
        except KilledWorker:
            return [PostDone(_LOST)]
        except (Exception, CancelledError) as error:  # whatever has failed there
            return Refused(
                f"{job.name} could not be run by Dask: {str(error) or 'the scheduler is gone'}"
            )
        if reply.refused is not None:
            return Refused(f"posts cannot run on the Dask workers: {reply.refused}")
        return list(self._at_home(reply))

    def end(self, running: Sequence[Future]) -> None:
        """Nobody has use for what still runs."""
        self._client.cancel([future for future in running if not future.done()], force=True)

    def _at_home(self, reply: Reply) -> Iterator[Report]:
        """The reports, up to the first block that has used what is not the same here."""
        for report in reply.reports:
            if not isinstance(report, BlockDone) or report.trace is None:
                yield report
                continue
            used = reply.used[report.block]
            other = next((name for name in used if not self._is_same(name, used[name])), None)
            if other is not None:
                yield replace(report, trace=None)
                yield PostDone(_differing(report.block, other))
                return
            files = {path: self._state(path, was) for path, was in report.trace.files.items()}
            yield replace(report, trace=replace(report.trace, files=files))

    def _is_same(self, dependency: str, there: str) -> bool:
        """Whether a block would have found here what it has found there."""
        is_file = dependency.startswith("file:")
        # A file that was sent may have changed here since: its state tells.
        is_sent = is_file and self._now.path(dependency) in self._files
        return is_sent or self._now.state(dependency) == there

    def _state(self, path: str, there: FileState | None) -> FileState | None:
        """What a file was like here when it was read there."""
        if there is None or there.modified_ns < 0:  # absent, or changed while the post ran
            return there
        if path in self._files:
            return self._files[path]
        try:
            state = os.stat(path)  # it lies elsewhere, and is the same
        except OSError:  # or was, when it was looked at
            return there
        return FileState(state.st_mtime_ns, state.st_size)


def _differing(block: int, dependency: str) -> Fault:
    kind, _, name = dependency.partition(":")
    name = name.removeprefix("site/").removeprefix("project/")
    return Fault(
        message=f"the block uses the {kind} {name}, which is another one on the Dask workers",
        hint="put files below the site's folder, give the workers the same variables and "
        "packages, or build without --executor",
        block=block,
        line=1,
        traceback="",
    )


def main() -> None:
    """Serve the builder until it has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the builder's to answer
    warnings.simplefilter("ignore")  # about versions, which are compared below
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    cloudpickle.register_pickle_by_value(task)
    with Connection(int(sys.argv[1])) as connection:
        start: Start = connection.recv()
        try:
            client = Client(start.address, timeout=_PATIENCE_S, set_as_default=False)
        except OSError:
            connection.send(Refused(f"no Dask scheduler answers at {start.address}"))
            return
        with client:
            refused = _cannot(client)
            if refused is not None:
                connection.send(refused)
            else:
                _serve(connection, _Dispatcher(start, client))


def _cannot(client: Client) -> Refused | None:
    """Why no worker could even be asked."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError:
        return Refused("the Dask scheduler has no workers: start some with 'dask worker'")
    own = platform.python_version_tuple()[:2]
    for address, told in client.get_versions()["workers"].items():
        python = told["host"]["python"].split(".")
        if tuple(python[:2]) != own:
            return Refused(
                f"the Dask worker {address} runs Python {'.'.join(python[:3])}, and this builder "
                f"{platform.python_version()}: results would differ"
            )
    return None


def _serve(connection: Connection, dispatcher: _Dispatcher) -> None:
    lock = threading.Lock()

    def done(job: Job, future: Future) -> None:
        try:
            taken = dispatcher.take(job, future)
        except Exception as error:  # what a callback raises is told to nobody
            taken = Refused(f"what has come of {job.name} cannot be taken: {error!r}")
        with lock, suppress(OSError):  # the builder may have gone
            connection.send(taken if isinstance(taken, Refused) else (job.name, taken))

    running = []
    with suppress(EOFError, OSError):
        while True:
            job = connection.recv()
            running.append(dispatcher.submit(job))
            running[-1].add_done_callback(partial(done, job))
    dispatcher.end(running)


if __name__ == "__main__":
    main()
