"""Events arrive whole, however they are cut; what is no event is told from one."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.execute.channels import Channels, DisturbedError, EventReader, _frame
from builder.execute.protocol import Began, Displayed, Event
from builder.model import Display


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
        reader, place = EventReader(ours), 0
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
    Channels(0, 0, theirs.fileno()).send(0, Displayed(Display({}, Text("hello"))))

    ((_, event),) = EventReader(ours).read()

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
        list(EventReader(ours).read())


def test_half_an_event_keeps_nobody_waiting(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    theirs.sendall(_frame(0, Began(0))[:-1])
    reader = EventReader(ours)

    assert list(reader.read()) == []
    with pytest.raises(BlockingIOError):
        list(reader.read())


def test_the_end_is_told(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    theirs.close()

    with pytest.raises(EOFError):
        list(EventReader(ours).read())


def test_a_descriptor_travels_with_its_event(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    read_end, write_end = os.pipe()
    Channels(0, 0, theirs.fileno()).send(0, Began(0), write_end)
    reader = EventReader(ours)

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
