"""What each post showed when its author last accepted it, and what it was made with.

Unlike a result, a record is not found by a key that changes with what the post depends on, but
by the post's path; and it is never removed to make room.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from builder.cache.results import decode_output, encode_output
from builder.cache.store import Store, digest
from builder.model import Output

KIND = "records"
_FORM = "1"
"""Raised when records are written in another form."""

_LEVEL = 1
"""Of compression: a higher one takes longer and saves little, as most of it is Base64."""


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """A block, a run of a sweep or the values between two blocks."""

    code: str
    """A digest of its code, and of the options that change what it gives."""

    outputs: tuple[Output, ...]
    """In lines of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a post showed."""

    versions: Mapping[str, str]
    """Of Python and of every package that was loaded."""

    packages: tuple[str, ...]
    """Those of `versions` that its own code uses."""

    uses: Mapping[str, str]
    """Digests of the files, folders and variables that it used."""

    steps: tuple[RecordedStep, ...]


class Records:
    """Records by the paths of their posts.

    Args:
        store: where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, post: str) -> Record | None:
        """The record of the post at path `post`."""
        body = self._store.get(KIND, digest(post))
        told = json.loads(zlib.decompress(body)) if body is not None else {}
        return _decode(told) if told.get("form") == _FORM else None

    def keep(self, post: str, record: Record) -> None:
        """Keep a record in place of the one before, unless it is the same."""
        body = zlib.compress(json.dumps(_encode(record), sort_keys=True).encode(), _LEVEL)
        if body != self._store.get(KIND, digest(post)):
            self._store.put(KIND, digest(post), body)


def _encode(record: Record) -> dict[str, object]:
    steps = [
        {"code": step.code, "outputs": list(map(encode_output, step.outputs))}
        for step in record.steps
    ]
    return {
        "form": _FORM,
        "versions": dict(record.versions),
        "packages": record.packages,
        "uses": dict(record.uses),
        "steps": steps,
    }


def _decode(told: Any) -> Record:
    return Record(
        versions=told["versions"],
        packages=tuple(told["packages"]),
        uses=told["uses"],
        steps=tuple(
            RecordedStep(step["code"], tuple(map(decode_output, step["outputs"])))
            for step in told["steps"]
        ),
    )
