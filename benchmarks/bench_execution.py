"""Time what a writer waits for: nothing changed, one block edited, many posts, checkpoints.

    python -m benchmarks.bench_execution [--posts 100] [--training 5]

Seconds are those of one machine on one day; beside each stands what it is held against.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks.dialects import script
from benchmarks.make_site import blocks, named_posts, write_site
from benchmarks.peers import ROOT
from builder.config import open_site
from builder.execute import linux
from builder.listening import Listener
from builder.options import BuildOptions
from builder.services import Services, open_services
from builder.session import build_with

_HEAVY = ("jinja2", "markdown", "yaml", "numpy", "matplotlib")
_TRAINING = (
    "import time\nimport numpy as np\nimport matplotlib.pyplot as plt\n"
    "rng = np.random.default_rng()",
    "w, losses, end = rng.normal(size=400), [], time.perf_counter() + {seconds}\n"
    "while time.perf_counter() < end:\n    w *= 0.999\n    losses.append(float(w @ w))",
    "plt.plot(losses[:200])\nplt.show()",
    "print(f'{{losses[0]:.3f}}')",
    "print(w[0])",
)


def main() -> None:
    """Run every benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100)
    parser.add_argument("--training", type=float, default=5.0, help="seconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _bench_many(Path(folder), options.posts)
        _bench_edit(Path(folder), options.posts)
        _bench_training(Path(folder), options.training)
        _bench_tracing(Path(folder))
        _bench_memory(Path(folder))


def _bench_many(folder: Path, count: int) -> None:
    site = folder / "many"
    write_site(site, count, "executable")
    scripts = _write_scripts(folder, 5)
    started = time.perf_counter()
    for path in scripts:
        subprocess.run([sys.executable, str(path)], check=True, stdout=subprocess.DEVNULL)
    script_s = (time.perf_counter() - started) / len(scripts)
    cold = _seconds(lambda: _build(site))
    time.sleep(2.5)  # until the times of files are old enough to be trusted
    unchanged = median(_seconds(lambda: _build(site)) for _ in range(7))
    print(f"{count} posts with 4 blocks and 2 plots each")
    print(f"  cold        {cold:6.2f} s   {cold / (count * script_s):.2f} of as many scripts' time")
    print(f"  unchanged   {unchanged:6.3f} s   having loaded {_loaded(site) or 'none'} of {_HEAVY}")


def _write_scripts(folder: Path, count: int) -> list[Path]:
    """The same blocks as plain programs that save their plots."""
    paths = []
    for name, text in named_posts(count, "executable").items():
        paths.append(folder / f"{name}.py")
        paths[-1].write_text(script(text), encoding="utf-8")
    return paths


def _bench_edit(folder: Path, count: int) -> None:
    """In a process that stays: the last block of one post of many is edited."""
    site = folder / "many"
    post = next((site / "posts").glob("*.md"))
    with _resident(site) as services:
        _rebuild(services, site)
        times, number = [], 0
        for number in range(6):
            text = post.read_text(encoding="utf-8")
            changed = text.replace("plt.title('Fit", f"plt.title('{number} Fit", 1)
            post.write_text(changed, encoding="utf-8")
            times.append(_seconds(lambda: _rebuild(services, site)))
        # The first edit runs the whole post, for no copy of its process waits yet.
        told = median(times[1:])
        print(f"one block with a plot edited, {count} posts, in a process that stays")
        print(f"  to the new page {told:6.3f} s   (the first edit {times[0]:.3f} s)")


def _bench_training(folder: Path, seconds: float) -> None:
    site = folder / "training"
    (site / "posts").mkdir(parents=True)
    post = site / "posts" / "2026-01-01-training.md"
    text = "---\ntitle: T\n---\n" + "\n\n".join(
        f"```{{python}}\n{block.format(seconds=seconds)}\n```" for block in _TRAINING
    )
    post.write_text(text, encoding="utf-8")
    with _resident(site) as services:
        full = _seconds(lambda: _rebuild(services, site))
        times = []
        for number in range(5):
            post.write_text(text.replace("w[0]", f"w[{number + 1}]"), encoding="utf-8")
            times.append(_seconds(lambda: _rebuild(services, site)))
        edited = median(times)
        print(f"the last of 5 blocks edited, where the second trains for {seconds:g} s")
        print(f"  to the new page {edited:6.3f} s   {edited / full:.3f} of the full run")


def _bench_tracing(folder: Path) -> None:
    """The same blocks with and without the hook that sees what they use, in turn."""
    program = (
        "import os, sys, time\n"
        "from builder.execute import figures\n"
        "from builder.execute.protocol import FigureOptions, Job\n"
        "from builder.execute.tracing import Tracer\n"
        "figures.prepare()\nfigures.install(lambda shown: None)\n"
        "job = Job(name='p.md', root='/nowhere', folder='/nowhere', blocks=(), known=0,"
        " checkpoints=None)\n"
        "tracer = Tracer(job)\n"
        "if sys.argv[1] == 'traced': tracer.install()\n"
        f"blocks = {blocks(1)!r}\n"
        "def run():\n"
        "    names = {}\n"
        "    for index, code in enumerate(blocks):\n"
        "        figures.start_block(index, FigureOptions())\n"
        "        tracer.start_block()\n"
        "        exec(code.replace('print', 'repr'), names)\n"
        "        figures.show_all()\n"
        "        figures.end_block()\n"
        "        tracer.end_block()\n"
        "run()\n"
        "start = time.process_time()\n"
        "for _ in range(20): run()\n"
        "print(time.process_time() - start)\n"
    )
    path = folder / "trace.py"
    path.write_text(program, encoding="utf-8")
    times: dict[str, list[float]] = {"plain": [], "traced": []}
    for _ in range(7):
        for kind, found in times.items():
            done = subprocess.run(
                [sys.executable, str(path), kind],
                capture_output=True,
                text=True,
                check=True,
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    "OPENBLAS_NUM_THREADS": "1",
                    "TMPDIR": str(folder),
                },
            )
            found.append(float(done.stdout.split()[-1]))
    ratios = [t / p for t, p in zip(times["traced"], times["plain"], strict=True)]
    print("tracing what a post uses")
    print(f"  {median(ratios):.3f} of the time without it ({min(ratios):.3f} to {max(ratios):.3f})")


def _bench_memory(folder: Path) -> None:
    """Copies of a process that holds 500 MB and changes one per cent of it in each block."""
    site = folder / "memory"
    (site / "posts").mkdir(parents=True)
    (site / "pyproject.toml").write_text(
        "[tool.site]\ncheckpoints = 20\ncheckpoint_memory = 4000\n", encoding="utf-8"
    )
    for kind, work in (("reads", "data.sum()"), ("changes 1 % of", "data[k::100] += 1")):
        rest = [f"k = {n}\n{work};" for n in range(20)]
        text = "\n\n".join(
            f"```{{python}}\n{code}\n```"
            for code in ("import numpy as np\ndata = np.ones((125_000, 500))", *rest)
        ).replace("data[k::100]", "data[k * 1250:(k + 1) * 1250]")
        (site / "posts" / "2026-01-01-big.md").write_text(
            f"---\ntitle: Big\n---\n{text}\n", encoding="utf-8"
        )
        with _resident(site) as services:
            _rebuild(services, site)
            shares = [linux.proportional_bytes(pid) for pid in linux.descendants(os.getpid())]
            largest = [share for share in shares if share > 20_000_000]
            total = sum(shares) / 1e6
            print(f"20 checkpoints of a process that holds 500 MB and {kind} it in each block")
            print(f"  {total:6.0f} MB in all (PSS), in {len(largest)} processes")


def _resident(site: Path) -> AbstractContextManager[Services]:
    return open_services(open_site(site), is_resident=True)


def _rebuild(services: Services, site: Path) -> None:
    options = BuildOptions(output=site / "_site", today=date(2099, 1, 1))
    built = build_with(services, open_site(site), options, Listener())
    if built.report.errors:
        raise SystemExit("\n".join(map(str, built.report.problems)))


def _build(site: Path) -> None:
    command = [sys.executable, str(ROOT / "build.py"), "--root", str(site), "--quiet"]
    subprocess.run(command, check=True)


def _loaded(site: Path) -> list[str]:
    """Which of the heavy packages a build with nothing to do loads."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(ROOT / "build.py"), "--root", str(site), "-q"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    return [name for name in _HEAVY if name in names]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
