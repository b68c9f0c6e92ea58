"""A record stays until another one takes its place."""

import os
from pathlib import Path

import pytest

from builder.cache.clean import clean
from builder.cache.records import KIND, Record, RecordedStep, Records
from builder.cache.store import Store
from builder.model import FIGURE_DARK, FIGURE_LIGHT, Display, Stream

RECORD = Record(
    versions={"python": "3.11.2", "numpy": "2.3.1"},
    packages=("python", "numpy"),
    uses={"file:site/posts/d.csv": "a digest"},
    steps=(
        RecordedStep("code", (Stream("stdout", "1\n"), Display({"text/plain": b"2"}, "words"))),
        RecordedStep("more", (Display({FIGURE_LIGHT: b"<svg/>", FIGURE_DARK: b"\xff\x00"}),)),
    ),
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_record_is_found_by_the_path_of_its_post(store: Store) -> None:
    records = Records(store)
    records.keep("posts/p.md", RECORD)

    assert records.find("posts/p.md") == RECORD
    assert records.find("posts/q.md") is None


def test_a_damaged_record_is_none(store: Store) -> None:
    Records(store).keep("posts/p.md", RECORD)
    (path,) = (path for path in store.folder.rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes()[:-1])

    assert Records(store).find("posts/p.md") is None


def test_cleaning_removes_no_record_however_old_it_is(store: Store) -> None:
    Records(store).keep("posts/p.md", RECORD)
    store.put("results", "ab" * 32, b"a result")
    for path in store.folder.rglob("*"):
        os.utime(path, (1e9, 1e9))

    clean(store, limit_bytes=0, max_age_s=60)

    left = [path for path in store.folder.rglob("*") if path.is_file()]
    assert {path.relative_to(store.folder).parts[0] for path in left} == {KIND}
    assert Records(store).find("posts/p.md") == RECORD
