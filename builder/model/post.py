"""A post as it lies on disk, and as front matter and a sequence of parts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

from builder.model.options import CLOSE, BlockOptions, Expectation, Setting, tell_setting

Day = date
"""For classes that have a `date` of their own."""

Dollar = Literal["pandoc", "kramdown"]
"""By whose rules `$…$` is a formula."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text that was made from another one."""

    start: int
    written_at: int
    """The offset in the other text that it comes from."""

    is_verbatim: bool
    """Whether it stands there character by character."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the text of a post was made from."""

    text: str
    """As it lies on disk."""

    stretches: tuple[Stretch, ...]
    """They cover the text that was made, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A post as it lies on disk, or as Liquid has left it."""

    path: PurePosixPath
    """Relative to the site's root, so that no output depends on where it lives."""

    text: str

    named_date: date | None
    """The date that the file's or the folder's name begins with."""

    slug: str

    origin: Origin | None = None
    """None where the text is the file's own."""

    @property
    def folder(self) -> PurePosixPath:
        """Where the post's blocks run and its pictures are looked for."""
        return self.path.parent


_DATED = re.compile(r"\d{4}-\d{1,2}-\d{1,2}-")


def post_names(path: PurePosixPath) -> tuple[str, ...]:
    """What other posts may call the post in a file: its slug, and that behind its date."""
    name = path.parent.name if path.stem == "index" else path.stem
    return tuple(dict.fromkeys((_DATED.sub("", name, count=1), name)))


@dataclass(frozen=True, kw_only=True)  # without slots it is read from disk several times faster
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

    macros: Mapping[str, str | tuple[str, int]] = field(default_factory=dict)
    """TeX macros: the site's, and the post's own before them."""

    dollar: Dollar | None = None
    """By whose rules `$…$` is a formula in this post; where None, it is none."""

    aliases: Mapping[str, int] = field(default_factory=dict)
    """Addresses where the post once was, each with the line that says so."""

    has_liquid: bool = False
    """Liquid runs in this post before anything else."""

    series: str | None = None
    """The name of the series that the post belongs to."""

    after: tuple[str, ...] = ()
    """Slugs of the posts that it builds on."""

    updated: Day | None = None
    """The day of the last change that a reader should know of."""

    lines: Mapping[str, int] = field(default_factory=dict)
    """Where it says `title`, `description`, `permalink` and others, as far as it does."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown between the other parts."""

    text: str


@dataclass(frozen=True, slots=True)
class LineMarks:
    """What is said of single lines of code, counted from 1."""

    hidden: frozenset[int] = frozenset()
    """Lines that run and are not shown."""

    emphasized: frozenset[int] = frozenset()
    notes: tuple[tuple[int, int], ...] = ()
    """Lines with the number of the note below that tells of them."""

    is_numbered: bool = False
    """Whether a number stands before each line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A fenced block that is shown and never run."""

    code: str
    language: str
    container: str
    """What stands before the fence on each line: `> `, or the indent of a list."""

    line: int = 1
    """Of the first line of `code` in the post."""

    filename: str | None = None
    marks: LineMarks = LineMarks()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBlock:
    """A fenced ```` ```{python} ```` block."""

    code: str
    """Without the option lines, and without marks such as `# hide`."""

    line: int
    """The line in the post of the first line of `code`."""

    options: BlockOptions
    container: str
    source: str = ""
    """As the author wrote it, marks and all; what its header says is an option line, too."""

    marks: LineMarks = LineMarks()
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


def plain(caption: Caption, say: Callable[[InlineValue], str]) -> str:
    """A caption as text: its formulas as TeX without delimiters, its values as `say` has them."""
    return "".join(
        part.text
        if isinstance(part, Prose)
        else part.tex.strip()
        if isinstance(part, Formula)
        else say(part)
        for part in caption
    )


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


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of a block that has a sweep."""

    block: CodeBlock
    setting: Setting
    is_branch: bool
    """Whether the post goes on as if it had not run."""

    @property
    def told(self) -> str:
        """`lr = 0.1, layers = 2`."""
        return tell_setting(self.setting)

    @property
    def code(self) -> str:
        """That of the block."""
        return self.block.code

    @property
    def line(self) -> int:
        """That of the block."""
        return self.block.line

    @property
    def options(self) -> BlockOptions:
        """Those of the block."""
        return self.block.options

    def place(self, line: int) -> tuple[int, int | None]:
        """Line and column in the post of a line of `code`."""
        return self.block.place(line)


Step = CodeBlock | Trial | ValueGroup
"""What runs."""


def runs_of(block: CodeBlock) -> tuple[CodeBlock | Trial, ...]:
    """A block as often as it runs; the last run is the one that the post goes on from."""
    settings = block.options.settings
    branches = (Trial(block, setting, is_branch=True) for setting in settings[1:])
    return (*branches, Trial(block, settings[0], is_branch=False)) if settings else (block,)


@dataclass(frozen=True)  # without slots it is read from disk several times faster
class PostTarget:
    """A post as another one may link to it."""

    path: str
    slug: str
    address: str
    title: str
    """Values in it are known to the post itself alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPost:
    """A post as front matter and a sequence of parts."""

    source: Source
    front: FrontMatter
    address: str
    """Path of the page below the base path, with a leading slash: `/2026/11/23/slug/`."""

    parts: tuple[Part, ...]
    title: Caption = ()
    """The front matter's title, with its formulas and values."""

    front_values: tuple[InlineValue, ...] = ()
    """Values in the front matter, which stand at the end of the post."""

    expect: Expectation = CLOSE
    """What a recheck takes as the same value in the text."""

    @property
    def target(self) -> "PostTarget":
        """What other posts need to link to this one."""
        title = plain(self.title, lambda _: "…")
        return PostTarget(str(self.source.path), self.source.slug, self.address, title)

    @property
    def blocks(self) -> tuple[CodeBlock, ...]:
        """The blocks that run, in order."""
        return tuple(p for p in self.parts if isinstance(p, CodeBlock) and p.options.eval)

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
                    steps += runs_of(part)
                    waiting = []
                captions = (p for caption in part.captions for p in caption)
                waiting += [p for p in captions if isinstance(p, InlineValue)]
                waiting += part.alt_values
        waiting += self.front_values
        return (*steps, ValueGroup(tuple(waiting))) if waiting else tuple(steps)
