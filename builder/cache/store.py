"""A folder of small files, named by digest, each checked when it is read.

    VERSION/KIND/ab/cdef…

Readers see the old bytes or the new ones, never a part; two builds may write at
once. A damaged file counts as missing.
"""

import hashlib
import io
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from builder.errors import SiteError

_VERSION = "v1"
_CHECK_LENGTH = 64
_DAY_S = 86_400


def digest(*parts: bytes | str) -> str:
    """SHA-256 of the parts in hexadecimal; it differs when their borders do."""
    state = hashlib.sha256()
    for part in parts:
        # Names of files may hold bytes that are no UTF-8.
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(b"%d:" % len(content))
        state.update(content)
    return state.hexdigest()


def digest_of(file: io.FileIO) -> str:
    """`digest` of all that a file holds, of which only a piece is ever in memory.

    One that becomes longer or shorter meanwhile has a digest that nothing else has.
    """
    length = os.fstat(file.fileno()).st_size
    state = hashlib.sha256(b"%d:" % length)
    hashlib.file_digest(file, lambda: state)
    return state.hexdigest() if file.tell() == length else secrets.token_hex(32)


class Store:
    """Bytes by key, below one folder, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / _VERSION

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever put into it."""
        return not self.folder.exists()

    def get(self, kind: str, key: str) -> bytes | None:
        """The bytes put under `key`; None where there are none, or damaged ones."""
        try:
            content = self._path(kind, key).read_bytes()
        except OSError:
            return None
        check, body = content[:_CHECK_LENGTH], content[_CHECK_LENGTH:]
        return body if check == digest(kind, key, body).encode() else None

    def put(self, kind: str, key: str, body: bytes) -> None:
        """Keep `body` under `key`, in place of what was there.

        Raises:
            SiteError: it cannot be written, as on a full disk. A build ends with it: without
                results, the next one would run every post again, and nobody would know why.
        """
        path = self._path(kind, key)
        try:
            _write(path, digest(kind, key, body).encode() + body)
        except OSError as error:
            raise SiteError(
                f"{self.folder.parent} cannot be written: {error.strerror}; "
                "it holds the results of blocks, and may be removed at any time"
            ) from error

    def keys(self, kind: str) -> Iterator[str]:
        """The keys of all of one kind, in order."""
        for path in sorted((self.folder / kind).glob("??/*")):
            if not path.name.startswith("."):  # that another build is about to put there
                yield path.parent.name + path.name

    def clear(self, kind: str) -> None:
        """Forget all of one kind."""
        shutil.rmtree(self.folder / kind, ignore_errors=True)

    def touch(self, kind: str, key: str) -> os.stat_result | None:
        """Know that what is under `key` is in use, to the day; what its file is like then."""
        path = self._path(kind, key)
        with suppress(OSError):  # it was removed meanwhile, or the folder is read-only
            if time.time() - path.stat().st_mtime > _DAY_S:
                os.utime(path)
        with suppress(OSError):
            return path.stat()
        return None

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / kind / key[:2] / key[2:]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(content)
        if path.is_dir():  # something else has damaged the store
            shutil.rmtree(path)
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
