"""Typeset formulas by key, in one file, for they are many and small."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from builder.cache.store import digest

_SCHEMA = "CREATE TABLE IF NOT EXISTS formulas (key TEXT PRIMARY KEY, value TEXT, sum TEXT)"


class FormulaStore:
    """Texts by key; opened with the first look, written down by `close`.

    A damaged file is made anew, and a damaged row counts as missing. Where no file can
    be written, what is put is known until `close`: to set a formula again takes little.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "formulas.sqlite"
        self._database: sqlite3.Connection | None = None

    def get(self, key: str) -> str | None:
        """The text put under `key`, or None."""
        for value, check in self._run("SELECT value, sum FROM formulas WHERE key = ?", key):
            if digest(key, str(value)) == check:
                return str(value)
        return None

    def put(self, key: str, value: str) -> None:
        """Keep `value` under `key`."""
        check = digest(key, value)
        self._run("INSERT OR REPLACE INTO formulas VALUES (?, ?, ?)", key, value, check)

    def close(self) -> None:
        """Write down what was put."""
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.commit()
            self._database.close()
            self._database = None

    @property
    def folder(self) -> Path:
        """Where its file lies."""
        return self._path.parent

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
        self.close()
        try:
            for ending in ("", "-journal", "-wal", "-shm"):
                Path(f"{self._path}{ending}").unlink(missing_ok=True)
            self._open()
        except (sqlite3.Error, OSError):
            self.close()
            self._database = sqlite3.connect(":memory:")
            self._database.execute(_SCHEMA)


class BorrowedFormulas:
    """The formulas of a store for a second process, which only reads them.

    Args:
        folder: of the store.
    """

    def __init__(self, folder: Path) -> None:
        self._known = FormulaStore(folder)
        self.new: dict[str, str] = {}
        """What was put, for the process that writes."""

    def get(self, key: str) -> str | None:
        """The text put under `key`, or None."""
        return self.new.get(key) or self._known.get(key)

    def put(self, key: str, value: str) -> None:
        """Keep `value` under `key` as long as this process lasts."""
        self.new[key] = value
