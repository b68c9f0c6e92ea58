"""Builders, zygotes, guards and workers are killed at any moment; the next build is right."""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.execute import linux
from builder.execute.pool import Pool
from tests.faults.runs import Limits, Outcome, make_job, processes_naming, run_jobs
from tests.faults.sites import Site

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

KINDS = ("builder", "zygote", "guard", "worker")
"""Each the child of the one before."""

POST = """```{{python}}
import os, subprocess, matplotlib.pyplot as plt
print(os.path.basename(os.getcwd()), {text!r})
plt.plot([1, {name}])
```

```{{python}}
subprocess.run(['sleep', '0.02'])
```
"""
CODES = (
    "import os, time\nprint('first')",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
    "if os.fork() == 0:\n    os.setsid()\n    time.sleep(271)\nprint('last')",
)
ENDED = (
    "block {}, line 1: the process that watches over this post has ended "
    "(build again; it was killed, or memory ran out)"
)
"""With the block that ran: the one after those that are done."""

KILLED = (
    ": the block was ended by SIGKILL, as for want of memory "
    "(the fault lies in a compiled library that it calls, or in its own ctypes)"
)
WAITING = "subprocess.run(['sleep', '271'])"
IGNORING = "for s in (2, 14, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass"


@pytest.mark.parametrize(
    ("kind", "times"), [("builder", 11), ("zygote", 1), ("guard", 1), ("worker", 1)]
)
def test_a_build_after_one_that_was_killed_is_right_and_leaves_nothing(
    make_site: Callable[[str], Site], kind: str, times: int
) -> None:
    site, undisturbed = make_site("site"), make_site("undisturbed")
    number = random.Random(kind)

    for attempt in range(times):
        _write(site, f"attempt {attempt}")
        build = site.start()
        time.sleep(number.uniform(0.1, 1.2))
        for pid in _below(build.pid, KINDS.index(kind)):
            _kill(pid)
        _, told = build.communicate(timeout=30)
        assert build.returncode in (-signal.SIGKILL, 0, 1), told
    _write(site, "the last")
    status, told = site.build()

    _write(undisturbed, "the last")
    undisturbed.build()
    assert status == 0, told
    assert site.files() == undisturbed.files()
    assert site.left() == []


@pytest.mark.parametrize("is_resident", [False, True], ids=["once", "resident"])
@pytest.mark.parametrize(("kind", "times"), [("zygote", 2), ("guard", 6), ("worker", 10)])
def test_a_run_after_one_whose_processes_were_killed_is_right(
    tmp_path: Path, scratch: Path, kind: str, times: int, is_resident: bool
) -> None:
    number = random.Random(f"{kind} {is_resident}")
    before, failed = set(linux.children(os.getpid())), 0
    with Pool(str(PROJECT), 2, is_resident=is_resident) as pool:
        right = _run(tmp_path, pool, "0")
        for attempt in range(1, times + 1):
            killer = threading.Timer(number.uniform(0, 0.12), _kill_all, (before, kind))
            killer.start()
            for outcome in _run(tmp_path, pool, f"{attempt}"):
                assert outcome.is_done
                ended = ENDED.format(min(len(outcome.blocks) + 1, len(CODES)))
                assert outcome.fault in (None, ended) or outcome.fault.endswith(KILLED)
                failed += outcome.fault is not None
            killer.join()
            again = _run(tmp_path, pool, "0")
            assert [o.fault for o in again] == [None, None]
            assert [o.blocks for o in again] == [o.blocks for o in right]

    assert failed > 0
    assert processes_naming(str(scratch), str(tmp_path)) == []
    with Pool(str(PROJECT), 1) as pool:
        run_jobs(pool, [make_job(tmp_path, "p", ["1"], Limits(), is_resident=False)], 20)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "code", "options"),
    [
        (signal.SIGINT, WAITING, ()),
        (signal.SIGTERM, IGNORING, ()),
        (signal.SIGINT, IGNORING, ("--no-fork",)),
        (signal.SIGTERM, WAITING, ("--no-fork",)),
    ],
)
def test_a_build_that_is_asked_to_end_does_so_at_once(
    make_site: Callable[[str], Site], sent: signal.Signals, code: str, options: tuple[str, ...]
) -> None:
    site = make_site("site")
    running = (
        "import pathlib, signal, subprocess, tempfile\n"
        "pathlib.Path(tempfile.gettempdir(), 'running').touch()\n"
    )
    site.post("2026-01-01-p.md", f"```{{python}}\n{running}{code}\n```\n")
    build = site.start(*options)
    until = time.monotonic() + 10
    while not list(site.scratch.rglob("running")) and time.monotonic() < until:
        time.sleep(0.01)

    started = time.monotonic()
    build.send_signal(sent)
    _, told = build.communicate(timeout=10)

    assert time.monotonic() - started < 2
    assert build.returncode == 130
    assert told == "interrupted; the published site is whole\n"
    assert site.left() == []


def _write(site: Site, text: str) -> None:
    for name in (1, 2):
        site.post(f"2026-01-0{name}-p.md", POST.format(name=name, text=text), f"Post {name}")


def _below(pid: int, generations: int) -> list[int]:
    """The processes so many generations below `pid`."""
    found = [pid]
    for _ in range(generations):
        found = [child for parent in found for child in linux.children(parent)]
    return found


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _kill_all(before: set[int], kind: str) -> None:
    """Kill the processes of a kind that have come since `before`."""
    for zygote in set(linux.children(os.getpid())) - before:
        for pid in _below(zygote, KINDS.index(kind) - 1):
            _kill(pid)


def _run(root: Path, pool: Pool, text: str) -> list[Outcome]:
    codes = (f"{CODES[0]}; {text}", *CODES[1:])
    names = ("one", "two")
    jobs = [make_job(root, n, codes, Limits(), is_resident=pool.is_resident) for n in names]
    outcomes = run_jobs(pool, jobs, 20)
    return [outcomes[name] for name in names]
