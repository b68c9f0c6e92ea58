"""Code and results that are wider than a phone, where readers have to scroll them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from unicodedata import east_asian_width

from builder.cache.store import digest
from builder.checking.facts import Facts
from builder.checking.posts import Post
from builder.checking.slow import Runs
from builder.compose.addresses import page_path
from builder.errors import Location, Problem, note
from builder.model import (
    BlockOptions,
    CodeBlock,
    Display,
    Listing,
    Output,
    Stream,
    Values,
)

# A phone 390 px wide has code of 12.7 px, 0.74 of the text's 17.1 px, whose letters are 0.6 em or
# 7.6 px wide. Its margins leave 350 px: 332 px within the padding of code, 336 px beside the bar
# of a result.
PHONE_CODE = 43
PHONE_RESULT = 44
_OF_NUMBERS = 5
"""Columns that the numbers of lines take."""

_TAB = 4


def tell_widths(
    posts: Iterable[Post], runs: Runs, files: Mapping[str, str], facts: Facts, *, with_code: bool
) -> Iterator[Problem]:
    """A note for each block whose results, or whose code, are wider than a phone.

    Args:
        posts: those that are published.
        runs: knows what their blocks gave.
        files: of the site as it was built, each with what changes when it does.
        facts: of earlier checks.
        with_code: whether to tell of code; in lines for a desk, nearly all of it is wider.
    """
    for post in posts:
        page = files.get(str(page_path(post.address or "/")), "")
        stamp = digest(post.source.text, page)
        name = f"widths:{post.source.path}"
        for kind, line, columns, more in facts.of(name, stamp, partial(_rows, post, runs)):
            where = Location(post.source.path, line)
            told = f"has a line of {columns} characters, {more} more than a phone shows"
            if kind == "code" and with_code:
                yield note("wide-code", f"the code {told}", where, "it scrolls there; break it")
            if kind == "output":
                hint = "it scrolls there; show less in a line"
                yield note("wide-output", f"what the block gives {told}", where, hint)


def _rows(post: Post, runs: Runs) -> list[tuple[str, int, int, int]]:
    """Code or output, the line of the post, its columns, and how many are too many."""
    executed = runs.executed(post)
    if executed is None:
        return []
    rows, values = [], Values(executed)
    for part in executed.parsed.parts:
        if isinstance(part, Listing | CodeBlock):
            columns, line = _code(part)
            rows.append(("code", line, columns, columns - PHONE_CODE))
        if isinstance(part, CodeBlock):
            texts = (text for r in values.results(part) for text in _texts(r.outputs, part.options))
            columns = max(
                (_columns(line) for text in texts for line in text.split("\n")), default=0
            )
            rows.append(("output", part.line, columns, columns - PHONE_RESULT))
    return [row for row in rows if row[-1] > 0]


def _code(block: Listing | CodeBlock) -> tuple[int, int]:
    """The columns of the widest line that is shown, and where it stands in the post."""
    if isinstance(block, CodeBlock) and not (block.options.echo and block.options.include):
        return 0, block.line
    numbers = _OF_NUMBERS if block.marks.is_numbered else 0
    shown = (
        (numbers + _columns(text), -count)
        for count, text in enumerate(block.code.split("\n"))
        if count + 1 not in block.marks.hidden
    )
    columns, count = max(shown, default=(0, 0))
    return columns, block.line - count


def _texts(outputs: Sequence[Output], options: BlockOptions) -> Iterator[str]:
    """What authors have in hand of what is shown in letters of one width and is not wrapped."""
    # These load what renders pages, for posts that are new.
    from builder.comparison.outputs import shown_outputs  # noqa: PLC0415
    from builder.render.results import richest  # noqa: PLC0415

    for output in shown_outputs(outputs, options):
        match output:
            case Stream("stdout", text):
                yield text
            case Display(content) if richest(content) == "text/plain":
                yield content["text/plain"].decode("utf-8", "replace")


def _columns(line: str) -> int:
    return sum(1 + (east_asian_width(letter) in "WF") for letter in line.rstrip().expandtabs(_TAB))
