"""Formulas as Jupyter reads them become formulas as posts are read."""

import pytest

from builder.importing.formulas import rewrite_formulas
from builder.model import Formula
from tests.unit.parse.posts import formulas_of


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("Set $x_1$, $y$.", "Set $$x_1$$, $$y$$."),
        ("a $x$$y$ b", "a $$x$$$$y$$ b"),
        ("a\n$x +\ny$ b", "a\n$$x +\ny$$ b"),
        ("# On $x$", "# On $$x$$"),
        ("| $x$ | b |", "| $$x$$ | b |"),
        ("a $\\text{if $y$}$ b", "a $$\\text{if $y$}$$ b"),
        ("a $\\begin{matrix}x\\end{matrix}$ b", "a $$\\begin{matrix}x\\end{matrix}$$ b"),
        ("a $\\$5$ b", "a $$\\$5$$ b"),
    ],
)
def test_single_dollars_become_double_ones(text: str, rewritten: str) -> None:
    assert rewrite_formulas(text) == rewritten


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $6",
        "costs $5, not 6$5",
        "a $ x$ b",
        "a $x $ b",
        "a $x\n\ny$ b",
        "a $x",
        "a $$x",
        "`$x$` and ``a ` $x$``",
        "```\n$x$\n```",
        "~~~\n$x$",
        "Text\n\n    $x$",
        "<!-- $x$ -->",
        "<pre>$x$</pre> and <code>$x$</code>",
        "\\begin{align}\n\\text{$x$}\n\\end{align}",
        "$`x`$",
        "\\\\(\\text{$x$}\\\\)",
        "\\$$",
    ],
)
def test_what_is_no_formula_stays(text: str) -> None:
    assert rewrite_formulas(text) == text


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [("for \\$5", "for $5"), ("\\$\\$", "$\\$"), ("\\$`x`", "\\$`x`"), ("`\\$`", "`\\$`")],
)
def test_an_escaped_dollar_needs_no_more_to_be(text: str, rewritten: str) -> None:
    assert rewrite_formulas(text) == rewritten


@pytest.mark.parametrize("text", ["$x$", "above\n$x$\nbelow", "- $x$", "> $x$ ", "$x\ny$"])
def test_a_formula_alone_on_its_line_stays_in_the_line(text: str) -> None:
    (formula,) = formulas_of(rewrite_formulas(text))

    assert not formula.is_display


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("a $$x$$ b", "a\n$$x$$\nb"),
        ("a $$x$$", "a\n$$x$$"),
        ("$$x$$ b", "$$x$$\nb"),
        ("a $$x$$ b $$y$$ c", "a\n$$x$$\nb\n$$y$$\nc"),
        ("a $$x$$.", "a\n$$x.$$"),
        ("$$x$$, so", "$$x,$$\nso"),
        ("a $$\nx\n$$ b", "a\n$$\nx\n$$\nb"),
        ("$$\nx\n$$.", "$$\nx.\n$$"),
        (
            "$$\\begin{align}x\\end{align}$$.",
            "$$\\begin{align}x.\\end{align}$$",
        ),
    ],
)
def test_what_is_displayed_gets_lines_of_its_own(text: str, rewritten: str) -> None:
    assert rewrite_formulas(text) == rewritten
    assert all(isinstance(f, Formula) and f.is_display for f in formulas_of(rewritten))


@pytest.mark.parametrize(
    "text",
    [
        "$$x$$",
        "a\n$$x$$\nb",
        "- $$x$$",
        "- a $$x$$ b",
        "1. a $$x$$",
        "> a $$x$$ b",
        "  a $$x$$ b",
        "## a $$x$$",
        "a | b\n--|--\nx $$x$$ | b",
        "| a $$x$$ |",
        "<div>a $$x$$ b",
    ],
)
def test_what_is_displayed_elsewhere_stays_where_it_is(text: str) -> None:
    assert rewrite_formulas(text) == text
