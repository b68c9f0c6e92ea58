"""References to headings, which formulas, values and Markdown may be part of."""

import re

import pytest

from builder.model import Display
from builder.render.post import Renderer
from tests.unit.render.renderers import render

LINK = re.compile(r'<a class="reference" href="#sec-a">(.*?)</a>')
VALUE = Display({"text/plain": b"3 < 4"})


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("## Data {#sec-a}", "Data"),
        ("## The loss $$L$$ {#sec-a}", "The loss L"),
        ("# $$x < y$$ {#sec-a .wide}", "x &lt; y"),
        ("## Of `{python} n` steps {#sec-a}", "Of 3 &lt; 4 steps"),
        ("## Using `numpy` and *care* {#sec-a}", "Using numpy and care"),
        ("## [A link](x.html) & \\*stars\\* {#sec-a}", "A link &amp; *stars*"),
        ("## 1. `#` {: #sec-a}", "1. #"),
        ("## A ## {#sec-a}", "A"),
        ("## A\n{: #sec-a}", "A"),
        ("> ## Said $$L$$ {#sec-a}", "Said L"),
        ("The $$L$$ {#sec-a}\n------", "The L"),
    ],
)
def test_a_section_is_named_by_the_plain_words_of_its_heading(
    renderer: Renderer, heading: str, words: str
) -> None:
    results = ((VALUE,),) if "{python}" in heading else ()

    post, problems = render(renderer, f"{heading}\n\nSee @sec-a.\n", "title: SGD", *results)

    assert problems == []
    assert post.article.count('id="sec-a"') == 1
    assert LINK.findall(post.article) == [words]


def test_a_label_that_a_heading_with_a_formula_has_is_taken(renderer: Renderer) -> None:
    block = "```{python}\n#| label: sec-a\n#| eval: false\n1\n```\n"

    _, problems = render(renderer, f"## The loss $$L$$ {{#sec-a}}\n\n{block}")

    assert problems == [
        "posts/2026-11-23-sgd.md:9: the label 'sec-a' is taken already "
        "(no two blocks and headings can have one)"
    ]


def test_what_only_looks_like_a_heading_is_none(renderer: Renderer) -> None:
    _, problems = render(renderer, "    ## A {#sec-a}\n\n## B {#sec-b} words\n\n@sec-a, @sec-b\n")

    assert [problem.partition(" (")[0] for problem in problems] == [
        "posts/2026-11-23-sgd.md:8: nothing is labelled 'sec-a'",
        "posts/2026-11-23-sgd.md:8: nothing is labelled 'sec-b'",
    ]
