"""Find the fenced blocks of a post, by CommonMark's rules, with their places.

They are found before Markdown sees the post, so that lines are known, a block
keeps its own characters, and one inside a longer fence is only shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARKER = r"(?:[-*+]|\d{1,9}[.)]|\[\^[^\]\s]+\]:|:)"
_OPENING = re.compile(
    rf"(?P<container>[ \t]*(?:>[ \t]?|{_MARKER}[ \t]+)*[ \t]*)"
    r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*?)[ \t]*$"
)
_ITEM = re.compile(rf"[ \t>]*{_MARKER}[ \t]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A fenced block; offsets and lines count from the start of the text scanned."""

    start: int
    """Of the fence itself, behind its container."""

    end: int
    """Behind the closing fence, before its line end."""

    info: str
    code: str
    line: int
    """Of the opening fence, from 0."""

    container: str
    """What begins each further line of the block, with list markers as spaces."""

    is_closed: bool


def find_fences(text: str) -> Iterator[Fence]:
    """Yield the outermost fenced blocks in order."""
    lines = text.split("\n")
    starts = _line_starts(lines)
    number = 0
    while number < len(lines):
        match = _OPENING.match(lines[number])
        if not match or not _opens(match, lines, number):
            number += 1
            continue
        last = _closing(lines, number, match["fence"], match["container"])
        container = re.sub(r"[^\s>]", " ", match["container"])
        end = min(last, len(lines) - 1)
        yield Fence(
            start=starts[number] + match.start("fence"),
            end=starts[end] + len(lines[end]),
            info=match["info"],
            code="\n".join(_content(line, container) for line in lines[number + 1 : last]),
            line=number,
            container=container,
            is_closed=last < len(lines),
        )
        number = last + 1


def _line_starts(lines: list[str]) -> list[int]:
    starts, offset = [], 0
    for line in lines:
        starts.append(offset)
        offset += len(line) + 1
    return starts


def _opens(match: re.Match[str], lines: list[str], number: int) -> bool:
    """Whether it is a fence, and neither a code span nor indented code."""
    if match["fence"].startswith("`") and "`" in match["info"]:
        return False
    return _indent(match["container"]) < 4 or _is_in_list(lines, number, match["container"])


def _indent(text: str) -> int:
    """Columns of white space behind the last quote mark or list marker."""
    expanded = text.expandtabs(4)
    return len(expanded) - len(expanded.rstrip(" "))


def _is_in_list(lines: list[str], number: int, container: str) -> bool:
    """Whether the nearest line above that is indented less begins a list item."""
    if not container.isspace():
        return True
    limit = _indent(container)
    for line in reversed(lines[:number]):
        indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" "))
        if line.strip() and indent < limit:
            if _ITEM.match(line):
                return True
            if indent == 0:
                return False
            limit = indent
    return False


def _closing(lines: list[str], opening: int, fence: str, container: str) -> int:
    """The line of the closing fence; the number of lines where there is none."""
    closing = re.compile(rf"[ \t>]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$")
    is_quoted = ">" in container
    for number in range(opening + 1, len(lines)):
        if is_quoted and not lines[number].lstrip().startswith(">"):
            return len(lines)
        if closing.match(lines[number]):
            return number
    return len(lines)


def _content(line: str, container: str) -> str:
    """A line without its container: quote marks, then as much white space as there was."""
    for _ in range(container.count(">")):
        line = re.sub(r"^[ \t]*>[ \t]?", "", line, count=1)
    width = _indent(container.rpartition(">")[2]) - (1 if ">" in container else 0)
    removed = 0
    while removed < width and line[:1] in (" ", "\t"):
        removed += 4 if line[0] == "\t" else 1
        line = line[1:]
    return line
