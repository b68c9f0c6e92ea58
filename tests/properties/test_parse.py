"""Whatever is written is parsed, or refused with its place."""

from hypothesis import given
from hypothesis import strategies as st

from builder.errors import Problem
from builder.model import CodeBlock, Dollar, Formula, Listing, Prose
from tests.properties.laws import check_fences, check_formulas, check_front, check_post, parse
from tests.properties.profile import SEARCH
from tests.properties.texts import bodies, fronts


@SEARCH
@given(st.text() | bodies.map("---\n---\n{}".format))
def test_any_text_is_parsed_or_refused_with_a_place(text: str) -> None:
    check_post(text)


@SEARCH
@given(fronts)
def test_any_front_matter_is_read_or_refused_with_a_place(text: str) -> None:
    check_front(text)


@SEARCH
@given(bodies, st.sampled_from([None, "pandoc", "kramdown"]))
def test_formulas_and_blocks_lie_in_order(body: str, dollar: Dollar | None) -> None:
    check_formulas(body, dollar)
    check_fences(body)


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
