"""A card is known again with all that it holds, and a forged one makes nothing else."""

import pickle
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from builder.cache.cards import Card, Cards
from builder.cache.files import file_times
from builder.cache.results import Basis
from builder.cache.store import Store, digest
from builder.errors import Location, note, warning
from builder.model import FrontMatter, Plot, PostCard, PostTarget

FRONT = FrontMatter(
    title="A post",
    date=date(2026, 1, 1),
    layout="post",
    description=None,
    tags=("one",),
    categories=(),
    is_draft=False,
    permalink=None,
    variables={"title": "A post"},
    macros={"R": "x", "norm": ("y", 1)},
    updated=date(2026, 1, 2),
)
PLOT = Plot(light=PurePosixPath("l.svg"), dark=None, alt="", width=1, height=2)
CARD = Card(
    source="source",
    runs=True,
    basis=Basis("start", {"file:site/data.csv": "digest"}, {"key": (1, 2, 3, 4)}),
    fingerprint="fingerprint",
    targets=None,
    target=PostTarget("posts/p.md", "p", "/p/", "A post"),
    post=PostCard(
        path=PurePosixPath("posts/p.md"),
        front=FRONT,
        address="/p/",
        excerpt="",
        words=1,
        plot=PLOT,
        key="key",
        files=((PurePosixPath("l.svg"), "digest"),),
    ),
    parsing_problems=(warning("w", "careful", Location(PurePosixPath("posts/p.md"), 1)),),
    problems=(note("n", "a note", Location(PurePosixPath("posts/p.md"))),),
    looked_at={},
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def test_a_card_is_known_with_all_that_it_holds(store: Store, tmp_path: Path) -> None:
    card = replace(CARD, looked_at={tmp_path: file_times(tmp_path)})
    cards = Cards(store, "us", is_fresh=False)
    cards.keep("posts/p.md", card)
    cards.end_build()

    assert Cards(store, "us", is_fresh=False).find("posts/p.md") == card
    assert Cards(store, "others", is_fresh=False).find("posts/p.md") is None


@pytest.mark.parametrize("module", ["pathlib", "builder.errors", "builder.model.post"])
@pytest.mark.parametrize("name", ["os.mkdir", "Path.mkdir"])
def test_a_forged_card_runs_nothing(store: Store, tmp_path: Path, module: str, name: str) -> None:
    made = tmp_path / "made"
    forged = (
        pickle.PROTO + b"\4" + _text(module) + _text(name) + pickle.STACK_GLOBAL
        + _text(str(made)) + pickle.TUPLE1 + pickle.REDUCE + pickle.STOP
    )  # fmt: skip  # what is called stands in one line, and with what in the other
    store.put("cards", digest("cards"), forged)

    assert Cards(store, "us", is_fresh=False).find("posts/p.md") is None
    assert not made.exists()


def _text(text: str) -> bytes:
    return pickle.SHORT_BINUNICODE + bytes([len(text)]) + text.encode()


def test_what_was_too_young_to_be_trusted_by_its_times_is_trusted_when_it_is_older(
    tmp_path: Path,
) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"1")
    young = replace(CARD, looked_at={file: file_times(file)})
    signature, content = file_times(file)
    old = (signature[0] - 10**10, signature[1] - 10**10, *signature[2:])

    assert content is not None
    assert young.holds()
    assert young.settled() == young
    assert replace(CARD, looked_at={file: (old, content)}).settled().looked_at == {
        file: (old, None)
    }
    assert CARD.settled() is CARD
