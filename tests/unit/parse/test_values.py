"""Values in the text are held to be Python before anything runs."""

import pytest

from builder.config import SiteConfig
from builder.model import InlineValue, Prose
from tests.unit.parse.posts import parse, problem_of, prose_of

HINT = "(write '`{python} loss`' or '`{python} loss:.3f`'; code stands between double backticks)"


def expressions_of(body: str) -> list[str]:
    return [part.expression for part in parse(body)[0].parts if isinstance(part, InlineValue)]


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("`{python} loss`", "loss"),
        ("`{python} loss:.3f`", "loss:.3f"),
        ("`{python} spread:,.0f `", "spread:,.0f"),
        ("`{python} loss!r`", "loss!r"),
        ("`{python} f(a,\n  b)`", "f(a, b)"),
        ("> `{python} f(a,\n> b)`", "f(a, b)"),
        ("`{python} '\\d'`", "'\\d'"),
    ],
)
def test_an_expression_is_read_with_its_format_in_one_line(written: str, expression: str) -> None:
    assert parse(written)[1] == []
    assert expressions_of(written) == [expression]


@pytest.mark.parametrize(
    ("written", "column", "message"),
    [
        ("`{python} loss}`", 17, "the value 'loss}' is no Python expression: unmatched '}'"),
        (
            "`{python} loss:.3f}`",
            21,
            "the value 'loss:.3f}' is no Python expression: unmatched '}'",
        ),
        ("`{python} f(x`", 14, "the value 'f(x' is no Python expression: '(' was never closed"),
        ("`{python} x = 3`", 13, "the value 'x = 3' is no Python expression"),
        ("`{python}  `", 13, "the value '' is no Python expression"),
        ("`{python} loss and `b` ends", 13, "the value 'loss and' is no Python expression"),
        ("`{python}loss`", 3, "'`{python}loss`' is no value and is shown as it is"),
        ("`{python loss}`", 3, "'`{python loss}`' is no value and is shown as it is"),
        ("`{python}} loss`", 3, "'`{python}} loss`' is no value and is shown as it is"),
    ],
)
def test_what_is_no_python_is_told_where_it_stands(written: str, column: int, message: str) -> None:
    told = f"posts/2026-11-23-sgd.md:4:{column}: {message} {HINT}"

    assert problem_of(f"A {written}.") == told
    assert expressions_of(f"A {written}.") == []


@pytest.mark.parametrize("end", ["", " of $$x$$.", "\n\nAnother `paragraph`."])
def test_a_value_that_does_not_end_is_told(end: str) -> None:
    assert problem_of(f"A\n`{{python}} loss and more{end}") == (
        "posts/2026-11-23-sgd.md:5:1: unclosed value (close it with a backtick in its paragraph)"
    )


@pytest.mark.parametrize(
    "code", ["`{python}`", "`{python name, echo=FALSE}`", "`` `{python} x y` ``", "\\`{python} x"]
)
def test_what_is_only_written_of_is_no_value(code: str) -> None:
    assert parse(code)[1] == []
    assert prose_of(code) == code


def test_values_in_captions_and_the_front_matter_are_told_with_their_lines() -> None:
    block = "```{python}\n#| fig-cap: A `{python} x)`\n#| fig-alt: [a, 'b `{python} x']\n1\n```"

    _, problems = parse(block, "title: On `{python} x y`")

    assert sorted(problems) == [
        f"posts/2026-11-23-sgd.md:2: the value 'x y' is no Python expression {HINT}",
        f"posts/2026-11-23-sgd.md:5: the value 'x)' is no Python expression: unmatched ')' {HINT}",
        "posts/2026-11-23-sgd.md:6: unclosed value (close it with a backtick in its paragraph)",
    ]


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("date: 2026-11-23\ntitle: On `{python} x y`", 3),
        ("title: SGD\ntags: [a]\ndescription: On `{python} x y`", 4),
        ("title: SGD\nexcerpt: On `{python} x y`\ndescription:", 3),
    ],
)
def test_a_fault_of_the_front_matter_is_told_at_the_line_of_its_key(front: str, line: int) -> None:
    _, problems = parse("", front)

    assert problems == [
        f"posts/2026-11-23-sgd.md:{line}: the value 'x y' is no Python expression {HINT}"
    ]


def test_no_value_is_a_fault_where_none_runs() -> None:
    front = "title: On `{python} x y`\ndescription: On `{python} 1 +`"
    block = "```{python}\n#| fig-cap: A `{python} x)`\n#| fig-alt: B `{python} x y`\n1\n```"
    body = f"A `{{python}} x y`, and `{{python}} y.\n\n{block}"

    post, problems = parse(body, front, SiteConfig(untrusted=True))

    assert problems == []
    assert "".join(part.text for part in post.title if isinstance(part, Prose)) == (
        "On `{python} x y`"
    )
