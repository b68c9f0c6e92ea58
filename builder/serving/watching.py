"""Notices what is saved, by the kernel's own notices."""

import os
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, watch
from watchfiles.main import FileChange

from builder.cache.files import kind_of
from builder.config import CACHE

_STEP_MS, _DEBOUNCE_MS = 25, 200
"""A change is told when for so long no other one has followed; several, after the second."""

_STEP_ALONE_MS = 100
"""The same for what is saved seldom: each step takes time, however little."""

_PATIENCE_S = 2.0
"""For the end of a thread that was asked to."""

_NOT_OURS = frozenset({"__pycache__", "node_modules", "venv", "env", CACHE})
_ENDINGS = ("~", ".swp", ".swx", ".tmp", ".bak", ".pyc", "#")
_VIM_TRIES = "4913"
"""The file by which Vim finds out whether it may write into a folder."""


@dataclass(frozen=True, slots=True)
class Places:
    """Folders to be watched."""

    deep: frozenset[Path] = frozenset()
    """With all that is below them."""

    alone: frozenset[Path] = frozenset()
    """Without the folders in them."""


OnChange = Callable[[Collection[Path]], None]


class Watch:
    """Watches folders, on threads of its own, until it is closed.

    Args:
        on_change: told of the paths that have changed, on one of these threads.
    """

    def __init__(self, on_change: OnChange) -> None:
        self._on_change = on_change
        self._passed_over: frozenset[Path] = frozenset()
        self._watchers: list[_Watcher] = []

    def watch(self, places: Places, passed_over: Collection[Path]) -> None:
        """Watch from now on these places, and no others.

        What is watched already goes on being so, and no change of it is lost.

        Args:
            places: those.
            passed_over: what is below these is no one's work.
        """
        self._passed_over = frozenset(passed_over)
        wanted = _folders_at(places)
        for watcher in self._watchers:
            watcher.keep(wanted)
        idle = [watcher for watcher in self._watchers if not watcher.folders]
        new = wanted.difference(*(watcher.folders for watcher in self._watchers))
        for is_deep in (True, False):
            folders = frozenset(folder for folder in new if folder.is_deep is is_deep)
            if folders:
                self._watchers.append(_Watcher(folders, self._hear, is_deep=is_deep))
        self._end(idle)

    def close(self) -> None:
        """Watch nothing any more."""
        self._end(list(self._watchers))

    def _end(self, watchers: Collection["_Watcher"]) -> None:
        for watcher in watchers:
            watcher.stop.set()
        for watcher in watchers:
            # An interrupt in the midst of an import may leave Python's lock of imports held, for
            # which a thread then waits for good. It ends with the process.
            watcher.thread.join(_PATIENCE_S)
            self._watchers.remove(watcher)

    def _hear(self, paths: Collection[Path]) -> None:
        passed_over = self._passed_over
        work = [path for path in paths if not any(map(path.is_relative_to, passed_over))]
        if work:
            self._on_change(work)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is watched."""

    path: Path
    real: Path
    """Some systems tell of what lies behind a link by its own name."""

    is_deep: bool

    def has_work_at(self, path: Path) -> bool:
        """Whether a path is in it, and may be a writer's; what its own name is does not matter."""
        return any(
            path.is_relative_to(folder)
            and not any(map(is_passed_over, path.relative_to(folder).parts))
            for folder in (self.path, self.real)
        )


class _Watcher:
    """Watches folders on a thread of its own, until it is stopped.

    Args:
        folders: those.
        on_change: told of what has changed.
        is_deep: whether all that is below them counts.
    """

    def __init__(self, folders: frozenset[_Folder], on_change: OnChange, *, is_deep: bool) -> None:
        self.folders = folders
        """Those that are still to be told of."""

        self.stop = threading.Event()
        self._gone: set[Path] = set()
        self._on_change = on_change
        changes = watch(
            *sorted(folder.path for folder in folders),
            watch_filter=self._is_work,
            step=_STEP_MS if is_deep else _STEP_ALONE_MS,
            debounce=_DEBOUNCE_MS,
            stop_event=self.stop,
            recursive=is_deep,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        self.thread = threading.Thread(target=self._run, args=(changes,), daemon=True)
        self.thread.start()

    def keep(self, wanted: frozenset[_Folder]) -> None:
        """Tell of no others, nor of those that were removed: one that takes their place is new."""
        self.folders = frozenset(f for f in self.folders & wanted if f.path not in self._gone)

    def _run(self, changes: Iterator[set[FileChange]]) -> None:
        for change in changes:
            self._on_change(tuple(Path(path) for _, path in change))

    def _is_work(self, change: Change, name: str) -> bool:
        """Whether a change may be a writer's, and not an editor's or the builder's own."""
        path = Path(name)
        if change is Change.deleted and any(folder.path == path for folder in self.folders):
            self._gone.add(path)
        return any(folder.has_work_at(path) for folder in self.folders)


def _folders_at(places: Places) -> frozenset[_Folder]:
    """Those that are there."""
    return frozenset(
        _Folder(path, path.resolve(), is_deep)
        for paths, is_deep in ((places.deep, True), (places.alone, False))
        for path in paths
        if path.is_dir()
    )


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name holds nothing that a site is made from."""
    return (
        name in _NOT_OURS
        or name == _VIM_TRIES
        or name.endswith(_ENDINGS)
        or (name.startswith((".", "#")) and name not in (".", ".."))
    )


def folders_of(root: Path) -> Iterator[Path]:
    """The folders of a site that may hold what its posts are made from."""
    with os.scandir(root) as entries:
        for entry in entries:
            is_site = entry.name.startswith("_site")
            if not is_site and not is_passed_over(entry.name) and kind_of(entry) == "folder":
                yield Path(entry.path)
