"""Markdown to HTML, with placeholders where formulas and blocks will stand."""

import re
from collections import Counter
from collections.abc import Callable

from markdown import Markdown

from builder.model import CodeBlock, Formula, InlineValue, Listing, Part, Prose
from builder.render.dialect.house import House
from builder.render.dialect.tree import Contents, TieNotes
from builder.render.tokens import Insert, Tokens
from builder.slugs import is_of_word

_RULE_BELOW = re.compile(r"[ \t]*\n[ \t>]*(?:-{2,}|={2,})[ \t]*(?:\n|\Z)")
_QUOTES = {
    "de": {"left-double-quote": "&bdquo;", "right-double-quote": "&ldquo;"},
    "fr": {"left-double-quote": "&laquo;&nbsp;", "right-double-quote": "&nbsp;&raquo;"},
}
"""By language, where they are others than in English; a single one may be an apostrophe."""


class Converter:
    """Converts posts, one after the other, with one set-up of Markdown.

    Args:
        quotes: the language whose quotes straight ones become; none where None.
        clean: is given all HTML before any other, and takes out what must not stay.
    """

    def __init__(self, quotes: str | None = None, clean: Callable[[str], str] = str) -> None:
        self._clean = clean
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
                House(has_smart_quotes=quotes is not None),
            ],
            extension_configs={
                "pymdownx.quotes": {"callouts": True},
                "smarty": {"substitutions": _QUOTES.get((quotes or "").partition("-")[0], {})},
                "toc": {"slugify": self._slugify},
                "pymdownx.tilde": {"subscript": False},
            },
            output_format="html",
        )
        self._notes = TieNotes(self._markdown, self._notes_id)
        self._markdown.treeprocessors.register(self._notes, "tie_notes", 6.2)
        # Behind `toc`, at 5, which makes it.
        contents = Contents(self._markdown, self._to_text)
        self._markdown.treeprocessors.register(contents, "contents", 4)

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
        page = self._clean(self._markdown.reset().convert(text))
        return self._tokens.to_html(rewrite(page))

    def _to_text(self, text: str) -> str:
        return self._tokens.to_text(text)

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
        told = self._tokens.to_text(text).strip().lower()
        words = "".join(c for c in told if is_of_word(c) or c in "_- ")
        slug = words.replace(" ", separator) or "section"
        self._slugs[slug] += 1
        return slug if self._slugs[slug] == 1 else f"{slug}{separator}{self._slugs[slug] - 1}"
