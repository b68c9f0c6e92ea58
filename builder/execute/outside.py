"""Notice what a post does, or tries to, that a sandbox refuses.

A block that does so may give something else with `--sandbox` than without, so its result
depends on that; all others give the same, and their results are found either way.
"""

import errno
import os
from collections.abc import Callable, Mapping
from typing import Any

from builder.execute.confinement import WRITABLE_DEVICES, needed_folders, reading
from builder.execute.protocol import Job

_REFUSED = ("socket.__new__", "os.kill", "os.killpg")
_IGNORED = ("os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr")


class Outside:
    """Knows what lies outside of a post's sandbox, whether it is in one or not.

    Args:
        job: the post.
        scratch: the folder that it may write into.
    """

    def __init__(self, job: Job, scratch: str) -> None:
        self._is_sandboxed = job.is_sandboxed
        self._writable = (os.path.dirname(os.path.realpath(scratch)) + os.sep, *WRITABLE_DEVICES)
        self._may_read = reading(needed_folders(job.root))
        self.is_reached = False
        """Whether the block has done so."""

        self.handlers: Mapping[str, Callable[[tuple[Any, ...]], None]] = {
            **dict.fromkeys(_REFUSED, self.reach),
            **dict.fromkeys(_IGNORED, self._on_attributes),
        }
        """What looks at audit events, by their names."""

    def reach(self, _args: tuple[Any, ...] = ()) -> None:
        """Know that the block has done so."""
        self.is_reached = True

    def read(self, real: str) -> None:
        """Look at a file that the block asks for, as it is behind all links."""
        if not self._may_read(real):
            self.is_reached = True

    def change(self, path: object) -> None:
        """Look at a file that the block is about to change."""
        if isinstance(path, str | bytes | os.PathLike) and not self._is_writable(path):
            self.is_reached = True

    def _is_writable(self, path: "str | bytes | os.PathLike[Any]") -> bool:
        return os.path.realpath(os.fsdecode(path)).startswith(self._writable)

    def _on_attributes(self, args: tuple[Any, ...]) -> None:
        """Refuse aloud what a sandbox only ignores."""
        self.is_reached = True
        path = f"/proc/self/fd/{args[0]}" if isinstance(args[0], int) else args[0]
        if self._is_sandboxed and not self._is_writable(path):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), os.fsdecode(path))
