"""Stage 6: put the files of a site into its output folder, all at once.

The new site is made beside the old one and takes its place by one exchange of
names, so that a build that is killed leaves the old site or the new one, whole.
A file whose content is the same stays the same file and keeps its time.
"""

import ctypes
import os
import platform
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from builder.errors import PublishError
from builder.model import OutputFile

MARKER = ".nojekyll"
"""Tells GitHub Pages to serve the files as they are, and us that the folder is ours."""

_MARKER_TEXT = b"Made by a build of this site; the next build replaces the whole folder.\n"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP_MACOS = 2


@dataclass(frozen=True, slots=True)
class Changes:
    """What publishing did to the output folder."""

    written: int
    unchanged: int
    removed: int


def publish(files: Iterable[OutputFile], output: Path) -> Changes:
    """Make `output` hold exactly these files.

    Raises:
        PublishError: the folder is not a site's, or cannot be replaced.
    """
    output = output.resolve()
    check_output(output)
    remove_leftovers(output)
    old = _files_below(output)
    new = {str(file.path): file.content for file in files} | {MARKER: _MARKER_TEXT}
    same = {path for path, content in new.items() if path in old and _is_same(old[path], content)}
    changes = Changes(
        len(new) - len(same),
        len(same) - 1 if MARKER in same else len(same),
        len(old.keys() - new.keys()),
    )
    if len(same) == len(new) == len(old):
        return changes
    staging = _staging(output)
    try:
        _fill(staging, new, {path: old[path] for path in same})
        _exchange(staging, output)
    except OSError as error:
        raise PublishError(
            f"{output} cannot be replaced: {error.strerror or error}; it stays as it was"
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return changes


def check_output(output: Path) -> None:
    """Make sure that replacing `output` destroys nothing but a site.

    Raises:
        PublishError: it is a file, or a folder that no build has made.
    """
    if not output.exists():
        return
    if not output.is_dir():
        raise PublishError(f"{output} is a file: name a folder with --output")
    names = set(os.listdir(output))
    if names and (MARKER not in names or (output / MARKER).read_bytes() != _MARKER_TEXT):
        raise PublishError(
            f"{output} holds files that no build has made: "
            "empty it, or name another folder with --output"
        )
    if ".git" in names:
        raise PublishError(
            f"{output} is a git repository, which a build would replace: "
            "build into another folder and copy"
        )


def remove_leftovers(output: Path) -> None:
    """Remove what builds that were killed have left beside `output`."""
    for folder in output.parent.glob(f".{output.name}.*.new"):
        owner = folder.name.split(".")[-2]
        if owner.isdigit() and not _is_running(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _staging(output: Path) -> Path:
    """A fresh folder beside `output`, on the same file system; its name says whose it is."""
    staging = output.with_name(f".{output.name}.{os.getpid()}.new")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
    except OSError as error:
        raise PublishError(f"{output} cannot be written: {error.strerror}") from error
    return staging


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid != os.getpid()


def _files_below(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in (folder.rglob("*") if folder.is_dir() else ())
        if path.is_file() or path.is_symlink()
    }


def _is_same(path: Path, content: bytes) -> bool:
    try:
        is_plain = not path.is_symlink() and path.stat().st_size == len(content)
        return is_plain and path.read_bytes() == content
    except OSError:
        return False


def _fill(staging: Path, new: dict[str, bytes], same: dict[str, Path]) -> None:
    made: set[Path] = set()
    for name, content in new.items():
        path = staging / name
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        if name in same:
            _link(same[name], path)
        else:
            path.write_bytes(content)


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # not every file system has links
        shutil.copy2(old, new)


def _exchange(staging: Path, output: Path) -> None:
    """Let the two folders change names, in one step where the system can."""
    if not output.exists():
        os.rename(staging, output)
        return
    if not _swap(bytes(staging), bytes(output)):
        # Elsewhere there is a moment between two renames.
        aside = staging.with_name(staging.name.removesuffix(".new") + ".old")
        os.rename(output, aside)
        try:
            os.rename(staging, output)
        except OSError:
            os.rename(aside, output)
            raise
        os.rename(aside, staging)


def _swap(one: bytes, other: bytes) -> bool:
    """Exchange two names atomically; False where the system has no such call."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        system = platform.system()
        if system == "Linux":
            status = libc.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE)
            return bool(status == 0)
        if system == "Darwin":
            return bool(libc.renamex_np(one, other, _RENAME_SWAP_MACOS) == 0)
    return False
