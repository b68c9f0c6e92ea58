"""Remove from the store what no build uses any more, or everything that is too much."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from builder.cache.store import Store

_RESULTS, _VARIANTS, _MANIFESTS = "results", "variants", "manifests"
_YOUNG_S = 60.0
"""What was written so lately may be another build's, which has yet to name it."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was removed and what is left."""

    removed: int
    removed_bytes: int
    left_bytes: int


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    kind: str
    key: str
    used_at: float
    size: int


def clean(store: Store, limit_bytes: int, max_age_s: float) -> Cleaned:
    """Remove what was not used for long, then the longest unused until the rest fits.

    Args:
        store: what to clean; builds may go on meanwhile.
        limit_bytes: that may be left.
        max_age_s: since the last build that found or wrote a result.
    """
    now = time.time()
    entries = sorted(_entries(store.folder), key=lambda entry: entry.used_at)
    left = sum(entry.size for entry in entries)
    removed = removed_bytes = 0
    needed = _needed(store, entries, now - max_age_s)
    for entry in entries:
        is_stale = entry.key not in needed
        if (is_stale or left > limit_bytes) and now - entry.used_at > _YOUNG_S:
            entry.path.unlink(missing_ok=True)
            removed, removed_bytes, left = (
                removed + 1,
                removed_bytes + entry.size,
                left - entry.size,
            )
    return Cleaned(removed, removed_bytes, left)


def _entries(folder: Path) -> Iterator[_Entry]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            try:
                state = path.stat()
            except FileNotFoundError:  # another build's temporary file
                continue
            kind = path.relative_to(folder).parts[0]
            key = path.parent.name + name
            yield _Entry(path, kind, key, state.st_mtime, state.st_size)


def _needed(store: Store, entries: list[_Entry], since: float) -> set[str]:
    """Keys of what was used since then, and of the results that it names."""
    recent = {entry.key: entry.kind for entry in entries if entry.used_at >= since}
    needed = {key for key, kind in recent.items() if kind != _RESULTS}
    for key, kind in recent.items():
        body = store.get(kind, key) if kind == _MANIFESTS else None
        needed |= set(json.loads(body)["keys"]) if body else set()
    for entry in entries:
        body = store.get(_VARIANTS, entry.key) if entry.key in needed else None
        needed |= {variant["result"] for variant in json.loads(body or b"[]")}
    return needed
