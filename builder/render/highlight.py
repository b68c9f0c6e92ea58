"""Code as HTML with classes for its parts, and as a block that a keyboard can scroll."""

import html
from collections.abc import Iterator
from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.util import ClassNotFound

from builder.model import LineMarks

_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
_NO_MARKS = LineMarks()


def code_block(
    code: str,
    language: str,
    marks: LineMarks = _NO_MARKS,
    filename: str | None = None,
    anchor: str = "",
) -> str:
    """A `<pre>` of highlighted code; empty where every line is hidden.

    Args:
        code: as it is to be read.
        language: by the name that Pygments knows it by.
        marks: what is said of single lines.
        filename: stands above.
        anchor: what the ids of its notes begin with.
    """
    lexer = _lexer(language)
    content = "".join(_lines(_highlight(code, lexer).split("\n"), marks, anchor)).strip("\n")
    if not content and marks.hidden:
        return ""
    name = f"{lexer.name} code" if lexer else "Code"
    above = f'<div class="filename">{html.escape(filename)}</div>' if filename else ""
    return above + scrollable_pre(f"<code>{content}</code>", "code", name)


def scrollable_pre(content: str, kind: str, name: str) -> str:
    """A `<pre>` whose content may be wider than the page."""
    return (
        f'<pre class="{kind}" tabindex="0" role="group" aria-label="{html.escape(name)}">'
        f"{content}</pre>"
    )


def note_id(block: str, number: int) -> str:
    """The id of a note that tells of a line."""
    return f"{block}-note-{number}"


def _lines(lines: list[str], marks: LineMarks, anchor: str) -> Iterator[str]:
    """The lines that are shown; each of Pygments' closes what it opens."""
    notes: dict[int, str] = {}
    for line, number in marks.notes:
        target = html.escape(note_id(anchor, number))
        link = f'<a class="note" href="#{target}" aria-label="note {number}">{number}</a>'
        notes[line] = notes.get(line, " ") + link
    for count, text in enumerate(lines, start=1):
        if count not in marks.hidden:
            shown = f"{text}{notes.get(count, '')}\n"
            kinds = [
                *(["numbered"] if marks.is_numbered else []),
                *(["emphasized"] if count in marks.emphasized else []),
            ]
            yield f'<span class="{" ".join(kinds)}">{shown}</span>' if kinds else shown


def _highlight(code: str, lexer: Lexer | None) -> str:
    if lexer is None:
        return html.escape(code, quote=False)
    return highlight(code, lexer, _FORMATTER).removesuffix("\n")


@cache
def _lexer(language: str) -> Lexer | None:
    try:
        lexer = get_lexer_by_name(language, stripnl=False) if language else None
    except ClassNotFound:
        return None
    return None if isinstance(lexer, TextLexer) else lexer
