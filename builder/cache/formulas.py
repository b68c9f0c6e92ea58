"""Typeset formulas by key, in one file, for they are many and small."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from builder.cache.store import digest


class FormulaStore:
    """Texts by key; opened with the first look, written down by `close`.

    A damaged file is made anew, and a damaged row counts as missing.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "formulas.sqlite"
        self._database: sqlite3.Connection | None = None

    def get(self, key: str) -> str | None:
        """The text put under `key`, or None."""
        try:
            row = (
                self._open()
                .execute("SELECT value, sum FROM formulas WHERE key = ?", (key,))
                .fetchone()
            )
        except sqlite3.DatabaseError:
            self._start_anew()
            return None
        return row[0] if row and digest(key, row[0]) == row[1] else None

    def put(self, key: str, value: str) -> None:
        """Keep `value` under `key`."""
        row = (key, value, digest(key, value))
        statement = "INSERT OR REPLACE INTO formulas VALUES (?, ?, ?)"
        try:
            self._open().execute(statement, row)
        except sqlite3.DatabaseError:
            self._start_anew()
            self._open().execute(statement, row)

    def close(self) -> None:
        """Write down what was put; a file that cannot be written is done without."""
        if self._database is not None:
            with suppress(sqlite3.DatabaseError):
                self._database.commit()
            self._database.close()
            self._database = None

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._path, timeout=10)
            # What is lost in a power cut is typeset again.
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS formulas (key TEXT PRIMARY KEY, value TEXT, sum TEXT)"
            )
        return self._database

    def _start_anew(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        for ending in ("", "-journal", "-wal", "-shm"):
            Path(f"{self._path}{ending}").unlink(missing_ok=True)
