"""The process that posts are forked from: how it fails, and how it ends."""

import errno
import os
import signal
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.errors import SiteError
from builder.execute import zygote
from builder.execute.zygote import Zygote

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")


def test_what_the_machine_refuses_it_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/x")

    monkeypatch.setattr(zygote, "_serve", serve)

    with pytest.raises(SystemExit) as caught:
        zygote.main()

    assert caught.value.code == "error: /tmp/x: No space left on device (make room on that disk)"


def test_a_fault_of_its_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve() -> None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    monkeypatch.setattr(zygote, "_serve", serve)

    with pytest.raises(OSError, match="Bad file descriptor"):
        zygote.main()


def test_one_that_cannot_start_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # where there is no library
    broken = Zygote(str(tmp_path))
    broken._process.wait()
    try:
        assert not broken.was_killed()
        with pytest.raises(SiteError, match=r"could not start \(status 1\): what it said stands"):
            broken.fork_guard()
    finally:
        broken.close()
    assert "encodings" in capfd.readouterr().err


def test_one_that_is_halted_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zygote, "_PATIENCE_S", 0.1)
    halted = Zygote(str(PROJECT))
    connection = halted.fork_guard()
    halted.check()  # it goes on
    os.kill(halted._process.pid, signal.SIGSTOP)

    halted.close()

    assert halted.was_killed()
    connection.close()


def test_one_that_has_forked_nothing_is_not_awaited() -> None:
    idle = Zygote(str(PROJECT))
    idle.sweep()

    idle.close()

    assert idle.was_killed()
    idle.sweep()  # there is nothing to sweep any more
