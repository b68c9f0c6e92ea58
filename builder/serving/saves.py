"""What was saved since it was last looked at."""

import threading
from collections.abc import Collection
from pathlib import Path

from builder.execute.interrupt import Interrupt


class Saves:
    """Takes changed paths from the threads that notice them, and ends the build that runs.

    Args:
        interrupt: set while there is something to take.
    """

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt
        self._condition = threading.Condition()
        self._paths: set[Path] = set()

    def add(self, paths: Collection[Path]) -> None:
        """Take paths that have changed."""
        with self._condition:
            self._paths.update(paths)
            self._interrupt.set()
            self._condition.notify()

    def take(self) -> frozenset[Path]:
        """All that has come since the last call."""
        with self._condition:
            self._interrupt.clear()
            taken = frozenset(self._paths)
            self._paths.clear()
        return taken

    def wait(self, timeout_s: float) -> bool:
        """Wait until something has come; whether it has."""
        with self._condition:
            return self._condition.wait_for(lambda: bool(self._paths), timeout_s)
