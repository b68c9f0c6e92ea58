"""Remove from the store what no build uses any more, or everything that is too much."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder.cache import records
from builder.cache.store import Store

_VARIANTS, _MANIFESTS = "variants", "manifests"
_NEVER_REMOVED = records.KIND
"""What was accepted is no result: nothing could make it again."""

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
    written_at: float
    size: int


def clean(store: Store, limit_bytes: int, max_age_s: float) -> Cleaned:
    """Remove what was not used for long, then the longest unused until the rest fits.

    Args:
        store: what to clean; builds may go on meanwhile.
        limit_bytes: that may be left.
        max_age_s: since the last build that found or wrote a result.
    """
    now = time.time()
    entries = list(_entries(store.folder))
    left = sum(entry.size for entry in entries)
    removed = removed_bytes = 0
    if left <= limit_bytes and max_age_s == float("inf"):
        return Cleaned(0, 0, left)
    used_at = _last_uses(store, entries)
    for entry in sorted(entries, key=lambda entry: used_at[entry.key]):
        if entry.kind == _NEVER_REMOVED:
            continue
        is_stale = used_at[entry.key] < now - max_age_s
        if (is_stale or left > limit_bytes) and now - entry.written_at > _YOUNG_S:
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


def _last_uses(store: Store, entries: Sequence[_Entry]) -> Mapping[str, float]:
    """When each key was used last: a manifest uses what it names, a variant its results."""
    used_at = {entry.key: entry.written_at for entry in entries}
    for users, named_in in ((_MANIFESTS, _keys_of_build), (_VARIANTS, _results_of_variants)):
        for entry in entries:
            body = store.get(users, entry.key) if entry.kind == users else None
            for key in named_in(body) if body else ():
                used_at[key] = max(used_at.get(key, 0.0), used_at[entry.key])
    return used_at


def _keys_of_build(manifest: bytes) -> Iterator[str]:
    yield from json.loads(manifest)["keys"]


def _results_of_variants(variants: bytes) -> Iterator[str]:
    yield from (variant["result"] for variant in json.loads(variants))
