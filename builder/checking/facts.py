"""What was read of pages and posts, kept from check to check, so that each is read once."""

import json
from collections.abc import Callable
from typing import Any

from builder.cache.store import Store, digest

_KIND = "checked"


class Facts:
    """Values that JSON can write, by name, each as long as what it was read from is the same.

    Args:
        store: where they are kept.
        made_by: a digest of all else that they depend on.
    """

    def __init__(self, store: Store, made_by: str) -> None:
        self._store = store
        self._made_by = made_by
        self._key = digest("facts")
        body = store.get(_KIND, self._key)
        told = json.loads(body) if body is not None else {}
        self._known: dict[str, Any] = told["facts"] if told.get("made_by") == made_by else {}
        self._used: dict[str, Any] = {}

    def of(self, name: str, stamp: str, make: Callable[[], Any]) -> Any:
        """What is known of `name`, made where it is not, or has another stamp."""
        known = self._known.get(name)
        if known is None or known[0] != stamp:
            known = [stamp, make()]
        self._used[name] = known
        return known[1]

    def keep(self) -> None:
        """Write down what was asked for."""
        if self._used != self._known:
            told = {"made_by": self._made_by, "facts": self._used}
            self._store.put(_KIND, self._key, json.dumps(told).encode())
