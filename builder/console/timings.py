"""Where the time of a build goes, by stages and by blocks; nothing is printed here."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import PurePosixPath

from builder.listening import BlockPlace

_WORTH_TELLING = 0.01
"""Of the time of its post."""

_SLOWEST = 10


class Timings:
    """Measures stages; time within an inner one counts for that alone."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._stages: dict[str, float] = {}
        self._open: list[str] = []
        self._since = 0.0
        self._blocks: dict[PurePosixPath, list[tuple[float, BlockPlace]]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a part of the build."""
        self._stages.setdefault(name, 0.0)
        self._count()
        self._open.append(name)
        try:
            yield
        finally:
            self._count()
            self._open.pop()

    def _count(self) -> None:
        """Give the time since the last look to the stage that is open."""
        now = self._clock()
        if self._open:
            self._stages[self._open[-1]] += now - self._since
        self._since = now

    def block_ended(self, block: BlockPlace, seconds: float) -> None:
        """Know how long a block has run."""
        self._blocks.setdefault(block.post, []).append((seconds, block))

    def told(self, start_s: float, build_s: float) -> str:
        """All of it as tables.

        Args:
            start_s: what Python and the imports took before the build began.
            build_s: the build as a whole.
        """
        known = sum(self._stages.values())
        rows = [("start-up", start_s), *self._stages.items(), ("other", max(0.0, build_s - known))]
        total = start_s + build_s
        width = max(len(name) for name, _ in rows)
        lines = ["where the time went:"]
        lines += [
            f"  {name:{width}} {seconds:8.3f} s {seconds / total:5.0%}"
            for name, seconds in (*rows, ("all", total))
        ]
        return "\n".join((*lines, *self._slowest()))

    def _slowest(self) -> Iterator[str]:
        if not self._blocks:
            yield "no block has run"
            return
        sums = [(sum(s for s, _ in blocks), str(post)) for post, blocks in self._blocks.items()]
        slowest = sorted(sums, key=lambda pair: (-pair[0], pair[1]))[:_SLOWEST]
        yield "the posts that ran longest, and their blocks:"
        for seconds, post in slowest:
            yield f"  {seconds:8.3f} s  {post}"
            blocks = sorted(self._blocks[PurePosixPath(post)], key=itemgetter(0), reverse=True)
            for block_s, block in (b for b in blocks if b[0] >= _WORTH_TELLING * seconds):
                yield f"  {block_s:12.3f} s  line {block.line}, block {block.number}"
