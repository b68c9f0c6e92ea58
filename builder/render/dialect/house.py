"""The extension of Python-Markdown that holds this builder's rules."""

import re
import string
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor, HashHeaderProcessor, SetextHeaderProcessor
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from builder.render.dialect.divs import Divs
from builder.render.dialect.inline import register_inline
from builder.render.dialect.lists import indent_lists
from builder.render.dialect.tree import (
    AlignCells,
    AttributesBelow,
    EvenItems,
    LevelHeadings,
    SetPlainAside,
    TakePlainBack,
)


class _Headings(HashHeaderProcessor):
    """Asks for a space behind the marks, so that `#1` is no heading and `# C#` keeps its own."""

    RE = re.compile(
        r"(?:^|\n) {0,3}(?P<level>#{1,6})(?=[ \n]|$)(?P<header>[^\n]*?)(?: #*)?(?: *)(?:\n|$)"
    )


class _PlainParagraph(BlockProcessor):
    """Takes a line of words that stands alone, before all other kinds of blocks are asked."""

    _LINE = re.compile(r"[A-Za-z\ue000][^\n]*")

    def test(self, parent: Element, block: str) -> bool:
        is_below_page = parent.tag == "div" and not parent.attrib and not self.parser.state
        return is_below_page and self._LINE.fullmatch(block) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        SubElement(parent, "p").text = blocks.pop(0)


class _UnderlinedHeadings(SetextHeaderProcessor):
    """Makes no heading of a quote, an item or a rule above dashes."""

    RE = re.compile(
        r"(?! {4}| {0,3}(?:>|(?:[-*+]|\d{1,9}[.)])(?: |$)|:|\*?\[[^\]\n]+\]:|#{1,6} "
        r"|(?P<mark>[-*_])(?: *(?P=mark)){2,} *$))(?P<words>[^\n]++)\n"
        r" {0,3}(?P<line>=++|-++) *(?:\n|\Z)",
        re.MULTILINE,
    )

    def run(self, parent: Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        match = self.RE.match(block)
        assert match is not None  # test() has asked
        heading = SubElement(parent, "h1" if match["line"].startswith("=") else "h2")
        heading.text = match["words"].strip()
        if block[match.end() :]:
            blocks.insert(0, block[match.end() :])


class _IndentLists(Preprocessor):
    """Makes lists mean what they mean on GitHub."""

    def run(self, lines: list[str]) -> list[str]:
        for element in self.md.htmlStash.rawHtmlBlocks:
            if isinstance(element, Element) and element.get("markdown") == "block":
                element.text = "\n".join(indent_lists((element.text or "").split("\n")))
        return indent_lists(lines)


class House(Extension):
    """The rules of this builder.

    Args:
        has_smart_quotes: whether quotes and dots become typographic ones.
    """

    def __init__(self, *, has_smart_quotes: bool) -> None:
        super().__init__()
        self._has_smart_quotes = has_smart_quotes

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Markdown's name
        """Register them; Markdown calls it."""
        md.ESCAPED_CHARS = [*dict.fromkeys((*md.ESCAPED_CHARS, *string.punctuation))]
        # Before `html_block`, at 20, which reads the HTML that they become.
        md.preprocessors.register(Divs(md), "divs", 25)
        # Behind `html_block`: what is raw by then is no list.
        md.preprocessors.register(_IndentLists(md), "indent_lists", 15)
        blocks = md.parser.blockprocessors
        blocks.register(_PlainParagraph(md.parser), "plain_paragraph", 1000)
        blocks.register(_Headings(md.parser), "hashheader", 70)
        blocks.register(_UnderlinedHeadings(md.parser), "setextheader", 60)
        trees = md.treeprocessors
        # Before `inline`, at 20, and behind `task-list`, at 25.
        trees.register(EvenItems(md), "even_items", 24)
        trees.register(AttributesBelow(md), "attributes_below", 23)
        if not self._has_smart_quotes:  # which are made of dots, too
            trees.register(SetPlainAside(md), "set_plain_aside", 21)
            trees.register(TakePlainBack(md), "take_plain_back", 19)
        trees.register(LevelHeadings(md), "level_headings", 6)
        trees.register(AlignCells(md), "align_cells", 6.5)
        register_inline(md)
