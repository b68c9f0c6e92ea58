"""The parts of a post that do not run, as the Markdown that Jupyter reads.

Jupyter sets `$…$` in the line and displays `$$…$$`, where posts write two dollars for both, and
one for a dollar.
"""

import re
from collections.abc import Iterable

from builder.fencing import fence_around
from builder.model import Caption, Formula, InlineValue, Listing, Part, Prose, Values

_ENVIRONMENT = re.compile(
    r"\\begin\{((?:align|alignat|eqnarray|equation|flalign|gather|multline)\*?)\}.*\\end\{\1\}",
    re.DOTALL,
)
"""What Jupyter displays without dollars, and TeX does not want within them."""

_RAW = re.compile(
    r"(?: {4}|\t)[^\n]*|[ \t]*<(?:!--|(?:pre|script|style|textarea|svg|math)\b).*", re.DOTALL
)
"""Prose in which nothing is markup: a line of indented code, a comment, a raw element."""

_DOLLAR = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)*?(?<!`)(?P=ticks)(?!`)|\\.|(?P<dollar>\$)",
    re.DOTALL,
)
_QUOTED_LINE = re.compile(r"\n[ \t]*>")
_MARKUP = re.compile(r"[\\`*_\[\]$|~]")


def to_text(parts: Iterable[Part], values: Values) -> str:
    """The Markdown of parts that follow each other."""
    text = ""
    for part in parts:
        piece = _markdown_of(part, values)
        is_run = text.endswith("$") and piece.startswith("$")  # their dollars would be one mark
        text += f" {piece}" if is_run else piece
    return text


def title_text(title: Caption, values: Values) -> str:
    """A title, in which formulas and values alone are markup, as Markdown that shows just that."""
    shown = (
        part
        if isinstance(part, Formula)
        else Prose(escape(part.text if isinstance(part, Prose) else values.say(part)))
        for part in title
    )
    return to_text(shown, values)


def is_raw(prose: str) -> bool:
    """Whether nothing in it is markup."""
    return _RAW.fullmatch(prose) is not None


def escape(text: str) -> str:
    """Plain text as Markdown that shows just that."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return _MARKUP.sub(r"\\\g<0>", text)


def fenced(code: str, info: str, container: str = "") -> str:
    """A fenced block; its fence is longer than any in the code.

    Args:
        code: what is shown.
        info: what stands behind the opening fence.
        container: what begins each line but the first.
    """
    fence = fence_around(code)
    return f"\n{container}".join((f"{fence}{info}", *code.split("\n"), fence))


def _markdown_of(part: Part, values: Values) -> str:
    """A part as Markdown; a block that runs is none."""
    match part:
        case Prose(text):
            return text if is_raw(text) else _escape_dollars(text)
        case Formula():
            return _formula(part)
        case InlineValue():
            return _value(part, values)
        case Listing():
            return _listing(part)
        case _:
            return ""


def _escape_dollars(text: str) -> str:
    """Prose in which a dollar stays one; code spans stay as they are."""
    return _DOLLAR.sub(lambda match: r"\$" if match["dollar"] else match[0], text)


def _formula(formula: Formula) -> str:
    written = formula.tex
    if _QUOTED_LINE.search(formula.source) and "%" not in written:
        written = " ".join(written.split())  # each further line would need the quote's mark
    tex = written.strip()
    if formula.is_display:
        end = "\n" if written.startswith("\n") and not written.endswith("\n") else ""
        shown = tex if _ENVIRONMENT.fullmatch(tex) else f"$${written}{end}$$"
        # A blank line would end the formula, as Jupyter reads Markdown.
        return re.sub(r"\n(?:[ \t]*\n)+", "\n", shown)
    if re.search(r"(?<!\\)(?:\\\\)*\\$", tex):  # a space at the end was written `\ `
        tex += " {}"
    return f"${tex}$"


def _value(value: InlineValue, values: Values) -> str:
    """What a value was; its source, where it has none."""
    display = values.display(value)
    if display is None:
        return f"`{{python}} {value.expression}`"
    kind, content = next(iter(display.content.items()))
    text = content.decode("utf-8", "replace")
    return text if kind in ("text/html", "text/markdown") else escape(text)


def _listing(listing: Listing) -> str:
    info = [listing.language]
    if listing.language and listing.filename:
        info.append(f'filename="{listing.filename}"')
    if listing.language and listing.marks.emphasized:
        lines = ",".join(map(str, sorted(listing.marks.emphasized)))
        info.append(f'emphasize-lines="{lines}"')
    return fenced(listing.code, " ".join(info), listing.container)
