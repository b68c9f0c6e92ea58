"""Of the variants of two machines, those are kept that hold here, and the newest."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from builder.cache.dependencies import Surroundings
from builder.cache.merge import merge
from builder.cache.results import VARIANTS_KEPT
from builder.cache.store import Store, digest

KEY = digest("block")


@pytest.fixture
def now(tmp_path: Path) -> Surroundings:
    return Surroundings({"site": tmp_path}, {"X": "now"})


def _variants(machine: str, count: int) -> list[Any]:
    return [
        {"dependencies": {"variable:X": f"{machine} {n}"}, "result": f"{machine} {n}"}
        for n in range(count)
    ]


def _merged(ours: Iterable[Any], theirs: Iterable[Any], now: Surroundings, folder: Path) -> Any:
    """The results that are known after a merge, the first that is looked at first."""
    store, other = Store(folder / "ours"), Store(folder / "theirs")
    for each, variants in ((store, ours), (other, theirs)):
        each.put("variants", KEY, json.dumps(list(variants)).encode())
    merge(store, other, now)
    body = store.get("variants", KEY)
    assert body is not None
    return [variant["result"] for variant in json.loads(body)]


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_holds_here_is_not_pushed_out(
    tmp_path: Path, now: Surroundings, *, is_ours: bool
) -> None:
    ours, theirs = _variants("ours", VARIANTS_KEPT), _variants("theirs", VARIANTS_KEPT)
    holding = {"dependencies": {"variable:X": now.state("variable:X")}, "result": "holds"}
    (ours if is_ours else theirs)[-1] = holding

    kept = _merged(ours, theirs, now, tmp_path)

    assert kept[0] == "holds"
    assert len(kept) == VARIANTS_KEPT


def test_where_none_holds_the_newest_of_both_are_kept(tmp_path: Path, now: Surroundings) -> None:
    kept = _merged(_variants("ours", VARIANTS_KEPT), _variants("theirs", 3), now, tmp_path)

    assert kept == [
        *("theirs 0", "ours 0", "theirs 1", "ours 1", "theirs 2", "ours 2", "ours 3", "ours 4")
    ]


def test_what_both_know_is_kept_once(tmp_path: Path, now: Surroundings) -> None:
    ours = _variants("ours", 2)

    assert _merged(ours, [*_variants("theirs", 1), *ours], now, tmp_path) == [
        *("theirs 0", "ours 0", "ours 1")
    ]
