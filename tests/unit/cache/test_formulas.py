"""Formulas are kept in one file, which may be lost at any time."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from builder.cache.formulas import BorrowedFormulas, FormulaStore

MANY = {f"key {n}": f"<svg>{n}</svg>" * 40 for n in range(100)}


def _fill(folder: Path) -> Path:
    store = FormulaStore(folder)
    for key, value in MANY.items():
        store.put(key, value)
    store.close()
    return folder / "formulas.sqlite"


def _known(folder: Path) -> dict[str, str]:
    store = FormulaStore(folder)
    try:
        return {key: value for key in MANY if (value := store.get(key)) is not None}
    finally:
        store.close()


def test_what_was_put_is_there_in_the_next_build(tmp_path: Path) -> None:
    _fill(tmp_path)

    assert _known(tmp_path) == MANY


def test_what_is_not_written_down_is_known_meanwhile(tmp_path: Path) -> None:
    store = FormulaStore(tmp_path)

    store.put("key", "one")
    store.put("key", "two")

    assert store.get("key") == "two"
    assert store.get("other") is None
    store.close()


def test_a_damaged_file_gives_what_was_put_or_nothing(tmp_path: Path) -> None:
    path = _fill(tmp_path)
    good = path.read_bytes()
    for place in range(0, len(good), 257):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :])

        assert _known(tmp_path).items() <= MANY.items()


@pytest.mark.parametrize("length", [0, 1, 50, 100, 4096, 5000])
def test_a_file_cut_short_gives_what_was_put_or_nothing(tmp_path: Path, length: int) -> None:
    path = _fill(tmp_path)
    path.write_bytes(path.read_bytes()[:length])

    assert _known(tmp_path).items() <= MANY.items()
    assert _fill(tmp_path) == path
    assert _known(tmp_path) == MANY


@pytest.mark.parametrize(
    "statement",
    ["UPDATE formulas SET value = 'x'", "UPDATE formulas SET key = 'key 1' WHERE key = 'key 2'"],
)
def test_a_row_that_is_not_what_was_put_counts_as_missing(tmp_path: Path, statement: str) -> None:
    with closing(sqlite3.connect(_fill(tmp_path))) as database:
        database.execute("DELETE FROM formulas WHERE key = 'key 1'")
        database.execute(statement)
        database.commit()

    store = FormulaStore(tmp_path)

    assert store.get("key 1") is None
    store.close()


def test_a_table_of_another_shape_is_made_anew(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "formulas.sqlite")) as database:
        database.execute("CREATE TABLE formulas (other TEXT)")
        database.commit()

    assert _known(tmp_path) == {}
    _fill(tmp_path)
    assert _known(tmp_path) == MANY


def test_a_folder_in_place_of_the_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "formulas.sqlite" / "x").mkdir(parents=True)

    _fill(tmp_path)

    assert _known(tmp_path) == MANY


def test_where_no_file_can_be_written_a_build_goes_on_without(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    store = FormulaStore(tmp_path / "cache")

    store.put("key", "value")

    assert store.get("key") == "value"
    store.close()
    assert store.get("key") is None
    store.close()


def test_what_was_put_is_known_at_once_and_to_others_after_close(tmp_path: Path) -> None:
    store, borrowed = FormulaStore(tmp_path), BorrowedFormulas(tmp_path)
    store.put("a", "x")

    assert (store.get("a"), borrowed.get("a")) == ("x", None)
    store.close()
    assert borrowed.get("a") == "x"


def test_a_second_process_reads_while_much_is_put(tmp_path: Path) -> None:
    with_one = FormulaStore(tmp_path)
    with_one.put("a", "x")
    with_one.close()
    store, borrowed = FormulaStore(tmp_path), BorrowedFormulas(tmp_path)
    for number in range(5_000):
        store.put(f"key {number}", "x" * 2_000)

    assert borrowed.get("a") == "x"
    borrowed.put("b", "y")
    assert (borrowed.get("b"), borrowed.new) == ("y", {"b": "y"})
    store.close()
    assert FormulaStore(tmp_path).get("key 4999") == "x" * 2_000
    assert FormulaStore(tmp_path).get("b") is None


def test_thousands_of_formulas_are_not_held_until_close(tmp_path: Path) -> None:
    store, borrowed = FormulaStore(tmp_path), BorrowedFormulas(tmp_path)
    for number in range(5_001):
        store.put(f"key {number}", "x")

    assert (borrowed.get("key 4999"), borrowed.get("key 5000")) == ("x", None)
    assert (store.get("key 4999"), store.get("key 5000")) == ("x", "x")


def test_a_second_process_never_makes_a_damaged_file_anew(tmp_path: Path) -> None:
    path = tmp_path / "formulas.sqlite"
    path.write_bytes(b"nonsense" * 1000)

    assert BorrowedFormulas(tmp_path).get("a") is None
    assert path.read_bytes() == b"nonsense" * 1000
