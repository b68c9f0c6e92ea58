"""The values that pass along the line, one type per stage.

    Source -> ParsedPost -> ExecutedPost -> RenderedPost -> OutputFile

All are frozen: a stage makes a new value and never completes an old one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

from builder.errors import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A post as it lies on disk."""

    path: PurePosixPath
    """Relative to the site's root, so that no output depends on where it lives."""

    text: str

    named_date: date | None
    """The date that the file's or the folder's name begins with."""

    slug: str

    @property
    def folder(self) -> PurePosixPath:
        """Where the post's blocks run and its pictures are looked for."""
        return self.path.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What a post says about itself, read once into types."""

    title: str
    date: date
    layout: str
    description: str | None
    tags: tuple[str, ...]
    categories: tuple[str, ...]
    is_draft: bool
    permalink: str | None
    variables: Mapping[str, str]
    """Every scalar key as text, for `{{ page.KEY }}`."""


ANY_ERROR = "Exception"
"""What `#| error: true` expects: every error is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockOptions:
    """The `#| key: value` lines of a code block, validated."""

    label: str | None = None
    echo: bool = True
    eval: bool = True
    output: bool = True
    include: bool = True
    timeout_s: float | None = None
    memory_mb: int | None = None
    processes: int | None = None
    output_limit: int | None = None
    depends: tuple[str, ...] = ()
    """Files that the block uses in ways that cannot be seen, relative to the post's folder."""

    is_kept: bool = True
    """False for a block that runs in every build."""

    seed: int | None = None
    """Seeds every generator before the block runs."""

    expected_error: str | None = None
    """The exception that the block must raise; `ANY_ERROR` for whichever."""

    fig_width_in: float | None = None
    fig_height_in: float | None = None
    warning: bool = True
    """Whether standard error is shown."""

    code_fold: Literal["no", "closed", "open"] = "no"
    code_summary: str = "Code"
    filename: str | None = None
    classes: tuple[str, ...] = ()
    fig_cap: str | None = None
    tbl_cap: str | None = None
    lst_cap: str | None = None
    fig_subcap: tuple[str, ...] = ()
    layout_ncol: int = 1
    fig_alt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown between the other parts."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A fenced block that is shown and never run."""

    code: str
    language: str
    container: str
    """What stands before the fence on each line: `> `, or the indent of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBlock:
    """A fenced ```` ```{python} ```` block."""

    code: str
    """Without the option lines."""

    line: int
    """The line in the post of the first line of `code`."""

    options: BlockOptions
    container: str
    caption: "Caption" = ()
    subcaptions: "tuple[Caption, ...]" = ()
    table_caption: "Caption" = ()
    listing_caption: "Caption" = ()
    alt_values: "tuple[InlineValue, ...]" = ()
    """Values in the words that describe its figures."""

    @property
    def captions(self) -> "tuple[Caption, ...]":
        """All of them, in the order in which they are set."""
        return (self.caption, *self.subcaptions, self.table_caption, self.listing_caption)

    def place(self, line: int) -> tuple[int, int | None]:
        """Line and column in the post of a line of `code`."""
        return self.line + line - 1, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """TeX between its delimiters."""

    tex: str
    is_display: bool
    is_alone: bool
    """Nothing else stands on its lines: it may become a paragraph of its own."""

    source: str
    """As the author wrote it, delimiters and all."""

    line: int
    column: int
    """Of the first character of `tex`."""


INLINE_VALUE = re.compile(r"(?<!`)`\{python\}[ \t]+([^`]+)`(?!`)")
"""A code span that stands for a value."""


@dataclass(frozen=True, slots=True)
class InlineValue:
    """`` `{python} loss:.3f` ``: a value in the text."""

    expression: str
    line: int
    column: int | None
    """Of the expression; None where only the line is known."""


Part = Prose | Listing | CodeBlock | Formula | InlineValue
Caption = tuple[Prose | Formula | InlineValue, ...]
"""A line of Markdown with formulas and values."""


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """The values between two blocks, evaluated in the state where they stand."""

    values: tuple[InlineValue, ...]

    @property
    def code(self) -> str:
        """One expression a line."""
        return "\n".join(value.expression for value in self.values)

    @property
    def line(self) -> int:
        """Of the first of them."""
        return self.values[0].line

    @property
    def options(self) -> BlockOptions:
        """Those of a block that says nothing."""
        return BlockOptions()

    def place(self, line: int) -> tuple[int, int | None]:
        """Line and column in the post of a line of `code`."""
        value = self.values[min(line, len(self.values)) - 1]
        return value.line, value.column


Step = CodeBlock | ValueGroup
"""What runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPost:
    """A post as front matter and a sequence of parts."""

    source: Source
    front: FrontMatter
    address: str
    """Path of the page below the base path, with a leading slash: `/2026/11/23/slug/`."""

    parts: tuple[Part, ...]
    front_values: tuple[InlineValue, ...] = ()
    """Values in the front matter, which stand at the end of the post."""

    @property
    def blocks(self) -> tuple[CodeBlock, ...]:
        """The blocks that run, in order."""
        return tuple(step for step in self.steps if isinstance(step, CodeBlock))

    @property
    def steps(self) -> tuple[Step, ...]:
        """What runs, in order: the blocks, and the values between them."""
        steps: list[Step] = []
        waiting: list[InlineValue] = []
        for part in self.parts:
            if isinstance(part, InlineValue):
                waiting.append(part)
            elif isinstance(part, CodeBlock):
                if part.options.eval:
                    steps += [ValueGroup(tuple(waiting))] if waiting else []
                    steps.append(part)
                    waiting = []
                captions = (p for caption in part.captions for p in caption)
                waiting += [p for p in captions if isinstance(p, InlineValue)]
                waiting += part.alt_values
        waiting += self.front_values
        return (*steps, ValueGroup(tuple(waiting))) if waiting else tuple(steps)


@dataclass(frozen=True, slots=True)
class Stream:
    """Text written to standard output or standard error."""

    name: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class Display:
    """A value or a figure in one or more media types, richest use first decided by render."""

    content: Mapping[str, bytes]
    """Media type to bytes; text is UTF-8. A figure has two: see `FIGURE_LIGHT`."""

    alt: str = ""
    """What a figure shows, said in words made from its titles and labels."""


FIGURE_LIGHT = "image/svg+xml;theme=light"
FIGURE_DARK = "image/svg+xml;theme=dark"
TRACEBACK = "text/x-python-traceback"
"""Media type of an error that the author has expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How a block ended that did not end well."""

    message: str
    hint: str | None
    line: int
    """In the post."""

    column: int | None = None
    traceback: str
    """In the post's own lines; empty where Python could not write one."""


Output = Stream | Display | Failure


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What one block gave, in the order in which it arose."""

    outputs: tuple[Output, ...]
    seconds: float
    untraceable: tuple[tuple[str, int], ...] = ()
    """What it does that cannot be followed, and the line where."""


@dataclass(frozen=True, slots=True)
class ExecutedPost:
    """A parsed post with a result for each of its blocks that ran."""

    parsed: ParsedPost
    results: tuple[BlockResult, ...]
    """As many as `parsed.steps`, or fewer when one failed (kept going)."""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file of the site; only `write` puts it there."""

    path: PurePosixPath
    """Relative to the output folder."""

    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPost:
    """A post whose article is HTML, ready to be set into pages."""

    path: PurePosixPath
    """Of the post's file, for messages."""

    front: FrontMatter
    address: str
    article: str
    """HTML of the body."""

    glyphs: Mapping[str, str]
    """Outlines of the letters in its formulas by id: the page's sprite."""

    excerpt: str
    """Plain text of the first paragraph."""

    files: tuple[OutputFile, ...]
    """Figures and pictures."""


__all__ = [
    "ANY_ERROR",
    "FIGURE_DARK",
    "FIGURE_LIGHT",
    "INLINE_VALUE",
    "TRACEBACK",
    "BlockOptions",
    "BlockResult",
    "Caption",
    "CodeBlock",
    "Display",
    "ExecutedPost",
    "Failure",
    "Formula",
    "FrontMatter",
    "InlineValue",
    "Listing",
    "Location",
    "Output",
    "OutputFile",
    "ParsedPost",
    "Part",
    "Prose",
    "RenderedPost",
    "Source",
    "Step",
    "Stream",
    "ValueGroup",
]
