"""Checkpoints of a post, by processes that wait as its own would."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import pytest

from builder.execute import chain as chains
from builder.execute import linux
from builder.execute.chain import Chain, LostError
from builder.execute.channels import Channels, DisturbedError
from builder.execute.checkpoint import freeze
from builder.execute.protocol import Checkpoints, Job
from tests.faults.runs import Limits, make_job

pytestmark = pytest.mark.skipif(not linux.IS_LINUX, reason="needs /proc")

_STATUS = 7
_SET_CHILD_SUBREAPER = 36
_ROOM = 1 << 40


@dataclass
class Post:
    """A post of three blocks, a checkpoint after each."""

    chain: Chain
    job: Job
    pids: list[int]

    def edited(self, *blocks: int) -> Job:
        """The job, all of whose blocks are known but for those that are edited."""
        codes = list(self.job.blocks)
        for block in blocks:
            codes[block] = replace(codes[block], code="edited")
        return replace(self.job, blocks=tuple(codes), known=3)

    def resume(self, start: int) -> tuple[int, bytes]:
        """Go on from the last checkpoint; the process, and what it writes."""
        told, tells = os.pipe()
        channels = (tells, os.dup(tells), os.dup(tells))
        try:
            pid = self.chain.resume(self.job, start, b"token", channels)
        finally:
            for channel in channels:
                os.close(channel)
        with open(told, "rb") as output:
            return pid, output.read()

    @property
    def waiting(self) -> list[int]:
        """The blocks after which a checkpoint waits."""
        return [self.pids.index(pid) for pid in self.pids if pid in self.chain.pids]


@pytest.fixture
def adopting() -> Iterator[None]:
    """As a guard, this process becomes the parent of what has lost its own."""
    linux.become_subreaper()
    yield
    assert linux._LIBC is not None
    linux._LIBC.prctl(_SET_CHILD_SUBREAPER, 0)


@pytest.fixture
def post(adopting: None, tmp_path: Path) -> Iterator[Post]:
    job = make_job(tmp_path, "p", ["1", "2", "3"], Limits(), is_resident=True)
    chain = Chain()
    assert chain.prepare(job) == 0
    ours, theirs = socket.socketpair()
    with ours:
        pids = [_start(theirs)]
        for block in range(len(job.blocks)):
            _, (control,), _, _ = socket.recv_fds(ours, 1, 1)
            child = chain.add(block, pids[-1], socket.socket(fileno=control))
            pids += [child] if child is not None else []
    assert len(pids) == len(job.blocks)
    yield Post(chain, job, pids)
    chain.forget()
    assert all(map(linux.is_zombie, pids))


def _start(outlet: socket.socket) -> int:
    """Start a line of descent, which ends with this process; its first."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        linux.die_with_parent(parent)
        with suppress(BaseException):
            _descend(outlet)
        os._exit(1)
    outlet.close()
    return pid


def _descend(outlet: socket.socket) -> NoReturn:
    """Wait after each block, as a worker does, and let a copy go on."""
    own = [int(name) for name in os.listdir("/proc/self/fd")]
    for goes_on in (True, True, False):
        ours, theirs = socket.socketpair()
        socket.send_fds(outlet, [b"c"], [theirs.fileno()])
        theirs.close()
        channels = Channels(*(os.open(os.devnull, os.O_RDWR) for _ in range(3)))
        request = freeze(ours, channels, own, goes_on=goes_on)
        if request is not None:
            os.write(request.channels.stdout, b"%d %s" % (request.start, request.token))
            os._exit(_STATUS)
    os._exit(1)


def _kill(pid: int, last: int) -> None:
    """Kill a process that waits, until the last of those that end with it has ended."""
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while not linux.is_zombie(last):
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.parametrize(
    ("edited", "start"), [((), 3), ((2,), 2), ((1,), 1), ((1, 2), 1), ((0,), 0)]
)
def test_what_an_edit_makes_stale_is_dropped(
    post: Post, edited: tuple[int, ...], start: int
) -> None:
    assert post.chain.prepare(post.edited(*edited)) == start

    assert post.waiting == list(range(start))
    assert all(linux.is_zombie(pid) for pid in post.pids[start:])


def test_blocks_whose_results_are_gone_run_again(post: Post) -> None:
    assert post.chain.prepare(replace(post.job, known=1)) == 1


@pytest.mark.parametrize("killed", [0, 1, 2])
def test_one_that_was_killed_is_gone_with_all_later_ones(post: Post, killed: int) -> None:
    _kill(post.pids[killed], post.pids[-1])

    assert post.chain.prepare(post.edited()) == killed
    assert post.waiting == list(range(killed))


@pytest.mark.parametrize(("known", "start"), [(3, 3), (2, 2), (1, 0)])
def test_none_from_before_a_block_that_changes_files_is_resumed(
    post: Post, known: int, start: int
) -> None:
    post.chain.has_written(1)

    assert post.chain.prepare(replace(post.job, known=known)) == start


def test_a_copy_goes_on_from_the_last_one(post: Post) -> None:
    for start in (1, 2):
        pid, written = post.resume(start)

        assert written == b"%d token" % start
        status = post.chain.wait_status(pid)
        assert os.waitstatus_to_exitcode(status) == _STATUS
    assert post.waiting == [0, 1, 2]


def test_the_status_of_one_whose_parent_has_ended_is_its_parents(post: Post) -> None:
    assert post.chain.wait_status(post.pids[0] + 100_000_000) == signal.SIGKILL


def test_one_that_has_ended_cannot_go_on(post: Post) -> None:
    _kill(post.pids[2], post.pids[2])

    with pytest.raises(LostError):
        post.resume(3)


@pytest.mark.parametrize(
    ("seconds", "left"),
    [
        ({0: 1.0, 1: 0.1, 2: 5.0}, [0, 2]),
        ({0: 0.1, 1: 1.0, 2: 0.0}, [1, 2]),
    ],
)
def test_what_is_soonest_run_again_is_dropped_first(
    post: Post, seconds: dict[int, float], left: list[int]
) -> None:
    post.chain.thin(Checkpoints(count=2, memory_bytes=_ROOM), seconds)

    assert post.waiting == left
    _, written = post.resume(3)
    assert written == b"3 token"
    assert post.chain.prepare(post.edited(2)) == left[0] + 1


def test_the_last_one_stays_however_much_it_holds(post: Post) -> None:
    post.chain.thin(Checkpoints(count=3, memory_bytes=0), {})

    assert post.waiting == [2]


def test_what_was_killed_needs_no_thinning(post: Post) -> None:
    _kill(post.pids[0], post.pids[2])

    post.chain.thin(Checkpoints(count=1, memory_bytes=_ROOM), {})

    assert post.chain.prepare(post.edited()) == 0


# ---- answers that are none


def _garbage(control: socket.socket) -> None:
    control.sendall(b"\0\0\0\1?")


def _long(control: socket.socket) -> None:
    control.sendall((1 << 20).to_bytes(4, "big"))


def _stranger(control: socket.socket) -> None:
    control.sendall(b"\0\0\0\3K\1.")  # a pickle of 1, which is no process of this one


def _silence(_: socket.socket) -> None:
    pass


@pytest.mark.parametrize("answer", [_garbage, _long, _stranger, _silence])
def test_an_answer_that_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[socket.socket], None]
) -> None:
    monkeypatch.setattr(chains, "_PATIENCE_S", 0.2)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        answer(theirs)
        with pytest.raises(DisturbedError):
            Chain().add(0, os.getpid(), ours)


def test_one_that_is_gone_answers_nothing() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(EOFError):
        Chain().add(0, os.getpid(), ours)
