"""When more machines pay: recorded run times of posts, on simulated machines.

Nothing is measured here but what builds have recorded of the posts of a site: how many seconds
each took. From these, the time until all have run afresh is simulated for one machine, for the
workers of a Dask scheduler and for shares of a CI matrix, by the rules by which posts are dealt
out: the longest first, to whoever has the least to do.

    python -m benchmarks.bench_machines [--root DIR] [--posts N ...] [--setup S] [--start S]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from random import Random

from builder.cache.dependencies import Surroundings
from builder.cache.results import ResultCache
from builder.cache.store import Store
from builder.config import CACHE, PROJECT, open_site
from builder.discover import read_sources

MACHINES = (1, 2, 4, 8, 16)
CORES = 2
"""Of each machine of the matrix, as GitHub's had for long."""


def recorded(root: Path) -> list[float]:
    """Seconds that the posts of a site took when they ran last.

    Raises:
        SystemExit: none has run.
    """
    site = open_site(root)
    results = ResultCache(Store(root / CACHE), Surroundings({}, {}))
    sources = read_sources(site.content_root, site.posts, [])
    histories = (results.history(str(source.path)) for source in sources)
    seconds = [history.seconds for history in histories if history and history.seconds > 0]
    if not seconds:
        raise SystemExit(f"{root}: no post has run; build it first")
    return seconds


def drawn(seconds: Sequence[float], count: int) -> list[float]:
    """Run times of `count` posts: the recorded ones, and others drawn from them, always alike."""
    return [*seconds, *Random(0).choices(seconds, k=max(0, count - len(seconds)))][:count]


def makespan(seconds: Sequence[float], workers: int, each_s: float = 0.0) -> float:
    """Until all posts have run, the longest first, each where there is the least to do."""
    loads = [0.0] * workers
    for post in sorted(seconds, reverse=True):
        place = loads.index(min(loads))
        loads[place] += post + each_s
    return max(loads)


def shards(seconds: Sequence[float], machines: int, setup_s: float) -> float:
    """Until the last machine of a matrix has run its share, and one has merged them all."""
    shares: list[list[float]] = [[] for _ in range(machines)]
    for post in sorted(seconds, reverse=True):
        min(shares, key=sum).append(post)
    merging_s = setup_s if machines > 1 else 0.0
    return setup_s + max(makespan(share, CORES) for share in shares) + merging_s


def main() -> None:
    """Print a table for each number of posts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=PROJECT, help="a site that was built")
    parser.add_argument("--posts", type=int, nargs="*", default=[32, 365, 3650])
    parser.add_argument(
        "--setup", type=float, default=60.0, help="seconds until a CI machine builds"
    )
    parser.add_argument(
        "--start", type=float, default=1.5, help="seconds a Dask worker adds to a post"
    )
    options = parser.parse_args()
    seconds = recorded(options.root)
    print(f"{len(seconds)} posts ran {sum(seconds):.0f} s in all, the longest {max(seconds):.0f} s")
    for count in options.posts:
        posts = drawn(seconds, count)
        print(f"\n| {count} posts, {sum(posts):.0f} s | one machine | Dask workers | CI shares |")
        print("|---:|---:|---:|---:|")
        for machines in MACHINES:
            one = f"{makespan(posts, CORES):.0f} s" if machines == 1 else ""
            dask = makespan(posts, machines * CORES, options.start)
            ci = shards(posts, machines, options.setup)
            print(f"| {machines} × {CORES} cores | {one} | {dask:.0f} s | {ci:.0f} s |")


if __name__ == "__main__":
    main()
