"""Find the fenced blocks of a post, by CommonMark's rules, with their places.

They are found before Markdown sees the post, so that lines are known, a block
keeps its own characters, and one inside a longer fence, a comment or `<pre>`
is only shown.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

# Possessive quantifiers keep each pattern linear in the length of its line.
_MARKER = r"(?:[-*+]|\d{1,9}[.)]|\[\^[^\]\s]+\]:|:)"
_OPENING = re.compile(
    rf"(?P<container>[ \t]*+(?:(?:>|{_MARKER}(?=[ \t]))[ \t]*+)*+)(?P<fence>`{{3,}}+|~{{3,}}+)"
    r"(?P<info>.*)"
)
_LANGUAGE = re.compile(r"\{?\s*\.?([\w+#-]*)")
_ITEM = re.compile(rf"[ \t>]*+{_MARKER}[ \t]++")
_RAW = re.compile(r"[ \t]*+<(?:!--|(?P<tag>pre|script|style|textarea|svg|math)\b)", re.IGNORECASE)

_HTML = re.compile(
    r" {0,3}<(?P<tag>article|aside|center|div|figure|footer|header|nav|ol|section|table|ul)\b"
    r"(?![^>\n]*\bmarkdown\b)",
    re.IGNORECASE,
)
"""What begins a block of HTML, in which indented lines are HTML, too."""


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

    @property
    def language(self) -> str:
        """The first word of the info string, also as Pandoc writes it: `{.python}`."""
        match = _LANGUAGE.match(self.info)
        return match[1] if match else ""


@dataclass(frozen=True, slots=True)
class Raw:
    """Lines in which nothing is markup: indented code, a comment, `<pre>` and its like."""

    start: int
    end: int


def find_fences(text: str) -> Iterator[Fence | Raw]:
    """Yield the outermost fenced blocks, and the lines that cannot hold one, in order."""
    lines = text.split("\n")
    starts = _line_starts(lines)
    outline = _Outline()
    endings = _Endings(text)
    number = html_end = 0
    while number < len(lines):
        line = lines[number]
        if starts[number] >= html_end and (block := _HTML.match(line)):
            html_end = endings.behind_element(block["tag"].lower(), starts[number] + block.end())
        if starts[number] >= html_end and outline.is_code(line):
            yield Raw(starts[number], starts[number] + len(line))
        elif (raw := _RAW.match(line)) and (end := endings.behind(raw["tag"], starts[number])):
            yield Raw(starts[number], end)
            number = bisect_right(starts, end) - 1
            outline.pass_block()
        elif (match := _OPENING.match(line)) and _opens(match, outline):
            fence, number = _read_fence(match, lines, starts, number)
            yield fence
            outline.pass_block()
        else:
            outline.read(line)
        number += 1


def _line_starts(lines: list[str]) -> list[int]:
    starts, offset = [], 0
    for line in lines:
        starts.append(offset)
        offset += len(line) + 1
    return starts


class _Outline:
    """Remembers the list items that a line may belong to, and whether a paragraph is open."""

    def __init__(self) -> None:
        self._open: list[tuple[int, int]] = []
        """Indents that grow, each with the column where its item's content begins, or 0."""
        self._is_paragraph = False

    def read(self, line: str) -> None:
        """Take note of a line of prose."""
        item = _ITEM.match(line)
        if not line.strip(" \t>"):
            self._is_paragraph = False
        elif item or not self._is_paragraph or line.startswith("#"):
            indent = _leading(line)
            base = self.base(indent)
            self._open.append((indent, len(item[0].expandtabs(4)) if item else base))
            self._is_paragraph = not line.startswith("#")

    def pass_block(self) -> None:
        """Take note of a block that is no prose."""
        self._is_paragraph = False

    def base(self, indent: int) -> int:
        """Where the content of the item begins that a line with this indent belongs to."""
        while self._open and self._open[-1][0] >= indent:
            self._open.pop()
        return self._open[-1][1] if self._open else 0

    def is_code(self, line: str) -> bool:
        """Whether a line is indented code."""
        if self._is_paragraph or not line.startswith(("    ", "\t", " \t", "  \t", "   \t")):
            return False
        indent = _leading(line)
        return bool(line.strip()) and indent - self.base(indent) >= 4


class _Endings:
    """Looks for the ends of comments and raw elements, and never twice in vain."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._missing: set[str] = set()
        self._elements: dict[str, dict[int, int]] = {}

    def behind_element(self, tag: str, name_end: int) -> int:
        """The offset behind the element whose name ends at `name_end`; 0 where it has no end."""
        if tag not in self._elements:
            self._elements[tag] = ends = {}
            begun: list[int] = []
            for edge in re.finditer(rf"<(/?){tag}\b", self._text, re.IGNORECASE):
                if not edge[1]:
                    begun.append(edge.end())
                elif begun:
                    ends[begun.pop()] = edge.end()
        return self._elements[tag].get(name_end, 0)

    def behind(self, tag: str | None, start: int) -> int | None:
        """The offset behind what ends `<tag>`, or a comment where it is None."""
        ending = rf"</{tag.lower()}\s*+>" if tag else "-->"
        if ending in self._missing:
            return None
        match = re.compile(ending, re.IGNORECASE).search(self._text, start)
        if match is None:
            self._missing.add(ending)
            return None
        return match.end()


def _opens(match: re.Match[str], outline: _Outline) -> bool:
    """Whether it is a fence, and neither a code span nor indented code."""
    if match["fence"].startswith("`") and "`" in match["info"]:
        return False
    container = match["container"]
    indent = _leading(container) if container.isspace() else 0
    return indent - outline.base(indent) < 4


def _leading(line: str) -> int:
    """Columns of white space before anything else."""
    white = line[: len(line) - len(line.lstrip(" \t"))]
    return len(white.expandtabs(4))


def _read_fence(
    match: re.Match[str], lines: list[str], starts: list[int], number: int
) -> tuple[Fence, int]:
    """The block that opens on line `number`, and its last line."""
    container = re.sub(r"[^\s>]", " ", match["container"])
    inner = _Container(container)
    stop, is_closed = _closing(lines, number, match["fence"], inner)
    last = stop if is_closed else stop - 1
    fence = Fence(
        start=starts[number] + match.start("fence"),
        end=starts[last] + len(lines[last]),
        info=match["info"].strip(" \t"),
        code="\n".join(inner.content(line) for line in lines[number + 1 : stop]),
        line=number,
        container=container,
        is_closed=is_closed,
    )
    return fence, last


class _Container:
    """The quote and the list that a block stands in."""

    def __init__(self, container: str) -> None:
        depth = container.count(">")
        self._quote = re.compile(rf"(?:[ \t]*+>[ \t]?+){{{depth}}}+")
        behind = container.rpartition(">")[2].expandtabs(4)
        self._width = len(behind) - (1 if depth and behind else 0)

    def holds(self, line: str) -> bool:
        return self._quote.match(line) is not None

    def content(self, line: str) -> str:
        """A line without its container: quote marks, then as much white space as there was."""
        match = self._quote.match(line)
        line = line[match.end() :] if match else line
        removed = count = 0
        while removed < self._width and line[count : count + 1] in (" ", "\t"):
            removed += 4 if line[count] == "\t" else 1
            count += 1
        return line[count:]


def _closing(lines: list[str], opening: int, fence: str, container: _Container) -> tuple[int, bool]:
    """The first line behind the code, and whether it is a closing fence."""
    closing = re.compile(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}+[ \t]*+")
    for number in range(opening + 1, len(lines)):
        if not container.holds(lines[number]):
            return number, False
        if fence in lines[number] and closing.fullmatch(container.content(lines[number])):
            return number, True
    return len(lines), False
