"""Where a worker's output and events go, and how the other side reads the events."""

import io
import os
import pickle
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from builder.execute import linux
from builder.execute.protocol import SENT, Event
from builder.execute.soundness import is_sound

_LENGTH_BYTES = 8
_LONGEST = 1 << 32
_READ_BYTES = 1 << 18


class DisturbedError(Exception):
    """What comes as events is none: the post has written where it should not."""


class Outlet(Protocol):
    """What a worker needs: two descriptors for output, and a way for events."""

    @property
    def stdout(self) -> int:
        """Where standard output goes."""

    @property
    def stderr(self) -> int:
        """Where standard error goes."""

    @property
    def descriptors(self) -> tuple[int, ...]:
        """All of its numbers."""

    def send(self, number: int, event: Event, descriptor: int | None = None) -> None:
        """Send an event, and a descriptor with it."""

    def inodes(self) -> tuple[int, ...]:
        """What the descriptors lead to: it changes when a post closes them."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Pipes and a socket that a forked worker has from its guard."""

    stdout: int
    stderr: int
    events: int

    @property
    def descriptors(self) -> tuple[int, ...]:
        """All of its numbers."""
        return self.stdout, self.stderr, self.events

    def send(self, number: int, event: Event, descriptor: int | None = None) -> None:
        """Send an event, and a descriptor with it.

        Only system calls on a number: a post may have no descriptor left to spend.
        """
        rest = memoryview(_frame(number, event))
        if descriptor is not None:
            with socket.socket(fileno=os.dup(self.events)) as carrier:
                socket.send_fds(carrier, [rest], [descriptor])
            return
        while rest:
            rest = rest[os.write(self.events, rest) :]

    def inodes(self) -> tuple[int, ...]:
        """What the descriptors lead to: it changes when a post closes them."""
        return tuple(os.fstat(n).st_ino for n in self.descriptors)

    def lifted(self) -> "Channels":
        """The same, on numbers that posts do not come upon."""
        return Channels(*map(linux.lift, self.descriptors))

    def close(self) -> None:
        """Let the reader see the end, as far as this process is concerned."""
        for descriptor in self.descriptors:
            with suppress(OSError):
                os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Pipes:
    """What a worker has that was started as a program of its own."""

    stdout: int
    stderr: int
    socket: socket.socket

    @property
    def descriptors(self) -> tuple[int, ...]:
        """All of its numbers."""
        return self.stdout, self.stderr, self.socket.fileno()

    def send(self, number: int, event: Event, descriptor: int | None = None) -> None:
        """Send an event; no descriptor can go with it."""
        assert descriptor is None
        self.socket.sendall(_frame(number, event))

    def inodes(self) -> tuple[int, ...]:
        """What the descriptors lead to: it changes when a post closes them."""
        is_file = os.name != "nt"  # where a socket is no file
        numbers = (self.stdout, self.stderr, *([self.socket.fileno()] if is_file else ()))
        return tuple(os.fstat(n).st_ino for n in numbers)


class EventReader:
    """Reads events, however they are cut, without waiting for the rest of one.

    Args:
        source: the events come from there.
        blocks: so many has the post.
    """

    def __init__(self, source: socket.socket, blocks: int) -> None:
        self._source = source
        self._blocks = blocks
        self._content = bytearray()
        self.descriptors: list[int] = []
        """That have come and were not taken."""

    def fileno(self) -> int:
        """For selectors."""
        return self._source.fileno()

    def close(self) -> None:
        """Close the socket and what came with it."""
        self._source.close()
        for descriptor in self.descriptors:
            os.close(descriptor)

    def read(self) -> Iterator[tuple[int, Event]]:
        """Yield the events that one read completes.

        Raises:
            EOFError: the other side has gone.
            DisturbedError: what has come is no event.
        """
        if hasattr(socket, "recv_fds"):
            content, descriptors, _, _ = socket.recv_fds(self._source, _READ_BYTES, 1)
            self.descriptors += descriptors
        else:
            content = self._source.recv(_READ_BYTES)
        if not content:
            raise EOFError
        self._content += content
        while len(self._content) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(self._content[:_LENGTH_BYTES], "big")
            if end > _LONGEST:
                raise DisturbedError
            if len(self._content) < end:
                return
            body = bytes(self._content[_LENGTH_BYTES:end])
            del self._content[:end]
            match loads(body):
                case (int() as number, event) if self._is_sound(event):
                    yield number, event
                case _:
                    raise DisturbedError

    def _is_sound(self, event: object) -> bool:
        return isinstance(event, Event) and is_sound(event, self._blocks)


def loads(body: bytes) -> Any:
    """Read what a worker has sent, which its post may have written: nothing of it is run.

    Raises:
        DisturbedError: it is no event, and nothing that an event is made of.
    """
    try:
        return _Unpickler(io.BytesIO(body)).load()
    except Exception as error:  # unpickling what is no pickle raises anything
        raise DisturbedError from error


class _Unpickler(pickle.Unpickler):
    """Makes events, what they hold, and nothing else."""

    def find_class(self, module: str, name: str) -> type:
        """One of the types that are sent."""
        return _SENT[module, name]


_SENT = {(kind.__module__, kind.__qualname__): kind for kind in (*SENT, str)}


class _Pickler(pickle.Pickler):
    """Sends no types of a post's own, which the other side does not know."""

    def reducer_override(self, value: object) -> Any:
        """Make a plain text of an instance of a class made from `str`."""
        if isinstance(value, str):
            return str, (str.__str__(value),)
        return NotImplemented


def _frame(number: int, event: Event) -> bytes:
    body = io.BytesIO()
    _Pickler(body).dump((number, event))
    return len(body.getvalue()).to_bytes(_LENGTH_BYTES, "big") + body.getvalue()
