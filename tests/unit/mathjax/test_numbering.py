from builder.mathjax.typeset import Label, TexError, Typeset, anchor_of
from tests.unit.mathjax.conftest import SetPost
from tests.unit.mathjax.samples import height_of, inline


def test_equations_are_numbered_through_the_post(set_post: SetPost) -> None:
    results = set_post(
        r"\begin{equation}x\label{first}\end{equation}",
        r"y",
        r"\begin{align}a&=b\label{second}\\c&=d\nonumber\\e&=f\label{third}\end{align}",
    )

    assert [each.labels for each in results if isinstance(each, Typeset)] == [
        (Label("first", "1", "eq:first"),),
        (),
        (Label("second", "2", "eq:second"), Label("third", "3", "eq:third")),
    ]


def test_a_formula_without_a_number_has_no_picture_of_one(set_post: SetPost) -> None:
    (plain, starred) = set_post("x", r"\begin{align*}a&=b\end{align*}")

    assert isinstance(plain, Typeset)
    assert isinstance(starred, Typeset)
    assert (plain.tag_svg, starred.tag_svg) == ("", "")


def test_a_number_has_the_height_and_the_baseline_of_its_formula(set_post: SetPost) -> None:
    (result,) = set_post(r"\begin{align}a&=\frac{b}{c}\\c&=d\end{align}")

    assert isinstance(result, Typeset)
    assert 'class="math-d13"' in result.svg
    assert 'class="math-d13"' in result.tag_svg
    assert height_of(result.svg) == height_of(result.tag_svg)


def test_a_tag_takes_no_number(set_post: SetPost) -> None:
    (_, tagged, numbered) = set_post(
        r"\begin{equation}x\end{equation}",
        r"y\tag{$\ast$}\label{star}",
        r"\begin{equation}z\label{two}\end{equation}",
    )

    assert isinstance(tagged, Typeset)
    assert isinstance(numbered, Typeset)
    assert tagged.labels == (Label("star", r"$\ast$", "eq:star"),)
    assert numbered.labels == (Label("two", "2", "eq:two"),)


def test_references_point_backwards_and_forwards(set_post: SetPost) -> None:
    equation = r"\begin{equation}x\label{it}\end{equation}"

    (forward, _, backward) = set_post(inline(r"\eqref{it}"), equation, inline(r"\eqref{it}"))

    assert forward == backward
    assert isinstance(forward, Typeset)
    assert '<mrow href="#eq:it"><mtext>(1)</mtext></mrow>' in forward.mathml
    assert '<a href="#eq:it" tabindex="-1">' in forward.svg


def test_an_equation_can_refer_to_itself(set_post: SetPost) -> None:
    (result,) = set_post(r"\begin{equation}x\label{me}\quad\text{see \ref{me}}\end{equation}")

    assert isinstance(result, Typeset)
    assert "<mtext>1</mtext>" in result.mathml


def test_a_waiting_formula_counts_and_defines_in_its_place(set_post: SetPost) -> None:
    (first, second, third) = set_post(
        r"\begin{equation}\def\q{7}\eqref{late}\label{early}\end{equation}",
        r"\q\def\q{8}",
        r"\begin{equation}\q\label{late}\end{equation}",
    )

    assert isinstance(first, Typeset)
    assert isinstance(second, Typeset)
    assert isinstance(third, Typeset)
    assert "<mtext>(2)</mtext>" in first.mathml
    assert first.labels == (Label("early", "1", "eq:early"),)
    assert "<mn>7</mn>" in second.mathml
    assert "<mn>8</mn>" in third.mathml


def test_a_label_used_twice_is_an_error_of_the_second_formula(set_post: SetPost) -> None:
    equation = r"\begin{equation}x\label{it}\end{equation}"

    (first, second) = set_post(equation, equation)

    assert isinstance(first, Typeset)
    assert second == TexError("label 'it' is used by an earlier formula", equation.index(r"\label"))


def test_an_unknown_label_is_an_error_that_names_the_nearest(set_post: SetPost) -> None:
    (_, near, far) = set_post(
        r"\begin{equation}x\label{eq:loss}\end{equation}", r"a = \eqref{eq:los}", r"\ref{xyz}"
    )

    assert near == TexError("unknown label 'eq:los'", 4, "did you mean 'eq:loss'?")
    assert far == TexError("unknown label 'xyz'", 0, r"no formula has such a \label")


def test_a_label_without_a_number_cannot_be_referred_to(set_post: SetPost) -> None:
    (unnumbered, reference) = set_post(r"x\label{it}", r"\ref{it}")

    assert isinstance(unnumbered, Typeset)
    assert unnumbered.labels == ()
    assert reference == TexError(
        "label 'it' is in a formula without a number", 0, r"use \begin{equation} or \tag there"
    )


def test_a_formula_with_an_error_uses_no_number(set_post: SetPost) -> None:
    (_, numbered) = set_post(
        r"\begin{equation}\oops\end{equation}", r"\begin{equation}x\label{it}\end{equation}"
    )

    assert isinstance(numbered, Typeset)
    assert numbered.labels == (Label("it", "1", "eq:it"),)


def test_names_of_object_methods_are_names_like_any_other(set_post: SetPost) -> None:
    (labelled, reference, unknown) = set_post(
        r"\begin{equation}x\label{toString}\end{equation}", r"\ref{toString}", r"\ref{valueOf}"
    )

    assert isinstance(labelled, Typeset)
    assert isinstance(reference, Typeset)
    assert isinstance(unknown, TexError)


def test_anchors_of_different_labels_differ() -> None:
    names = ["a b", "a.b", "a_b", "a-b", "a:b", "a.20b", "ä", "a"]

    anchors = [anchor_of(name) for name in names]

    assert len(set(anchors)) == len(names)
    assert anchor_of("eq loss") == "eq:eq.20loss"
