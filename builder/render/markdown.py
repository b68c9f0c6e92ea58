"""Markdown to HTML, with placeholders where formulas and blocks will stand."""

import re
import string
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import HashHeaderProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from builder.model import CodeBlock, Formula, InlineValue, Listing, Part, Prose
from builder.render.divs import Divs
from builder.render.highlight import note_id
from builder.render.lists import indent_lists
from builder.render.tokens import Insert, Tokens

_RULE_BELOW = re.compile(r"[ \t]*\n[ \t>]*(?:-{2,}|={2,})[ \t]*(?:\n|\Z)")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


_QUOTES = {
    "de": {"left-double-quote": "&bdquo;", "right-double-quote": "&ldquo;"},
    "fr": {"left-double-quote": "&laquo;&nbsp;", "right-double-quote": "&nbsp;&raquo;"},
}
"""By language, where they are others than in English; a single one may be an apostrophe."""


class _LevelHeadings(Treeprocessor):
    """Lets the headings of a post begin below the page's own: its first level is `<h2>`."""

    def run(self, root: Element) -> None:
        headings = [e for e in root.iter() if e.tag in _HEADINGS]
        shift = 2 - min((_HEADINGS.index(e.tag) + 1 for e in headings), default=2)
        for heading in headings:
            level = min(_HEADINGS.index(heading.tag) + 1 + shift, 6)
            heading.tag = f"h{level}"


class _ShortenContents(Treeprocessor):
    """Leaves headings with kramdown's class `no_toc` out of the table of contents."""

    def run(self, root: Element) -> None:
        hidden = {
            f"#{heading.get('id')}"
            for heading in root.iter()
            if heading.tag in _HEADINGS and "no_toc" in heading.get("class", "").split()
        }
        for contents in (e for e in root.iter("div") if hidden and e.get("class") == "toc"):
            for parent in list(contents.iter()):
                for item in parent.findall("li"):
                    link = item.find("a")
                    if link is not None and link.get("href") in hidden:
                        parent.remove(item)


class _AlignCells(Treeprocessor):
    """Says the alignment of cells by classes: pages allow no `style`."""

    def run(self, root: Element) -> None:
        for cell in root.iter():
            style = cell.get("style", "") if cell.tag in ("th", "td") else ""
            match = re.fullmatch(r"text-align: (left|right|center);", style)
            if match:
                del cell.attrib["style"]
                cell.set("class", f"align-{match[1]}")


class _TieNotes(Treeprocessor):
    """Gives ids to the items of a list right below a block whose lines refer to them."""

    def __init__(self, md: Markdown, notes_id: Callable[[str], str | None]) -> None:
        super().__init__(md)
        self._notes_id = notes_id
        self.found: set[str] = set()

    def run(self, root: Element) -> None:
        for parent in root.iter():
            for above, below in pairwise(parent):
                prefix = self._notes_id(above.text or "") if above.tag == "p" else None
                if prefix is not None and below.tag == "ol":
                    below.set("class", "notes")
                    for number, item in enumerate(below, start=int(below.get("start", "1"))):
                        item.set("id", note_id(prefix, number))
                        self.found.add(note_id(prefix, number))


class _Subscript(InlineProcessor):
    """Leaves the underscore of `f(x)_{predicted}` alone: with a brace it is no emphasis."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  # Markdown's name and signature
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[str, int, int]:
        return m[0], m.start(), m.end()


class _Headings(HashHeaderProcessor):
    """Asks for a space behind the marks, so that `#1` is no heading and `# C#` keeps its own."""

    RE = re.compile(
        r"(?:^|\n)(?P<level>#{1,6})(?=[ \n]|$)(?P<header>[^\n]*?)(?: #*)?(?: *)(?:\n|$)"
    )


class _IndentLists(Preprocessor):
    """Makes lists mean what they mean on GitHub."""

    def run(self, lines: list[str]) -> list[str]:
        return indent_lists(lines)


class _House(Extension):
    """The rules of this builder."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Markdown's name
        md.ESCAPED_CHARS = [*dict.fromkeys((*md.ESCAPED_CHARS, *string.punctuation))]
        # Before `html_block`, at 20, which reads the HTML that they become.
        md.preprocessors.register(Divs(md), "divs", 25)
        # Behind `html_block`: what is raw by then is no list.
        md.preprocessors.register(_IndentLists(md), "indent_lists", 15)
        md.parser.blockprocessors.register(_Headings(md.parser), "hashheader", 70)
        md.treeprocessors.register(_LevelHeadings(md), "level_headings", 6)
        md.treeprocessors.register(_AlignCells(md), "align_cells", 6.5)
        # Behind `toc`, at 5, which makes it.
        md.treeprocessors.register(_ShortenContents(md), "shorten_contents", 4)
        # Before emphasis, at 60; `_em_{: .class}` is an attribute list.
        md.inlinePatterns.register(_Subscript(r"_(?=\{[^:.#\s}])", md), "subscript", 65)


class Converter:
    """Converts posts, one after the other, with one set-up of Markdown.

    Args:
        quotes: the language whose quotes straight ones become; none where None.
    """

    def __init__(self, quotes: str | None = None) -> None:
        self._tokens = Tokens()
        self._slugs: Counter[str] = Counter()
        self._markdown = Markdown(
            extensions=[
                "abbr",
                "admonition",
                "attr_list",
                "def_list",
                "footnotes",
                "md_in_html",
                "sane_lists",
                "tables",
                "toc",
                # Python-Markdown's own emphasis loses text: `*b**b*x` has no x.
                "pymdownx.betterem",
                # `> [!NOTE]` of GitHub, folded `> [!NOTE]-` of Obsidian, `???` of MkDocs.
                "pymdownx.details",
                "pymdownx.quotes",
                "pymdownx.tasklist",
                "pymdownx.tilde",
                *(["smarty"] if quotes is not None else []),
                _House(),
            ],
            extension_configs={
                "pymdownx.quotes": {"callouts": True},
                "smarty": {"substitutions": _QUOTES.get((quotes or "").partition("-")[0], {})},
                "toc": {"slugify": self._slugify},
                "pymdownx.tilde": {"subscript": False},
            },
            output_format="html",
        )
        self._notes = _TieNotes(self._markdown, self._notes_id)
        self._markdown.treeprocessors.register(self._notes, "tie_notes", 6.2)

    @property
    def notes(self) -> frozenset[str]:
        """The ids of the notes in what was converted last."""
        return frozenset(self._notes.found)

    def convert(
        self, parts: list[tuple[Part, Insert | None]], rewrite: Callable[[str], str]
    ) -> str:
        """HTML of a post's parts, each beside what is put in its place.

        Args:
            parts: the parts in order.
            rewrite: is given the HTML of the prose, before anything is put in.
        """
        self._tokens = Tokens()
        self._slugs = Counter()
        self._notes.found.clear()
        text = "".join(self._pieces(parts))
        page = self._markdown.reset().convert(text)
        return self._tokens.to_html(rewrite(page))

    def _notes_id(self, text: str) -> str | None:
        return self._tokens.notes_id(text)

    def _pieces(self, parts: list[tuple[Part, Insert | None]]) -> list[str]:
        pieces: list[str] = []
        for (part, insert), (following, _) in zip(
            parts, [*parts[1:], (Prose(""), None)], strict=True
        ):
            if isinstance(part, Prose) or insert is None:
                pieces.append(self._tokens.escape(part.text if isinstance(part, Prose) else ""))
            elif isinstance(part, Formula | InlineValue):
                pieces.append(self._tokens.add(insert))
                if (
                    isinstance(part, Formula)
                    and part.is_alone
                    and isinstance(following, Prose)
                    and _RULE_BELOW.match(following.text)
                ):
                    pieces.append("\n")  # the line of dashes is a rule, not a heading's
            else:
                pieces += self._block(part, insert, "".join(pieces[-1:]))
        return pieces

    def _block(self, part: Listing | CodeBlock, insert: Insert, before: str) -> list[str]:
        """A placeholder with blank lines around it, within its list or quote."""
        line = before.rpartition("\n")[2]
        blank = "" if line.strip(" \t>") else f"\n{part.container}"
        return [blank, self._tokens.add(insert), f"\n{part.container.rstrip()}"]

    def _slugify(self, text: str, separator: str) -> str:
        """An id for a heading, as GitHub makes it."""
        words = re.sub(r"[^\w\- ]", "", self._tokens.to_text(text).strip().lower())
        slug = words.replace(" ", separator) or "section"
        self._slugs[slug] += 1
        return slug if self._slugs[slug] == 1 else f"{slug}{separator}{self._slugs[slug] - 1}"
