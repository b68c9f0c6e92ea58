"""A bound on the time that Markdown may take: some floods of markup cost it the square of them."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_BASE_S = 5.0
_PER_MEGABYTE_S = 20.0
"""Ordinary prose takes one or two."""


class TooSlowError(Exception):
    """Markdown has taken much longer than it should for so much text."""


def seconds_for(length: int) -> float:
    """The processor time that so many characters may take."""
    return _BASE_S + _PER_MEGABYTE_S * length / 1e6


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """End what runs inside with an error once it has used so much processor time.

    Where the system has no such timer, and in threads, nothing is limited.

    Raises:
        TooSlowError: it has.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not (is_main and hasattr(signal, "setitimer")):
        yield
        return

    def stop(_signal: int, _frame: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
