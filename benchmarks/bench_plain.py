"""Time many plain posts beside Pelican, which builds the same files in the same run.

    python -m benchmarks.bench_plain [--posts 1000] [--runs 3] [--pelican PROGRAM]

A post has 1,000 words, ten formulas and a listing. No formula stands in two posts, which is
the most that can be asked of what sets them: of 1,000 posts, 10,000. Pelican has its default
theme and its Markdown reader, and leaves formulas as TeX. Both get two cores, and take turns,
so that a change of the machine's pace meets both.

Each figure is the median of whole commands, in seconds; the ratios are the result, for the
seconds are those of one machine on one day. A ratio is one of two builds in the same round.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles

from benchmarks.bench_build import ROOT
from benchmarks.make_site import write_site
from builder.config import CACHE
from builder.execute.pool import usable_cores

_CORES = 2
_TRIES = 3
"""In each round, of what takes least."""

_WORD = "anew"
_PEER = "Pelican"
_AIMS = {
    "formulas known": "0.6 of Pelican's time",
    "unchanged": "0.3 s",
    "one word edited": "0.6 s",
}


def main() -> None:
    """Run every benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3, help="rounds of all builds")
    parser.add_argument(
        "--pelican", help="its program; without it, one is installed into a temporary folder"
    )
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])
    with tempfile.TemporaryDirectory() as folder:
        site, peer = Path(folder, "site"), Path(folder, "peer")
        pelican = _find(options.pelican) if options.pelican else _install(peer)
        if pelican is None:
            print("Pelican cannot be had here: nothing is compared")
        posts = write_site(site, options.posts, "mathematical")
        time.sleep(2.5)  # until the times of files are old enough to be trusted
        _report([_round(site, posts, pelican) for _ in range(options.runs)], len(posts))


def _round(site: Path, posts: Sequence[Path], pelican: str | None) -> Mapping[str, float]:
    """The seconds of a build of each kind."""
    pages, edited = site / "_site", posts[len(posts) // 2]
    times = {"no formula known": _seconds(lambda: _build(site), lambda: _forget(site))}
    times["formulas known"] = _seconds(lambda: _build(site), lambda: _forget(site, "formulas."))
    _check(pages, "*/*/*/*/index.html", len(posts))
    if pelican is not None:
        theirs = site.with_name("pelican")
        command = [pelican, str(site / "posts"), "--output", str(theirs), "--quiet"]
        times[_PEER] = _seconds(lambda: _run(command, site), lambda: _remove(theirs))
        _check(theirs, "post-*.html", len(posts))
    times["unchanged"] = median(_seconds(lambda: _build(site)) for _ in range(_TRIES))
    times["one word edited"] = median(
        _seconds(lambda: _build(site), lambda: _edit(edited)) for _ in range(_TRIES)
    )
    (page,) = pages.rglob(f"post-{len(posts) // 2}/index.html")
    if page.read_text(encoding="utf-8").count(_WORD) != edited.read_text("utf-8").count(_WORD):
        raise SystemExit(f"the edit has not come to {page}")
    return times


def _report(rounds: Sequence[Mapping[str, float]], count: int) -> None:
    print(f"{count:,} plain posts of 1,000 words and 10 formulas, on {usable_cores()} cores")
    is_compared = _PEER in rounds[0]
    ratios = f" {'of Pelican':>10}   quartiles" if is_compared else ""
    print(f"  {'':24} {'seconds':>8}   {'quartiles':18}{ratios}".rstrip())
    for name in rounds[0]:
        low, middle, high = _quartiles([times[name] for times in rounds])
        line = f"  {name if name == _PEER else f'build, {name}':24} {middle:8.2f}"
        line += f"   {f'{low:.2f} to {high:.2f}':18}"
        if is_compared and name != _PEER:
            low, middle, high = _quartiles([times[name] / times[_PEER] for times in rounds])
            line += f" {middle:10.3f}   {f'{low:.3f} to {high:.3f}':18}"
        print(f"{line} aim {_AIMS[name]}" if name in _AIMS else line.rstrip())


def _quartiles(values: list[float]) -> list[float]:
    return quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3


def _find(program: str) -> str | None:
    found = shutil.which(program)
    return found and os.path.abspath(found)  # builds run in the site's folder


def _install(folder: Path) -> str | None:
    """Pelican's program, in an environment of its own."""
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(scripts / "python"), "-m", "pip", "install", "--quiet", "pelican", "markdown"],
    ):
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return None
    return _find(str(scripts / "pelican"))


def _forget(site: Path, kept: str = "/") -> None:
    """Remove what builds have left, but for files of the cache whose names begin with `kept`."""
    _remove(site / "_site")
    for path in (site / CACHE).glob("*"):
        if not path.name.startswith(kept):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _edit(post: Path) -> None:
    """Add a word at the end of the first paragraph."""
    text = post.read_text(encoding="utf-8")
    post.write_text(text.replace(".", f" {_WORD}.", 1), encoding="utf-8")


def _check(pages: Path, pattern: str, count: int) -> None:
    """Make sure that each post has become a page: what fails early is fast."""
    found = sum(1 for _ in pages.glob(pattern))
    if found != count:
        raise SystemExit(f"{found} of {count} posts have become pages in {pages}")


def _build(site: Path) -> None:
    _run([sys.executable, str(ROOT / "build.py"), "--root", str(site), "--quiet"], site)


def _run(command: list[str], folder: Path) -> None:
    # As in any shell: a program that is compiled at every start is not what is measured.
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=variables)


def _seconds(work: Callable[[], object], prepare: Callable[[], object] = lambda: None) -> float:
    prepare()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
