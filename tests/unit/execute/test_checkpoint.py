"""When a copy of a process would be a faithful one, and what one that waits answers."""

import gc
import mmap
import os
import random
import resource
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import BinaryIO

import pytest

from builder.execute import checkpoint, linux
from builder.execute.channels import Channels
from builder.execute.checkpoint import fork_copy, freeze, why_not
from tests.faults.runs import Limits, make_job

pytestmark = pytest.mark.skipif(not linux.IS_LINUX, reason="needs /proc")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> frozenset[int]:
    """As a post's process is, without other threads and children; its descriptors."""
    monkeypatch.setattr(linux, "thread_count", lambda: 1)
    monkeypatch.setattr(linux, "children", lambda _: ())
    monkeypatch.setattr(linux, "adopted", lambda _: ())
    return _own()


@pytest.fixture
def held() -> Iterator[ExitStack]:
    """What the process holds until its test has ended."""
    with ExitStack() as held:
        yield held


Hold = Callable[[ExitStack, Path], object]


def _random() -> BinaryIO:
    return Path("/dev/urandom").open("rb")


HELD: dict[str, tuple[Hold, str | None]] = {
    "nothing": (lambda _, __: None, None),
    "a file that is read": (lambda held, path: held.enter_context(path.open("rb")), None),
    "a harmless device": (lambda held, _: held.enter_context(_random()), None),
    "a file that is written": (
        lambda held, path: held.enter_context(path.open("ab")),
        "text is open for writing",
    ),
    "a file for both": (
        lambda held, path: held.enter_context(path.open("r+b")),
        "text is open for writing",
    ),
    "a socket": (lambda held, _: held.enter_context(socket.socket()), "a socket is open"),
    "a pipe": (
        lambda held, _: [held.callback(os.close, end) for end in os.pipe()],
        "a pipe is open",
    ),
    "shared memory": (lambda held, _: held.enter_context(mmap.mmap(-1, 4096)), "memory is shared"),
    "memory of its own": (
        lambda held, _: held.enter_context(mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE)),
        None,
    ),
}


@pytest.mark.parametrize("what", HELD)
def test_what_is_held_stands_in_the_way_or_not(
    alone: frozenset[int], held: ExitStack, tmp_path: Path, what: str
) -> None:
    hold, told = HELD[what]
    path = tmp_path / "text"
    path.write_bytes(b"abcdef")
    hold(held, path)

    assert why_not(alone, os.getpid()) == told


def test_a_timer_stands_in_the_way(alone: frozenset[int]) -> None:
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        assert why_not(alone, os.getpid()) == "a timer is set"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.mark.parametrize(
    ("name", "found", "told"),
    [
        ("thread_count", 2, "other threads run"),
        ("children", (7,), "child processes run"),
        ("adopted", (7,), "child processes run"),
    ],
)
def test_threads_and_children_stand_in_the_way(
    alone: frozenset[int], monkeypatch: pytest.MonkeyPatch, name: str, found: object, told: str
) -> None:
    monkeypatch.setattr(linux, name, lambda *_: found)

    assert why_not(alone, os.getpid()) == told


def test_what_cannot_be_seen_stands_in_the_way(alone: frozenset[int]) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        assert why_not(alone, os.getpid()) == "it cannot be seen: Too many open files"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_process_that_nobody_waits_for_is_taken(
    alone: frozenset[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "_PATIENCE_S", 20.0)
    left = subprocess.Popen(["sleep", "0.1"])
    monkeypatch.setattr(subprocess, "_active", [left])

    assert why_not(alone, os.getpid()) is None
    assert left.returncode == 0


# ---- copies


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_copy_reads_on_from_a_place_of_its_own(tmp_path: Path, is_closed: bool) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"abcdef")
    own = _own()
    with path.open("rb", buffering=0) as file:
        assert file.read(2) == b"ab"
        offsets = checkpoint._offsets(own)
        assert offsets == ((file.fileno(), 2),)
        shared = os.dup(file.fileno())
        if is_closed:
            file.close()

        checkpoint._reopen(offsets)

        if not is_closed:
            assert file.read(3) == b"cde"
            assert not os.get_inheritable(file.fileno())
        assert os.lseek(shared, 0, os.SEEK_CUR) == 2
        os.close(shared)


def test_a_copy_has_the_same_chances(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"abcdef")
    own = _own()
    told, tells = os.pipe()
    with path.open("rb", buffering=0) as file:
        file.read(1)
        pid = fork_copy({*own, told, tells})
        seen = f"{random.random()} {file.read(2)!r}".encode()
        if pid == 0:
            with suppress(BaseException):
                os.write(tells, seen)
            os._exit(0)
    os.close(tells)
    assert os.waitpid(pid, 0)[1] == 0
    assert os.read(told, 1000) == seen
    os.close(told)


# ---- waiting


@pytest.fixture
def control() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_one_that_waits_answers_until_it_is_to_go_on(
    control: tuple[socket.socket, socket.socket],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parents: list[int] = []
    forked = iter([0])
    monkeypatch.setattr(linux, "die_with_parent", parents.append)
    monkeypatch.setattr(linux, "outlive_parent", lambda: parents.append(0))
    monkeypatch.setattr(checkpoint, "_fork", lambda _: next(forked))
    monkeypatch.setattr(gc, "freeze", lambda: None)
    ours, theirs = control
    job = make_job(tmp_path, "p", ["1"], Limits(), is_resident=True)
    child = subprocess.Popen(["false"])
    guard = Connection(os.dup(ours.fileno()))
    for message in (("orphan",), ("adopt", 7), ("wait", child.pid), ("resume", job, 1, b"t")):
        guard.send(message)
    with open(os.devnull, "rb") as null:
        socket.send_fds(ours, [b"c"], [null.fileno()] * 3)
    output, tells = os.pipe()

    request = freeze(theirs, Channels(tells, os.dup(tells), os.dup(tells)), (), goes_on=False)

    assert request is not None
    assert (request.job, request.start, request.token) == (job, 1, b"t")
    assert [guard.recv() for _ in range(4)] == [None, True, True, 1 << 8]
    assert parents == [0, 7]
    assert os.read(output, 1) == b""  # nobody writes there any more
    os.close(output)
    assert all(map(_is_open, request.channels.descriptors))
    request.channels.close()
    guard.close()
    child.returncode = 1


def test_one_that_waits_goes_on_as_often_as_it_is_asked(
    control: tuple[socket.socket, socket.socket],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forked = iter([5, 6, 0])
    monkeypatch.setattr(checkpoint, "_fork", lambda _: next(forked))
    monkeypatch.setattr(gc, "freeze", lambda: None)
    ours, theirs = control
    job = make_job(tmp_path, "p", ["1"], Limits(), is_resident=True)
    guard = Connection(os.dup(ours.fileno()))
    answers = []

    def ask() -> None:
        guard.send(("resume", job, 1, b"t"))
        with open(os.devnull, "rb") as null:
            socket.send_fds(ours, [b"c"], [null.fileno()] * 3)

    received = checkpoint._await_request

    def await_request(connection: Connection, at: socket.socket) -> checkpoint.Request:
        answers.append(guard.recv())
        ask()
        return received(connection, at)

    monkeypatch.setattr(checkpoint, "_await_request", await_request)

    request = freeze(theirs, _channels(), (), goes_on=True)

    assert request is not None
    assert answers == [5, 6]
    request.channels.close()
    guard.close()


def test_one_that_waits_ends_with_the_guard(
    control: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    def end() -> None:
        raise SystemExit

    monkeypatch.setattr(checkpoint, "_end", end)
    ours, theirs = control
    connection = Connection(os.dup(theirs.fileno()))
    ours.close()

    with pytest.raises(SystemExit):
        checkpoint._await_request(connection, theirs)
    connection.close()


def _own() -> frozenset[int]:
    """The descriptors of this process, without that of the listing."""
    return frozenset(filter(_is_open, map(int, os.listdir("/proc/self/fd"))))


def _channels() -> Channels:
    return Channels(*(os.open(os.devnull, os.O_RDWR) for _ in range(3)))


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
