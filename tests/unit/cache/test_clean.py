"""Cleaning removes what no build uses, and never what the last ones did."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.cache.clean import Cleaned, clean
from builder.cache.store import Store, digest

DAY = 86_400
ENTRY = 64
"""Bytes before each body."""


@dataclass(frozen=True)
class Shelf:
    """A store with entries of any age."""

    store: Store

    def put(self, kind: str, name: str, body: object, age_days: float) -> str:
        key = digest(name)
        self.store.put(kind, key, json.dumps(body).encode())
        path = self.store.folder / kind / key[:2] / key[2:]
        then = time.time() - age_days * DAY
        os.utime(path, (then, then))
        return key

    def block(self, name: str, *, age_days: float, made_days: float) -> str:
        """A block used some days ago whose result was made before; the key of its variants."""
        result = self.put("results", f"result of {name}", "x" * 98, made_days)
        return self.put("variants", name, [{"dependencies": {}, "result": result}], age_days)

    def build(self, name: str, keys: Sequence[str], age_days: float) -> None:
        self.put("manifests", name, {"keys": keys}, age_days)

    def has(self, name: str) -> tuple[bool, bool]:
        """Whether the variants and the result of a block are there."""
        found = (
            self.store.get("variants", digest(name)),
            self.store.get("results", digest(f"result of {name}")),
        )
        return (found[0] is not None, found[1] is not None)

    def clean(self, *, limit: float = 1e9, days: float = 30) -> Cleaned:
        return clean(self.store, int(limit), days * DAY)

    @property
    def size(self) -> int:
        return sum(p.stat().st_size for p in self.store.folder.rglob("*") if p.is_file())


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(Store(tmp_path))


def test_an_empty_store_is_clean(shelf: Shelf) -> None:
    assert shelf.clean() == Cleaned(0, 0, 0)


def test_what_was_used_lately_stays_however_long_ago_it_was_made(shelf: Shelf) -> None:
    shelf.block("used", age_days=1, made_days=99)
    shelf.block("unused", age_days=40, made_days=99)
    before = shelf.size

    done = shelf.clean()

    assert shelf.has("used") == (True, True)
    assert shelf.has("unused") == (False, False)
    assert done == Cleaned(2, before - shelf.size, shelf.size)


def test_what_the_last_build_names_stays_though_it_did_not_look_at_it(shelf: Shelf) -> None:
    key = shelf.block("named", age_days=40, made_days=99)
    history = shelf.put("history", "post", {}, 40)
    shelf.build("site", [key, history], age_days=1)

    shelf.clean()

    assert shelf.has("named") == (True, True)
    assert shelf.store.get("history", history) is not None


def test_what_an_old_build_names_goes_with_it(shelf: Shelf) -> None:
    shelf.build("site", [shelf.block("named", age_days=50, made_days=99)], age_days=40)

    assert shelf.clean().left_bytes == 0


def test_a_result_of_two_blocks_stays_for_the_one_that_is_used(shelf: Shelf) -> None:
    result = shelf.put("results", "both", "x", 99)
    for name, age in (("old", 40), ("new", 1)):
        shelf.put("variants", name, [{"dependencies": {}, "result": result}], age)

    shelf.clean()

    assert shelf.store.get("results", result) is not None
    assert shelf.store.get("variants", digest("old")) is None


def test_beyond_the_limit_the_longest_unused_goes_first(shelf: Shelf) -> None:
    for age in (4, 1, 3, 2):
        # Made in the other order: it is the use that counts.
        shelf.block(f"used {age}", age_days=age, made_days=20 - age)
    shelf.build("site", [digest("used 3")], age_days=0.5)

    done = shelf.clean(limit=shelf.size - 300, days=float("inf"))

    assert [age for age in (1, 2, 3, 4) if shelf.has(f"used {age}") == (True, True)] == [1, 2, 3]
    assert shelf.has("used 4") == (False, False)
    assert done.left_bytes == shelf.size


def test_what_fits_is_left_alone(shelf: Shelf) -> None:
    shelf.block("old", age_days=999, made_days=999)

    assert shelf.clean(days=float("inf")) == Cleaned(0, 0, shelf.size)


def test_what_was_just_written_is_left_to_the_build_that_wrote_it(shelf: Shelf) -> None:
    shelf.block("fresh", age_days=0, made_days=0)

    assert shelf.clean(limit=0) == Cleaned(0, 0, shelf.size)


def test_a_damaged_entry_goes_when_it_is_old(shelf: Shelf) -> None:
    shelf.build("site", [shelf.block("named", age_days=50, made_days=99)], age_days=1)
    for path in (shelf.store.folder / "manifests").rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged")

    shelf.clean()

    assert shelf.has("named") == (False, False)
