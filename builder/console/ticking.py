"""A clock that calls back without a thread, for the builder forks only where it has one."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def can_tick() -> bool:
    """Whether the system has such a clock, and this is where its signal is heard."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


@contextmanager
def ticking(tick: Callable[[], None], every_s: float) -> Iterator[None]:
    """Call `tick` again and again meanwhile, between two steps of the program.

    A forked copy has no clock: the system stops it there, and `tick` is this process's alone.
    """
    if not can_tick():
        yield
        return
    owner = os.getpid()

    def hear(_signal: int, _frame: object) -> None:
        if os.getpid() == owner:
            tick()

    handler = signal.signal(signal.SIGALRM, hear)
    clock = signal.setitimer(signal.ITIMER_REAL, every_s, every_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *clock)
        # None is a handler that was not set by Python, and that it cannot set again.
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
