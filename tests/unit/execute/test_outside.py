"""What a sandbox refuses is noticed in one and without."""

from dataclasses import replace
from pathlib import Path

import pytest

from builder.execute.outside import Outside
from tests.unit.execute.test_frames import JOB


def outside(tmp_path: Path, *, is_sandboxed: bool) -> Outside:
    scratch = tmp_path / "all/scratch"
    scratch.mkdir(parents=True)
    return Outside(replace(JOB, root=str(tmp_path), is_sandboxed=is_sandboxed), str(scratch))


@pytest.mark.parametrize("path", ["/etc/passwd", b"/etc/passwd", Path("/etc/passwd")])
def test_a_change_outside_of_the_scratch_folder_is_noticed(tmp_path: Path, path: object) -> None:
    seen = outside(tmp_path, is_sandboxed=False)

    seen.change(str(tmp_path / "all/scratch/a"))
    seen.change("/dev/null")
    seen.change(7)
    assert not seen.is_reached
    seen.change(path)
    assert seen.is_reached


def test_of_the_home_folders_only_the_site_is_read(tmp_path: Path) -> None:
    seen = outside(tmp_path, is_sandboxed=False)

    seen.read("/usr/share/dict/words")
    seen.read(str(tmp_path / "posts/a.csv"))
    assert not seen.is_reached
    seen.read("/root/.ssh/id_ed25519")
    assert seen.is_reached


def test_attributes_are_refused_aloud_where_a_sandbox_only_ignores_them(tmp_path: Path) -> None:
    free, confined = (outside(tmp_path / n, is_sandboxed=n == "b") for n in "ab")
    file = tmp_path / "file"
    file.touch()

    free.handlers["os.chmod"]((str(file), 0o600, -1))
    confined.handlers["os.chmod"]((str(tmp_path / "b/all/scratch/a"), 0o600, -1))
    with pytest.raises(PermissionError, match="Operation not permitted"):
        confined.handlers["os.chmod"]((str(file), 0o600, -1))
    with file.open() as opened, pytest.raises(PermissionError):
        confined.handlers["os.utime"]((opened.fileno(), None, None, -1))

    assert free.is_reached
