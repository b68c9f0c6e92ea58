"""Time builds cold, unchanged and with one post edited, beside plain `python` scripts.

    python -m benchmarks.bench_build [--posts 10] [--runs 3]

Each figure is the median of whole commands, in seconds; the ratios are the result,
for the seconds are those of one machine on one day.
"""

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.make_site import blocks, write_site

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Run every benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _bench_executable(Path(folder), options.posts, options.runs)
        _bench_plain(Path(folder), options.posts, options.runs)


def _bench_executable(folder: Path, count: int, runs: int) -> None:
    site = folder / "executable"
    posts = write_site(site, count, "executable")
    scripts = write_scripts(folder, count)
    # Both in turn, so that a change of the machine's pace meets both.
    cold, plain = [], []
    for _ in range(runs):
        cold.append(_seconds(lambda: _build(site), lambda: _forget(site)))
        plain.append(_seconds(lambda: _run_scripts(scripts)))
    unchanged = [_seconds(lambda: _build(site)) for _ in range(runs)]
    edited = [_seconds(lambda: _build(site), lambda: _edit(posts[0])) for _ in range(runs)]
    print(f"{count} posts with 4 blocks and 2 plots each")
    print(f"  the blocks as {count} scripts   {median(plain):6.2f} s")
    for name, times in (("cold", cold), ("unchanged", unchanged), ("one post edited", edited)):
        ratio = median(times) / median(plain)
        print(f"  build, {name:18} {median(times):6.2f} s   {ratio:.3f} of the scripts' time")
    _print_weight(site / "_site")


def _bench_plain(folder: Path, count: int, runs: int) -> None:
    site = folder / "plain"
    posts = write_site(site, count, "plain")
    cold = [_seconds(lambda: _build(site), lambda: _forget(site)) for _ in range(runs)]
    unchanged = [_seconds(lambda: _build(site)) for _ in range(runs)]
    edited = [_seconds(lambda: _build(site), lambda: _edit(posts[0])) for _ in range(runs)]
    print(f"{count} plain posts of 1,000 words and 10 formulas")
    for name, times in (("cold", cold), ("unchanged", unchanged), ("one post edited", edited)):
        ratio = median(times) / median(cold)
        print(f"  build, {name:18} {median(times):6.2f} s   {ratio:.3f} of cold")


def _print_weight(site: Path) -> None:
    page = next(path for path in sorted(site.rglob("index.html")) if path.parent != site)
    sheet = next(site.glob("assets/site.*.css"))
    figures = sorted(page.parent.glob("*.svg"))
    shown = figures[: len(figures) // 2]  # each has a light and a dark variant; one is loaded
    for name, files in (("page and style sheet", [page, sheet]), ("figures shown", shown)):
        raw = [path.read_bytes() for path in files]
        packed = sum(len(gzip.compress(content)) for content in raw)
        print(f"  {name:25} {sum(map(len, raw)) / 1000:6.1f} KB, {packed / 1000:.1f} KB compressed")


def write_scripts(folder: Path, count: int) -> list[Path]:
    """The same blocks as plain programs that save their plots."""
    scripts = []
    for number in range(count):
        path = folder / f"script_{number}.py"
        code = "\n".join(blocks(number)).replace(
            "plt.show()", f"plt.savefig({str(path) + '.svg'!r})\nplt.close()"
        )
        path.write_text("import matplotlib\nmatplotlib.use('Agg')\n" + code, encoding="utf-8")
        scripts.append(path)
    return scripts


def _forget(site: Path) -> None:
    for name in (".cache", "_site"):
        shutil.rmtree(site / name, ignore_errors=True)


def _edit(post: Path) -> None:
    """Change the last block, and with it what must run again; add a word where there is none."""
    text = post.read_text(encoding="utf-8")
    changed = text.replace("'Fit", "'Fit again", 1)
    post.write_text(changed if changed != text else f"{text}again\n", encoding="utf-8")


def _build(site: Path) -> None:
    _run([sys.executable, str(ROOT / "build.py"), "--root", str(site), "--quiet"])


def _run_scripts(scripts: list[Path]) -> None:
    for script in scripts:
        _run([sys.executable, str(script)])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _seconds(work: Callable[[], object], prepare: Callable[[], object] = lambda: None) -> float:
    prepare()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
