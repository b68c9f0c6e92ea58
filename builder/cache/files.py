"""Files as they are now: what they hold, and whether their times can vouch for it."""

import os
import stat
import time
from pathlib import Path
from typing import Literal

from builder.cache.store import digest, digest_of

ABSENT = "absent"
_TICK_NS = 2_000_000_000
"""A file changed so shortly before it was looked at may change again within its time stamp."""

_AT_ONCE_BYTES = 1_000_000
"""A file up to this size is read in one step, which is faster."""

Signature = tuple[int, int, int, int]
"""When a file was modified and changed, in nanoseconds, its size and its inode."""

NO_SIGNATURE: Signature = (0, 0, 0, 0)
"""Of what is not there."""


FileTimes = tuple[Signature, str | None]
"""The signature of a file, and where it would not tell a change, a digest of what it holds."""


def file_times(path: Path) -> FileTimes:
    """What a file is like now."""
    seen = signature_of(str(path))
    return seen, None if is_settled(seen) else content_of(str(path))


def is_as_seen(path: Path, was: FileTimes) -> bool:
    """Whether a file still is what it was like."""
    seen, content = was
    return signature_of(str(path)) == seen and (content is None or content == content_of(str(path)))


def when_settled(was: FileTimes) -> FileTimes:
    """What is to be known of a file that was just found as it was."""
    return (was[0], None) if is_settled(was[0]) else was


def signature(state: os.stat_result) -> Signature:
    """What tells without reading whether a file may have changed."""
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino


def signature_of(path: str) -> Signature:
    """The signature of the file or folder at `path`."""
    try:
        return signature(os.stat(path))
    except (OSError, ValueError):
        return NO_SIGNATURE


def is_settled(seen: Signature) -> bool:
    """Whether a signature seen just now would be another one after a change."""
    return max(seen[:2]) < time.time_ns() - _TICK_NS


def content_of(path: str) -> str:
    """A digest of a file; for what is no file, what it is."""
    try:
        state = os.stat(path)
        if stat.S_ISREG(state.st_mode):
            is_small = state.st_size <= _AT_ONCE_BYTES  # or none that tells its size: the kernel's
            with open(path, "rb", buffering=0) as file:
                return digest(file.read()) if is_small else digest_of(file)
        return "folder" if os.path.isdir(path) else "special"
    except (OSError, ValueError):
        return ABSENT


def names_in(path: str) -> str:
    """A digest of the names in a folder, and of which of them are folders."""
    try:
        with os.scandir(path) as entries:
            return digest(*sorted(e.name + os.sep * (kind_of(e) == "folder") for e in entries))
    except (OSError, ValueError):
        return ABSENT


def kind_of(entry: os.DirEntry[str]) -> Literal["file", "folder", "other"]:
    """What an entry of a folder is, behind all links."""
    try:
        if entry.is_dir():
            return "folder"
        return "file" if entry.is_file() else "other"
    except OSError:  # a link that leads to itself, or to where this user may not look
        return "other"
