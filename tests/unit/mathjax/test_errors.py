import pytest

from builder.mathjax.typeset import MAX_TEX_LENGTH, TexError, Typeset
from tests.unit.mathjax.conftest import SetPost


@pytest.mark.parametrize(
    ("tex", "hint"),
    [
        (r"v \leftarow w", r"did you mean '\leftarrow'?"),
        (r"\alhpa", r"did you mean '\alpha'?"),
        (r"\newcommand{\loss}{L} \los", r"did you mean '\loss'?"),
        (r"\left\langel x \right)", None),
        (r"\bogusthing", None),
        (r"\frac{1}{2", None),
    ],
)
def test_a_command_that_is_misspelt_is_met_with_the_nearest(
    set_post: SetPost, tex: str, hint: str | None
) -> None:
    (result,) = set_post(tex)

    assert isinstance(result, TexError)
    assert result.hint == hint


@pytest.mark.parametrize(
    ("tex", "message", "at"),
    [
        (r"a + \foo + b", r"Undefined control sequence \foo", r"\foo"),
        (r"x \frac{1}", r"Missing argument for \frac", "}"),
        (r"x \frac", r"Missing argument for \frac", r"\frac"),
        (r"a } b", "Extra close brace or missing open brace", "}"),
        (r"x^2^3", "Double exponent: use braces to clarify", "3"),
        (r"x_2_3", "Double subscripts: use braces to clarify", "3"),
        (r"a & b", "Misplaced &", "&"),
        (r"a \right) b", r"Missing \left or extra \right", ")"),
        (r"\begin{nope} x", "Unknown environment 'nope'", r"\begin{nope}"),
        (r"a \begin{matrix} x \end{pmatrix}", r"\begin{matrix} ended with \end{pmatrix}", r"\end{"),
        (r"😀\text{é} \bar", r"Missing argument for \bar", r"\bar"),
        (r"\def\oops{a\nope b} x + \oops + y", r"Undefined control sequence \nope", r"\oops +"),
        (r"\color{red}{\sqrt{\nope}}", r"Undefined control sequence \nope", "}}"),
    ],
)
def test_an_error_has_mathjaxs_words_and_its_place(
    set_post: SetPost, tex: str, message: str, at: str
) -> None:
    (result,) = set_post(tex)

    assert isinstance(result, TexError)
    assert (result.message, result.offset) == (message, tex.rindex(at))


@pytest.mark.parametrize(
    ("tex", "message"),
    [
        (r"\frac{a", "Missing close brace"),
        (r"\left( x", r"Extra \left or missing \right"),
        (r"\begin{matrix} x", r"Missing \end{matrix}"),
        ("{x", "Extra open brace or missing close brace"),
    ],
)
def test_what_is_missing_is_missing_at_the_end(set_post: SetPost, tex: str, message: str) -> None:
    (result,) = set_post(tex)

    assert result == TexError(message, len(tex) - 1)


@pytest.mark.parametrize(
    "tex",
    [
        "{" * 5000 + "}" * 5000,
        r"\frac{" * 1000 + "x" + "}{2}" * 1000,
        "x^{" * 1000 + "}" * 1000,
        r"\sqrt{" * 1000 + "x" + "}" * 1000,
    ],
)
def test_deep_nesting_is_an_error_and_the_engine_goes_on(set_post: SetPost, tex: str) -> None:
    (before, deep, after) = set_post(r"\def\x{1}\x", tex, r"\x")

    assert deep == TexError("formula is nested too deeply", 0)
    assert isinstance(before, Typeset)
    assert isinstance(after, Typeset)
    assert after.svg == before.svg


@pytest.mark.parametrize(
    "tex",
    [
        r"\def\x{\x\x}\x",
        r"\def\x{\x}\x",
        r"\def\a#1{#1#1}\a{\a{\a{\a{\a{\a{\a{\a{\a{\a{\a{\a{\a{\a{\a{\a x}}}}}}}}}}}}}}}}",
    ],
)
def test_endless_macros_end(set_post: SetPost, tex: str) -> None:
    (result,) = set_post(tex)

    assert isinstance(result, TexError)
    assert result.message == (
        "MathJax maximum macro substitution count exceeded; is here a recursive macro call?"
    )


def test_an_endless_environment_ends(set_post: SetPost) -> None:
    (result,) = set_post(r"\newenvironment{f}{\begin{f}}{\end{f}}\begin{f}x\end{f}")

    assert isinstance(result, TexError)
    assert result.message == (
        "MathJax maximum substitution count exceeded; is there a recursive latex environment?"
    )


def test_a_formula_may_not_be_endlessly_long(set_post: SetPost) -> None:
    (result,) = set_post("x" * (MAX_TEX_LENGTH + 1))

    assert result == TexError("formula is longer than 100,000 characters", 0)


def test_extensions_that_hide_errors_or_change_commands_are_not_there(set_post: SetPost) -> None:
    (braces, division) = set_post(r"\require{physics}\qty{x}", r"a \div b")

    assert braces == TexError(r"Undefined control sequence \qty", 17)
    assert isinstance(division, Typeset)
    assert "<mo>÷</mo>" in division.mathml
