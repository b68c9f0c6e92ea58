"""Slips in prose, and what only looks like one."""

import pytest

from builder.checking.prose import prose_of, slips_in
from builder.model import Dollar


def _slips(text: str, dollar: Dollar | None = None, *, has_liquid: bool = False) -> list[str]:
    prose = prose_of(text, 0, dollar)
    assert len(prose.text) == len(text)
    return [f"{s.offset}: {s.message}" for s in slips_in(text, prose, has_liquid=has_liquid)]


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("![](x.png)", "0: picture 'x.png' has no alternative text"),
        ('a ![ ](x_(1).png "title")', "2: picture 'x_(1).png' has no alternative text"),
        ("![](x.png){: .wide}", "0: picture 'x.png' has no alternative text"),
        ("![][cat]\n\n[cat]: x.png", "0: picture 'cat' has no alternative text"),
        ("<img src='x.png' data-alt=1>", "0: picture 'x.png' has no alternative text"),
        ("A note[^a].", "6: there is no footnote 'a'"),
        ("A[^a].\n\n[^a]: One.\n[^b]: Two.", "19: nothing refers to the footnote 'b'"),
        ("See [this one][no].", "4: no line says where the link 'no' leads"),
        ("See [this one][].", "4: no line says where the link 'this one' leads"),
        ("See ![a cat][no].", "4: no line says where the link 'no' leads"),
        ("See [`code`][no].", "4: no line says where the link 'no' leads"),
        (r"So \frac{a}{b} is.", r"3: TeX outside of a formula: '\frac'"),
        (r"So \left( a \right) is.", r"3: TeX outside of a formula: '\left'"),
        (r"\begin{unknown} a \end{unknown}", r"0: TeX outside of a formula: '\begin'"),
        (r"$$a$$ and b \end{align}.", r"12: TeX outside of a formula: '\end'"),
        (r"The \sum_i i.", r"4: TeX outside of a formula: '\sum'"),
        ("An \\[ \\alpha + 1\n\nand \\].", r"3: unclosed '\['"),
        (r"An \\( x^{2} and.", r"3: unclosed '\\('"),
    ],
)
def test_a_slip_is_told_with_its_place(text: str, slip: str) -> None:
    assert _slips(text) == [slip]


@pytest.mark.parametrize(
    "text",
    [
        "![A cat](x.png) <img src=x alt=''> <img alt='words' src=x> `![](x.png)`",
        '![](x.png){: alt="A cat"} <!-- ![](x.png) --> \\![x](y)',
        "```\n![](x.png) [^a] [x][y] \\frac{a}{b}\n```",
        "    ![](x.png) in a listing",
        "A note[^a-1], and again[^a-1].\n\n[^a-1]: One,\n    more.",
        "> A note[^1].\n>\n> [^1]: One.",
        "\\[^1] is no note.",
        "See [this][Yes], [yes][] and [`x`][yes].\n\n[YES]: https://example.org 'title'",
        "An element a[i][j], x[0][1], f(x)[i][j] and [0][1]; a task [ ][x].",
        "$$\\frac{a}{b}$$, \\(\\sum_i\\), \\[\\left( a \\right)\\], `\\frac{a}{b}`, $`\\sqrt{2}`$",
        "\\begin{align}\na &= \\frac{1}{2}\n\\end{align}",
        "It costs $5 and $6, or \\$7; C:\\text\\left\\bar is a folder.",
        "\\[not a link\\] and \\(parens\\), \\[x], \\* \\_",
        "Unclosed $$ \\frac{a}{b} is told by the build.",
        "So is $\\frac{a}{b}$, where dollars are dollars.",
        "<pre>\\frac{a}{b} [^1]</pre> <script>[a][b]</script>",
        "[[slug]] [[slug|words]] [@fig-a; @fig-b] [-@fig-a]",
    ],
)
def test_what_only_looks_like_a_slip_is_not_told(text: str) -> None:
    assert _slips(text) == []


def test_dollars_delimit_where_a_post_asks_for_it() -> None:
    assert _slips(r"So $\frac{a}{b}$ is.", "pandoc") == []


def test_what_liquid_may_include_is_not_missed() -> None:
    assert _slips("A note[^a], [x][y].", has_liquid=True) == []


def test_the_front_matter_is_no_prose() -> None:
    text = "---\ntitle: ![](x.png)\n---\nText."

    assert list(slips_in(text, prose_of(text, 26, None), has_liquid=False)) == []
