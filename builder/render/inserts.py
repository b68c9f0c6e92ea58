"""What is put into the place of each part of a post that Markdown does not see."""

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from builder.errors import Location, Problem
from builder.mathjax.typeset import TexError, Typeset
from builder.model import (
    Caption,
    CodeBlock,
    Display,
    ExecutedPost,
    Formula,
    InlineValue,
    Listing,
    Part,
    Pending,
    Prose,
    Values,
)
from builder.render.figures import FigureRenderer
from builder.render.highlight import code_block
from builder.render.markdown import Converter
from builder.render.outputs import BlockRenderer, Words
from builder.render.references import References
from builder.render.results import ReadParts, ResultRenderer, clean_html, formulas_in
from builder.render.tokens import Insert

# A phone 360 px wide has text of 17 px (--text-size at its least) and margins of 1.25rem, which
# leave 317.5 px; a displayed formula has 0.1em of padding on both sides: 314.1 px. An ex of Noto
# Serif, Android's serif, is 0.536 em or 9.11 px, so 34.5 fit. On one of 320 px it is 30 of those,
# or 33 of Charter's (0.481 em), which is the serif of the iPhones that are so narrow.
PHONE_EX = 34
"""What fits into a line on a phone, in the ex of its text."""


def formulas_of(executed: ExecutedPost, values: Values, read: ReadParts) -> Iterator[Formula]:
    """All formulas in order: in the title, the text, captions and among the values of blocks."""
    yield from (part for part in executed.parsed.title if isinstance(part, Formula))
    for part in executed.parsed.parts:
        if isinstance(part, CodeBlock):
            for caption in part.captions:
                for piece in caption:
                    yield from _formulas_in(piece, values, read)
            if part.options.output and part.options.include:
                for output in (o for r in values.results(part) for o in r.outputs):
                    if isinstance(output, Display):
                        yield from formulas_in(output, part.line, read)
        else:
            yield from _formulas_in(part, values, read)


def _formulas_in(part: Part, values: Values, read: ReadParts) -> Iterator[Formula]:
    """A formula, or those of a value that stands in the text."""
    match part:
        case Formula():
            yield part
        case InlineValue(line=line):
            display = values.display(part)
            if display is not None and next(iter(display.content)) == "text/markdown":
                found = formulas_in(display, line, read)
                yield from map(_in_the_line, found) if _is_of_a_line(display) else found
        case _:
            pass


def _is_of_a_line(display: Display) -> bool:
    """Whether a value is no more than a part of a sentence."""
    return b"\n" not in next(iter(display.content.values())).strip()


def _in_the_line(formula: Formula) -> Formula:
    return replace(formula, is_display=False, is_alone=False)


class Inserts:
    """Makes the inserts of one post.

    Args:
        executed: the post.
        values: what its steps gave.
        formulas: those of `formulas_of`, each with what it became.
        references: gives numbers to captions.
        rewrite: is given the HTML of each caption; completes its links and references.
        converter: for captions and values that are Markdown.
        read: splits values that are Markdown into parts.
        figures: for what blocks show as pictures.
        problems: takes what is wrong.
    """

    def __init__(  # noqa: PLR0913  # what a post is made of
        self,
        executed: ExecutedPost,
        values: Values,
        formulas: Sequence[tuple[Formula, Typeset | TexError]],
        references: References,
        rewrite: Callable[[str], str],
        converter: Converter,
        read: ReadParts,
        figures: FigureRenderer,
        problems: list[Problem],
    ) -> None:
        self._executed = executed
        self._values = values
        self._formulas = iter([_formula(formula, made) for formula, made in formulas])
        self._references = references
        self._rewrite = rewrite
        self._converter = converter
        self._read = read
        self._count = count(1)
        results = ResultRenderer(self._markdown, lambda: next(self._formulas).block)
        place = Location(executed.parsed.source.path)
        is_preview = any(isinstance(o, Pending) for r in executed.results for o in r.outputs)
        self._blocks = BlockRenderer(figures, results, place, problems, tells_time=is_preview)

    def title(self) -> str:
        """HTML of the title; to be asked for before all others, for its formulas come first."""
        return "".join(
            next(self._formulas).inline
            if isinstance(part, Formula)
            else html.escape(part.text if isinstance(part, Prose) else self._values.say(part))
            for part in self._executed.parsed.title
        )

    def all(self) -> list[tuple[Part, Insert | None]]:
        """Each part of the post with what is put in its place."""
        return [(part, self._insert(part)) for part in self._executed.parsed.parts]

    def _insert(self, part: Part) -> Insert | None:
        match part:
            case Formula():
                return next(self._formulas)
            case InlineValue():
                return self._value(part)
            case CodeBlock():
                return self._block(part)
            case Listing():
                anchor = f"listing-{next(self._count)}"
                listing = code_block(part.code, part.language, part.marks, part.filename, anchor)
                return Insert(listing, listing, "", notes_id=anchor if part.marks.notes else None)
            case _:
                return None

    def _block(self, block: CodeBlock) -> Insert:
        """A block that runs, with its results and all that is said of them."""
        options, number = block.options, self._references.caption
        anchor = f"block-{next(self._count)}"
        words = Words(
            anchor=anchor,
            figure=self._caption(block.caption, number(block, "fig")),
            figures=tuple(map(self._caption, block.subcaptions)),
            table=self._caption(block.table_caption, number(block, "tbl")),
            listing=self._caption(block.listing_caption, number(block, "lst")),
            alts=tuple(self._values.fill(text, block.alt_values) for text in options.fig_alt),
        )
        results = self._values.results(block)
        cell = self._blocks.render(block, results, words)
        if not results and options.eval and options.include:
            cell += '<div class="problem">this block was not run</div>'
        is_noted = block.marks.notes and options.echo and options.include
        return Insert(cell, cell, "", notes_id=anchor if is_noted else None)

    def _caption(self, caption: Caption, number: str = "") -> str:
        """HTML of a caption behind its number; the number alone where there is no caption."""
        parts: list[tuple[Part, Insert | None]] = [(part, self._insert(part)) for part in caption]
        page = self._converter.convert(parts, self._rewrite).strip() if parts else ""
        words = page.removeprefix("<p>").removesuffix("</p>")
        return f"{number}{words}" if words else number.removesuffix(": ")

    def _value(self, value: InlineValue) -> Insert:
        """What stands in the text for a value; its source, where it has none."""
        display = self._values.display(value)
        if self._values.is_pending(value):
            shown = '<span class="pending">…</span>'
            return Insert(f"<p>{shown}</p>", shown, "…")
        if display is None:
            source = html.escape(f"{{python}} {value.expression}", quote=False)
            shown = f'<code class="problem">{source}</code>'
            return Insert(f"<p>{shown}</p>", shown, value.expression)
        kind, content = next(iter(display.content.items()))
        text = content.decode()
        match kind:
            case "text/html":
                shown = clean_html(text)
            case "text/markdown":
                shown = self._markdown(text, is_of_a_line=_is_of_a_line(display))
                shown = shown.removeprefix("<p>").removesuffix("</p>")
            case _:
                shown = html.escape(text, quote=False)
        return Insert(f"<p>{shown}</p>", shown, text)

    def _markdown(self, text: str, *, is_of_a_line: bool = False) -> str:
        """A value that is Markdown; HTML in it is let through as in any result."""
        read = self._read(text)
        if is_of_a_line:
            read = tuple(_in_the_line(p) if isinstance(p, Formula) else p for p in read)
        parts = [(part, self._insert(part)) for part in read]
        return self._converter.convert(parts, clean_html).strip()


def _formula(formula: Formula, result: Typeset | TexError) -> Insert:
    """A formula's picture, its MathML for screen readers, and its TeX to be copied."""
    text = formula.tex.strip()
    if isinstance(result, TexError):
        shown = f'<code class="problem">{html.escape(formula.source, quote=False)}</code>'
        return Insert(f"<p>{shown}</p>", shown, text)
    if not result.svg:  # it only defines macros
        return Insert("", "", "")
    delimiter = "$$" if formula.is_display else "$"
    tex = html.escape(f"{delimiter}{text}{delimiter}", quote=False)
    picture = result.svg
    if result.tag_svg:
        picture = f'<span class="math-numbered">{result.svg}{result.tag_svg}</span>'
    content = (
        f'{picture}<span class="math-spoken">{result.mathml}</span>'
        f'<span class="math-tex" aria-hidden="true">{tex}</span>'
    )
    if not formula.is_display:
        kind = "math"
        if result.width_ex > PHONE_EX:
            kind = 'math math-wide" tabindex="0" role="group" aria-label="Formula'
        shown = f'<span class="{kind}">{content}</span>'
        return Insert(f"<p>{shown}</p>", shown, text)
    anchors = [html.escape(label.anchor) for label in result.labels]
    ids = f' id="{anchors[0]}"' if anchors else ""
    content = "".join(f'<span id="{anchor}"></span>' for anchor in anchors[1:]) + content
    attributes = f'class="math math-display"{ids} tabindex="0" role="group" aria-label="Formula"'
    return Insert(
        f"<div {attributes}>{content}</div>", f"<span {attributes}>{content}</span>", text
    )
