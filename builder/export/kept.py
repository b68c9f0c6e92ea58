"""The forms of posts that readers take away, kept from build to build."""

import json
from functools import cached_property
from pathlib import Path, PurePosixPath

from builder.cache.store import Store, digest
from builder.model import ExecutedPost, OutputFile

_KIND = "downloads"


class Downloads:
    """Makes them, unless an earlier build has made them of the same.

    Args:
        store: where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, executed: ExecutedPost, fingerprint: str) -> tuple[OutputFile, ...]:
        """A post in every form; `fingerprint` is a digest of all that it consists of."""
        if not executed.parsed.blocks:
            return ()
        key = digest(self._made_by, fingerprint)
        body = self._store.get(_KIND, key)
        if body is not None:
            self._store.touch(_KIND, key)
            told = json.loads(body).items()
            return tuple(OutputFile(PurePosixPath(path), text.encode()) for path, text in told)
        from builder.export.files import downloads_of  # noqa: PLC0415  # nbformat loads slowly

        files = downloads_of(executed)
        body = json.dumps({str(file.path): file.content.decode() for file in files}).encode()
        self._store.put(_KIND, key, body)
        return files

    @cached_property
    def _made_by(self) -> str:
        """A digest of what makes them."""
        from importlib.metadata import version  # noqa: PLC0415  # loads slowly, and is rarely needed

        modules = sorted(Path(__file__).parent.glob("*.py"))
        return digest(version("nbformat"), *(path.read_bytes() for path in modules))
