"""Folders that posts may write below, among the temporary files.

Whoever makes one keeps it locked. A lock ends with its owner, however that ends and whatever its
number is in another container; what is unlocked has been left behind, and goes.
"""

import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "posts-of-a-build-"


class Scratch:
    """A folder of its own, until it is closed; those that nobody holds any more are removed."""

    def __init__(self) -> None:
        for old in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            lock = _lock(old) if _is_ours(old) else None
            if lock is not None:
                shutil.rmtree(old, ignore_errors=True)
                os.close(lock)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = _lock(self.path)
        if self._lock is not None:
            _mark(self.path).touch()

    def leave(self) -> None:
        """Leave the folder to the process that this one is a copy of."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.leave()


def _mark(folder: Path) -> Path:
    """A file of the folder's own name: none that a writer has made holds one, nor has a copy."""
    return folder / folder.name


def _is_ours(folder: Path) -> bool:
    """Whether it was made here, for this user, and has been locked."""
    try:
        found = os.lstat(folder), os.lstat(_mark(folder))
    except OSError:
        return False
    return all(state.st_uid == os.getuid() for state in found)


def _lock(folder: Path) -> int | None:
    """Lock a folder, as those do that clear temporary files up; None where that cannot be."""
    if not hasattr(os, "fork"):
        return None
    import fcntl  # noqa: PLC0415  # not on every system

    descriptor = None
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # another holds it
        if descriptor is not None:
            os.close(descriptor)
        return None
    return descriptor
