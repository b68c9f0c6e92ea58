"""Notices what is saved, by the kernel's own notices."""

import os
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from watchfiles import watch

from builder.cache.files import kind_of
from builder.config import CACHE

_STEP_MS, _DEBOUNCE_MS = 25, 200
"""A change is told when for so long no other one has followed; several, after the second."""

_STEP_ALONE_MS = 100
"""The same for what is saved seldom: each step takes time, however little."""

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
        self._places = Places()
        self._passed_over: frozenset[Path] = frozenset()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def watch(self, places: Places, passed_over: Collection[Path]) -> None:
        """Watch from now on these places, and no others.

        Args:
            places: those.
            passed_over: what is below these is no one's work.
        """
        if (places, frozenset(passed_over)) == (self._places, self._passed_over):
            return
        self.close()
        self._places, self._passed_over = places, frozenset(passed_over)
        self._stop = threading.Event()
        for folders, is_deep in ((places.deep, True), (places.alone, False)):
            paths = sorted(path for path in folders if path.is_dir())
            if paths:
                thread = threading.Thread(target=self._run, args=(paths, is_deep), daemon=True)
                thread.start()
                self._threads.append(thread)

    def close(self) -> None:
        """Watch nothing any more."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._places = Places()

    def _run(self, paths: list[Path], is_deep: bool) -> None:
        # Some systems tell of what lies behind a link by its own name.
        folders = {*paths, *(path.resolve() for path in paths)}
        changes = watch(
            *paths,
            watch_filter=lambda _, path: self._is_work(Path(path), folders),
            step=_STEP_MS if is_deep else _STEP_ALONE_MS,
            debounce=_DEBOUNCE_MS,
            stop_event=self._stop,
            recursive=is_deep,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        for change in changes:
            self._on_change(tuple(Path(path) for _, path in change))

    def _is_work(self, path: Path, folders: Collection[Path]) -> bool:
        """Whether a change may be a writer's, and not an editor's or the builder's own.

        Args:
            path: what has changed.
            folders: those that are watched; what their own names are does not matter.
        """
        if any(path.is_relative_to(folder) for folder in self._passed_over):
            return False
        below = (path.relative_to(f).parts for f in folders if path.is_relative_to(f))
        return any(not any(map(is_passed_over, parts)) for parts in below)


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
