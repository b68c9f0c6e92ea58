"""Values in the text, `` `{python} loss:.3f` ``: found, and held to be Python before any runs."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from builder.errors import Location, Problem
from builder.model import INLINE_VALUE

_UNCLOSED = re.compile(r"(?<![`\\])`(?!`)\{python\}?[ \t]")
_MEANT = re.compile(r"(?<!`)`\{\s*python\b(?!\}`|[^`{}]*[,=][^`{}]*\}`)[^`]*`(?!`)", re.IGNORECASE)
"""A value, or what is likely to be meant as one; the head of a block in backticks is none."""

_LINE_END = re.compile(r"\n[ \t>]*")
_OF_BRACKETS = re.compile(r"unmatched|never closed|does not match")
_HINT = "write '`{python} loss`' or '`{python} loss:.3f`'; code stands between double backticks"
_HINT_OF_END = "close it with a backtick in its paragraph"


@dataclass(frozen=True, slots=True)
class WrittenValue:
    """A value as it stands in a text."""

    expression: str
    """In one line."""

    offset: int


@dataclass(frozen=True, slots=True)
class ValueFault:
    """What keeps a text from being the value that it is meant as."""

    offset: int
    message: str
    hint: str

    def problem(self, where: Location) -> Problem:
        """The fault at its place."""
        return Problem(code="broken-value", message=self.message, location=where, hint=self.hint)


def read_value(code: str) -> WrittenValue | ValueFault | None:
    """The value that a code span stands for, or why it is none; None for any other code."""
    if not _MEANT.fullmatch(code):
        return None
    match = INLINE_VALUE.fullmatch(code)
    if match is None:
        return ValueFault(0, f"{_in_a_line(code)!r} is no value and is shown as it is", _HINT)
    expression = _in_a_line(match[1].rstrip())
    fault = _fault(expression)
    if fault is None:
        return WrittenValue(expression.strip(), match.start(1))
    offset, reason = fault
    message = f"the value {expression!r} is no Python expression{reason}"
    return ValueFault(match.start(1) + offset, message, _HINT)


def unclosed_in(prose: str) -> Iterator[ValueFault]:
    """Values that do not end, in a text without its code."""
    for match in _UNCLOSED.finditer(prose):
        yield ValueFault(match.start(), "unclosed value", _HINT_OF_END)


def faults_in(text: str) -> Iterator[ValueFault]:
    """What is wrong with the values of a plain text."""
    at, prose = 0, []
    for match in _MEANT.finditer(text):
        read = read_value(match[0])
        if isinstance(read, ValueFault):
            yield read
        prose.append(text[at : match.start()])
        at = match.end()
    yield from unclosed_in("".join((*prose, text[at:])))


def _in_a_line(text: str) -> str:
    return _LINE_END.sub(" ", text)


def _fault(expression: str) -> tuple[int, str] | None:
    """Where an expression with its format stops being one, and why, as far as that is known."""
    if _is_python(f"({expression}\n)") and expression.strip():
        return None
    if _is_python(f"f'''{{{expression}}}'''"):
        return None
    try:
        compile(expression, "<value>", "eval", dont_inherit=True)
    except SyntaxError as error:
        if _OF_BRACKETS.search(error.msg):
            return max(0, (error.offset or 1) - 1), f": {error.msg}"
    if expression.count("}") > expression.count("{"):
        return expression.rindex("}"), ": unmatched '}'"
    return 0, ""


def _is_python(code: str) -> bool:
    """Whether it is one expression; what only a run can tell of is taken to be."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<value>", "eval", dont_inherit=True)
    except SyntaxError:
        return False
    except (ValueError, RecursionError, MemoryError):
        pass
    return True
