"""Events arrive whole, however they are cut; what is no event is told from one."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.execute import protocol
from builder.execute.channels import Channels, DisturbedError, EventReader, _frame
from builder.execute.protocol import (
    Began,
    Displayed,
    Ended,
    Event,
    Fault,
    FileState,
    Finished,
    Froze,
    NotFrozen,
    Raised,
    Synced,
    Trace,
    Wrote,
)
from builder.model import FIGURE_DARK, FIGURE_LIGHT, Display, themed


class Text(str):
    """A type of a post's own."""


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@settings(derandomize=True, deadline=None)
@given(sizes=st.lists(st.integers(1, 400), min_size=1, max_size=5))
def test_events_are_read_whole_however_they_are_cut(sizes: list[int]) -> None:
    events: list[tuple[int, Event]] = [
        (0, Began(0)),
        (1, Displayed(Display({"text/plain": b"x" * 1000}))),
        (2, Began(1)),
    ]
    content = b"".join(_frame(number, event) for number, event in events)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader, place = EventReader(ours, 2), 0
        found: list[tuple[int, Event]] = []
        while content:
            size, place = sizes[place % len(sizes)], place + 1
            theirs.sendall(content[:size])
            content = content[size:]
            found += reader.read()

    assert found == events


def test_a_text_of_a_posts_own_type_arrives_as_plain_text(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    Channels(0, 0, theirs.fileno()).send(0, Displayed(Display({"text/plain": b""}, Text("hello"))))

    ((_, event),) = EventReader(ours, 2).read()

    assert isinstance(event, Displayed)
    assert type(event.display.alt) is str
    assert event.display.alt == "hello"


@pytest.mark.parametrize("content", [b"x" * 20, (3).to_bytes(8, "big") + b"abc"])
def test_what_is_no_event_is_told_from_one(
    ends: tuple[socket.socket, socket.socket], content: bytes
) -> None:
    ours, theirs = ends
    theirs.sendall(content)

    with pytest.raises(DisturbedError):
        list(EventReader(ours, 2).read())


FAULT = Fault(message="m", hint=None, block=0, line=1, traceback="")
TRACE = Trace({"/a": FileState(1, 2), "/b": None}, ("/c",), ("D",), ("e",), {"f": 1}, True)
SOUND: tuple[Event, ...] = (
    Began(1),
    Displayed(Display({"text/plain": b"1"}, "words")),
    Displayed(Display({FIGURE_LIGHT: b"<svg>", FIGURE_DARK: b"<svg>"})),
    Displayed(Display({"image/png": b"\xff", "text/plain": b""})),
    Raised(FAULT),
    Raised(replace(FAULT, hint="h", line=0)),
    Wrote(0),
    Ended(1, 0.5, 0.25, TRACE),
    Froze(0),
    NotFrozen(0, "other threads run"),
    Finished(),
    Synced(),
)
made: Any = protocol
made_of: Any = Display
replaced: Any = replace
UNSOUND: tuple[Any, ...] = (
    made.Began(2),
    made.Began(-1),
    made.Began("0"),
    made.Began(None),
    made.Displayed(None),
    made.Displayed(made_of({"text/plain": "1"})),
    made.Displayed(made_of({1: b""})),
    made.Displayed(made_of([])),
    made.Displayed(made_of({"text/plain": b"1"}, "\ud800")),
    made.Displayed(made_of({})),
    made.Displayed(made_of({"text/html": b"\xff"})),
    made.Displayed(made_of({"text/\ud800": b"1"})),
    made.Displayed(made_of({FIGURE_LIGHT: b""})),
    made.Displayed(made_of({FIGURE_DARK: b""})),
    made.Displayed(made_of({FIGURE_LIGHT: b"", FIGURE_DARK: b"", "text/plain": b""})),
    made.Displayed(made_of({themed("image/gif", "light"): b"", themed("image/gif", "dark"): b""})),
    made.Raised(None),
    made.Raised(replaced(FAULT, block=2)),
    made.Raised(replaced(FAULT, line=-1)),
    made.Raised(replaced(FAULT, line=1 << 70)),
    made.Raised(replaced(FAULT, message=None)),
    made.Raised(replaced(FAULT, traceback="\ud800")),
    made.Wrote(2),
    made.Ended(0, 0.0, 0.0, None),
    made.Ended(0, 0.0, 0.0, replaced(TRACE, untraceable=None)),
    made.Ended(0, 0.0, 0.0, replaced(TRACE, untraceable={"f": -1})),
    made.Ended(0, 0.0, 0.0, replaced(TRACE, files={"/a": made.FileState(1 << 70, 2)})),
    made.Ended(0, 0.0, 0.0, replaced(TRACE, files={"/a": (1, 2)})),
    made.Ended(0, 0.0, 0.0, replaced(TRACE, folders=["/c"])),
    made.Ended(0, 0.0, 0.0, replaced(TRACE, variables=(1,))),
    made.Ended(0, float("nan"), 0.0, TRACE),
    made.Ended(0, 0.0, float("inf"), TRACE),
    made.Ended(0, "0", 0.0, TRACE),
    made.Ended(2, 0.0, 0.0, TRACE),
    made.Froze(2),
    made.NotFrozen(0, None),
    TRACE,
    Finished,
)


@pytest.mark.parametrize("event", SOUND, ids=range(len(SOUND)))
def test_what_a_worker_sends_arrives(
    ends: tuple[socket.socket, socket.socket], event: Event
) -> None:
    ours, theirs = ends
    Channels(0, 0, theirs.fileno()).send(7, event)

    assert list(EventReader(ours, 2).read()) == [(7, event)]


@pytest.mark.parametrize("event", UNSOUND, ids=range(len(UNSOUND)))
def test_an_event_with_other_fields_than_a_worker_sends_is_none(
    ends: tuple[socket.socket, socket.socket], event: Event
) -> None:
    ours, theirs = ends
    Channels(0, 0, theirs.fileno()).send(0, event)

    with pytest.raises(DisturbedError):
        list(EventReader(ours, 2).read())


def test_an_event_without_its_fields_is_none(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    name = f"{Began.__module__}\n{Began.__qualname__}\n".encode()
    body = b"\x80\x02K\x00c" + name + b")\x81\x86."  # (0, Began.__new__(Began))
    theirs.sendall(len(body).to_bytes(8, "big") + body)

    with pytest.raises(DisturbedError):
        list(EventReader(ours, 2).read())


def test_half_an_event_keeps_nobody_waiting(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    theirs.sendall(_frame(0, Began(0))[:-1])
    reader = EventReader(ours, 2)

    assert list(reader.read()) == []
    with pytest.raises(BlockingIOError):
        list(reader.read())


def test_the_end_is_told(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    theirs.close()

    with pytest.raises(EOFError):
        list(EventReader(ours, 2).read())


def test_a_descriptor_travels_with_its_event(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    read_end, write_end = os.pipe()
    Channels(0, 0, theirs.fileno()).send(0, Began(0), write_end)
    reader = EventReader(ours, 2)

    assert list(reader.read()) == [(0, Began(0))]
    (descriptor,) = reader.descriptors
    os.write(descriptor, b"through")
    assert os.read(read_end, 99) == b"through"
    for number in (read_end, write_end, descriptor):
        with suppress(OSError):
            os.close(number)


def test_descriptors_that_were_closed_or_replaced_are_seen() -> None:
    ends = [os.pipe() for _ in range(3)]
    channels = Channels(*(write_end for _, write_end in ends)).lifted()
    before = channels.inodes()

    assert min(channels.stdout, channels.stderr, channels.events) >= 256
    os.dup2(ends[0][0], channels.stderr)
    assert channels.inodes() != before
    os.close(channels.events)
    with pytest.raises(OSError, match="Bad file descriptor"):
        channels.inodes()
    for descriptor in (*(read_end for read_end, _ in ends), channels.stdout, channels.stderr):
        os.close(descriptor)
