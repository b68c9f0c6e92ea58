"""A site takes the place of the last one in one step, whatever the system can and cannot do."""

import ctypes
import errno
import os
import platform
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest

from builder.cache.store import Store
from builder.errors import PublishError
from builder.hosting import MARKER
from builder.model import OutputFile
from builder.write import Changes, publish


@dataclass(frozen=True)
class Desk:
    """Where a site is published."""

    folder: Path

    @property
    def output(self) -> Path:
        return self.folder / "_site"

    @property
    def spare(self) -> Path:
        return self.folder / ".cache/spare"

    def publish(self, **files: str) -> Changes:
        """Publish files, `a__b` for `a/b`."""
        made = [
            OutputFile(PurePosixPath(name.replace("__", "/")), text.encode())
            for name, text in files.items()
        ]
        return publish(made, self.output, Store(self.folder / ".cache"))

    def files(self) -> dict[str, str]:
        found = sorted(path for path in self.output.rglob("*") if path.is_file())
        names = (path.relative_to(self.output).as_posix() for path in found)
        return {n: p.read_text() for n, p in zip(names, found, strict=True) if n != MARKER}

    def left(self) -> list[str]:
        """What lies beside the site, and beside the spare one."""
        others = [p.name for p in self.folder.iterdir() if p.name not in ("_site", ".cache")]
        spares = list(self.spare.iterdir()) if self.spare.is_dir() else []
        return sorted(others + [p.name for p in spares if ".new" in p.name])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_what_changes_is_told(desk: Desk) -> None:
    first = desk.publish(a="1", b__c="22", b__d="333")
    same = desk.publish(a="1", b__c="22", b__d="333")
    second = desk.publish(a="1", b__c="4444", e="5")
    third = desk.publish(a="6", b__c="4444", e="5")

    assert (first.written, first.unchanged, first.removed) == (4, 0, 0)  # with the marker
    assert (same.written, same.unchanged, same.removed) == (0, 3, 0)
    assert (second.written, second.unchanged, second.removed) == (2, 1, 1)
    assert (second.written_bytes, second.removed_bytes) == (5, 3)
    assert (third.written, third.removed) == (1, 0)
    assert desk.files() == {"a": "6", "b/c": "4444", "e": "5"}
    assert not (desk.output / "b/d").exists()
    assert desk.left() == []


def _without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Plan 9")


def _with_libc(**calls: Callable[..., int]) -> Callable[[pytest.MonkeyPatch], None]:
    def replace(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace(**calls))
        monkeypatch.setattr(ctypes, "get_errno", lambda: errno.ENOSYS)

    return replace


def _on_a_mac(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamex_np(one: bytes, other: bytes, flags: int) -> int:
        assert flags == 2
        os.rename(one, one + b".between")
        os.rename(other, one)
        os.rename(one + b".between", other)
        return 0

    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    _with_libc(renamex_np=renamex_np)(monkeypatch)


@pytest.mark.parametrize(
    "system",
    [_without_exchange, _with_libc(), _with_libc(renameat2=lambda *_: -1), _on_a_mac],
    ids=["another system", "an old library", "an old kernel", "a Mac"],
)
def test_where_names_are_exchanged_otherwise_the_site_is_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, system: Callable[[pytest.MonkeyPatch], None]
) -> None:
    system(monkeypatch)

    for text in "abc":
        desk.publish(page=text, other="o")

    assert desk.files() == {"page": "c", "other": "o"}
    assert desk.left() == []


def _failing(monkeypatch: pytest.MonkeyPatch, name: str, when: Callable[..., bool]) -> None:
    """Let a function of `os` fail as a broken disk does."""
    work: Callable[..., Any] = getattr(os, name)

    def fail(*paths: Any, **options: Any) -> Any:
        if when(*map(str, paths)):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return work(*paths, **options)

    monkeypatch.setattr(os, name, fail)


def test_a_site_that_cannot_be_exchanged_stays_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish(page="a")
    _with_libc(renameat2=lambda *_: -1)(monkeypatch)
    monkeypatch.setattr(ctypes, "get_errno", lambda: errno.EIO)

    with pytest.raises(PublishError, match=r"_site cannot be replaced: Input/output error; it st"):
        desk.publish(page="b")

    assert desk.files() == {"page": "a"}
    assert desk.left() == []


def test_between_two_renames_the_first_is_taken_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish(page="a")
    _without_exchange(monkeypatch)
    with monkeypatch.context() as broken:
        _failing(broken, "rename", lambda one, two: one.endswith(".new") and two.endswith("_site"))

        with pytest.raises(PublishError, match="cannot be replaced"):
            desk.publish(page="b")

    assert desk.files() == {"page": "a"}
    assert desk.left() == []


def test_an_interrupt_between_two_renames_takes_the_first_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish(page="a")
    monkeypatch.setattr(platform, "system", lambda: "Plan 9")
    rename = os.rename

    def interrupt(old: Path, new: Path) -> None:
        if new == desk.output and desk.output.with_name(f".{desk.output.name}.old") != old:
            raise KeyboardInterrupt
        rename(old, new)

    monkeypatch.setattr(os, "rename", interrupt)

    with pytest.raises(KeyboardInterrupt):
        desk.publish(page="b")

    assert desk.files() == {"page": "a"}


def test_a_site_that_a_killed_build_has_put_aside_is_brought_back(desk: Desk) -> None:
    desk.publish(page="a")
    desk.output.rename(desk.folder / "._site.old")

    desk.publish(page="a", other="b")

    assert desk.files() == {"page": "a", "other": "b"}
    assert desk.left() == []


def test_a_folder_of_the_writers_is_not_taken_for_one(desk: Desk) -> None:
    own = desk.folder / "._site.old"
    own.mkdir()
    (own / "notes").touch()

    desk.publish(page="a")

    assert desk.left() == ["._site.old"]


@pytest.mark.parametrize("kind", ["file", "link", "files above"])
def test_without_a_spare_folder_there_is_another_way(desk: Desk, kind: str) -> None:
    desk.publish(page="a")
    if kind == "files above":
        desk.spare.mkdir(exist_ok=True)
        for path in desk.spare.iterdir():
            path.rmdir() if not any(path.iterdir()) else None
        desk.spare.rename(desk.folder / ".cache/before")
        desk.spare.touch()
    else:
        desk.publish(page="b")
        (spare,) = desk.spare.iterdir()
        spare.rename(desk.folder / ".cache/before")
        spare.touch() if kind == "file" else spare.symlink_to(desk.folder)

    desk.publish(page="c")

    assert desk.files() == {"page": "c"}
    assert desk.left() == []


def test_what_ended_processes_have_claimed_is_removed_and_no_others(desk: Desk) -> None:
    desk.publish(page="a")
    desk.publish(page="b")
    (spare,) = desk.spare.iterdir()
    running = f"{spare.name}.{os.getppid()}.new"
    for name in (f"{spare.name}.{_ended()}.new", running, f"{spare.name}.x.new"):
        (desk.spare / name).mkdir()
    (desk.folder / f"._site.{_ended()}.new").mkdir()

    desk.publish(page="c")

    assert desk.left() == sorted([running, f"{spare.name}.x.new"])


def test_where_a_disk_has_no_links_files_are_copied(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish(page="a", same="s")
    _failing(monkeypatch, "link", lambda *_: True)

    desk.publish(page="b", same="s")

    assert desk.files() == {"page": "b", "same": "s"}


def test_an_address_may_not_lead_out_of_the_site(desk: Desk) -> None:
    with pytest.raises(PublishError, match=r"/a/\.\./b is no address within the site"):
        publish(
            [OutputFile(PurePosixPath("a/../b"), b"")], desk.output, Store(desk.folder / ".cache")
        )

    assert not desk.output.exists()


def test_a_place_that_cannot_be_written_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Path.mkdir

    def make_elsewhere(path: Path, *given: Any, **named: Any) -> None:
        if path.is_relative_to(desk.folder / "disk"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        make(path, *given, **named)

    monkeypatch.setattr(Path, "mkdir", make_elsewhere)

    with pytest.raises(PublishError, match="_site cannot be written: Read-only file system"):
        publish([], desk.folder / "disk/_site", Store(desk.folder / ".cache"))
