"""Posts that writers could have written: what they say comes out, here and in a notebook."""

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from builder.errors import Problem, Severity
from builder.export.notebook import to_notebook
from builder.importing.notebook import read_notebook, to_post
from builder.mathjax.engine import Engine
from builder.model import ExecutedPost
from builder.parse.yaml_mapping import write_line
from builder.render.post import Renderer
from tests.golden.article import open_renderer
from tests.properties.laws import check_post, parse
from tests.properties.profile import FEWER

PLAIN = st.lists(
    st.text(st.sampled_from("abé<>&\"'"), min_size=1, max_size=4), min_size=1, max_size=3
).map(" ".join)
"""Words that Markdown leaves alone, and HTML must not."""

TEXTS = st.text(
    st.characters(
        codec="utf-8",
        categories=("L", "N", "P", "S"),
        exclude_characters="\"`$\\[]{}*_~^|#@&<>'-=+!:",
    ),
    min_size=1,
    max_size=8,
)
"""Of an option, where a header and Markdown have their ways, too."""

OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        **{key: st.booleans() for key in ("echo", "eval", "output", "include", "warning", "cache")},
        "label": st.sampled_from(["a", "fig-a", "5", "true"]),
        "error": st.booleans() | st.sampled_from(["ValueError", "E"]),
        "seed": st.integers(0, 2**32 - 1),
        "timeout": st.integers(1, 9) | st.sampled_from([0.5, 1e-3, 9e5]),
        "memory": st.integers(1, 10**20),
        "depends": TEXTS,
        "code-fold": st.booleans() | st.just("show"),
        "code-summary": TEXTS,
        "filename": TEXTS,
        "classes": st.sampled_from([".wide", "a b"]),
        "fig-alt": TEXTS,
        "fig-cap": TEXTS,
        "lst-cap": TEXTS,
        "fig-width": st.integers(1, 9) | st.just(2.5),
        "fig-format": st.sampled_from(["svg", "png", "retina"]),
        "emphasize-lines": st.just(1) | st.sampled_from(["1", "1-2", "1, 2"]),
        "expect": st.sampled_from([0, 1e-3, 1e-20, "exact", "anything"]),
        "tags": st.sampled_from(["hide-input", "remove-cell mine", "mine"]),
    },
)
LINES = st.sampled_from(["x += 1", "print('<b>&amp;', x)", "x  # hide", "x  # <1>"])
CODE = st.lists(LINES, min_size=1, max_size=3).map(lambda lines: "\n".join(("x = 1", *lines)))


def in_yaml(values: dict[str, object]) -> str:
    """Each value in one line."""
    return "".join(f"{write_line(key, value)}\n" for key, value in values.items())


def in_lines(options: dict[str, object]) -> str:
    return re.sub("(?m)^(?=.)", "#| ", in_yaml(options))


def in_header(options: dict[str, object]) -> str:
    return "".join(f", {key}={_quoted(value)}" for key, value in options.items())


def _quoted(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return {True: "TRUE", False: "FALSE"}[value] if isinstance(value, bool) else repr(value)


@dataclass(frozen=True)
class Piece:
    """A piece of a post, with the words that its page shows."""

    markdown: str
    words: tuple[str, ...] = ()


def _listing(code: str, name: str) -> Piece:
    return Piece(f'```text filename="{name}"\n{code}\n```', (code, name))


def _block(code: str, options: dict[str, object], is_header: bool) -> Piece:
    header, lines = (in_header(options), "") if is_header else ("", in_lines(options))
    return Piece(f"```{{python{header}}}\n{lines}{code}\n```")


def _paragraph(words: str) -> Piece:
    return Piece(f"So {words.replace('<', '&lt;').replace('&', '&amp;')}.")


ANY_PIECE = st.one_of(
    st.builds(_listing, PLAIN, TEXTS),
    st.builds(_block, CODE, OPTIONS, st.booleans()),
    st.sampled_from(
        [
            Piece("$$x < y$$"),
            Piece("- One\n- Two `a < b`", ("a < b",)),
            Piece("> [!NOTE]\n> Mind $$z$$.", ("Mind",)),
            Piece("| a | b |\n|---|---|\n| 1 | 2 |"),
            Piece("## Heading & more", ("Heading & more",)),
            Piece("A \\(y\\) and `{python} 1 + 1`.", ("A",)),
        ]
    ),
)
POSTS = st.lists(ANY_PIECE, max_size=5)
FRONTS = st.fixed_dictionaries(
    {"title": PLAIN},
    optional={
        "tags": st.lists(PLAIN, max_size=2),
        "description": PLAIN,
        "series": PLAIN,
        "draft": st.booleans(),
        "math": st.sampled_from([True, {"dollar": "pandoc"}]),
    },
)


def written(front: dict[str, object], pieces: list[Piece]) -> str:
    return f"---\n{in_yaml(front)}---\n" + "".join(f"\n{piece.markdown}\n" for piece in pieces)


@FEWER
@given(OPTIONS)
def test_options_mean_the_same_in_a_header_and_in_lines(options: dict[str, object]) -> None:
    in_the_header = parse(written({}, [_block("x", options, True)]), []).blocks
    in_its_lines = parse(written({}, [_block("x", options, False)]), []).blocks

    assert [block.options for block in in_the_header] == [block.options for block in in_its_lines]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return open_renderer(Engine())


@FEWER
@given(FRONTS, POSTS)
def test_a_post_that_is_right_has_no_errors(front: dict[str, object], pieces: list[Piece]) -> None:
    problems: list[Problem] = []
    text = written(front, pieces)

    post = parse(text, problems)

    check_post(text)
    assert [p for p in problems if p.severity is Severity.ERROR] == []
    assert post.front.title == " ".join(str(front["title"]).split())


@FEWER
@given(FRONTS, POSTS)
def test_a_notebook_keeps_blocks_options_title_and_tags(
    front: dict[str, object], pieces: list[Piece]
) -> None:
    post = parse(written(front, pieces), [])

    notebook = to_notebook(ExecutedPost(post, ()))
    back = parse(to_post(read_notebook(notebook.encode(), "x.ipynb")), [])

    run = [block for block in post.blocks if block.options.eval]
    assert [(b.code, b.options) for b in back.blocks] == [(b.code, b.options) for b in run]
    assert (back.front.title, back.front.tags) == (post.front.title, post.front.tags)


@FEWER
@given(front=FRONTS, pieces=POSTS)
def test_what_is_written_is_shown_and_is_no_html(
    renderer: Renderer, front: dict[str, object], pieces: list[Piece]
) -> None:
    post = parse(written(front, pieces), [])

    article = renderer.render(ExecutedPost(post, ())).post.article

    shown = html.fragment_fromstring(article, "div")
    texts = " ".join(shown.text_content().split())
    for words in (words for piece in pieces for words in piece.words):
        assert " ".join(words.split()) in texts
    assert shown.xpath("//b | //script") == []
