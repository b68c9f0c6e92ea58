"""On the machine of a worker: run one post as it is run at home."""

import os
import pickle
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from builder.cache.dependencies import Surroundings
from builder.cache.results import base_of
from builder.execute import linux
from builder.execute.environment import post_environment
from builder.execute.pool import Pool
from builder.execute.protocol import OF_EACH_RUN, BlockDone, Report, Trace
from builder.execute.remote.protocol import Places, Reply, Request


def main() -> None:
    """Read the request from the folder that is named, and write the reply there."""
    parent, folder = int(sys.argv[1]), Path(sys.argv[2]).resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    linux.die_with_parent(parent, signal.SIGTERM)
    request = pickle.loads((folder / "request").read_bytes())
    (folder / "reply").write_bytes(pickle.dumps(_reply(request, folder)))


def _reply(request: Request, folder: Path) -> Reply:
    here = Places(str(folder / "project"), str(folder / "site"))
    now = Surroundings(here.roots, post_environment(os.environ))
    base = base_of(now)
    other = next((n for n, version in request.base.items() if base.get(n) != version), None)
    if other is not None:
        told = f"{other} is {base.get(other)} there and {request.base[other]} here"
        return Reply((), {}, refused=told)
    job = here.moved(request.job, request.home)
    with Pool(here.project, 1) as pool:
        reports = tuple(report for _, report in pool.run([job]))
    used = {
        report.block: {name: now.state(name) for name in _used(report.trace, now)}
        for report in reports
        if isinstance(report, BlockDone) and report.trace is not None
    }
    return Reply(tuple(_at_home(r, here, request.home) for r in reports), used)


def _used(trace: Trace, now: Surroundings) -> Iterator[str]:
    """What may differ from what it is at home."""
    yield from (now.name("file", path) for path in trace.files)
    yield from (now.name("folder", path) for path in trace.folders)
    yield from (f"variable:{name}" for name in trace.variables if name not in OF_EACH_RUN)
    yield from now.packages(trace.packages)


def _at_home(report: Report, here: Places, home: Places) -> Report:
    """A report with the paths that things have at home."""
    if not isinstance(report, BlockDone) or report.trace is None:
        return report
    trace = report.trace
    files = {home.path(path, here): state for path, state in trace.files.items()}
    folders = tuple(home.path(path, here) for path in trace.folders)
    return replace(report, trace=replace(trace, files=files, folders=folders))


if __name__ == "__main__":
    main()
