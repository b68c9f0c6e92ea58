"""What can be wrong with a site, as values and as exceptions.

    SiteError               anything that a writer can mend
    ├── PostError           one post cannot go on; carries a Problem with its place
    ├── SettingsError       a wrong setting or argument (exit status 2)
    └── PublishError        the output folder cannot be replaced

A `Problem` says what is wrong and where; stages append warnings and errors to
the list they are given, and raise `PostError` only where they cannot go on.
What the machine refuses anywhere (`refusal`) is no fault of the builder's.
"""

import errno
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import PurePosixPath


class Severity(StrEnum):
    """How bad a problem is: an error fails the build, a warning a strict one, a note none."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file of the site."""

    path: PurePosixPath
    """Relative to the site's root."""

    line: int | None = None
    """Counted from 1; None for the file as a whole."""

    column: int | None = None
    """Counted from 1; None where only the line is known."""

    def __str__(self) -> str:
        """`posts/x.md:41:7`, as compilers and editors write it."""
        numbers = (str(n) for n in (self.line, self.column) if n is not None)
        return ":".join((str(self.path), *numbers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it."""

    code: str
    """A short name of its kind, which stays the same over releases: one of `codes.CODES`."""

    message: str
    location: Location
    hint: str | None = None
    severity: Severity = Severity.ERROR
    detail: str | None = None
    """Further lines for the writer, such as a traceback."""

    def __str__(self) -> str:
        """`posts/x.md:11: unknown block option 'ehco' (did you mean 'echo'?)`."""
        return f"{self.location}: {self.message}{f' ({self.hint})' if self.hint else ''}"


class SiteError(Exception):
    """Something that a writer can mend."""


class PostError(SiteError):
    """A post cannot go on to the next stage."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


class SettingsError(SiteError):
    """A wrong setting or argument; the build does not start."""


class PublishError(SiteError):
    """The output folder cannot be replaced; it stays as it was."""


_REMEDIES: Mapping[int, str] = {
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "make room, or have more of that disk allotted",
    errno.EFBIG: "allow larger files with 'ulimit -f unlimited'",
    errno.EMFILE: "allow more open files with 'ulimit -n 1024'",
    errno.ENFILE: "end programs that hold many files open",
    errno.ENOMEM: "end other programs, or allow more memory with 'ulimit -v unlimited'",
    errno.EAGAIN: "end other programs, or allow more processes with 'ulimit -u'",
    errno.EACCES: "let this user read and write there",
    errno.EPERM: "let this user read and write there",
    errno.EROFS: "let the disk be written, or work on another one",
    errno.EIO: "look after the disk, which may be failing",
}
"""What the machine may refuse to any program, and what to do about it."""


def refusal(error: BaseException) -> str | None:
    """What the machine has refused, with a hint; None where an error is of another kind."""
    if isinstance(error, MemoryError):
        error = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    remedy = _REMEDIES.get(error.errno or 0) if isinstance(error, OSError) else None
    if remedy is None or not isinstance(error, OSError):
        return None
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    return f"{where}{error.strerror} ({remedy})"


def warning(code: str, message: str, location: Location, hint: str | None = None) -> Problem:
    """Make a problem that does not fail the build."""
    return Problem(
        code=code, message=message, location=location, hint=hint, severity=Severity.WARNING
    )


def note(code: str, message: str, location: Location, hint: str | None = None) -> Problem:
    """Make a remark that fails no build, not even a strict one."""
    return Problem(code=code, message=message, location=location, hint=hint, severity=Severity.NOTE)


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Name the known word nearest to `word`, as a hint; None if none is near.

    Where very many are known, a higher `cutoff` keeps out those that are near by chance.
    """
    near = get_close_matches(word, sorted(known), 3, cutoff)
    # Of those that are near, the one whose letters have only changed places.
    best = min(near, key=lambda found: sorted(found) != sorted(word), default=None)
    return f"did you mean {best!r}?" if best else None
