"""What a build knows of posts that have run: while all that they used is as it was, no more."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from builder import reading
from builder.cache.store import Store, digest
from builder.errors import SiteError
from builder.parse import post as parsing
from tests.site.conftest import Blog, told

READS = "```{python}\nprint('read', open('number.txt').read())\n```\n"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The slugs of posts that were parsed."""
    seen: list[str] = []

    def noting(source: Any, *others: Any) -> Any:
        seen.append(source.slug)
        return try_parse(source, *others)

    try_parse: Callable[..., Any] = parsing.try_parse
    monkeypatch.setattr(reading, "try_parse", noting)
    return seen


@pytest.fixture
def known(blog: Blog, parsed: list[str]) -> Blog:
    """Three posts, of which the first reads a file; its results were known the last time."""
    blog.write("posts/number.txt", "one")
    blog.post("2026-01-01-a.md", READS)
    blog.post("2026-01-02-b.md", "Text.\n", "title: b")
    for text in ("Text.\n", "Other text.\n"):
        blog.post("2026-01-03-c.md", text, "title: c")
        blog.build()
    parsed.clear()
    return blog


def edit(blog: Blog, **options: object) -> list[str]:
    """Edit the last post, build, and give what was told."""
    blog.post("2026-01-03-c.md", "Yet another text.\n", "title: c")
    return told(blog.build(**options))  # type: ignore[arg-type]


def spoil(blog: Blog, kind: str) -> None:
    for path in (blog.root / ".cache").glob(f"*/{kind}/*/*"):
        path.write_bytes(path.read_bytes()[:-1])


def test_a_post_whose_results_hold_is_not_parsed(known: Blog, parsed: list[str]) -> None:
    page = known.page("2026/01/01/a")

    report = edit(known)

    assert (report, parsed) == ([], ["c"])
    assert known.page("2026/01/01/a") == page
    assert "read one" in page


def test_a_file_that_has_changed_runs_it(known: Blog) -> None:
    known.write("posts/number.txt", "two")

    edit(known)

    assert "read two" in known.page("2026/01/01/a")


@pytest.mark.parametrize("is_gone", [False, True])
def test_results_that_cannot_be_read_are_made_again(known: Blog, is_gone: bool) -> None:
    """Its neighbour's title stands on its page, which is made of them."""
    if is_gone:
        for path in (known.root / ".cache").glob("*/variants/*/*"):
            path.unlink()
    spoil(known, "results")
    known.post("2026-01-02-b.md", "Text.\n", "title: Another title")

    report = edit(known)

    assert report == []
    assert "read one" in known.page("2026/01/01/a")
    assert "Another title" in known.page("2026/01/01/a")


def test_another_result_for_the_same_block_comes_to_the_page(known: Blog) -> None:
    """As recheck --accept and merge put one there."""
    (variants,) = (known.root / ".cache").glob("*/variants/*/*")
    store, key = Store(known.root / ".cache"), variants.parent.name + variants.name
    (variant,) = json.loads(store.get("variants", key) or b"")
    other = (store.get("results", variant["result"]) or b"").replace(b"read one", b"read 1")
    store.put("results", digest(other), other)
    store.put("variants", key, json.dumps([{**variant, "result": digest(other)}]).encode())

    edit(known)

    assert "read 1" in known.page("2026/01/01/a")


def test_a_frozen_build_runs_nothing_for_them(known: Blog) -> None:
    spoil(known, "results")
    known.post("2026-01-02-b.md", "Text.\n", "title: Another title")
    before = known.files()

    with pytest.raises(SiteError, match=r"a\.md:5: the result of a block is missing"):
        edit(known, is_frozen=True)

    assert known.files() == before


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("import os\nos.system('true')\n", "a process"),
        ("#| depends: [none.csv]\n1\n", "there is no file 'none.csv'"),
    ],
)
def test_what_is_told_of_a_post_is_told_in_each_build(blog: Blog, block: str, code: str) -> None:
    blog.post("2026-01-01-a.md", f"```{{python}}\n{block}```\n")
    for text in ("Text.\n", "Other text.\n", "Yet another text.\n"):
        blog.post("2026-01-03-c.md", text, "title: c")

        (problem,) = told(blog.build())

        assert code in problem
