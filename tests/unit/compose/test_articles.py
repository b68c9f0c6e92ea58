"""The table of contents beside an article."""

import pytest

from builder.compose.articles import contents_of


def ids_of(article: str) -> list[str]:
    return [heading.id for heading in contents_of(article)]


@pytest.mark.parametrize(
    "heading",
    [
        '<h2 id="b">B</h2>',
        '<h2 class="unnumbered" id="b">B</h2>',
        '<h2 class="wide" id="b" title="a > b">B</h2>',
        '<h3 data-x="" id="b">B</h3>',
        '<h2 class="my_no_toc no_toc_here" id="b">B</h2>',
    ],
)
def test_headings_are_listed_whatever_is_said_of_them(heading: str) -> None:
    assert ids_of(f'<h2 id="a">A</h2><p>Text.</p>{heading}<h4 id="c">C</h4>') == ["a", "b"]


@pytest.mark.parametrize(
    "heading",
    [
        '<h2 class="no_toc" id="b">B</h2>',
        '<h2 id="b" class="wide no_toc">B</h2>',
        '<h2 data-id="b">B</h2>',
    ],
)
def test_headings_without_a_place_and_those_that_are_to_be_left_out_are_not(heading: str) -> None:
    assert ids_of(f'<h2 id="a">A</h2>{heading}<h2 id="c">C</h2>') == ["a", "c"]


def test_a_table_of_the_authors_own_takes_its_place_and_code_does_not() -> None:
    headings = '<h2 id="a">A</h2><h2 id="b">B</h2>'

    assert ids_of(f'<pre>&lt;div class="toc"></pre>{headings}') == ["a", "b"]
    assert ids_of(f'<div class="toc"><ul></ul></div>{headings}') == []
