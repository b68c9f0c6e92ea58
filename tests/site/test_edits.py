"""After any edits, a build gives the bytes and tells the problems of a build from nothing."""

import itertools
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from builder.errors import SettingsError
from tests.properties.profile import SEARCH
from tests.properties.test_posts import ANY_PIECE, FRONTS, Piece, written
from tests.site.conftest import Blog, told

Edit = tuple[str, dict[str, object] | str | None, list[Piece]]

NAMES = st.sampled_from(["2026-01-01-a.md", "2026-01-02-b.md"])
SETTINGS = st.sampled_from(['title = "A"', "smart_quotes = true", "permalink = '/:title/'", "x=1"])
SAVED: st.SearchStrategy[Edit] = st.tuples(
    NAMES,
    FRONTS.map(lambda front: front | {"draft": False}),
    st.lists(ANY_PIECE, min_size=3, max_size=5),
)
OTHERS: st.SearchStrategy[Edit] = st.one_of(
    st.tuples(NAMES, st.none(), st.just([])),
    st.tuples(st.just("pyproject.toml"), SETTINGS, st.just([])),
)
_numbers = itertools.count()


def _edit(blog: Blog, edit: Edit) -> None:
    name, front, pieces = edit
    if isinstance(front, str):
        blog.settings(front)
    elif front is None:
        (blog.root / "posts" / name).unlink(missing_ok=True)
    else:
        blog.write(f"posts/{name}", written(front, pieces))


def _state(blog: Blog) -> tuple[list[str], dict[str, bytes]]:
    try:
        report = blog.build()
    except SettingsError as error:
        return [str(error).replace(str(blog.root), "")], {}
    return told(report), blog.files() if not report.errors else {}


@settings(SEARCH, max_examples=4)
@given(st.tuples(SAVED, SAVED, SAVED, OTHERS, SAVED))
def test_a_build_after_edits_is_a_build_from_nothing(
    make_blog: Callable[[str], Blog], edits: tuple[Edit, ...]
) -> None:
    edited = make_blog(f"edited-{next(_numbers)}")
    for number, edit in enumerate(edits, start=1):
        _edit(edited, edit)
        if number > 1:
            anew = make_blog(f"anew-{next(_numbers)}")
            for each in edits[:number]:
                _edit(anew, each)

            assert _state(edited) == _state(anew)
