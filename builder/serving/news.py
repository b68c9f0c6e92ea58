"""What open pages are told: that there is something new to see, what runs, and what is wrong."""

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from builder.listening import BlockPlace


@dataclass(frozen=True, slots=True)
class Running:
    """A block that runs."""

    block: BlockPlace
    since: float
    """By the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What is known at a moment."""

    version: int = 0
    """Another one where a page may be another."""

    builds: int = 0
    """That have come to their end, whatever it was."""

    running: tuple[Running, ...] = ()
    ran: tuple[tuple[BlockPlace, float], ...] = ()
    """Blocks that have run since the last save, with their seconds."""

    problems: tuple[str, ...] = ()
    """Errors, each with its place, excerpt and hint; pages stay as they were before them."""

    def to_json(self, server: str) -> str:
        """For the script of the open page, which tells one server from another by its name."""
        now = time.monotonic()
        return json.dumps(
            {
                "server": server,
                "version": self.version,
                "builds": self.builds,
                "running": [_told(r.block) | {"seconds": now - r.since} for r in self.running],
                "ran": [_told(block) | {"seconds": seconds} for block, seconds in self.ran],
                "problems": self.problems,
            }
        )


class News:
    """The latest bulletin, which one thread changes and another one sends to open pages."""

    def __init__(self) -> None:
        self.server = secrets.token_hex(4)
        """Another one for each server: versions begin anew with each."""

        self._lock = threading.Lock()
        self._latest = Bulletin()
        self._readers: set[Callable[[], object]] = set()

    @property
    def latest(self) -> Bulletin:
        """What is known now."""
        return self._latest

    def tell(self, change: Callable[[Bulletin], Bulletin]) -> None:
        """Replace the bulletin by what `change` makes of it, and wake those who read it."""
        with self._lock:
            self._latest = change(self._latest)
            for wake in self._readers:
                wake()

    def tell_version(self) -> None:
        """Say that pages may be other ones."""
        self.tell(lambda b: replace(b, version=b.version + 1))

    def subscribe(self, wake: Callable[[], object]) -> Callable[[], None]:
        """Call `wake` at each change, from whichever thread makes it; gives what ends that."""
        with self._lock:
            self._readers.add(wake)

        def unsubscribe() -> None:
            with self._lock:
                self._readers.discard(wake)

        return unsubscribe


def _told(block: BlockPlace) -> dict[str, object]:
    return {
        "post": str(block.post),
        "number": block.number,
        "count": block.count,
        "line": block.line,
    }
