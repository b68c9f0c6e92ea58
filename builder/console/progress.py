"""What a build does now, in words; nothing is printed here."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from builder.listening import BlockPlace
from builder.report import counted

LONG_S = 10
"""A block that runs for so long is told of where no line shows it."""


@dataclass
class _Running:
    """A block that runs."""

    block: BlockPlace
    since: float
    is_told: bool = False


class Progress:
    """Knows what runs, and since when."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stages: list[tuple[str, float]] = []
        self._running: dict[PurePosixPath, _Running] = {}
        self._blocks: dict[PurePosixPath, list[float]] = {}
        self._posts = 0
        self._done = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Know that a part of the build goes on."""
        self._stages.append((name, self._clock()))
        try:
            yield
        finally:
            self._stages.pop()

    def posts_begin(self, count: int) -> None:
        """Know that so many posts will run."""
        self._posts += count

    def block_begins(self, block: BlockPlace) -> None:
        """Know that a block runs now."""
        self._running[block.post] = _Running(block, self._clock())

    def block_ended(self, block: BlockPlace, seconds: float) -> None:
        """Know that a block has run."""
        self._running.pop(block.post, None)
        self._blocks.setdefault(block.post, []).append(seconds)

    def post_ended(self, post: PurePosixPath) -> str | None:
        """Know that a post has run; what to tell of it, unless no block has come to its end."""
        self._running.pop(post, None)
        self._done += 1
        seconds = self._blocks.pop(post, None)
        if seconds is None:
            return None
        return f"{post}: {counted(len(seconds), 'block')} ran in {sum(seconds):.2f} s"

    def line(self) -> str:
        """What runs now: of several posts the block that has run longest."""
        done = f"{self._done} of {counted(self._posts, 'post')} done" if self._posts else ""
        if not self._running:
            stages = (f"{self._clock() - since:.1f} s, {name}" for name, since in self._stages[-1:])
            return ": ".join(filter(None, (done, *stages)))
        longest = min(self._running.values(), key=lambda r: r.since)
        others = len(self._running) - 1
        if others:
            done += f", {others} more run{'s' if others == 1 else ''}"
        block, seconds = longest.block, self._clock() - longest.since
        # The name comes last: where the line is cut, its beginning says enough.
        told = f"{seconds:.1f} s, block {block.number} of {block.count}, {block.post}:{block.line}"
        return f"{done}: {told}"

    def overdue(self) -> Iterator[str]:
        """What is to be said of blocks that run for long, of each once."""
        for running in list(self._running.values()):
            if not running.is_told and self._clock() - running.since >= LONG_S:
                running.is_told = True
                block = running.block
                yield (
                    f"{block.post}:{block.line}: block {block.number} of {block.count} "
                    f"has run for {LONG_S} s"
                )
