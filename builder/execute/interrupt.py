"""Another thread ends a build that waits for blocks."""

import threading
from multiprocessing.connection import Pipe


class InterruptedBuildError(Exception):
    """A build has been ended, for what it was to build has changed."""


class Interrupt:
    """A flag that `multiprocessing.connection.wait` and selectors can wait for.

    Its pipe is closed when nobody has it any more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reader, self._writer = Pipe(duplex=False)
        self.is_set = False

    def fileno(self) -> int:
        """Can be read from while the flag is set."""
        return self._reader.fileno()

    def set(self) -> None:
        """End the build that runs, at the next moment at which it waits."""
        with self._lock:
            if not self.is_set:
                self.is_set = True
                self._writer.send_bytes(b"!")

    def clear(self) -> None:
        """Let the next build run."""
        with self._lock:
            if self.is_set:
                self.is_set = False
                self._reader.recv_bytes()

    def check(self) -> None:
        """Raise an error if the flag is set.

        Raises:
            InterruptedBuildError: it is.
        """
        if self.is_set:
            raise InterruptedBuildError
