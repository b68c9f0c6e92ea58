"""Take over what other machines have kept."""

import json
from collections.abc import Iterator

from builder.cache.results import VARIANTS_KEPT
from builder.cache.store import Store

_RESULTS, _VARIANTS, _HISTORY = "results", "variants", "history"


def merge(store: Store, other: Store) -> int:
    """Take over the results of blocks from another store; how many were new.

    What of them holds is found out when they are looked up, as with our own. What is damaged is
    left out.
    """
    new = 0
    for kind in (_RESULTS, _HISTORY):
        for key, body in _all(other, kind):
            if store.get(kind, key) is None:
                store.put(kind, key, body)
                new += kind == _RESULTS
    for key, body in _all(other, _VARIANTS):
        ours = store.get(_VARIANTS, key)
        known = json.loads(ours) if ours is not None else []
        added = [variant for variant in json.loads(body) if variant not in known]
        if added:
            kept = [*added, *known][:VARIANTS_KEPT]
            store.put(_VARIANTS, key, json.dumps(kept, sort_keys=True).encode())
    return new


def _all(store: Store, kind: str) -> Iterator[tuple[str, bytes]]:
    for key in store.keys(kind):
        body = store.get(kind, key)
        if body is not None:
            yield key, body
