"""What the kernel tells of processes, and what it is asked for."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

from builder.execute import linux

pytestmark = pytest.mark.skipif(not linux.IS_LINUX, reason="needs /proc")


@pytest.fixture
def family() -> Iterator[int]:
    """A process with a child; they end when their input does."""
    code = "import subprocess, sys; subprocess.run(['cat'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        while len(linux.descendants(process.pid)) < 1:
            pass
        yield process.pid
        assert process.stdin is not None
        process.stdin.close()


def test_children_and_theirs_are_known(family: int) -> None:
    assert family in linux.children(os.getpid())
    assert len(linux.descendants(family)) == 1
    assert set(linux.descendants(family)) < set(linux.descendants(os.getpid()))
    assert linux.children(2**22 + 1) == ()


def test_memory_that_is_shared_counts_once_where_it_matters(family: int) -> None:
    quick = linux.held_bytes([family], sys.maxsize)
    exact = linux.held_bytes([family], 0)

    assert 1_000_000 < exact <= quick
    assert linux.proportional_bytes(family) >= exact
    assert linux.held_bytes([], 0) == 0
    assert linux.held_bytes([2**22 + 1], 0) == 0


def test_one_that_has_ended_is_a_zombie_until_it_is_taken() -> None:
    process = subprocess.Popen(["true"])
    while not linux.is_zombie(process.pid):
        pass

    linux.forget_ended({process.pid})
    assert linux.is_zombie(process.pid)
    linux.forget_ended(())
    assert process.pid not in linux.children(os.getpid())
    process.wait()


def test_a_descriptor_is_lifted_out_of_the_way_where_the_limit_allows() -> None:
    lifted = linux.lift(os.open(os.devnull, os.O_RDONLY))
    assert lifted > 100
    os.close(lifted)

    descriptor = os.open(os.devnull, os.O_RDONLY)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        assert linux.lift(descriptor) == descriptor
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    os.close(descriptor)
