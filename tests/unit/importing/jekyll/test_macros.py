import pytest

from builder.importing.jekyll.macros import Macros, find_macros, uses_single_dollars


@pytest.mark.parametrize(
    ("text", "macros"),
    [
        (
            'MathJax.Hub.Config({TeX: {Macros: {R: "\\\\mathbb{R}", '
            "norm: [\"\\\\lVert #1 \\\\rVert\", 1], 'E': '\\\\mathbb{E}'}}});",
            {"R": r"\mathbb{R}", "norm": (r"\lVert #1 \rVert", 1), "E": r"\mathbb{E}"},
        ),
        (
            "window.MathJax = {\n tex: {\n  macros: {\n   RR: '{\\\\bf R}',\n"
            "   pair: ['(#1,#2)', 2],\n  },\n },\n};",
            {"RR": r"{\bf R}", "pair": ("(#1,#2)", 2)},
        ),
        ('{"macros": {"x": "a", y: ["b", 0], z : "it\'s"}}', {"x": "a", "y": "b", "z": "it's"}),
        ("macros: {q: `\\\\a`, r: '\\'b\\''}", {"q": r"\a", "r": "'b'"}),
        ("macros: {", {}),
        ("macros: {}", {}),
        ("no macros here: {x: 'a'}", {}),
    ],
)
def test_macros_of_a_set_up_of_mathjax_are_found(text: str, macros: Macros) -> None:
    assert find_macros([text]) == macros


@pytest.mark.parametrize(
    ("text", "macros"),
    [
        (r"$$\newcommand{\R}{\mathbb{R}}$$", {"R": r"\mathbb{R}"}),
        (r"\newcommand\R{\mathbb{R}}", {"R": r"\mathbb{R}"}),
        (r"\newcommand*{\k}{v}", {"k": "v"}),
        (r"\newcommand{\norm}[1]{\lVert #1 \rVert}", {"norm": (r"\lVert #1 \rVert", 1)}),
        (r"\renewcommand{\vec}[1]{\mathbf{#1}}", {"vec": (r"\mathbf{#1}", 1)}),
        (r"\DeclareMathOperator{\argmin}{arg\,min}", {"argmin": r"\operatorname{arg\,min}"}),
        (r"\DeclareMathOperator*{\amax}{arg\,max}", {"amax": r"\operatorname*{arg\,max}"}),
        (r"\newcommand{\b}{\left\{ {a} \right\}}", {"b": r"\left\{ {a} \right\}"}),
        (r"\newcommand{\a}{1} \newcommand{\a}{2}", {"a": "2"}),
    ],
)
def test_commands_in_a_template_are_macros(text: str, macros: Macros) -> None:
    assert find_macros([text]) == macros


def test_the_last_of_several_files_holds() -> None:
    assert find_macros(["macros: {a: '1', b: '1'}", "\\newcommand{\\a}{2}"]) == {"a": "2", "b": "1"}


def test_macros_of_katex_are_found_without_their_backslash() -> None:
    text = 'katex.render(x, {macros: {"\\\\RR": "\\\\mathbb{R}", "\\\\f": "f"}})'

    assert find_macros([text]) == {"RR": r"\mathbb{R}", "f": "f"}


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("tex2jax: {\n inlineMath: [ ['$','$'], [\"\\\\(\",\"\\\\)\"] ],\n}", True),
        ("MathJax = {tex: {inlineMath: [['\\\\(', '\\\\)'], ['$', '$']]}};", True),
        ('inlineMath: [["$", "$"]]', True),
        ("delimiters: [{left: '$$', right: '$$'}, {left: '$', right: '$', display: false}]", True),
        ('{left: "$", right: "$"}', True),
        ("inlineMath: [['\\\\(', '\\\\)']]", False),
        ("displayMath: [['$$', '$$']]", False),
        ("delimiters: [{left: '$$', right: '$$', display: true}]", False),
        ("$x$ and $('a').click()", False),
        ("", False),
    ],
)
def test_single_dollars_are_formulas_where_a_theme_says_so(text: str, is_so: bool) -> None:
    assert uses_single_dollars(["nothing", text]) is is_so
