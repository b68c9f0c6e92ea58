"""Marks at the end of lines of code: `# hide` hides a line, `# <1>` ties it to a note below.

They are taken out of the code before it runs, so that setting one never runs it again.
"""

import io
import re
import tokenize

from builder.model import LineMarks

_MARKS = re.compile(r"[ \t]*#[ \t]*(?:(?P<hide>hide)|<(?P<note>\d{1,3})>)[ \t]*$")
_NOTE = re.compile(r"[ \t]*(?:#|//|--|%|;)[ \t]*<(\d{1,3})>[ \t]*$")
"""In the comment signs of other languages."""


def take_marks(code: str) -> tuple[str, LineMarks]:
    """Part Python code from the marks at the ends of its lines."""
    lines = code.split("\n")
    candidates = {n for n, line in enumerate(lines) if _MARKS.search(line)}
    if not candidates:
        return code, LineMarks()
    hidden, notes = [], []
    for number in sorted(candidates & _commented(code)):
        while match := _MARKS.search(lines[number]):
            if match["hide"]:
                hidden.append(number + 1)
            else:
                notes.append((number + 1, int(match["note"])))
            lines[number] = lines[number][: match.start()]
    return "\n".join(lines), LineMarks(hidden=frozenset(hidden), notes=tuple(notes))


def take_notes(code: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Part code of any language from its ties to notes: the code, and lines with numbers."""
    lines, notes = code.split("\n"), []
    for number, line in enumerate(lines):
        if match := _NOTE.search(line):
            notes.append((number + 1, int(match[1])))
            lines[number] = line[: match.start()]
    return "\n".join(lines), tuple(notes)


def _commented(code: str) -> set[int]:
    """The lines, from 0, that end in a comment; in a text over several lines none does."""
    found = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                found.add(token.start[0] - 1)
    except (tokenize.TokenError, SyntaxError):
        pass  # the code cannot run, and will say why; what was found so far is right
    return found
