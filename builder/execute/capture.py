"""Put what a block wrote and what it showed into the order in which it arose.

The worker sends event n on a connection of its own and then writes marker n into
both output pipes. Bytes in front of marker n were written before event n, also
when C code or a child process wrote them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder.execute.protocol import Event

_MARK_START, _MARK_END = b"\0\1", b"\2"
_STREAMS = ("stdout", "stderr")
_ADDRESS = re.compile(r"(?<= at )0x[0-9A-Fa-f]{6,}")


def marker(token: bytes, number: int) -> bytes:
    """Make the bytes that follow event `number` in both pipes."""
    return _MARK_START + token + b"%08d" % number + _MARK_END


def mask_addresses(text: str) -> str:
    """Hide where objects lie in memory: it differs in every run and tells nobody anything."""
    return _ADDRESS.sub("0x…", text)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written before an event, or after the last one."""

    stdout: bytes
    stderr: bytes
    dropped: Mapping[str, int]
    """Bytes beyond the limit, of each stream."""

    event: Event | None


class Splicer:
    """Takes pipe bytes and numbered events, gives both back in order.

    Args:
        token: random bytes that no output contains by chance.
        limit: bytes kept of what one stream carries between two events.
    """

    def __init__(self, token: bytes, limit: int) -> None:
        self._marker = re.compile(re.escape(_MARK_START + token) + rb"(\d{8})" + _MARK_END)
        self._marker_length = len(marker(token, 0))
        self._limit = limit
        self._tail = dict.fromkeys(_STREAMS, b"")
        self._kept: dict[tuple[str, int], bytearray] = {}
        self._dropped: dict[tuple[str, int], int] = {}
        self._reached = dict.fromkeys(_STREAMS, -1)
        self._events: dict[int, Event] = {}
        self._next = 0

    def add_event(self, number: int, event: Event) -> None:
        """Take an event from the connection."""
        self._events[number] = event

    def feed(self, name: str, content: bytes) -> None:
        """Take bytes from the pipe of stream `name`."""
        content, start = self._tail[name] + content, 0
        for match in self._marker.finditer(content):
            number = int(match[1])
            self._keep(name, number, content[start : match.start()])
            self._reached[name], start = number, match.end()
        # A marker may be cut in two by the end of a read.
        cut = content.rfind(_MARK_START[:1], max(start, len(content) - self._marker_length))
        cut = cut if cut >= 0 else len(content)
        self._keep(name, self._reached[name] + 1, content[start:cut])
        self._tail[name] = content[cut:]

    def ready(self) -> Iterator[Written]:
        """Yield the events whose markers have come in both pipes."""
        while self._next <= min(self._reached.values()) and self._next in self._events:
            self._next += 1
            yield self._take(self._next - 1)

    def rest(self) -> Iterator[Written]:
        """Yield what is left when the worker has gone, complete or not."""
        for name in _STREAMS:
            self._keep(name, self._reached[name] + 1, self._tail[name])
            self._tail[name] = b""
        numbers = {*self._events, *(number for _, number in self._kept)}
        for number in sorted(n for n in numbers if n >= self._next):
            self._next = number + 1
            yield self._take(number)

    def _keep(self, name: str, number: int, content: bytes) -> None:
        if not content:
            return
        kept = self._kept.setdefault((name, number), bytearray())
        part = content[: max(0, self._limit - len(kept))]
        kept += part
        dropped = self._dropped.get((name, number), 0) + len(content) - len(part)
        self._dropped[name, number] = dropped

    def _take(self, number: int) -> Written:
        stdout, stderr = (bytes(self._kept.pop((name, number), b"")) for name in _STREAMS)
        dropped = {name: self._dropped.pop((name, number), 0) for name in _STREAMS}
        return Written(stdout, stderr, dropped, self._events.pop(number, None))
