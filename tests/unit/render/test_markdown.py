import pytest

from builder.model import Part, Prose
from builder.render.markdown import Converter
from builder.render.tokens import Insert


def html_of(text: str) -> str:
    parts: list[tuple[Part, Insert | None]] = [(Prose(text), None)]
    return Converter().convert(parts, lambda page: page)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("# A\n## B\n### C", '<h2 id="a">A</h2>\n<h3 id="b">B</h3>\n<h4 id="c">C</h4>'),
        ("## A\n### B", '<h2 id="a">A</h2>\n<h3 id="b">B</h3>'),
        ("#### A", '<h2 id="a">A</h2>'),
        ("# A\n###### B", '<h2 id="a">A</h2>\n<h6 id="b">B</h6>'),
    ],
)
def test_the_first_level_of_headings_is_below_the_title_of_the_page(text: str, page: str) -> None:
    assert html_of(text) == page


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("# C#", '<h2 id="c">C#</h2>'),
        ("# A ##", '<h2 id="a">A</h2>'),
        ("# A # B #", '<h2 id="a--b">A # B</h2>'),
        ("#1 of all", "<p>#1 of all</p>"),
        ("# A {#own}", '<h2 id="own">A</h2>'),
        ("# A\n\n# A\n\n# A", '<h2 id="a">A</h2>\n<h2 id="a-1">A</h2>\n<h2 id="a-2">A</h2>'),
        ("# Größe & Maß", '<h2 id="größe--maß">Größe &amp; Maß</h2>'),
        ("# !", '<h2 id="section">!</h2>'),
    ],
)
def test_a_heading_and_its_id_are_as_on_github(text: str, page: str) -> None:
    assert html_of(text) == page


@pytest.mark.parametrize("mark", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
def test_a_backslash_makes_any_punctuation_plain(mark: str) -> None:
    escaped = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(mark, mark)

    assert html_of(f"a \\{mark} b") == f"<p>a {escaped} b</p>"


def test_one_converter_keeps_nothing_of_the_post_before() -> None:
    converter = Converter()
    first: list[tuple[Part, Insert | None]] = [
        (Prose("# A\n\n[x]: y\n*[B]: c\n\n[^1]: note\n\na[^1]"), None)
    ]
    second: list[tuple[Part, Insert | None]] = [(Prose("# A\n\n[x] B [^1]"), None)]

    converter.convert(first, lambda page: page)

    assert converter.convert(second, lambda page: page) == ('<h2 id="a">A</h2>\n<p>[x] B [^1]</p>')


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("*b**b*x", "<p><em>b**b</em>x</p>"),
        ("**a*b* c**", "<p><strong>a<em>b</em> c</strong></p>"),
        ("a_b_c 2 * 3 * 4", "<p>a_b_c 2 * 3 * 4</p>"),
        ("f(x)_{a} and f(x)_{b}", "<p>f(x)_{a} and f(x)_{b}</p>"),
    ],
)
def test_emphasis_loses_no_text_and_leaves_names_alone(text: str, page: str) -> None:
    assert html_of(text) == page
