"""Say problems and results in words, and as JSON; nothing is printed here."""

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath

from builder.errors import Location, Problem, Severity
from builder.terminal import Paint, plain, visible

_WIDTH = 96
_NAMED = 2
"""So many posts that are held back are named."""
_CONTROL = re.compile("[\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did."""

    output: Path
    posts: int
    """Published."""

    executed: int
    """Posts of which at least one block has run."""

    held_back: tuple[str, ...]
    """Drafts and posts of days to come, each with the reason: `posts/x.md: it is a draft`."""

    is_published: bool
    problems: tuple[Problem, ...]
    written: int = 0
    unchanged: int = 0
    removed: int = 0
    written_bytes: int = 0
    removed_bytes: int = 0
    site_bytes: int = 0
    """Of all files that are published now."""

    seconds: float = 0.0

    @property
    def errors(self) -> int:
        """How many problems fail the build."""
        return sum(p.severity is Severity.ERROR for p in self.problems)

    @property
    def warnings(self) -> int:
        """How many fail a strict build alone."""
        return sum(p.severity is Severity.WARNING for p in self.problems)


def summary(report: BuildReport, paint: Paint = plain) -> str:
    """One line about a build: counts, sizes and time."""
    counts = [counted(report.posts, "post"), f"{report.executed} run"]
    if report.held_back:
        counts.append(_held_back(report.held_back))
    if report.is_published:
        written = counted(report.written, "file")
        counts.append(f"{written} written{_in_brackets(report.written_bytes)}")
        if report.removed:
            counts.append(f"{report.removed} removed{_in_brackets(report.removed_bytes)}")
        counts.append(f"{sized(report.site_bytes)} in all")
    told = [paint("count", count) for count in counts]
    told += [
        paint(word, counted(n, word))
        for n, word in ((report.errors, "error"), (report.warnings, "warning"))
        if n
    ]
    output = visible(str(report.output))
    verb = output if report.is_published else f"{output} stays as it was"
    return f"{verb}: {', '.join(told)}, {report.seconds:.2f} s"


def _held_back(posts: Sequence[str]) -> str:
    """How many posts are held back, and which where they are few."""
    named = f" ({'; '.join(map(visible, posts))})" if len(posts) <= _NAMED else ""
    return f"{len(posts)} held back{named}"


def _in_brackets(size: int) -> str:
    return f" ({sized(size)})" if size else ""


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems as they are told: by their places."""

    def place(problem: Problem) -> tuple[str, int, int, str]:
        where = problem.location
        return str(where.path), where.line or 0, where.column or 0, problem.message

    return tuple(sorted(problems, key=place))


def strictly(problem: Problem) -> Problem:
    """A problem as it is taken where warnings count as errors."""
    is_note = problem.severity is Severity.NOTE
    return problem if is_note else replace(problem, severity=Severity.ERROR)


def counted(number: int, word: str) -> str:
    """`1 post`, `2 posts`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def sized(size: int) -> str:
    """A number of bytes as people read it: `812 bytes`, `10.2 KB`, `1.3 MB`."""
    if size < 1000:
        return counted(size, "byte")
    return f"{size / 1e3:.1f} KB" if size < 999_950 else f"{size / 1e6:.1f} MB"


def describe(
    problem: Problem, lines_of: Callable[[PurePosixPath], list[str]], paint: Paint = plain
) -> str:
    """A problem with its line of the post, a caret, and the traceback if there is one."""
    parts = [_head(problem, paint), *_excerpt(problem, lines_of, paint)]
    if problem.detail:
        parts.append(textwrap.indent(visible(problem.detail.rstrip()), "    | "))
    if problem.hint:
        parts.append(f"    {paint('hint', f'hint: {visible(problem.hint)}')}")
    return "\n".join(parts)


def line_reader(root: Path) -> Callable[[PurePosixPath], list[str]]:
    """What gives the lines of a file of the site at `root`; none where it cannot be read."""

    @cache
    def lines_of(path: PurePosixPath) -> list[str]:
        try:
            text = (root / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.split("\n")

    return lines_of


def in_one_line(problem: Problem, paint: Paint = plain) -> str:
    """A problem as compilers tell one: place, severity, code, message and hint."""
    hint = f" {paint('hint', f'({visible(problem.hint)})')}" if problem.hint else ""
    return _head(problem, paint) + hint


def _head(problem: Problem, paint: Paint) -> str:
    place = paint("place", visible(str(problem.location)))
    severity = paint(str(problem.severity), f"{problem.severity}[{problem.code}]")
    return f"{place}: {severity}: {visible(problem.message)}"


def annotation(problem: Problem, folder: PurePosixPath) -> str:
    """A problem as GitHub shows one beside the line of a pull request.

    Args:
        problem: the problem.
        folder: of the site, from where the command runs.
    """
    place, kind = problem.location, problem.severity.replace("note", "notice")
    named = [
        ("file", str(folder / place.path)),
        *((key, str(n)) for key, n in (("line", place.line), ("col", place.column)) if n),
        ("title", problem.code),
    ]
    told = ",".join(f"{key}={_escaped(value, ',:')}" for key, value in named)
    hint = f"\n{problem.hint}" if problem.hint else ""
    return visible(f"::{kind} {told}::{_escaped(problem.message + hint)}")


def _escaped(text: str, more: str = "") -> str:
    """What would end a part of an annotation, as GitHub wants it written."""
    return "".join(f"%{ord(c):02X}" if c in f"%\r\n{more}" else c for c in text)


def _excerpt(
    problem: Problem, lines_of: Callable[[PurePosixPath], list[str]], paint: Paint
) -> list[str]:
    location = problem.location
    lines = lines_of(location.path) if location.line else []
    if not location.line or location.line > len(lines):
        return []
    line, column = lines[location.line - 1].replace("\t", " "), location.column
    if not line.strip():
        return []
    at = column or _named_column(problem.message, line)
    first = max(0, at - _WIDTH * 2 // 3) if len(line) > _WIDTH else 0
    shown = f"    | {visible(line[first : first + _WIDTH].rstrip())}"
    if not column:
        return [shown]
    before = line[first : column - 1].ljust(column - 1 - first)
    return [shown, f"    | {' ' * len(visible(before))}{paint('caret', '^')}"]


def _named_column(message: str, line: str) -> int:
    """Where a long line has the name that the message tells; 1 where it has none."""
    names = (
        form for name in re.findall(r"'([^']+)'", message) for form in (name, name.split("/")[-1])
    )
    return next((line.index(name) + 1 for name in names if name and name in line), 1)


def from_json(text: str, output: Path) -> BuildReport:
    """The report that `to_json` has written, of a build that has changed nothing since."""
    told = json.loads(text)
    return BuildReport(
        output=output,
        posts=told["posts"],
        executed=0,
        held_back=tuple(told["held_back"]),
        is_published=told["published"],
        unchanged=told["written"] + told["unchanged"],
        site_bytes=told["site_bytes"],
        problems=tuple(
            Problem(
                code=p["code"],
                message=p["message"],
                location=Location(PurePosixPath(p["path"]), p["line"], p["column"]),
                hint=p["hint"],
                severity=Severity(p["severity"]),
                detail=p["detail"],
            )
            for p in told["problems"]
        ),
    )


def to_json(report: BuildReport) -> str:
    """The report for programs: one JSON object on one line."""
    text = json.dumps(
        {
            "output": str(report.output),
            "published": report.is_published,
            "posts": report.posts,
            "executed": report.executed,
            "held_back": report.held_back,
            "written": report.written,
            "unchanged": report.unchanged,
            "removed": report.removed,
            "written_bytes": report.written_bytes,
            "removed_bytes": report.removed_bytes,
            "site_bytes": report.site_bytes,
            "seconds": round(report.seconds, 3),
            "problems": [
                {
                    "severity": str(p.severity),
                    "code": p.code,
                    "path": str(p.location.path),
                    "line": p.location.line,
                    "column": p.location.column,
                    "message": p.message,
                    "hint": p.hint,
                    "detail": p.detail,
                }
                for p in report.problems
            ],
        },
        ensure_ascii=False,
    )
    # What JSON leaves as it is, and a terminal may obey.
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
