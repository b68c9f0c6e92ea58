r"""Find the formulas in a stretch of Markdown, by the rules of kramdown, GitHub and MathJax.

- `$$…$$` alone on its line or lines is display, anywhere else it is inline, as is
  `\\$$…$$` where a line begins, which kramdown has for that;
- `\(…\)` is inline and `\[…\]` display, also with doubled backslashes;
- a bare `\begin{align}` and its kin are display;
- `` $`…`$ `` is inline;
- `$…$` is inline where the post asks for it, by pandoc's rules or by MathJax's;
- never in code, comments, `<pre>`, `<script>` and their like.

Whatever is found is taken out before Markdown runs, so that no underscore or
bar in it can be mistaken for markup.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from builder.model import Dollar

_DISPLAY_ENVIRONMENTS = "align|alignat|eqnarray|equation|flalign|gather|multline|displaymath|CD"
_INNER_ENVIRONMENTS = (
    "[bBpvV]?matrix|smallmatrix|cases|aligned|alignedat|gathered|split|array|subarray"
)
_ENVIRONMENT = rf"\{{(?P<name>(?:{_DISPLAY_ENVIRONMENTS}|{_INNER_ENVIRONMENTS})\*?)\}}"
_OPAQUE = "(?P<tag>pre|code|script|style|textarea|svg|math|kbd|samp)"
_CONTAINER = re.compile(r"[ \t]*+(?:(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))[ \t]*+)*+")
_REST_IS_EMPTY = re.compile(r"[ \t]*+(?:\n|\Z)")

_MARK = re.compile(r"[$`<\\]")  # what all of these begin with

_NEXT = re.compile(
    r"(?P<github>\$`(?!`))"
    r"|(?P<ticks>`+)"
    r"|(?P<comment><!--)"
    rf"|(?P<opaque>(?i:<{_OPAQUE}\b))"
    r"|(?P<bracket>\\{1,2}[(\[])"
    rf"|(?P<environment>\\begin{_ENVIRONMENT})"
    r"|(?P<inline>\\\$\$(?=[^$]))"
    r"|(?P<escape>\\.)"
    r"|(?P<dollars>\$\$)"
    r"|(?P<dollar>\$)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFormula:
    """A formula and its place; offsets count from the start of the text scanned."""

    start: int
    end: int
    tex_start: int
    tex: str
    is_display: bool
    is_alone: bool
    label: str | None = None
    """From `{#eq-name}` behind it."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that looks like a slip of the writer's."""

    code: str
    offset: int
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A stretch that holds no formula whatever stands in it."""

    start: int
    end: int


Found = FoundFormula | Doubt | Code


def find_formulas(text: str, dollar: Dollar | None = None) -> Iterator[Found]:
    """Yield formulas, code and doubts in order of their places.

    Args:
        text: Markdown without its fenced code.
        dollar: by whose rules `$…$` is a formula; where None, it is none, but doubtful if
            it looks like one.
    """
    page = _Page(text, dollar)
    at, last_end = 0, -1
    while match := _next(text, at):
        found, at = _FINDERS[str(match.lastgroup)](page, match)
        if isinstance(found, FoundFormula):
            if found.start == last_end and match["environment"]:
                message = f"the formula ends just before \\begin{{{match['name']}}}"
                hint = "is this '$$' misplaced? what follows was set as a formula of its own"
                yield Doubt("unclosed-formula", found.start - 2, message, hint)
            last_end = found.end
        if found is not None:
            yield found


def _next(text: str, at: int) -> re.Match[str] | None:
    """The next place from `at` on where something may begin."""
    while mark := _MARK.search(text, at):
        match = _NEXT.match(text, mark.start())
        if match:
            return match
        at = mark.end()
    return None


def without_quote_marks(tex: str, depth: int) -> str:
    """TeX from a quote: the marks at its line starts become spaces, so that offsets hold."""
    if not depth:
        return tex
    marks = re.compile(rf"(?<=\n)(?:[ \t]*+>){{1,{depth}}}+")
    return marks.sub(lambda m: m[0].replace(">", " "), tex)


class _Page:
    """A text with indexes, so that a look ahead costs little wherever it starts."""

    def __init__(self, text: str, dollar: Dollar | None) -> None:
        self.text = text
        self.dollar = dollar
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self._containers: dict[int, re.Match[str]] = {}
        self._blanks = [m.start() for m in re.finditer(r"\n(?=[ \t>]*+\n)", text)]
        self._ends = self._environments()
        self._begins = sorted(self._ends)
        self._places: dict[str, list[int]] = {}
        self._singles: list[int] | None = None
        self._pairs: list[int] | None = None
        self._runs: dict[int, list[int]] = defaultdict(list)
        for run in re.finditer("`+", text):
            self._runs[len(run[0])].append(run.start())
        self._closings: dict[str, list[re.Match[str]]] = defaultdict(list)
        for closing in re.finditer(rf"</{_OPAQUE}\s*+>", text, re.IGNORECASE):
            self._closings[closing["tag"].lower()].append(closing)

    def find(self, needle: str, start: int) -> int:
        """As `str.find`, with one search of the whole text for each needle."""
        if needle not in self._places:
            pattern = f"(?={re.escape(needle)})"
            self._places[needle] = [m.start() for m in re.finditer(pattern, self.text)]
        return _first(self._places[needle], start)

    def closing_dollars(self, start: int) -> int:
        """The next `$$` that is not escaped; -1 where there is none."""
        if self._pairs is None:
            self._pairs = [m.start() for m in re.finditer(r"(?<!\\)(?=\$\$)", self.text)]
        return _first(self._pairs, start)

    def ticks(self, count: int, start: int) -> int:
        """The next run of exactly `count` backticks."""
        return _first(self._runs[count], start)

    def single_dollar(self, start: int) -> int:
        """The next dollar that is not escaped and none of a pair; -1 where there is none."""
        if self._singles is None:
            runs = re.finditer(r"\\.|\$+", self.text, re.DOTALL)
            self._singles = [m.start() for m in runs if m[0] == "$"]
        return _first(self._singles, start)

    def behind_element(self, tag: str, start: int) -> int:
        """Behind the tag that closes an element; -1 where there is none."""
        closings = self._closings[tag.lower()]
        index = bisect_left(closings, start, key=lambda closing: closing.start())
        return closings[index].end() if index < len(closings) else -1

    def environment_end(self, start: int) -> int | None:
        r"""Behind the `\end` that belongs to the `\begin` at `start`."""
        return self._ends.get(start)

    def has_blank_line(self, start: int, end: int) -> bool:
        blank = _first(self._blanks, start)
        return 0 <= blank < end

    def is_alone(self, start: int, end: int) -> bool:
        """Whether only marks of lists and quotes stand before it on its lines, nothing behind."""
        if not _REST_IS_EMPTY.match(self.text, end):
            return False
        return self._container(start).end() == start

    def is_in_cell(self, start: int, end: int) -> bool:
        """Whether both places lie in one cell, where they lie in a table."""
        row = self._line_starts[bisect_right(self._line_starts, start) - 1]
        between = self.text[start:end]
        is_row = self.text.startswith("|", row) or _ROW.match(self.text, row) is not None
        return not is_row or not ("\n" in between or re.search(r"(?<!\\)\|[ \t]", between))

    def begins_line(self, offset: int) -> bool:
        """Whether only marks of lists and quotes stand before it on its line."""
        return self._container(offset).end() == offset

    def is_open(self, start: int, end: int) -> bool:
        r"""Whether a `\begin` between two places ends behind them."""
        return any(
            start <= begin < end < (self._ends[begin] or 0)
            for begin in self._begins[bisect_left(self._begins, start) :][:1]
        )

    def blank_line(self, start: int) -> int:
        return _first(self._blanks, start)

    def quote_depth(self, offset: int) -> int:
        return self._container(offset)[0].count(">")

    def _container(self, offset: int) -> re.Match[str]:
        """The marks of lists and quotes that the line of `offset` begins with."""
        line = self._line_starts[bisect_right(self._line_starts, offset) - 1]
        if line not in self._containers:
            container = _CONTAINER.match(self.text, line)
            assert container is not None  # it may be empty
            self._containers[line] = container
        return self._containers[line]

    def _environments(self) -> Mapping[int, int]:
        """Where each environment begins and ends, past others of the same name inside."""
        ends: dict[int, int] = {}
        begun: dict[str, list[int]] = defaultdict(list)
        for edge in re.finditer(rf"\\(begin|end){_ENVIRONMENT}", self.text):
            if edge[1] == "begin":
                begun[edge["name"]].append(edge.start())
            elif begun[edge["name"]]:
                ends[begun[edge["name"]].pop()] = edge.end()
        return ends


def _first(places: list[int], start: int) -> int:
    """The first of the sorted `places` from `start` on; -1 where there is none."""
    index = bisect_left(places, start)
    return places[index] if index < len(places) else -1


def _github(page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    start, end = match.end(), page.ticks(1, match.end())
    if end < 0 or page.has_blank_line(start, end) or page.text[end : end + 2] != "`$":
        return None, match.start() + 1
    return _formula(page, match.start(), (start, end), end + 2, is_display=False)


def _ticks(page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    """A code span ends at as many backticks as it began with, in the same paragraph."""
    count = len(match["ticks"])
    end = page.ticks(count, match.end())
    if end < 0 or page.has_blank_line(match.end(), end):
        return None, match.end()
    return Code(match.start(), end + count), end + count


def _comment(page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    end = page.find("-->", match.end())
    if end < 0:
        return None, match.end()
    return Code(match.start(), end + 3), end + 3


def _opaque(page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    end = page.behind_element(match["tag"], match.end())
    if end < 0:
        return None, match.end()
    return Code(match.start(), end), end


def _bracket(page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    opening = match["bracket"]
    closing = opening[:-1] + {"(": ")", "[": "]"}[opening[-1]]
    start, end = match.end(), page.find(closing, match.end())
    if end < 0 or page.has_blank_line(start, end):
        return None, start
    is_display = opening[-1] == "["
    found, behind = _formula(page, match.start(), (start, end), end + len(closing), is_display)
    # Who doubles a backslash writes for a Markdown that takes one away.
    return _unescaped(found) if len(opening) == 3 else found, behind


def _environment(page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    start, end = match.start(), page.environment_end(match.start())
    if end is None:
        return Doubt("unclosed-formula", start, f"no \\end{{{match['name']}}} follows"), match.end()
    is_inner = re.fullmatch(rf"(?:{_INNER_ENVIRONMENTS})\*?", match["name"]) is not None
    is_display = not is_inner or page.is_alone(start, end)
    found, behind = _formula(page, start, (start, end), end, is_display)
    is_escaped = page.dollar == "kramdown" and not _LINE_END.search(found.tex)
    return _unescaped(found) if is_escaped else found, behind


def _dollars(page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    start, end = match.end(), page.closing_dollars(match.end())
    opens_lines = page.text[start : start + 1] == "\n"
    if end > 0 and not opens_lines and page.has_blank_line(start, end):
        # As in kramdown, where `$$ \begin{align}` opens a block and TeX goes on below.
        blank = page.blank_line(start)
        opens_lines = page.begins_line(match.start()) and page.is_open(start, blank)
    if end < 0 or (not opens_lines and page.has_blank_line(start, end)):
        hint = "close the formula before the paragraph ends"
        return Doubt("unclosed-formula", match.start(), "unclosed '$$'", hint), start
    if not page.text[start:end].strip():
        return Doubt("empty-formula", match.start(), "empty formula"), end + 2
    label = _LABEL.match(page.text, end + 2)
    behind = label.end() if label else end + 2
    if not page.is_alone(match.start(), behind):
        return _formula(page, match.start(), (start, end), end + 2, is_display=False)
    name = label[1] if label else None
    return _formula(page, match.start(), (start, end), behind, is_display=True, label=name)


def _dollar(page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    """A single dollar: one end of a formula, or of money."""
    start, text = match.end(), page.text
    end = page.single_dollar(start)
    if end < 0 or page.has_blank_line(start, end):
        hint = "close the formula before the paragraph ends, or write '\\$'"
        doubt = Doubt("unclosed-formula", match.start(), "unclosed '$'", hint)
        return doubt if page.dollar and _OPENS_TEX.match(text, start) else None, start
    tex = text[start:end]
    if page.dollar == "kramdown" and page.is_in_cell(match.start(), end):
        # In the browser MathJax reads what kramdown has made of it.
        found, behind = _formula(page, match.start(), (start, end), end + 1, is_display=False)
        return _unescaped(found), behind
    is_formula = not (tex[:1].isspace() or tex[-1:].isspace() or text[end + 1 : end + 2].isdigit())
    if is_formula and page.dollar == "pandoc":
        return _formula(page, match.start(), (start, end), end + 1, is_display=False)
    if is_formula and page.dollar is None and _LOOKS_LIKE_TEX.search(tex):
        hint = "write '$$…$$', or say 'math: {dollar: pandoc}' in the front matter"
        message = f"'${_shortened(tex)}$' is no formula here"
        return Doubt("dollars-are-text", match.start(), message, hint), end + 1
    return None, start


def _unescaped(found: FoundFormula) -> FoundFormula:
    return replace(found, tex=_KRAMDOWN_ESCAPE.sub(r"\1", found.tex))


def _shortened(tex: str) -> str:
    words = " ".join(tex.split())
    return words if len(words) <= _LONGEST_SHOWN else f"{words[:_LONGEST_SHOWN]}…"


def _inline(page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    """Kramdown's way to begin a paragraph with a formula that is not displayed."""
    start, end = match.end(), page.find("$$", match.end())
    is_first = page.begins_line(match.start()) and not _WORD.match(page.text, end + 2)
    if not is_first or end < 0 or page.has_blank_line(start, end):
        return None, match.start() + 2
    return _formula(page, match.start(), (start, end), end + 2, is_display=False)


def _escape(_page: _Page, match: re.Match[str]) -> tuple[Found | None, int]:
    return None, match.end()


def _formula(
    page: _Page,
    start: int,
    tex: tuple[int, int],
    end: int,
    is_display: bool,
    label: str | None = None,
) -> tuple[FoundFormula, int]:
    """A formula between `start` and `end`, delimiters and all; `tex` says where its TeX lies."""
    found = FoundFormula(
        start=start,
        end=end,
        tex_start=tex[0],
        tex=without_quote_marks(page.text[slice(*tex)], page.quote_depth(start)),
        is_display=is_display,
        is_alone=page.is_alone(start, end),
        label=label,
    )
    return found, end


_LOOKS_LIKE_TEX = re.compile(r"\\[A-Za-z]+|[\^_]")
_OPENS_TEX = re.compile(r"\\?[A-Za-z]")
_KRAMDOWN_ESCAPE = re.compile(r"\\([\\.*_+`<>()\[\]{}#!:|\"'$=-])")
_LINE_END = re.compile(r"(?<!\\)\\\\(?:\[[^\]\n]*\])?[ \t]*\n")
r"""`\\` where a line ends: kramdown makes a break of it, so nobody writes it for kramdown."""
_WORD = re.compile(r"[\w\\]")
_ROW = re.compile(r"[ \t>]*\|")
_LONGEST_SHOWN = 30
_LABEL = re.compile(r"[ \t]*\{#(eq-[\w-]+)\}")

_FINDERS: Mapping[str, Callable[[_Page, re.Match[str]], tuple[Found | None, int]]] = {
    "github": _github,
    "ticks": _ticks,
    "comment": _comment,
    "opaque": _opaque,
    "bracket": _bracket,
    "environment": _environment,
    "inline": _inline,
    "escape": _escape,
    "dollars": _dollars,
    "dollar": _dollar,
}
