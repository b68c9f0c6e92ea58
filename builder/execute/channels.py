"""Where a worker's output and events go."""

import os
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Protocol

from builder.execute.protocol import Event


class Outlet(Protocol):
    """What a worker needs: two descriptors for output, and a way for events."""

    @property
    def stdout(self) -> int:
        """Where standard output goes."""

    @property
    def stderr(self) -> int:
        """Where standard error goes."""

    def send(self, number: int, event: Event) -> None:
        """Send an event."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Pipes and a socket that a forked worker has from its guard."""

    stdout: int
    stderr: int
    events: int

    def send(self, number: int, event: Event) -> None:
        """Send an event, on a connection that closes no descriptor which is used anew."""
        with Connection(os.dup(self.events)) as connection:
            connection.send((number, event))

    def close(self) -> None:
        """Let the reader see the end, as far as this process is concerned."""
        for descriptor in (self.stdout, self.stderr, self.events):
            with suppress(OSError):
                os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Pipes:
    """What a worker has that was started as a program of its own."""

    stdout: int
    stderr: int
    connection: Connection

    def send(self, number: int, event: Event) -> None:
        """Send an event."""
        self.connection.send((number, event))
