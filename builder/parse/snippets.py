"""Split Markdown that a block has made into the parts that a post has, but for what would run."""

from collections.abc import Iterator

from builder.model import Formula, Listing, Part, Prose
from builder.parse.fences import Raw, find_fences
from builder.parse.formulas import FoundFormula, find_formulas


def parts_of(text: str) -> tuple[Part, ...]:
    """Prose, formulas and listings; they have no places in a post."""
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[Part]:
    at = 0
    for found in find_fences(text):
        yield from _between(text[at : found.start])
        at = found.end
        if isinstance(found, Raw):
            yield Prose(text[found.start : found.end])
        else:
            yield Listing(code=found.code, language=found.language, container=found.container)
    yield from _between(text[at:])


def _between(text: str) -> Iterator[Part]:
    at = 0
    # What blocks make is Jupyter's Markdown, in which single dollars count.
    for found in find_formulas(text, "pandoc"):
        if isinstance(found, FoundFormula):
            yield Prose(text[at : found.start])
            yield Formula(
                tex=found.tex,
                is_display=found.is_display,
                is_alone=found.is_alone,
                source=text[found.start : found.end],
                line=1,
                column=1,
            )
            at = found.end
    yield Prose(text[at:])
