r"""Find the formulas in a stretch of Markdown, by the rules of kramdown and MathJax.

- `$$…$$` alone on its line or lines is display, anywhere else it is inline;
- `\(…\)` is inline and `\[…\]` display, also with doubled backslashes;
- a bare `\begin{align}` and its kin are display;
- never in code, comments, `<pre>`, `<script>` and their like.

Whatever is found is taken out before Markdown runs, so that no underscore or
bar in it can be mistaken for markup.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_DISPLAY_ENVIRONMENTS = "align|alignat|eqnarray|equation|flalign|gather|multline|displaymath|CD"
_INNER_ENVIRONMENTS = (
    "[bBpvV]?matrix|smallmatrix|cases|aligned|alignedat|gathered|split|array|subarray"
)
_CONTAINER = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t]*")
_BLANK_LINE = re.compile(r"\n[ \t>]*\n")

_NEXT = re.compile(
    r"(?P<ticks>`+)"
    r"|(?P<opaque><!--.*?-->|<(?P<tag>pre|code|script|style|textarea|svg|math|kbd|samp)\b[^>]*>"
    r".*?</(?P=tag)\s*>)"
    r"|(?P<indented>(?:(?<=\n\n)|\A)(?:(?:[ ]{4}|\t)[^\n]*(?:\n|\Z))+)"
    r"|(?P<bracket>\\{1,2}[(\[])"
    rf"|(?P<environment>\\begin\{{(?P<name>(?:{_DISPLAY_ENVIRONMENTS}|{_INNER_ENVIRONMENTS})\*?)\}})"
    r"|(?P<escape>\\.)"
    r"|(?P<dollars>\$\$)",
    re.DOTALL | re.IGNORECASE,
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


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that looks like a slip of the writer's."""

    offset: int
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A stretch that holds no formula whatever stands in it."""

    start: int
    end: int


Found = FoundFormula | Doubt | Code


def find_formulas(text: str) -> Iterator[Found]:
    """Yield formulas, code and doubts in order of their places."""
    at, last_end = 0, -1
    while match := _NEXT.search(text, at):
        found, at = _FINDERS[str(match.lastgroup)](text, match)
        if isinstance(found, FoundFormula) and found.start == last_end and match["environment"]:
            yield Doubt(
                found.start - 2,
                f"the formula ends just before \\begin{{{match['name']}}}",
                "is this '$$' misplaced? what follows was set as a formula of its own",
            )
        if isinstance(found, FoundFormula):
            last_end = found.end
        if found is not None:
            yield found


def _ticks(text: str, match: re.Match[str]) -> tuple[Found | None, int]:
    """A code span ends at as many backticks as it began with, in the same paragraph."""
    ticks = match["ticks"]
    closing = re.compile(rf"(?<!`){ticks}(?!`)").search(text, match.end())
    if closing and not _BLANK_LINE.search(text, match.end(), closing.start()):
        return Code(match.start(), closing.end()), closing.end()
    return None, match.end()


def _opaque(_text: str, match: re.Match[str]) -> tuple[Found | None, int]:
    return Code(match.start(), match.end()), match.end()


def _indented(text: str, match: re.Match[str]) -> tuple[Found | None, int]:
    """Indented code, unless it belongs to a list item above."""
    above = text[: match.start()].rstrip("\n").rpartition("\n")[2]
    if re.match(r"[ \t]|[ >]*(?:[-*+]|\d{1,9}[.)]|\[\^[^\]]+\]:|:)[ \t]", above):
        return None, match.start() + len(match[0]) - len(match[0].lstrip())
    return Code(match.start(), match.end()), match.end()


def _bracket(text: str, match: re.Match[str]) -> tuple[Found | None, int]:
    opening = match["bracket"]
    closing = opening[:-1] + {"(": ")", "[": "]"}[opening[-1]]
    end = text.find(closing, match.end())
    if end < 0 or _BLANK_LINE.search(text, match.end(), end):
        return None, match.end()
    return _formula(text, match.start(), match.end(), end, closing, opening[-1] == "[")


def _environment(text: str, match: re.Match[str]) -> tuple[Found | None, int]:
    r"""To the matching `\end`, past environments of the same name inside."""
    depth = 0
    for edge in re.finditer(
        rf"\\(begin|end)\{{{re.escape(match['name'])}\}}", text[match.start() :]
    ):
        depth += 1 if edge[1] == "begin" else -1
        if depth == 0:
            end = match.start() + edge.end()
            is_inner = re.fullmatch(_INNER_ENVIRONMENTS, match["name"]) is not None
            is_display = not is_inner or _is_alone(text, match.start(), end)
            return _formula(text, match.start(), match.start(), end, "", is_display)
    return Doubt(match.start(), f"no \\end{{{match['name']}}} follows"), match.end()


def _dollars(text: str, match: re.Match[str]) -> tuple[Found | None, int]:
    end = match.end()
    while (end := text.find("$$", end)) > 0 and text[end - 1] == "\\":
        end += 1
    blank = _BLANK_LINE.search(text, match.end())
    opens_lines = text[match.end() : match.end() + 1] == "\n"
    if end < 0 or (blank and blank.start() < end and not opens_lines):
        return Doubt(
            match.start(), "unclosed '$$'", "close the formula before the paragraph ends"
        ), match.end()
    if not text[match.end() : end].strip():
        return Doubt(match.start(), "empty formula"), end + 2
    is_display = _is_alone(text, match.start(), end + 2)
    return _formula(text, match.start(), match.end(), end, "$$", is_display)


def _escape(_text: str, match: re.Match[str]) -> tuple[Found | None, int]:
    return None, match.end()


def _formula(  # five offsets that belong together
    text: str, start: int, tex_start: int, tex_end: int, closing: str, is_display: bool
) -> tuple[FoundFormula, int]:
    end = tex_end + len(closing)
    tex = text[tex_start:tex_end]
    found = FoundFormula(
        start=start,
        end=end,
        tex_start=tex_start,
        # Quote marks at line starts become spaces: TeX skips them, and offsets hold.
        tex=re.sub(r"(?<=\n)[ \t]*(?:>[ \t]?)+", lambda m: m[0].replace(">", " "), tex),
        is_display=is_display,
        is_alone=_is_alone(text, start, end),
    )
    return found, end


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether only marks of lists and quotes stand before it on its lines, and nothing behind."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    behind = text[end : line_end if line_end >= 0 else len(text)]
    return not behind.strip() and _CONTAINER.fullmatch(text, line_start, start) is not None


_FINDERS: dict[str, Callable[[str, re.Match[str]], tuple[Found | None, int]]] = {
    "ticks": _ticks,
    "opaque": _opaque,
    "indented": _indented,
    "bracket": _bracket,
    "environment": _environment,
    "escape": _escape,
    "dollars": _dollars,
}
