"""What is sent along with posts: a folder as one archive, and what its files were like."""

import io
import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from builder.cache.files import kind_of
from builder.execute.protocol import FileState
from builder.hosting import MARKER

_NEVER_SENT = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class Shipment:
    """A folder as it was sent."""

    archive: bytes
    """A tar file."""

    files: Mapping[str, FileState]
    """What each file was like when it was read, by its absolute path here."""


def pack(folder: str, only: Sequence[str] = ()) -> Shipment:
    """Read a folder for sending.

    Hidden folders, caches and published sites are sent empty, so that a listing names them.

    Args:
        folder: absolute.
        only: names of folders in it, where the rest is not sent.
    """
    starts = [os.path.join(folder, name) for name in only] or [folder]
    buffer, files = io.BytesIO(), {}
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, is_folder in _walk(starts):
            name = os.path.relpath(path, folder)
            if is_folder:
                archive.addfile(_entry(name, tarfile.DIRTYPE))
                continue
            try:
                before, content = os.stat(path), _read(path)
            except OSError:  # it was removed meanwhile, or may not be read
                continue
            archive.addfile(_entry(name, tarfile.REGTYPE, len(content)), io.BytesIO(content))
            # Where it has changed meanwhile, its state will not be the one that is there then.
            files[path] = FileState(before.st_mtime_ns, before.st_size)
    return Shipment(buffer.getvalue(), files)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _entry(name: str, kind: bytes, size: int = 0) -> tarfile.TarInfo:
    """An entry that is the same whoever packs it, and when."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.size = kind, size
    entry.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    return entry


def _walk(starts: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Paths of what is in folders, in one order, and whether each is a folder itself."""
    seen = set(map(os.path.realpath, starts))
    waiting = [*starts]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:  # it was removed meanwhile, or may not be read
            continue
        for entry in found:
            kind = kind_of(entry)
            if kind == "file":
                yield entry.path, False
            if kind != "folder":
                continue
            yield entry.path, True
            real = os.path.realpath(entry.path)
            if _is_sent(entry) and real not in seen:
                seen.add(real)  # a link may lead back
                waiting.append(entry.path)


def _is_sent(folder: "os.DirEntry[str]") -> bool:
    is_hidden = folder.name.startswith(".") or folder.name in _NEVER_SENT
    return not is_hidden and not os.path.exists(os.path.join(folder.path, MARKER))
