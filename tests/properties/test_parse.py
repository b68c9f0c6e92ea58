"""Whatever is written is parsed, or refused with its place."""

from datetime import date
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from builder.config import SiteConfig
from builder.errors import PostError, Problem
from builder.model import CodeBlock, Formula, Listing, ParsedPost, Prose, Source
from builder.parse.post import parse_post
from tests.properties.profile import SEARCH
from tests.properties.texts import bodies, fronts

PATH = PurePosixPath("posts/2026-11-23-a.md")


def parse(text: str, problems: list[Problem]) -> ParsedPost:
    source = Source(path=PATH, text=text, named_date=date(2026, 11, 23), slug="a")
    return parse_post(source, SiteConfig(), ["post"], problems)


def is_placed(problem: Problem, text: str) -> bool:
    where = problem.location
    return where.path == PATH and where.line is not None and 1 <= where.line <= text.count("\n") + 1


@SEARCH
@given(st.text() | fronts.map("---\n{}\n---\n".format) | bodies)
def test_any_text_is_parsed_or_refused_with_a_place(text: str) -> None:
    problems: list[Problem] = []

    try:
        parse(text, problems)
    except PostError as error:
        problems.append(error.problem)

    assert all(is_placed(problem, text) for problem in problems)


@SEARCH
@given(bodies)
def test_the_parts_of_a_post_rejoin_to_its_body(body: str) -> None:
    problems: list[Problem] = []
    text = f"---\n---\n{body.replace('{{', '')}"

    post = parse(text, problems)

    at = len("---\n---\n")
    for part in post.parts:
        match part:
            case Prose(written):
                assert text.find(written, at) >= 0
                at = text.find(written, at) + len(written)
            case Formula():
                assert text.startswith(part.source, at)
                at += len(part.source)
            case Listing() | CodeBlock():
                assert text.startswith(("```", "~~~"), at)
    if not any(isinstance(part, Listing | CodeBlock) for part in post.parts) and not problems:
        assert at == len(text)


@SEARCH
@given(bodies)
def test_a_formula_lies_where_it_says(body: str) -> None:
    text = f"---\n---\n{body}"
    lines = text.split("\n")

    for part in parse(text, []).parts:
        if isinstance(part, Formula):
            first = part.tex.partition("\n")[0]
            assert lines[part.line - 1][part.column - 1 :].startswith(first)


@SEARCH
@given(bodies)
def test_the_line_of_a_block_holds_its_first_line_of_code(body: str) -> None:
    text = f"---\n---\n{body}\n```{{python}}\n#| echo: true\nfirst()\n```"
    lines = text.split("\n")

    for part in parse(text, []).parts:
        if isinstance(part, CodeBlock) and part.code.startswith("first()"):
            assert "first()" in lines[part.line - 1]
