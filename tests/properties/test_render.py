"""Whatever is written becomes HTML that is whole, with each formula once."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html

from builder.model import (
    FIGURE_DARK,
    FIGURE_LIGHT,
    BlockOptions,
    BlockResult,
    CodeBlock,
    Display,
    Dollar,
    Formula,
    OutputFile,
    Part,
    Prose,
)
from builder.parse.formulas import FoundFormula, find_formulas
from builder.render.markdown import Converter
from builder.render.outputs import Words
from builder.render.tokens import Insert
from tests.properties.profile import SEARCH
from tests.properties.texts import bodies
from tests.unit.render.renderers import block_renderer

CONVERTER = Converter()
WORDS = st.text(st.sampled_from("<>&\"'=/ax "), max_size=12)


def convert(parts: list[tuple[Part, Insert | None]]) -> str:
    return CONVERTER.convert(parts, lambda page: page)


def parts_of(text: str, dollar: Dollar | None = None) -> Iterator[tuple[Part, Insert | None]]:
    """The prose and formulas of a text; formula n becomes `[n]`."""
    at = count = 0
    for found in find_formulas(text, dollar):
        if isinstance(found, FoundFormula):
            yield Prose(text[at : found.start]), None
            formula = Formula(
                tex=found.tex,
                is_display=found.is_display,
                is_alone=found.is_alone,
                source="",
                line=1,
                column=1,
            )
            mark = f"\ue100{count}\ue101"
            yield formula, Insert(f"<p>{mark}</p>", mark, mark)
            at, count = found.end, count + 1
    yield Prose(text[at:]), None


class _Balance(HTMLParser):
    """Follows which elements are open."""

    VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.slips: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.slips.append(tag)


@SEARCH
@given(bodies)
def test_any_prose_becomes_html_with_balanced_tags(body: str) -> None:
    """Prose without tags of its own: what an author opens, he may leave open."""
    balance = _Balance()

    page = convert([(Prose(re.sub(r"[<&]", "", body)), None)])
    balance.feed(page)
    balance.close()

    assert (balance.open, balance.slips) == ([], [])


@SEARCH
@given(bodies)
@example("<div markdown='1'>\n$$x$$")
@example("[TOC]\n# $$x$$")
def test_no_placeholder_is_left_over(body: str) -> None:
    own = body.count("\ue000"), body.count("\ue001")

    page = convert(list(parts_of(body)))

    assert page.count("\ue000") <= own[0]
    assert page.count("\ue001") <= own[1]
    html.fragment_fromstring(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", page), "div")


@SEARCH
@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "*b*",
                "**",
                "_b_",
                "*",
                "$$x$$",
                "\\(y\\)",
                "$z$",
                "$",
                "\n",
                "\n\n",
                "\n- ",
                "\n> ",
                "\n# ",
                "\n::: note\n",
                "\n:::\n",
                "\n> [!TIP]\n> ",
                " | ",
            ]
        )
    ),
    st.sampled_from([None, "pandoc", "kramdown"]),
)
def test_each_formula_stands_in_the_page_once_and_in_order(
    pieces: list[str], dollar: Dollar | None
) -> None:
    parts = list(parts_of("".join(pieces), dollar))
    count = sum(isinstance(part, Formula) for part, _ in parts)

    page = convert(parts)

    in_text = re.sub(r"<[^>]*>", "", page)
    assert re.findall("\ue100(\\d+)\ue101", in_text) == [str(n) for n in range(count)]


@SEARCH
@given(alt=WORDS, title=WORDS)
def test_the_words_of_a_picture_cannot_inject_html(alt: str, title: str) -> None:
    text = f"![{alt}](a.png '{title}')"

    elements = html.fragment_fromstring(convert([(Prose(text), None)]) or "<p></p>", "div")

    for image in elements.iter("img"):
        assert set(image.attrib) <= {"alt", "src", "title"}


@SEARCH
@given(label=WORDS, alt=WORDS, folder=WORDS)
def test_labels_words_and_addresses_of_a_block_cannot_inject_html(
    label: str, alt: str, folder: str
) -> None:
    files: list[OutputFile] = []
    options = BlockOptions(label=label, echo=False)
    block = CodeBlock(code="", line=1, options=options, container="")
    svg = b'<svg width="1pt" height="1pt">'
    figure = Display({FIGURE_LIGHT: svg, FIGURE_DARK: svg}, alt)

    renderer = block_renderer(f"/{folder}", "", files, [])
    page = renderer.render(block, [BlockResult((figure,), 0.0)], Words(anchor=label))

    cell = html.fragment_fromstring(page)
    assert [element.tag for element in cell.iter()] == ["div", "figure", "img", "img"]
    assert cell.get("id", "") == label
    assert {image.get("alt") for image in cell.iter("img")} == {alt or "Plot"}


@SEARCH
@given(bodies)
def test_a_post_is_rendered_the_same_whatever_was_rendered_before(body: str) -> None:
    parts: list[tuple[Part, Insert | None]] = [(Prose(body), None)]

    assert convert(parts) == Converter().convert(parts, lambda page: page)
