"""Posts run by a real Dask scheduler and two worker processes: what comes back is what comes
of running them here."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.config import PROJECT
from tests.faults.runs import processes_naming

PATIENCE_S = 60.0
SETTINGS = '[tool.site]\ntitle = "Ours"\nsocial_cards = false\n'
DATA = """---
title: With data
---
```{python}
import os
import helper
import numpy as np
from builder import network as nn
rows = np.loadtxt("data/rows.csv", delimiter=",")
print(helper.double(rows), sorted(os.listdir("data")), os.path.exists("none.txt"))
print(os.environ.get("CANARY"))
```

```{python}
model = nn.Sequential(nn.Dense(2, inputs=3), rng=1)
print(model(rows[None]))
```

The sum is `{python} rows.sum():.1f`.
"""
FIGURES = """---
title: With figures
---
```{python}
#| sweep: {power: [1, 2, 3]}
import matplotlib.pyplot as plt
plt.plot([x**power for x in range(5)])
plt.show()
```

```{python}
import warnings
warnings.warn("careful")
1 / 3
```
"""

READS = "---\ntitle: Reads\n---\n```{{python}}\nimport os\nprint({})\n```\n"
DASK = (sys.executable, "-m", "dask")
ALONE = ("--no-dashboard", "--no-nanny", "--nthreads=1")


@dataclass(frozen=True)
class Cluster:
    address: str
    workers: tuple[subprocess.Popen[bytes], ...]
    folder: Path

    def left(self) -> list[Path]:
        """What posts have left in the workers' folders."""
        return sorted(self.folder.glob("*/dask-scratch-space/worker-*/post-*"))


def until(what: str, holds: object) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    home = folder / "home"
    home.mkdir(parents=True)
    known = folder / "scheduler.json"
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": folder}
    scheduler = subprocess.Popen(
        [
            *DASK,
            "scheduler",
            "--host=127.0.0.1",
            "--port=0",
            "--no-dashboard",
            f"--scheduler-file={known}",
        ],
        stderr=subprocess.DEVNULL,
        **quiet,  # type: ignore[call-overload]
    )
    try:
        until("the scheduler listens", lambda: known.exists() and "address" in known.read_text())
        address = known.read_text().partition('"address": "')[2].partition('"')[0]
        workers = tuple(
            subprocess.Popen(
                [*DASK, "worker", address, *ALONE, f"--local-directory={folder / str(number)}"],
                env={**os.environ, "HOME": str(home), "CANARY": "the worker's"},
                stderr=subprocess.DEVNULL,
                **quiet,  # type: ignore[call-overload]
            )
            for number in range(2)
        )
        try:
            until(
                "two workers", lambda: len(list(folder.glob("*/dask-scratch-space/worker-*"))) > 1
            )
            yield Cluster(address.replace("tcp://", "dask://"), workers, folder)
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    finally:
        scheduler.kill()
        scheduler.wait()


def write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    write(root, "pyproject.toml", SETTINGS)
    write(root, "posts/2026-01-01-words.md", "---\ntitle: Words\n---\nOnly words.\n")
    return root


def build(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(root), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


def files_of(folder: Path) -> Mapping[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_results_are_those_of_this_machine(cluster: Cluster, site: Path) -> None:
    write(site, "posts/2026-01-01-data.md", DATA)
    write(site, "posts/2026-01-02-figures.md", FIGURES)
    write(site, "posts/data/rows.csv", "1,2,3")
    write(site, "posts/helper.py", "def double(x):\n    return 2 * x\n")
    here = build(site, CANARY="ours")
    assert here.returncode == 0, here.stderr
    was = files_of(site / "_site")
    shutil.rmtree(site / "_site")
    shutil.rmtree(site / ".cache")
    there = build(site, "--executor", cluster.address, CANARY="ours")
    assert there.returncode == 0, there.stderr
    assert "2 run" in there.stderr
    assert files_of(site / "_site") == was
    assert b"ours" in was["2026/01/01/data/index.html"]
    # They are known here as if they had run here, by all that they depend on.
    assert "0 run" in build(site, CANARY="ours").stderr
    write(site, "posts/helper.py", "def double(x):\n    return x + x + 1\n")
    again = build(site, "-v", "--executor", cluster.address, CANARY="ours")
    assert "posts/2026-01-01-data.md runs: block 1 (line 5) uses the file posts/helper.py" in (
        again.stderr
    )
    assert "1 run" in again.stderr
    assert cluster.left() == []


def test_an_interrupted_build_ends_what_it_has_started(
    cluster: Cluster, site: Path, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    write(
        site,
        "posts/2026-01-03-long.md",
        "---\ntitle: Long\n---\n```{python}\nimport time\n"
        f"open({str(started)!r}, 'w').close()\ntime.sleep(600)\n```\n",
    )
    arguments = [sys.executable, str(PROJECT / "build.py"), "--root", str(site)]
    running = subprocess.Popen([*arguments, "--executor", cluster.address])
    until("the long post runs", started.exists)
    running.send_signal(signal.SIGINT)
    running.wait(PATIENCE_S)
    until("nothing runs", lambda: not cluster.left())
    assert not processes_naming("builder.execute.remote")


def test_limits_are_kept_and_faults_have_their_places(cluster: Cluster, site: Path) -> None:
    write(
        site,
        "posts/2026-01-03-slow.md",
        "---\ntitle: Slow\n---\nWords.\n\n```{python}\n#| timeout: 0.5\nx = 1\n"
        "while True: pass\n```\n",
    )
    write(site, "posts/2026-01-04-home.md", READS.format("os.environ['HOME']"))
    found = build(site, "--executor", cluster.address, "--output-format", "concise")
    assert found.returncode == 1
    assert "2026-01-03-slow.md:9: error[block-failed]: the block did not end" in found.stderr
    assert (
        "2026-01-04-home.md:5: error[block-failed]: the block uses the variable HOME, "
        "which is another one on the Dask workers" in found.stderr
    )
    assert not (site / "_site").exists()


def test_a_sandbox_holds_on_workers_too(cluster: Cluster, site: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write(site, "posts/2026-01-03-writes.md", READS.format(f"open({str(outside)!r}, 'w')"))
    options = ("--sandbox", "--output-format", "concise")
    found = build(site, "--executor", cluster.address, *options)
    assert found.returncode == 1
    assert "2026-01-03-writes.md:6: error[block-failed]: PermissionError" in found.stderr
    assert not outside.exists()


def test_what_cannot_be_used_is_told(site: Path) -> None:
    write(site, "posts/2026-01-04-home.md", READS.format("1"))
    nobody = build(site, "--executor", "dask://127.0.0.1:9")
    assert nobody.returncode == 1
    assert nobody.stderr == "error: no Dask scheduler answers at tcp://127.0.0.1:9\n"
    wrong = build(site, "--executor", "127.0.0.1:9")
    assert wrong.returncode == 2
    assert "'127.0.0.1:9' is not dask://HOST:PORT" in wrong.stderr


def test_what_cannot_be_used_is_told_however_much_there_is_to_send(site: Path) -> None:
    for number in range(4):
        code = f"print({number})\n# {'x' * 500_000}"
        write(
            site,
            f"posts/2026-01-0{number + 3}-large.md",
            f"---\ntitle: Large\n---\n```{{python}}\n{code}\n```\n",
        )
    nobody = build(site, "--executor", "dask://127.0.0.1:9")
    assert nobody.stderr == "error: no Dask scheduler answers at tcp://127.0.0.1:9\n"
    assert nobody.returncode == 1


def test_a_lost_workers_post_runs_again(cluster: Cluster, site: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    write(
        site,
        "posts/2026-01-03-long.md",
        f"---\ntitle: Long\n---\n```{{python}}\n#| cache: false\nimport os, time\n"
        f"open({str(started)!r}, 'a').write('x')\n"
        f"time.sleep(0 if os.path.getsize({str(started)!r}) > 1 else 600)\nprint('arrived')\n```\n",
    )
    arguments = [sys.executable, str(PROJECT / "build.py"), "--root", str(site)]
    running = subprocess.Popen(
        [*arguments, "--executor", cluster.address], stdout=subprocess.PIPE, text=True
    )
    until("the long post alone runs", lambda: started.exists() and len(cluster.left()) == 1)
    (busy,) = cluster.left()
    cluster.workers[int(busy.relative_to(cluster.folder).parts[0])].kill()
    said, _ = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0, said
    assert "arrived" in (site / "_site/2026/01/03/long/index.html").read_text()
    assert started.read_text() == "xx"
    until("what it ran has ended", lambda: not processes_naming(str(busy)))
