"""`sys.stdout` and `sys.stderr` of a worker, in an order that a reader can follow."""

import io
import time
from collections.abc import Callable

_EAGER_LINES = 500
_FLUSH_EVERY_S = 0.02


class OrderedStream(io.TextIOWrapper):
    """One of the two; a switch between them keeps their order.

    The first lines of a block are written at once, so that they stand in the
    right place beside output of C code and survive a crash; a flood is not.

    Args:
        descriptor: where it goes.
        tell: called with the stream before each write.
    """

    def __init__(self, descriptor: int, tell: "Callable[[OrderedStream], None]") -> None:
        super().__init__(io.FileIO(descriptor, "w", closefd=False), "utf-8", "backslashreplace")
        self._tell = tell
        self._lines = 0
        self._flushed_at = 0.0

    def write(self, text: str) -> int:
        """Write as any text stream does."""
        self._tell(self)
        count = super().write(text)
        if "\n" in text:
            self._lines += 1
            now = time.monotonic()
            if self._lines < _EAGER_LINES or now - self._flushed_at > _FLUSH_EVERY_S:
                self.flush()
                self._flushed_at = now
        return count

    def start_block(self) -> None:
        """Count lines anew."""
        self._lines = 0


def is_open(stream: io.TextIOBase) -> bool:
    """Whether the post has neither closed nor detached it."""
    try:
        return not stream.closed
    except ValueError:
        return False
