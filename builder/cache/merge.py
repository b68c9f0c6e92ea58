"""Take over what other machines have kept."""

import json
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from builder.cache.dependencies import Surroundings
from builder.cache.results import VARIANTS_KEPT
from builder.cache.store import Store

_RESULTS, _VARIANTS, _HISTORY = "results", "variants", "history"


def merge(store: Store, other: Store, now: Surroundings) -> int:
    """Take over the results of blocks from another store; how many were new.

    What of them holds is found out when they are looked up, as with our own. What is damaged is
    left out.

    Args:
        store: our own.
        other: that of another machine.
        now: tells what holds here, where not all can be kept.
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
            kept = _kept(known, added, now)
            store.put(_VARIANTS, key, json.dumps(kept, sort_keys=True).encode())
    return new


def _kept(known: Sequence[Any], added: Sequence[Any], now: Surroundings) -> list[Any]:
    """Those that hold here, and the newest of both."""
    if len(known) + len(added) <= VARIANTS_KEPT:
        return [*added, *known]
    by_age = sorted((*enumerate(added), *enumerate(known)), key=itemgetter(0))
    variants = [variant for _, variant in by_age]
    return sorted(variants, key=lambda v: not now.holds(v["dependencies"]))[:VARIANTS_KEPT]


def _all(store: Store, kind: str) -> Iterator[tuple[str, bytes]]:
    for key in store.keys(kind):
        body = store.get(kind, key)
        if body is not None:
            yield key, body
