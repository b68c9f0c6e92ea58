import pytest

from builder.config import SiteConfig
from builder.model import Formula
from tests.unit.parse.posts import formulas_of, parse, problem_of, prose_of, tex_of


@pytest.mark.parametrize(
    ("body", "tex"),
    [
        ("$$x$$", "x"),
        ("  $$x$$  ", "x"),
        ("$$\nx\n$$", "\nx\n"),
        ("$$x\ny$$", "x\ny"),
        ("$$\nx\n\ny\n$$", "\nx\n\ny\n"),
        ("text\n$$x$$\ntext", "x"),
        ("- $$x$$", "x"),
        ("- item\n\n  $$x$$", "x"),
        ("* item\n\n    $$x$$", "x"),
        ("- item\n\n  ```\n  code\n  ```\n\n    $$x$$", "x"),
        ("> $$x$$", "x"),
        ("> $$\n> x\n> $$", "\n  x\n  "),
        ("> > $$\n> > x > y\n>> $$", "\n    x > y\n   "),
        ("$$\na\n> b\n$$", "\na\n> b\n"),
        (r"\[x\]", "x"),
        (r"\\[x\\]", "x"),
        (r"text \[x\] text", "x"),
        ("```math\nx\n```", "\nx"),
        ("> ```math\n> x\n> ```", "\n  x"),
        (r"\begin{align}x\end{align}", r"\begin{align}x\end{align}"),
        (r"a \begin{equation*}x\end{equation*} b", r"\begin{equation*}x\end{equation*}"),
        (r"\begin{cases}x\end{cases}", r"\begin{cases}x\end{cases}"),
        (
            r"\begin{align}\begin{align}x\end{align}\end{align}",
            r"\begin{align}\begin{align}x\end{align}\end{align}",
        ),
    ],
)
def test_a_formula_on_lines_of_its_own_is_displayed(body: str, tex: str) -> None:
    (formula,) = formulas_of(body)

    assert (formula.tex, formula.is_display) == (tex, True)


@pytest.mark.parametrize(
    ("body", "tex"),
    [
        ("Let $$x$$ be.", "x"),
        ("$$x$$ at the head.", "x"),
        ("At the end $$x$$", "x"),
        ("$$x\ny$$ over two lines.", "x\ny"),
        ("## Heading $$x$$", "x"),
        ("| a | $$|x|$$ |", "|x|"),
        ("[$$x$$](y)", "x"),
        (r"\(x\)", "x"),
        (r"\\(x\\)", "x"),
        ("$`x`$", "x"),
        (r"$$x \$$ y$$ z", r"x \$$ y"),
        (r"a \begin{bmatrix}x\end{bmatrix}", r"\begin{bmatrix}x\end{bmatrix}"),
    ],
)
def test_a_formula_among_words_is_inline(body: str, tex: str) -> None:
    (formula,) = formulas_of(body)

    assert (formula.tex, formula.is_display) == (tex, False)


@pytest.mark.parametrize(
    "body",
    [
        "It costs $5, or $6.",
        "`$$x$$`",
        "`` ` $$x$$ ``",
        "```\n$$x$$\n```",
        "    $$x$$",
        "text\n\n    $$x$$\n\n    $$y$$",
        "\t$$x$$",
        "- item\n\n      $$x$$",
        "<!-- $$x$$ -->",
        "<!--\n\n$$x$$\n\n-->",
        "<pre>$$x$$</pre>",
        "<PRE class='a'>\n\n$$x$$\n</PRE>",
        "<script>\n$$x$$\n</script>",
        "<style>$$x$$</style>",
        "a <code>$$x$$</code> b",
        "a <kbd>\\(x\\)</kbd> b",
        r"\$$x$",
        r"\\$x$",
        "$`x`",
        "`$x$`",
        "\\(x\n\ny\\)",
        "\\( never closed",
        "",
    ],
)
def test_money_code_and_raw_html_hold_no_formula(body: str) -> None:
    post, _ = parse(body)

    assert tex_of(body) == []
    assert "".join(part.text for part in post.parts if hasattr(part, "text")) in (body, "")


PANDOC, KRAMDOWN = "title: SGD\nmath: {dollar: pandoc}", "title: SGD\nmath: {dollar: kramdown}"


@pytest.mark.parametrize(
    ("body", "tex"),
    [
        ("a $x$ b", ["x"]),
        ("$x$, $y$.", ["x", "y"]),
        ("$a +\nb$", ["a +\nb"]),
        ("> $a +\n> b$", ["a +\n  b"]),
        ("**$a_b$** and _$c_d$_", ["a_b", "c_d"]),
        (r"$\$5$ costs", [r"\$5"]),
        ("| $|x|$ |\n|---|\n| $y$ |", ["|x|", "y"]),
        ("$$x$$ and $y$", ["x", "y"]),
        ("costs $5 and $10", []),
        ("$ x $", []),
        ("$x $ and $ y$", []),
        (r"\$x\$", []),
        ("`$x$` and <code>$x$</code>", []),
        ("a $x\n\nb$", []),
        ("$x$5", []),
    ],
)
def test_single_dollars_by_pandocs_rules(body: str, tex: list[str]) -> None:
    post, _ = parse(body, PANDOC)

    assert [part.tex for part in post.parts if isinstance(part, Formula)] == tex


@pytest.mark.parametrize(
    ("body", "tex"),
    [
        (r"$\|x\|$ and $ y $", ["|x|", " y "]),
        (r"$\\|x\\|$ and $\\{y\\}$", [r"\|x\|", r"\{y\}"]),
        (r"$\alpha\_i$", [r"\alpha_i"]),
        (r"\$5 and $x$", ["x"]),
    ],
)
def test_single_dollars_as_mathjax_reads_them_behind_kramdown(body: str, tex: list[str]) -> None:
    post, _ = parse(body, KRAMDOWN)

    assert [part.tex for part in post.parts if isinstance(part, Formula)] == tex


def test_a_site_may_say_what_single_dollars_mean_and_a_post_otherwise() -> None:
    site = SiteConfig(math="pandoc")

    for front, count in (("title: A", 1), ("math: true", 1), ("math: {dollar: false}", 0)):
        post, _ = parse("$x$", front, site)
        assert sum(isinstance(part, Formula) for part in post.parts) == count, front


@pytest.mark.parametrize(
    ("body", "front", "problem"),
    [
        (
            "so $x^2$ is",
            "title: SGD",
            "posts/2026-11-23-sgd.md:4:4: '$x^2$' is no formula here "
            "(write '$$…$$', or say 'math: {dollar: pandoc}' in the front matter)",
        ),
        (
            "so $x and\n\nmore",
            PANDOC,
            "posts/2026-11-23-sgd.md:5:4: unclosed '$' "
            "(close the formula before the paragraph ends, or write '\\$')",
        ),
    ],
)
def test_a_dollar_that_looks_like_a_formulas_is_doubted(
    body: str, front: str, problem: str
) -> None:
    assert parse(body, front)[1] == [problem]


@pytest.mark.parametrize("body", ["$5 or $10", "$x and y$", "US$ 5", "a $HOME/$USER b", "100$"])
def test_money_and_shells_are_not_doubted(body: str) -> None:
    assert parse(body)[1] == []


def test_a_dollar_that_is_escaped_opens_nothing() -> None:
    assert tex_of(r"\$$ and $$x$$ and \$") == ["x"]
    assert tex_of(r"\$\$ and $$x$$") == ["x"]


def test_formulas_on_lines_that_touch_are_all_found() -> None:
    formulas = formulas_of("$$a$$\n$$b$$\ntext $$c$$ $$d$$\n$$e$$")

    assert [f.tex for f in formulas] == ["a", "b", "c", "d", "e"]
    assert [f.is_display for f in formulas] == [True, True, False, False, True]


def test_an_unmatched_backtick_hides_nothing() -> None:
    assert tex_of("a ` b $$x$$\n\nand ` later") == ["x"]
    assert tex_of("a `` b ` $$x$$") == ["x"]


def test_a_code_span_ends_with_its_paragraph() -> None:
    assert tex_of("a ` b\n\n$$x$$ ` c") == ["x"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("a $$x", ":4:3: unclosed '$$' (close the formula before the paragraph ends)"),
        ("a $$x\n\ny$$$", ":4:3: unclosed '$$' (close the formula before the paragraph ends)"),
        ("$$$$", ":4:1: empty formula"),
        ("text\n\n  $$ $$", ":6:3: empty formula"),
        ("```math\n\n```", ":4:1: empty formula"),
        ("a\n\\begin{align} x", r":5:1: no \end{align} follows"),
        (
            r"$$f = $$\begin{bmatrix} x \end{bmatrix}",
            ":4:7: the formula ends just before \\begin{bmatrix} "
            "(is this '$$' misplaced? what follows was set as a formula of its own)",
        ),
    ],
)
def test_a_doubt_is_told_at_its_place(body: str, message: str) -> None:
    problems = parse(body)[1]

    assert problems[0] == f"posts/2026-11-23-sgd.md{message}"


def test_a_doubt_leaves_the_text_as_it_is() -> None:
    assert problem_of("a $$x") != ""
    assert prose_of("a $$x") == "a $$x"


@pytest.mark.parametrize(
    ("front", "body", "place"),
    [
        ("title: x", "$$x$$", (4, 3)),
        ("title: x\ntags: [a]\n\ndraft: true", "$$x$$", (7, 3)),
        ("title: x", "one\ntwo\n\n  \\(x\\)", (7, 5)),
        ("title: x", "> - \\\\[x\\\\]", (4, 8)),
        ("title: x", "\n\\begin{align}x\\end{align}", (5, 1)),
        ("title: x", "```\ncode\n```\ntext $`x`$", (7, 8)),
        ("title: x", "é $$x$$", (4, 5)),
        ("title: x", "```math\nx\n```", (4, 8)),
    ],
)
def test_the_place_of_a_formula_is_that_of_its_first_character(
    front: str, body: str, place: tuple[int, int]
) -> None:
    post, _ = parse(body, front)

    (formula,) = (part for part in post.parts if isinstance(part, Formula))
    assert (formula.line, formula.column) == place
