"""What Python's audit events tell of a block, one event after the other.

Python measures nothing of what its hooks do, so these call what the hook calls.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from builder.execute.protocol import Job, Trace
from builder.execute.tracing import Tracer
from tests.unit.execute.test_frames import JOB


@dataclass(frozen=True)
class Bench:
    """A post's folder, its scratch folder, and what watches its blocks."""

    posts: Path
    scratch: Path
    tracer: Tracer
    writes: list[None]

    def trace(self, *events: tuple[str, *tuple[Any, ...]]) -> Trace:
        """What is told of a block in which these events come."""
        self.tracer.start_block()
        for event, *args in events:
            self.tracer.see(event, tuple(args))
        return self.tracer.end_block()

    def files(self, *events: tuple[str, *tuple[Any, ...]]) -> list[str]:
        """Of that, the files, by their names in the folder of posts."""
        return [os.path.relpath(path, self.posts) for path in self.trace(*events).files]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    posts, scratch = tmp_path / "site/posts", tmp_path / "scratch"
    posts.mkdir(parents=True)
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.chdir(posts)
    job: Job = replace(JOB, root=str(posts.parent), folder=str(posts))
    writes: list[None] = []
    return Bench(posts, scratch, Tracer(job, lambda: writes.append(None)), writes)


def test_what_is_opened_for_reading_is_told_once(bench: Bench) -> None:
    (bench.posts / "a.csv").touch()
    opened = ("open", "a.csv", "r", os.O_RDONLY)

    assert bench.files(opened, opened, ("open", "none.csv", None, None)) == ["a.csv", "none.csv"]
    assert bench.files(opened) == []


def test_a_file_that_changes_after_it_was_used_is_told_again(bench: Bench) -> None:
    (bench.posts / "a.csv").write_text("1")
    bench.trace(("open", "a.csv", "r", os.O_RDONLY))
    (bench.posts / "a.csv").write_text("another size")

    (state,) = bench.trace().files.values()

    assert state is not None
    assert (state.modified_ns, state.size) == (-1, -1)


@pytest.mark.parametrize("path", [os.__file__, "/proc/self/stat", os.devnull, 7, None])
def test_what_is_pythons_or_the_systems_is_not_told(bench: Bench, path: object) -> None:
    assert bench.files(("open", path, "r", os.O_RDONLY)) == []


def test_its_own_temporary_files_are_its_own_work(bench: Bench) -> None:
    path = str(bench.scratch / "a.txt")

    assert bench.files(("open", path, "w", os.O_WRONLY), ("open", path, "r", os.O_RDONLY)) == []
    assert bench.writes == [None]
    bench.trace(("open", path, "a", os.O_WRONLY), ("os.mkdir", path, 0o777, -1))
    assert bench.writes == [None, None]


@pytest.mark.parametrize(
    "event",
    [
        ("open", "a.csv", "w", os.O_WRONLY | os.O_TRUNC),
        ("open", "a.csv", "r+", os.O_RDWR),
        ("os.remove", "a.csv", -1),
        ("os.rename", "/tmp/b", "a.csv", -1, -1),
        ("os.mkdir", "a.csv", 0o777, -1),
        ("os.rmdir", b"a.csv", -1),
        ("os.truncate", "a.csv", 0),
        ("shutil.rmtree", "a.csv", None),
        ("os.link", "/tmp/b", "a.csv", -1, -1),
        ("os.symlink", "/tmp/b", "a.csv", -1),
    ],
)
def test_the_site_is_not_written_into(bench: Bench, event: tuple[str, *tuple[Any, ...]]) -> None:
    with pytest.raises(PermissionError, match=r"into its own site \(posts/a\.csv\)"):
        bench.trace(event)


def test_names_are_relative_to_open_folders(bench: Bench) -> None:
    folder = os.open(bench.posts, os.O_RDONLY)
    try:
        os.chdir("/")
        with pytest.raises(PermissionError, match=r"\(posts/a\.csv\)"):
            bench.trace(("os.remove", "a.csv", folder))
    finally:
        os.close(folder)


def test_a_file_that_is_changed_in_place_is_read_before(bench: Bench) -> None:
    outside = bench.posts.parent.parent / "a.bin"
    outside.touch()

    assert bench.files(("open", str(outside), "r+", os.O_RDWR)) == ["../../a.bin"]
    assert bench.files(("os.link", str(bench.posts / "b"), str(outside), -1, -1)) == ["b"]


def test_folders_that_are_listed_are_told(bench: Bench) -> None:
    inner = bench.posts / "data"
    inner.mkdir()
    folder = os.open(inner, os.O_RDONLY)
    try:
        trace = bench.trace(
            ("os.listdir", None),
            ("os.scandir", folder),
            ("os.listdir", "data"),
            ("os.listdir", 3.5),
        )
    finally:
        os.close(folder)

    assert trace.folders == (str(bench.posts), str(inner))
    assert bench.trace(("os.listdir", ".")).folders == ()


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("a.db", ["a.db"]),
        ("file:a%20b.db?mode=ro", ["a b.db"]),
        (":memory:", []),
        ("", []),
    ],
)
def test_databases_are_files(bench: Bench, name: str, files: list[str]) -> None:
    assert bench.files(("sqlite3.connect", name)) == files


def test_what_cannot_be_seen_is_told_with_the_line_of_the_block(bench: Bench) -> None:
    def as_block(see: Callable[[str, tuple[Any, ...]], None]) -> None:
        code = "\n\nsee('os.system', (b'true',))\nsee('socket.connect', ())\n"
        exec(compile(code, f"{JOB.name}#1", "exec"), {"see": see})

    bench.tracer.start_block()
    as_block(bench.tracer.see)
    trace = bench.tracer.end_block()

    assert trace.untraceable == {"starts a process": 3, "uses the network": 4}
    assert trace.reaches_out


def test_a_process_that_a_library_starts_while_it_is_imported_is_its_own_affair(
    bench: Bench,
) -> None:
    code = "see('os.system', (b'true',))"
    bench.tracer.start_block()
    exec(compile(code, "<frozen importlib._bootstrap>", "exec"), {"see": bench.tracer.see})

    assert bench.tracer.end_block().untraceable == {}


@pytest.mark.parametrize("event", ["os.chmod", "os.kill", "socket.__new__"])
def test_what_a_sandbox_refuses_is_noticed_without_one(bench: Bench, event: str) -> None:
    path = bench.scratch / "a"
    path.touch()

    assert bench.trace((event, str(path), 0o600)).reaches_out
    assert not bench.trace(("an event of nobody's", 1)).reaches_out


def test_modules_are_told_as_files_or_as_packages(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, file in (
        ("helper", str(bench.posts / "helper.py")),
        ("a_package.inner", os.path.join(os.path.dirname(pytest.__file__), "x.py")),
        ("of_c", None),
    ):
        module = type(sys)(name)
        module.__file__ = file
        monkeypatch.setitem(sys.modules, name, module)

    trace = bench.trace()

    assert [os.path.basename(path) for path in trace.files] == ["helper.py"]
    assert "a_package" in trace.packages
