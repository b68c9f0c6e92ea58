import re
from xml.etree import ElementTree as ET

import pytest

from builder.mathjax.picture import Drawing, depth_quarters, glyph_id, picture_of
from builder.mathjax.typeset import Formula, Typeset, depth_css, picture_file
from tests.unit.mathjax.conftest import SetPost
from tests.unit.mathjax.samples import SEED, VARIED, display, height_of, inline


@pytest.fixture(scope="module")
def href() -> re.Pattern[str]:
    return re.compile(r'<use href="#([^"]*)"')


@pytest.mark.parametrize(
    "formula", sorted({*SEED, *VARIED}, key=str), ids=lambda each: each.tex[:40]
)
def test_every_formula_becomes_clean_xml(
    set_post: SetPost, href: re.Pattern[str], formula: Formula
) -> None:
    (result,) = set_post(formula)

    assert isinstance(result, Typeset), result
    for text in filter(None, (result.svg, result.tag_svg, result.mathml)):
        ET.fromstring(text)
        assert not re.search(r"\s(style|data-[\w-]*|id|on\w+)=", text)
    used = set(href.findall(result.svg + result.tag_svg))
    assert used == {name for name, _ in result.glyphs}
    assert "undefined" not in result.svg + result.tag_svg
    assert ("class=" in result.mathml, "\n" in result.mathml) == (False, False)


def test_inline_and_display_differ_in_style(set_post: SetPost) -> None:
    (small, large) = set_post(inline(r"\sum_i x"), display(r"\sum_i x"))

    assert isinstance(small, Typeset)
    assert isinstance(large, Typeset)
    assert height_of(small.svg) < height_of(large.svg)
    assert small.mathml.startswith("<math><")
    assert large.mathml.startswith('<math display="block">')


def test_the_picture_says_its_size_and_is_hidden_from_readers(set_post: SetPost) -> None:
    (result,) = set_post(inline("x"))

    assert isinstance(result, Typeset)
    name = glyph_id(result.glyphs[0][1])
    assert result.svg == (
        '<svg class="math-d1" width="1.294ex" height="1.25ex" viewBox="0 -442 572 552.5" '
        'overflow="visible" aria-hidden="true" focusable="false">'
        '<g fill="currentColor" stroke="currentColor" stroke-width="0" transform="scale(1,-1)">'
        f'<use href="#{name}"/></g></svg>'
    )
    assert (result.width_ex, height_of(result.svg)) == (1.294, 1.25)


@pytest.mark.parametrize(
    ("depth_em", "quarters"),
    [(0.0, 0), (-0.3, 0), (0.001, 1), (0.1105, 1), (0.1106, 2), (0.442, 4), (3 * 0.1105, 3)],
)
def test_a_depth_is_rounded_up_to_a_quarter_of_an_ex(depth_em: float, quarters: int) -> None:
    assert depth_quarters(depth_em) == quarters


def test_the_picture_grows_downwards_to_its_rounded_depth() -> None:
    picture = picture_of(_drawing(height=1.0, depth=0.2))

    assert 'class="math-d2"' in picture.svg
    assert 'viewBox="0 -1000 1000 1221"' in picture.svg
    assert height_of(picture.svg) == round((1000 + 221) / 442, 3)


def test_the_class_of_a_bottomless_picture_is_the_deepest() -> None:
    picture = picture_of(_drawing(height=1.0, depth=50.0))

    assert 'class="math-d120"' in picture.svg
    assert height_of(picture.svg) > 100


def test_every_depth_has_a_rule() -> None:
    css = depth_css()

    assert css.startswith(".math-d0{vertical-align:0}.math-d1{vertical-align:-0.25ex}")
    assert css.endswith(".math-d120{vertical-align:-30ex}")
    assert css.count("{") == 121


def test_an_author_s_colours_survive(set_post: SetPost) -> None:
    (named, hexadecimal) = set_post(r"\color{red}x", r"\textcolor{#0a0B0c}{y}")

    assert isinstance(named, Typeset)
    assert isinstance(hexadecimal, Typeset)
    assert '<g fill="red" stroke="red">' in named.svg
    assert '<g fill="#0a0B0c" stroke="#0a0B0c">' in hexadecimal.svg


def test_a_rule_has_the_colour_of_the_text(set_post: SetPost) -> None:
    (result,) = set_post(r"\rule{1em}{1em}")

    assert isinstance(result, Typeset)
    assert '<rect fill="currentColor"' in result.svg


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}",
        "\\href{ JaVa\tscript:alert(1)}{x}",
        r"\href{data:text/html,hi}{x}",
        r"\href{vbscript:x}{x}",
        r'\mmlToken{mi}[href="javascript:alert(1)"]{x}',
        r"\color{url(http://evil.example)}x",
        r'\mmlToken{mi}[style="background: url(x)" mathcolor="url(#x)"]{x}',
    ],
)
def test_nothing_that_runs_or_loads_gets_out(set_post: SetPost, tex: str) -> None:
    (result,) = set_post(tex)

    assert isinstance(result, Typeset)
    assert not re.search('href="(?!#g)|script|data:|url|style=', result.svg + result.mathml)


def test_markup_in_a_formula_stays_text(set_post: SetPost) -> None:
    (result,) = set_post(r'\text{</svg><script>x</script>} \href{"><b>}{y}')

    assert isinstance(result, Typeset)
    assert "<script" not in result.svg + result.mathml
    assert "<b>" not in result.svg + result.mathml
    ET.fromstring(result.svg)
    ET.fromstring(result.mathml)


def test_a_control_character_does_not_break_the_xml(set_post: SetPost) -> None:
    (result,) = set_post("\\text{a\x00b\x0bc} \\unicode{1}")

    assert isinstance(result, Typeset)
    ET.fromstring(result.svg)
    ET.fromstring(result.mathml)


def test_a_file_of_its_own_holds_its_outlines_and_its_number(
    set_post: SetPost, href: re.Pattern[str]
) -> None:
    (result,) = set_post(r"\begin{equation}x = y\end{equation}")

    assert isinstance(result, Typeset)
    text, width, height = picture_file([result.svg, result.tag_svg], dict(result.glyphs))
    root = ET.fromstring(text)
    assert root.attrib == {"width": str(width), "height": str(height)}
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall("{http://www.w3.org/2000/svg}svg")) == 2
    assert set(href.findall(text)) == set(re.findall(r'<path id="([^"]*)"', text))


def _drawing(*, height: float, depth: float) -> Drawing:
    return Drawing(
        body='<use href="#0"/>',
        width=1.0,
        height=height,
        depth=depth,
        tag="",
        tag_width=0.0,
        outlines=("M0 0",),
    )
