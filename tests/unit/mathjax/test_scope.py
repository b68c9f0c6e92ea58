import pytest

from builder.mathjax.typeset import TexError, Typeset
from tests.unit.mathjax.conftest import SetPost
from tests.unit.mathjax.samples import display


@pytest.mark.parametrize(
    ("definition", "use", "mathml"),
    [
        (r"\newcommand{\half}{\frac12}", r"\half", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"\def\twice#1{#1#1}", r"\twice q", "<mi>q</mi><mi>q</mi>"),
        (r"\let\goes\to", r"\goes", "→"),
        (r"\DeclareMathOperator{\rank}{rank}", r"\rank A", "<mi>rank</mi>"),
        (r"\DeclarePairedDelimiter{\norm}{\|}{\|}", r"\norm{x}", "∥"),
        (r"\definecolor{sea}{RGB}{18,52,86}", r"\color{sea}x", "#123456"),
        (r"\newenvironment{wrap}{[}{]}", r"\begin{wrap}x\end{wrap}", "<mo"),
        (r"\def\make#1{\def#1{9}}\make\nine", r"\nine", "<mn>9</mn>"),
    ],
)
def test_a_definition_holds_for_the_rest_of_its_post_alone(
    set_post: SetPost, definition: str, use: str, mathml: str
) -> None:
    (defining, using) = set_post(definition, use)
    (elsewhere,) = set_post(use)

    assert isinstance(defining, Typeset)
    assert isinstance(using, Typeset)
    assert mathml in using.mathml
    assert elsewhere != using


def test_a_formula_that_only_defines_shows_nothing(set_post: SetPost) -> None:
    (result,) = set_post(r"\newcommand{\half}{\frac12}")

    assert result == Typeset(svg="", tag_svg="", mathml="", glyphs=(), width_ex=0.0, labels=())


def test_macros_of_the_site_hold_everywhere(set_post: SetPost) -> None:
    macros = {"R": r"\mathbb{R}", "\\abs": (r"\lvert #1\rvert", 1)}

    (given, absolute) = set_post(r"\R", r"\abs{x}", macros=macros)
    (spelled, spelled_absolute, _) = set_post(r"\mathbb{R}", r"\lvert x\rvert", r"\R")

    assert isinstance(given, Typeset)
    assert isinstance(spelled, Typeset)
    assert given.svg == spelled.svg
    assert absolute == spelled_absolute


def test_a_post_may_redefine_a_macro_of_the_site_for_itself(set_post: SetPost) -> None:
    macros = {"k": "1"}

    (_, redefined) = set_post(r"\def\k{2}", r"\k", macros=macros)
    (original,) = set_post(r"\k", macros=macros)

    assert isinstance(redefined, Typeset)
    assert isinstance(original, Typeset)
    assert "<mn>2</mn>" in redefined.mathml
    assert "<mn>1</mn>" in original.mathml


def test_a_formula_with_an_error_defines_nothing(set_post: SetPost) -> None:
    (_, use) = set_post(r"\def\half{2}\oops", r"\half")

    assert use == TexError(r"Undefined control sequence \half", 0)


def test_a_font_given_to_unicode_is_forgotten(set_post: SetPost) -> None:
    (plain,) = set_post(r"\unicode{x263A}")
    set_post(r"\unicode[Georgia]{x263A}")
    (again,) = set_post(display(r"\unicode{x263A}"))

    assert again == plain
