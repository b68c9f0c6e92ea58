"""What holds of every text, whoever has made it: Hypothesis, a fuzzer, or a writer."""

from datetime import date
from pathlib import PurePosixPath

from builder.config import SiteConfig
from builder.errors import PostError, Problem
from builder.model import Dollar, ParsedPost, Source
from builder.parse.fences import Fence, find_fences
from builder.parse.formulas import Doubt, FoundFormula, find_formulas
from builder.parse.options import make_options, read_options
from builder.parse.post import parse_post

PATH = PurePosixPath("posts/2026-11-23-a.md")


def parse(text: str, problems: list[Problem]) -> ParsedPost:
    source = Source(path=PATH, text=text, named_date=date(2026, 11, 23), slug="a")
    return parse_post(source, SiteConfig(), ["post"], problems)


def is_placed(problem: Problem, text: str) -> bool:
    """Whether a problem has a file, a line within it and, where it says one, a column."""
    where, lines = problem.location, text.split("\n")
    if where.path != PATH or where.line is None or not 1 <= where.line <= len(lines):
        return False
    return where.column is None or 1 <= where.column <= len(lines[where.line - 1]) + 1


def check_post(text: str) -> None:
    """It is parsed or refused with places within it, and the same again."""
    first, problems = _told(text)
    again, told_again = _told(text)

    assert (first, problems) == (again, told_again)
    for problem in problems:
        assert is_placed(problem, text), problem


def check_formulas(text: str, dollar: Dollar | None = None) -> None:
    """What is found lies in order, where it says, and so can be put back."""
    at = 0
    for found in find_formulas(text, dollar):
        if isinstance(found, Doubt):
            assert 0 <= found.offset <= len(text)
            continue
        assert at <= found.start < found.end <= len(text)
        at = found.end
        if isinstance(found, FoundFormula):
            assert found.start <= found.tex_start <= found.end
            assert found.tex.count("\n") == text.count("\n", found.tex_start, found.end)


def check_fences(text: str) -> None:
    """Blocks lie in order and on the lines that they say, and hold what stands there."""
    at = 0
    for found in find_fences(text):
        assert at <= found.start <= found.end <= len(text)
        at = found.end
        if isinstance(found, Fence):
            lines = text[found.start : found.end].split("\n")
            assert found.line == text.count("\n", 0, found.start)
            assert lines[0].startswith(("```", "~~~"))
            assert lines[0].rstrip(" \t").endswith(found.info)
            if not found.container:
                assert lines[1 : -1 if found.is_closed else None] == (
                    found.code.split("\n") if len(lines) > 1 + found.is_closed else []
                )


def check_front(text: str) -> None:
    """Front matter or options are read, or refused with a line that they have."""
    check_post(f"---\n{text}\n---\n")
    problem: Problem | None = None
    try:
        make_options(read_options(text, PATH, 1))
    except PostError as error:
        problem = error.problem
    assert problem is None or is_placed(problem, text), problem


def _told(text: str) -> tuple[ParsedPost | None, list[Problem]]:
    problems: list[Problem] = []
    try:
        return parse(text, problems), problems
    except PostError as error:
        return None, [*problems, error.problem]
