"""Stage 6: put the files of a site into its output folder, all at once.

The new site is made beside the old one and takes its place by one exchange of
names, so that a build that is killed leaves the old site or the new one, whole.
The old one stays in the cache, and the next is made of it. A file whose content
is the same stays the same file and keeps its time.
"""

import ctypes
import json
import os
import platform
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from builder.cache.store import Store, digest
from builder.errors import PublishError
from builder.hosting import MARKER
from builder.model import LateFile, OutputFile, SiteFile

_KIND = "published"
_MARKER_TEXT = b"Made by a build of this site; the next build replaces the whole folder.\n"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP_MACOS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What publishing did to the output folder."""

    written: int
    unchanged: int
    removed: int
    written_bytes: int
    removed_bytes: int
    site_bytes: int
    """Of all files that are there now."""


def publish(files: Iterable[SiteFile], output: Path, store: Store) -> Changes:
    """Make `output` hold exactly these files.

    Args:
        files: of the site; one that is there already, by its key, is not made again.
        output: the folder.
        store: knows what was published, and has room beside it for the next site.

    Raises:
        PublishError: the folder is not a site's, or cannot be replaced.
    """
    output = output.resolve()
    check_output(output)
    remove_leftovers(output)
    old, known = files_below(output), _published(store, output)
    marker = OutputFile(PurePosixPath(MARKER), _MARKER_TEXT)
    new = {str(file.path): file for file in (*files, marker)}
    keys = {path: _key(file) for path, file in new.items()}
    same = {
        path
        for path, file in new.items()
        if path in old
        and (known.get(path) == [keys[path], *_stamp(old[path])] or _is_same(output / path, file))
    }
    if not len(same) == len(new) == len(old):
        _replace(output, new, {path: old[path] for path in same}, store)
    now = {path: old[path] if path in same else os.stat(f"{output}/{path}") for path in new}
    told = {path: [key, *_stamp(now[path])] for path, key in keys.items()}
    if told != known:
        store.put(_KIND, digest(str(output)), json.dumps(told).encode())
    gone = old.keys() - new.keys()
    return Changes(
        written=len(new) - len(same),
        unchanged=len(same) - 1 if MARKER in same else len(same),
        removed=len(gone),
        written_bytes=sum(now[path].st_size for path in new.keys() - same),
        removed_bytes=sum(old[path].st_size for path in gone),
        site_bytes=sum(state.st_size for state in now.values()),
    )


def _published(store: Store, output: Path) -> dict[str, list[object]]:
    """What the last build has put into `output`: by path, its key and its stamp."""
    body = store.get(_KIND, digest(str(output)))
    told: dict[str, list[object]] = json.loads(body) if body else {}
    return told


def _key(file: SiteFile) -> str:
    return file.key if isinstance(file, LateFile) else digest(file.content)


def _replace(
    output: Path, new: dict[str, SiteFile], same: dict[str, os.stat_result], store: Store
) -> None:
    """Make the new site beside the old one, and let the two change places."""
    spare = _spare(output, store)
    if spare is not None:
        try:
            _fill(spare, new, same, output)
            _exchange(spare, output)
        except OSError:  # something else has been at it
            shutil.rmtree(spare, ignore_errors=True)
        else:
            return
    staging = _staging(output)
    try:
        _fill(staging, new, same, output)
        _exchange(staging, output)
    except OSError as error:
        raise PublishError(
            f"{output} cannot be replaced: {error.strerror or error}; it stays as it was"
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _spare(output: Path, store: Store) -> Path | None:
    """The folder of the site before the last one, or a new one; None where it cannot be used.

    Most of its files are the last site's, too, so that little is to be done in it.
    """
    spare = store.folder.parent / "spare" / digest(str(output))[:16]
    with suppress(OSError):
        output.parent.mkdir(parents=True, exist_ok=True)
        spare.mkdir(parents=True, exist_ok=True)
        if spare.stat().st_dev == output.parent.stat().st_dev and not spare.is_symlink():
            return spare
    return None


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


def files_below(folder: Path) -> dict[str, os.stat_result]:
    """All files in a folder and its folders, by their paths below it; none where it is none."""
    found: dict[str, os.stat_result] = {}
    todo, above = [""], f"{folder}/"
    while todo:
        inner = todo.pop()
        with suppress(FileNotFoundError), os.scandir(above + inner) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    todo.append(f"{inner}{entry.name}/")
                else:
                    found[inner + entry.name] = entry.stat(follow_symlinks=False)
    return found


def _stamp(state: os.stat_result) -> list[int]:
    """What is another one once a file is changed; a link to it changes nothing."""
    return [state.st_mtime_ns, state.st_size, state.st_ino]


def _is_same(path: Path, file: SiteFile) -> bool:
    try:
        content = file.content
        is_plain = not path.is_symlink() and path.stat().st_size == len(content)
        return is_plain and path.read_bytes() == content
    except OSError:
        return False


def _fill(
    folder: Path, new: dict[str, SiteFile], same: dict[str, os.stat_result], output: Path
) -> None:
    """Make `folder` hold the new files: those of the old site as links, the others written."""
    there = files_below(folder)
    inside, outside = f"{folder}/", f"{output}/"
    for name in there.keys() - new.keys():
        os.unlink(inside + name)
        _remove_empty(inside, name)
    made: set[str] = set()
    for name, file in new.items():
        if {"", ".", ".."} & set(name.split("/")):
            raise PublishError(f"/{name} is no address within the site")
        path, state = inside + name, there.get(name)
        if name in same and state is not None and state.st_ino == same[name].st_ino:
            continue
        if state is not None:
            os.unlink(path)  # it may be the old site's, too
        above = name.rpartition("/")[0]
        _make_folder(inside, above, made)
        if name in same:
            _link(outside + name, path)
        else:
            with open(path, "wb") as target:
                target.write(file.content)


def _make_folder(folder: str, name: str, made: set[str]) -> None:
    """Make a folder and those that it lies in, each once."""
    if name and name not in made:
        _make_folder(folder, name.rpartition("/")[0], made)
        with suppress(FileExistsError):
            os.mkdir(folder + name)
        made.add(name)


def _remove_empty(folder: str, name: str) -> None:
    """Remove the folders that a file stood in, as far as they hold nothing else."""
    while "/" in name:
        name = name.rpartition("/")[0]
        try:
            os.rmdir(folder + name)
        except OSError:  # there is something in it
            return


def _link(old: str, new: str) -> None:
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
