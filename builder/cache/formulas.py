"""Typeset formulas by key, in one file, for they are many and small."""

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from builder.cache.store import digest

_SELECT = "SELECT value, sum FROM formulas WHERE key = ?"
_AT_ONCE = 5000
"""Formulas that are held before they are written: some 50 MB."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS formulas (key TEXT PRIMARY KEY, value TEXT, sum TEXT)"


class FormulaStore:
    """Texts by key; opened with the first look, written down by `close`.

    A damaged file is made anew, and a damaged row counts as missing. Where no file can
    be written, what is put is known until `close`: to set a formula again takes little.
    It is written many at a time, so that other processes can read in between.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "formulas.sqlite"
        self._database: sqlite3.Connection | None = None
        self._new: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """The text put under `key`, or None."""
        if key in self._new:
            return self._new[key]
        return _checked(key, self._run(_SELECT, key))

    def put(self, key: str, value: str) -> None:
        """Keep `value` under `key`."""
        self._new[key] = value
        if len(self._new) >= _AT_ONCE:
            self._write()

    def close(self) -> None:
        """Write down what was put."""
        self._write()
        if self._database is not None:
            self._database.close()
            self._database = None

    def _write(self) -> None:
        new, self._new = self._new, {}
        rows = [(key, value, digest(key, value)) for key, value in new.items()]
        if rows:
            self._run("SELECT 1 FROM formulas LIMIT 1")  # which makes a damaged file anew
        if self._database is not None:
            with suppress(sqlite3.Error), self._database:
                self._database.executemany("INSERT OR REPLACE INTO formulas VALUES (?, ?, ?)", rows)

    def _run(self, statement: str, *values: str) -> list[tuple[object, ...]]:
        try:
            return self._open().execute(statement, values).fetchall()
        except (sqlite3.Error, OSError):
            self._start_anew()
            return self._open().execute(statement, values).fetchall()

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._path, timeout=10)
            # What is lost in a power cut is typeset again.
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.execute(_SCHEMA)
        return self._database

    def _start_anew(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        try:
            if self._path.is_dir():  # something else has damaged the cache
                shutil.rmtree(self._path)
            for ending in ("", "-journal", "-wal", "-shm"):
                Path(f"{self._path}{ending}").unlink(missing_ok=True)
            self._open()
        except (sqlite3.Error, OSError):
            self._database = sqlite3.connect(":memory:")
            self._database.execute(_SCHEMA)


class BorrowedFormulas:
    """The formulas of a store for a second process, which only reads them.

    Args:
        folder: of the store.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "formulas.sqlite"
        self._database: sqlite3.Connection | None = None
        self.new: dict[str, str] = {}
        """What was put, for the process that writes."""

    def get(self, key: str) -> str | None:
        """The text put under `key`, or None."""
        if key in self.new:
            return self.new[key]
        try:
            if self._database is None:
                self._database = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)
            return _checked(key, self._database.execute(_SELECT, (key,)).fetchall())
        except sqlite3.Error:
            return None

    def put(self, key: str, value: str) -> None:
        """Keep `value` under `key` as long as this process lasts."""
        self.new[key] = value


def _checked(key: str, rows: list[tuple[object, ...]]) -> str | None:
    """The value of a row, unless it is damaged."""
    for value, check in rows:
        if digest(key, str(value)) == check:
            return str(value)
    return None
