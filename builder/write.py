"""Stage 6: put the files of a site into its output folder, all at once.

The new site is made beside the old one and takes its place by one exchange of
names, so that a build that is killed leaves the old site or the new one, whole.
The old one stays in the cache, and the next is made of it. A file whose content
is the same stays the same file and keeps its time.
"""

import ctypes
import errno
import json
import os
import platform
import shutil
import stat
from collections.abc import Callable, Iterable
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
_NOT_KNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)
"""What systems answer that cannot exchange names, or not on this disk."""


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
    prepare_output(output)
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
    try:
        now = {path: old[path] if path in same else os.stat(f"{output}/{path}") for path in new}
    except FileNotFoundError:
        raise PublishError(
            f"{output}: another build has published there at the same time: "
            "build again, or name another folder with --output"
        ) from None
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
    claimed = _claim(spare, output)
    if claimed is not None:
        try:
            _fill(claimed, new, same, output)
            _exchange(claimed, output)
        except OSError:  # something else has been at it
            pass
        else:
            with suppress(OSError):
                os.rename(claimed, spare)
            return
        finally:
            _remove(claimed)  # unless it has become the spare one
    staging = _staging(output)
    try:
        _fill(staging, new, same, output)
        _exchange(staging, output)
    except OSError as error:
        raise PublishError(
            f"{output} cannot be replaced: {error.strerror or error}; it stays as it was"
        ) from error
    finally:
        _remove(staging)


def _spare(output: Path, store: Store) -> Path:
    """Where the site before the last one is. Most of its files are the last site's, too."""
    return store.folder.parent / "spare" / digest(str(output))[:16]


def _claim(spare: Path, output: Path) -> Path | None:
    """Take the spare folder, or a new one, for this process alone; None where it cannot be used.

    One that a killed build has claimed is used no more, for it may be half-way filled.
    """
    claimed = _own(spare)
    with suppress(OSError):
        output.parent.mkdir(parents=True, exist_ok=True)
        spare.parent.mkdir(parents=True, exist_ok=True)
        _remove_claimed(spare)
        if spare.is_dir() and not spare.is_symlink():
            os.rename(spare, claimed)
        else:
            spare.unlink(missing_ok=True)
            claimed.mkdir()
        if claimed.stat().st_dev == output.parent.stat().st_dev:
            return claimed
        _remove(claimed)
    return None


def _own(folder: Path) -> Path:
    """A folder beside another one; its name says whose it is."""
    return folder.with_name(f"{folder.name}.{os.getpid()}.new")


def _remove_claimed(folder: Path) -> None:
    """Remove what processes that have ended have claimed."""
    for claimed in folder.parent.glob(f"{folder.name}.*.new"):
        owner = claimed.name.split(".")[-2]
        if owner.isdigit() and not _is_running(int(owner)):
            _remove(claimed)


def prepare_output(output: Path) -> None:
    """Put right what killed builds have left, and see that nothing but a site would be replaced.

    Raises:
        PublishError: it is a file, or a folder that no build has made.
    """
    _remove_leftovers(output)
    there = next(path for path in (output, *output.parents) if path.exists())
    if not there.is_dir():
        raise PublishError(f"{there} is a file: name a folder with --output")
    if there != output:
        return
    names = set(os.listdir(output))
    if names and not _is_site(output):
        raise PublishError(
            f"{output} holds files that no build has made: "
            "empty it, or name another folder with --output"
        )
    if ".git" in names:
        raise PublishError(
            f"{output} is a git repository, which a build would replace: "
            "build into another folder and copy"
        )


def _is_site(folder: Path) -> bool:
    """Whether a build has made a folder."""
    try:
        return (folder / MARKER).read_bytes() == _MARKER_TEXT
    except (FileNotFoundError, NotADirectoryError):
        return False


def _remove_leftovers(output: Path) -> None:
    """Remove what builds that were killed have left beside `output`, or bring it back."""
    aside = _aside(output)
    with suppress(OSError):
        if _is_site(aside):  # a writer may have a folder of that name, too
            os.rename(aside, _own(_hidden(output)) if output.exists() else output)
    _remove(_own(_hidden(output)))
    _remove_claimed(_hidden(output))


def _staging(output: Path) -> Path:
    """A fresh folder beside `output`, on the same file system."""
    staging = _own(_hidden(output))
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        _remove(staging)
        staging.mkdir()
    except OSError as error:
        raise PublishError(f"{output} cannot be written: {error.strerror}") from error
    return staging


def _remove(folder: Path) -> None:
    """Remove a folder, as far as it can be, and also where folders in it may not be written."""

    def insist(remove: Callable[[str], object], path: str, _: object) -> None:
        if Path(path) != folder:  # what it lies in is not ours
            with suppress(OSError):
                os.chmod(os.path.dirname(path), stat.S_IRWXU)
                remove(path)

    shutil.rmtree(folder, onerror=insist)


def _hidden(output: Path) -> Path:
    """The beginning of names beside `output` that are not to be seen."""
    return output.with_name(f".{output.name}")


def _aside(output: Path) -> Path:
    """Where a site waits between two renames, where the system cannot exchange names."""
    return output.with_name(f".{output.name}.old")


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
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(above + inner) as entries:
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
        # Elsewhere there is a moment between two renames; the next build knows of it.
        aside = _aside(output)
        try:
            os.rename(output, aside)
            os.rename(staging, output)
        except BaseException:  # an interrupt between the two, too
            if not output.exists():
                os.rename(aside, output)
            raise
        os.rename(aside, staging)


def _swap(one: bytes, other: bytes) -> bool:
    """Exchange two names atomically; False where the system has no such call.

    Raises:
        OSError: it has one, which fails.
    """
    system = platform.system()
    if system not in ("Linux", "Darwin"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if system == "Linux":
            status = libc.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE)
        else:
            status = libc.renamex_np(one, other, _RENAME_SWAP_MACOS)
    except AttributeError:
        return False
    if status == 0:
        return True
    number = ctypes.get_errno()
    if number in _NOT_KNOWN:
        return False
    raise OSError(number, os.strerror(number), os.fsdecode(other))
