"""Rewrite the formulas of a notebook as posts write them.

Jupyter sets `$…$` in the line and displays `$$…$$`, wherever it stands. In posts one dollar is a
dollar, and `$$…$$` is displayed where it stands alone on its lines. What a single dollar opens
and closes is decided as Pandoc does: no white space within, no digit behind.
"""

import re

from builder.importing.stretches import rewrite_prose

_IN_PARAGRAPH = r"(?:(?!\n[ \t]*\n).)*?"
_NEXT = re.compile(
    rf"(?P<verbatim>(?<!`)(?P<ticks>`+)(?!`){_IN_PARAGRAPH}(?<!`)(?P=ticks)(?!`)"
    r"|<!--.*?-->"
    r"|(?i:<(?P<tag>pre|code|script|style|textarea|svg|math|kbd|samp)\b).*?</(?P=tag)\s*>"
    r"|\$`[^`\n]+`\$"
    r"|\\begin\{(?P<name>[A-Za-z]+\*?)\}.*?\\end\{(?P=name)\}"
    r"|\\{1,2}\((?:(?!\n[ \t]*\n|\\\().)*?\\{1,2}\)"
    r"|\\{1,2}\[(?:(?!\n[ \t]*\n|\\\[).)*?\\{1,2}\])"
    r"|(?P<dollar>(?<!\$)\\\$(?![$`]))"
    r"|(?P<escape>\\.)"
    r"|(?P<display>[ \t]*\$\$(?P<shown>(?>\\.|[^$\\\n]|\$(?!\$)|\n(?![ \t]*\n))++)\$\$"
    r"(?P<mark>[.,;:](?=\s|\Z))?[ \t]*)"
    r"|(?P<stray>\$\$)"
    r"|(?P<inline>\$(?!\s)"
    r"(?P<set>(?>\\(?:text\w*|mbox|hbox)\{[^{}]*\}|\\.|[^$\\\n]|\n(?![ \t]*\n))++)"
    r"(?<!\s)\$(?!\d))",
    re.DOTALL,
)
_CONTAINER = re.compile(r"[ \t]*+(?:(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))[ \t]*+)*+")
_NO_PARAGRAPH = re.compile(r"[ \t>|#<:]|[-*+][ \t]|\d{1,9}[.)][ \t]|\[\^")
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-+:?[ \t]*\|[ \t|:-]*$", re.MULTILINE)
_LABELLED = re.compile(
    r"\\begin\{equation\}(.*)\\label\{(eq-[\w.:-]+)\}\s*\\end\{equation\}", re.DOTALL
)
_ENDS_NUMBERED = re.compile(
    r"\\end\{(?:align|alignat|eqnarray|equation|flalign|gather|multline)\*?\}\s*\Z"
)


def rewrite_formulas(text: str) -> str:
    """A Markdown cell with its formulas as posts write them."""
    return rewrite_prose(text, _rewrite)


def _rewrite(text: str) -> str:
    """Markdown without fenced blocks, rewritten: what is displayed first, for its lines change."""
    text = _NEXT.sub(_on_lines, text)
    return _NEXT.sub(_in_line, text)


def _on_lines(match: re.Match[str]) -> str:
    """What is displayed; an equation that ends in a label as a formula with that label."""
    if match.lastgroup == "display":
        return _display(match)
    labelled = _LABELLED.fullmatch(match[0])
    before, after = _around(match)
    if labelled is None or after or not _CONTAINER.fullmatch(before):
        return match[0]
    return f"$${labelled[1]}$$ {{#{labelled[2]}}}"


def _display(match: re.Match[str]) -> str:
    """A displayed formula, on lines of its own where it stands among the words of a paragraph."""
    before, after = _around(match)
    shown, mark = match["shown"], match["mark"] or ""
    is_alone = _CONTAINER.fullmatch(before) and not mark and not after
    if is_alone or not _is_in_paragraph(match):
        return match[0]
    end = _ENDS_NUMBERED.search(shown) if mark else None
    place = end.start() if end else len(shown.rstrip())
    formula = f"$${shown[:place]}{mark}{shown[place:]}$$"
    return "\n".join((*([""] if before.strip() else []), formula, *([""] if after else [])))


def _in_line(match: re.Match[str]) -> str:
    """A formula between single dollars; a dollar that was escaped needs no more to be."""
    match match.lastgroup:
        case "dollar":
            return "$"
        case "inline":
            before, after = _around(match)
            is_alone = _CONTAINER.fullmatch(before) and not after
            return rf"\({match['set']}\)" if is_alone else f"$${match['set']}$$"
        case _:
            return match[0]


def _around(match: re.Match[str]) -> tuple[str, str]:
    """What stands before a match and after it, on its lines; blanks at the end are nothing."""
    before = match.string[: match.start()].rpartition("\n")[2]
    return before, match.string[match.end() :].partition("\n")[0].rstrip(" \t")


def _is_in_paragraph(match: re.Match[str]) -> bool:
    """Whether its line is one of words alone, in no list, quote, heading, table or HTML."""
    text = match.string
    start = text.rfind("\n\n", 0, match.start())
    end = text.find("\n\n", match.end())
    paragraph = text[max(start, 0) : end if end >= 0 else len(text)]
    line = text.rfind("\n", 0, match.start()) + 1
    return not _NO_PARAGRAPH.match(text, line) and not _TABLE_RULE.search(paragraph)
