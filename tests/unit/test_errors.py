"""What the machine refuses is told as such, and what is wrong with a program is not."""

import errno
import os

import pytest

from builder.errors import refusal


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a/b"),
            "/a/b: No space left on device (make room on that disk)",
        ),
        (
            OSError(errno.EMFILE, os.strerror(errno.EMFILE)),
            "Too many open files (allow more open files with 'ulimit -n 1024')",
        ),
        (
            PermissionError(errno.EACCES, os.strerror(errno.EACCES), b"/a"),
            "/a: Permission denied (let this user read and write there)",
        ),
        (
            MemoryError(),
            "Cannot allocate memory "
            "(end other programs, or allow more memory with 'ulimit -v unlimited')",
        ),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/a"), None),
        (OSError("of no number"), None),
        (ValueError("x"), None),
    ],
)
def test_what_the_machine_refuses_is_told_with_a_hint(
    error: BaseException, told: str | None
) -> None:
    assert refusal(error) == told
