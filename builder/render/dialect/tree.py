"""What is done to a post's tree of elements, once Markdown has made it."""

import re
from collections.abc import Callable
from itertools import pairwise
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.attr_list import AttrListTreeprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from builder.render.highlight import note_id

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ATTRIBUTES = re.compile(r"\{:(?P<next>\^)?[ \t]*(?P<list>[^{}\n]*)\}")


class LevelHeadings(Treeprocessor):
    """Lets the headings of a post begin below the page's own: its first level is `<h2>`."""

    def run(self, root: Element) -> None:
        """Change the tree; Markdown calls it."""
        headings = [e for e in root.iter() if e.tag in _HEADINGS]
        shift = 2 - min((_HEADINGS.index(e.tag) + 1 for e in headings), default=2)
        for heading in headings:
            level = min(_HEADINGS.index(heading.tag) + 1 + shift, 6)
            heading.tag = f"h{level}"


class Contents(Treeprocessor):
    """Makes the words of a table of contents plain text, as its links are read out.

    Headings with kramdown's class `no_toc` are left out.
    """

    def __init__(self, md: Markdown, to_text: Callable[[str], str]) -> None:
        super().__init__(md)
        self._to_text = to_text

    def run(self, root: Element) -> None:
        """Change the tree; Markdown calls it."""
        hidden = {
            f"#{heading.get('id')}"
            for heading in root.iter()
            if heading.tag in _HEADINGS and "no_toc" in heading.get("class", "").split()
        }
        for contents in (e for e in root.iter("div") if e.get("class") == "toc"):
            for words in contents.iter("a"):
                for part in words.iter():
                    part.text = self._to_text(part.text or "")
                    part.tail = self._to_text(part.tail or "")
            for parent in list(contents.iter()):
                for item in parent.findall("li"):
                    link = item.find("a")
                    if link is not None and link.get("href") in hidden:
                        parent.remove(item)


class AlignCells(Treeprocessor):
    """Says the alignment of cells by classes: pages allow no `style`."""

    def run(self, root: Element) -> None:
        """Change the tree; Markdown calls it."""
        for cell in root.iter():
            style = cell.get("style", "") if cell.tag in ("th", "td") else ""
            match = re.fullmatch(r"text-align: (left|right|center);", style)
            if match:
                del cell.attrib["style"]
                cell.set("class", f"align-{match[1]}")


class TieNotes(Treeprocessor):
    """Gives ids to the items of a list right below a block whose lines refer to them."""

    def __init__(self, md: Markdown, notes_id: Callable[[str], str | None]) -> None:
        super().__init__(md)
        self._notes_id = notes_id
        self.found: set[str] = set()

    def run(self, root: Element) -> None:
        """Change the tree; Markdown calls it."""
        for parent in root.iter():
            for above, below in pairwise(parent):
                prefix = self._notes_id(above.text or "") if above.tag == "p" else None
                if prefix is not None and below.tag == "ol":
                    below.set("class", "notes")
                    for number, item in enumerate(below, start=int(below.get("start", "1"))):
                        item.set("id", note_id(prefix, number))
                        self.found.add(note_id(prefix, number))


class EvenItems(Treeprocessor):
    """Makes all items of a list paragraphs where one of them is, as on GitHub."""

    def run(self, root: Element) -> None:
        """Change the tree; Markdown calls it."""
        for items in (e for e in root.iter() if e.tag in ("ul", "ol")):
            if any(child.tag in ("p", "pre") for item in items for child in item):
                for item in items:
                    if (item.text or "").strip():
                        paragraph = Element("p")
                        paragraph.text, item.text = item.text, ""
                        item.insert(0, paragraph)


class AttributesBelow(AttrListTreeprocessor):
    """Gives a block the attribute list that stands alone below it, or above it."""

    def run(self, doc: Element) -> None:
        """Change the tree; Markdown calls it."""
        for parent in list(doc.iter()):
            children = list(parent)
            for index, child in enumerate(children):
                match = _ATTRIBUTES.fullmatch((child.text or "").strip())
                if child.tag != "p" or len(child) or not match:
                    continue
                near = children[index + 1 : index + 2] if match["next"] else children[:index][-1:]
                for block in near:
                    self.assign_attrs(block, match["list"])
                parent.remove(child)


class _Plain(AtomicString):
    """Text in which nothing is marked up."""


class SetPlainAside(Treeprocessor):
    """Keeps text without any mark from the many patterns that look for them."""

    _TEXT = re.compile(r"(?:[^\W_]|[ ,;:.()?%/\ue000\ue001]|(?<! )\n)*+")

    def run(self, root: Element) -> None:
        """Change the tree; Markdown calls it."""
        for element in root.iter():
            text = element.text
            if text and type(text) is str and self._TEXT.fullmatch(text):
                element.text = _Plain(text)


class TakePlainBack(Treeprocessor):
    """Makes what was set aside text as any other."""

    def run(self, root: Element) -> None:
        """Change the tree; Markdown calls it."""
        for element in root.iter():
            if isinstance(element.text, _Plain):
                element.text = str(element.text)
