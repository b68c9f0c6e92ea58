"""Folders for what posts write: what builds that were killed have left goes, and nothing else."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.execute.scratch import Scratch

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="takes locks of folders")

KILLED = """\
import os, signal
from builder.execute.scratch import Scratch
scratch = Scratch()
(scratch.path / "a" / "b").mkdir(parents=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def left_by_one_that_was_killed(folder: Path) -> Path:
    before = set(folder.iterdir())
    subprocess.run([sys.executable, "-c", KILLED], cwd=PROJECT, check=False)
    (left,) = set(folder.iterdir()) - before
    return left


def test_what_was_left_behind_goes(folder: Path) -> None:
    left = left_by_one_that_was_killed(folder)
    assert (left / "a" / "b").is_dir()

    scratch = Scratch()

    assert list(folder.iterdir()) == [scratch.path]
    scratch.close()
    assert list(folder.iterdir()) == []


def test_a_folder_that_a_writer_has_made_stays(folder: Path) -> None:
    names = ("posts-2026-backup", "posts-999999-x", "posts-of-a-build-notes")
    for name in names:
        (folder / name).mkdir()
        (folder / name / "post.md").write_text("words")

    Scratch().close()

    assert sorted(path.name for path in folder.glob("*/post.md")) == ["post.md"] * len(names)


def test_a_copy_of_what_was_left_behind_stays(folder: Path) -> None:
    left = left_by_one_that_was_killed(folder)
    copy = shutil.copytree(left, f"{left}-copy")

    Scratch().close()

    assert [path.name for path in folder.iterdir()] == [Path(copy).name]


def test_a_link_to_a_folder_is_not_followed(folder: Path) -> None:
    left = left_by_one_that_was_killed(folder)
    kept = folder / "kept"
    left.rename(kept)
    left.symlink_to(kept)

    Scratch().close()

    assert (kept / "a" / "b").is_dir()


def test_what_another_holds_stays_whatever_its_number() -> None:
    first = Scratch()
    second = Scratch()

    assert first.path.is_dir()
    first.close()
    second.close()


def test_a_copy_of_a_process_does_not_hold_what_it_has_left_to_the_other(folder: Path) -> None:
    first = Scratch()
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        first.leave()
        os.write(write_end, b"!")
        signal.pause()
    os.read(read_end, 1)
    first.leave()

    second = Scratch()

    assert list(folder.iterdir()) == [second.path]
    second.close()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(read_end)
    os.close(write_end)
