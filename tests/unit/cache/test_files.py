"""Times vouch for a file only where they would be others after a change."""

import time
import tracemalloc
from pathlib import Path

import pytest

from builder.cache.files import (
    ABSENT,
    NO_SIGNATURE,
    content_of,
    file_times,
    is_as_seen,
    names_in,
    signature_of,
    when_settled,
)
from builder.cache.store import digest


def test_a_young_file_is_known_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("one")

    seen, content = file_times(path)

    assert content == content_of(str(path))
    assert is_as_seen(path, (seen, content))
    # Saved once more within the same tick of the clock, and as long as before.
    path.write_text("two")
    assert not is_as_seen(path, (signature_of(str(path)), content))


def test_a_young_file_that_comes_of_age_is_known_by_its_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_text("one")
    was = file_times(path)

    assert when_settled(was) == was
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 5_000_000_000)
    assert when_settled(was) == (was[0], None)


def test_a_file_that_has_settled_is_known_by_its_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_text("one")
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 5_000_000_000)

    seen, content = file_times(path)

    assert content is None
    assert is_as_seen(path, (seen, content))
    path.write_text("two")
    assert not is_as_seen(path, (seen, content))


def test_a_clock_that_is_behind_trusts_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_text("one")
    monkeypatch.setattr(time, "time_ns", lambda: 1)

    assert file_times(path)[1] is not None


def test_what_is_not_there_is_known_until_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "x"

    was = file_times(path)

    assert was == (NO_SIGNATURE, None)
    assert is_as_seen(path, was)
    path.write_text("one")
    assert not is_as_seen(path, was)


@pytest.mark.parametrize("name", ["x" * 300, "x\0y"])
def test_a_name_that_no_file_can_have_is_one_that_is_not_there(tmp_path: Path, name: str) -> None:
    assert file_times(tmp_path / name) == (NO_SIGNATURE, None)


def test_a_folder_with_a_link_to_itself_has_names(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    before = names_in(str(tmp_path))

    (tmp_path / "x").write_text("x")

    assert ABSENT != before != names_in(str(tmp_path)) != ABSENT


@pytest.mark.parametrize("size", [0, 1, 1_000_000, 1_000_001, 3_000_000])
def test_the_digest_of_a_file_is_that_of_what_it_holds(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x"
    content = bytes(range(251)) * (size // 251) + bytes(size % 251)
    path.write_bytes(content)

    assert content_of(str(path)) == digest(content)


def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    size = 50_000_000
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(size)

    tracemalloc.start()
    content_of(str(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < size / 10
