"""Cut a post into cells: Markdown, and code with what it gave."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from builder.dates import in_words
from builder.export.markdown import fenced, title_text, to_text
from builder.model import BlockResult, CodeBlock, ExecutedPost, Part, Scalar, Values

_EMPTY_HEAD = re.compile(r"\A(?:[ \t>]*\n)+")
_EMPTY_TAIL = re.compile(r"(?:(?:\A|\n)[ \t>]*+)++\Z")
_EMPTY_ITEM = re.compile(r"(?:\A|\n)[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class TextCell:
    """Markdown."""

    name: str
    """Made from its place; no other cell has it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """What is said of what a block shows, as Markdown; empty where nothing is."""

    figure: str
    """Of the last figure, or of all of them together where each has one of its own."""

    figures: tuple[str, ...]
    table: str
    """Of the first value that is no figure."""

    listing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCell:
    """A block that runs."""

    name: str
    """Made from its place; no other cell has it."""

    block: CodeBlock
    option_lines: tuple[str, ...]
    setting_lines: tuple[str, ...]
    """Give the names of a sweep the values that the post goes on from."""

    code_lines: tuple[str, ...]
    """As the author wrote them."""

    result: BlockResult | None
    """None where it has not run."""

    alts: tuple[str, ...]
    """What the author says that its figures show."""

    captions: Captions

    @property
    def source(self) -> str:
        """All its lines."""
        return "\n".join((*self.option_lines, *self.setting_lines, *self.code_lines))


Cell = TextCell | CodeCell


def cells_of(executed: ExecutedPost) -> tuple[Cell, ...]:
    """The cells of a post, its title first."""
    values = Values(executed)
    title = title_text(executed.parsed.title, values)
    head = f"# {title}\n\n*{in_words(executed.parsed.front.date)}*"
    return (TextCell("title", head), *_body(executed, values))


def _body(executed: ExecutedPost, values: Values) -> Iterator[Cell]:
    texts, blocks = count(1), count(1)
    parts: list[Part] = []
    above = ""

    def text_cell(below: str) -> Iterator[Cell]:
        text = _tidy(to_text(parts, values), above, below)
        if text:
            yield TextCell(f"text-{next(texts)}", text)

    for part in executed.parsed.parts:
        if isinstance(part, CodeBlock):
            yield from text_cell(part.container)
            parts, above = [], part.container
            yield from _block(part, f"block-{next(blocks)}", values)
        else:
            parts.append(part)
    yield from text_cell("")


def _block(block: CodeBlock, name: str, values: Values) -> Iterator[Cell]:
    """A block that runs as code, another as Markdown that shows it, if it is shown at all."""
    options = block.options
    if not options.eval:
        if options.echo and options.include:
            code = "\n".join(shown_lines(block.code.split("\n"), block))
            caption = to_text(block.listing_caption, values)
            yield TextCell(name, "\n\n".join(filter(None, (caption, fenced(code, "python")))))
        return
    lines = block.source.split("\n")
    head = next((n for n, line in enumerate(lines) if not line.startswith("#|")), len(lines))
    yield CodeCell(
        name=name,
        block=block,
        option_lines=tuple(lines[:head]),
        setting_lines=tuple(_setting_line(*axis) for axis in options.sweep),
        code_lines=tuple(lines[head:]),
        result=next(iter(values.results(block)), None),
        alts=tuple(values.fill(text, block.alt_values) for text in options.fig_alt),
        captions=Captions(
            figure=to_text(block.caption, values),
            figures=tuple(to_text(caption, values) for caption in block.subcaptions),
            table=to_text(block.table_caption, values),
            listing=to_text(block.listing_caption, values),
        ),
    )


def shown_lines(lines: Iterable[str], block: CodeBlock) -> list[str]:
    """Lines of a block without those that are marked as hidden."""
    hidden = block.marks.hidden
    return [line for number, line in enumerate(lines, start=1) if number not in hidden]


def _setting_line(name: str, values: tuple[Scalar, ...]) -> str:
    """`lr = 0.01  # one of 0.01, 0.1, 0.5`."""
    literals = [_literal(value) for value in values]
    return f"{name} = {literals[0]}  # one of {', '.join(literals)}"


def _literal(value: Scalar) -> str:
    is_written = not isinstance(value, float) or math.isfinite(value)
    return repr(value) if is_written else f'float("{value}")'


def _tidy(text: str, above: str, below: str) -> str:
    """Markdown without empty lines around it, and without the lists that blocks have parted.

    Args:
        text: what stands between two blocks.
        above: the container of the first; what follows it in a list item would be code.
        below: the container of the second; an item that begins with it is left empty.
    """
    if below:
        text = _EMPTY_ITEM.sub("", text)
    text = _EMPTY_TAIL.sub("", _EMPTY_HEAD.sub("", text)).rstrip()
    if not above or not above.isspace():
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith(above):
            break
        lines[number] = line.removeprefix(above)
    return "\n".join(lines)
