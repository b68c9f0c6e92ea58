r"""Slips in what an author has written, which a build lets pass: it shows them as they are.

Pictures without words for them, notes and links that nothing defines, TeX that no
delimiter takes in. Code, formulas and comments are never looked at.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from builder.errors import Severity
from builder.model import Dollar
from builder.parse.fences import find_fences
from builder.parse.formulas import Code, Doubt, FoundFormula, find_formulas


class Slip(NamedTuple):
    """Something that is likely to be wrong."""

    code: str
    offset: int
    message: str
    hint: str
    severity: str


class Prose(NamedTuple):
    """A text with all that is no prose in it as spaces, so that nothing moves."""

    text: str
    doubts: tuple[int, ...]
    """Where a build warns of a formula."""


_PICTURE = re.compile(
    r"!\[[ \t]*\](?:\((?P<name>(?:[^()\n]|\([^()\n]*\))*)\)|\[(?P<label>[^\]\n]*)\])"
    r"(?P<attributes>\{[^}\n]*\})?"
)
_IMG = re.compile(r"""<img\b(?P<attributes>(?:[^>"']|"[^"]*"|'[^']*')*)>""", re.IGNORECASE)
_ALT = re.compile(r"(?<![\w-])alt(?![\w-])", re.IGNORECASE)
_SRC = re.compile(r"""(?<![\w-])src\s*=\s*["']?([^"'\s>]*)""", re.IGNORECASE)

_NOTE = re.compile(r"(?<!\\)\[\^(?P<name>[^\]\s]+)\]")
_NOTE_DEFINED = re.compile(r"^[ \t>]*\[\^(?P<name>[^\]\s]+)\]:", re.MULTILINE)
_BY_LABEL = re.compile(r"(?<![\w\\\])])!?\[(?P<words>[^\[\]\n]+)\]\[(?P<label>[^\[\]\n]*)\]")
_LABEL_DEFINED = re.compile(r"^[ \t>]*\[(?P<label>[^\[\]^\n][^\[\]\n]*)\]:", re.MULTILINE)

_TEX = re.compile(
    r"\\(?:(?:begin|end|[dt]?frac|sqrt|text|math(?:bb|bf|cal|frak|it|rm)|operatorname|boldsymbol"
    r"|hat|bar|vec|tilde)(?=\{)|(?:left|right)(?=[()\[\]|]|\\[{}|lr])|(?:sum|int|prod|lim)(?=_))"
)
_OPENING = re.compile(r"(?P<backslashes>\\{1,2})(?P<bracket>[(\[])")
_OF_TEX = re.compile(r"\\[A-Za-z]{2,}|\^\{|_\{")
_BLANK_LINE = re.compile(r"\n[ \t>]*\n")
_NOT_A_LINE_END = re.compile(r"[^\n]")


def prose_of(text: str, body_start: int, dollar: Dollar | None) -> Prose:
    """The prose of a post.

    Args:
        text: the post.
        body_start: where its front matter ends.
        dollar: by whose rules `$…$` is a formula in it.
    """
    kept, doubts = [_blank(text[:body_start])], []
    body, at = text[body_start:], 0
    for start, end in ((f.start, f.end) for f in find_fences(body)):
        inner, found = _without_formulas(body[at:start], dollar)
        kept += [inner, _blank(body[start:end])]
        doubts += [body_start + at + offset for offset in found]
        at = end
    inner, found = _without_formulas(body[at:], dollar)
    doubts += [body_start + at + offset for offset in found]
    return Prose("".join((*kept, inner)), tuple(doubts))


def slips_in(text: str, prose: Prose, *, has_liquid: bool) -> Iterator[Slip]:
    """What is likely to be wrong in a post.

    Args:
        text: the post.
        prose: its prose.
        has_liquid: what is included may define what seems to be missing.
    """
    yield from _pictures(text, prose.text)
    yield from _tex(prose)
    if not has_liquid:
        yield from _notes(prose.text)
        yield from _labels(text, prose.text)


def _without_formulas(text: str, dollar: Dollar | None) -> tuple[str, list[int]]:
    kept, doubts, at = [], [], 0
    for found in find_formulas(text, dollar):
        match found:
            case Doubt(offset=offset):
                doubts.append(offset)
            case Code() | FoundFormula():
                kept += [text[at : found.start], _blank(text[found.start : found.end])]
                at = found.end
    return "".join((*kept, text[at:])), doubts


def _blank(text: str) -> str:
    return _NOT_A_LINE_END.sub(" ", text)


def _pictures(text: str, prose: str) -> Iterator[Slip]:
    hint = "say what it shows: ![words](…)"
    for match in _PICTURE.finditer(prose):
        if not (match["attributes"] and _ALT.search(match["attributes"])):
            name = (match["name"] or match["label"] or "").split(" ")[0]
            message = f"picture {name!r} has no alternative text"
            yield _warning("missing-alt-text", match.start(), message, hint)
    hint = 'say what it shows, alt="words", or that it says nothing, alt=""'
    for match in _IMG.finditer(prose):
        if not _ALT.search(match["attributes"]):
            source = _SRC.search(text, match.start(), match.end())
            name = source[1] if source else ""
            message = f"picture {name!r} has no alternative text"
            yield _warning("missing-alt-text", match.start(), message, hint)


def _notes(prose: str) -> Iterator[Slip]:
    """Footnotes that are not there, and those that nothing refers to."""
    defined = {m["name"]: m for m in _NOTE_DEFINED.finditer(prose)}
    places = {m.start("name") for m in defined.values()}
    used = set()
    for match in _NOTE.finditer(prose):
        if match.start("name") in places:
            continue
        used.add(match["name"])
        if match["name"] not in defined:
            message = f"there is no footnote {match['name']!r}"
            hint = f"write it on a line of its own: [^{match['name']}]: words"
            yield _warning("missing-note", match.start(), message, hint)
    for name, match in defined.items():
        if name not in used:
            message = f"nothing refers to the footnote {name!r}"
            hint = f"put [^{name}] where it belongs"
            yield _warning("unused-note", match.start("name") - 2, message, hint)


def _labels(text: str, prose: str) -> Iterator[Slip]:
    """Links by labels that nothing defines, which Markdown leaves as they are written."""
    defined = {_folded(m["label"]) for m in _LABEL_DEFINED.finditer(prose)}
    for match in _BY_LABEL.finditer(prose):
        words = text[match.start("words") : match.end("words")]
        label = match["label"].strip() or words
        is_label = re.search(r"[^\W\d_]", label) is not None and not label.startswith(("^", "@"))
        if words.strip() and is_label and _folded(label) not in defined:
            message = f"no line says where the link {label!r} leads"
            hint = f"write one: [{label}]: https://…"
            yield _warning("broken-link", match.start(), message, hint)


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


def _tex(prose: Prose) -> Iterator[Slip]:
    """TeX that stands in no formula, once for each paragraph, unless a build tells of it."""
    starts = [0, *(m.end() for m in _BLANK_LINE.finditer(prose.text))]
    for start, end in zip(starts, (*starts[1:], len(prose.text)), strict=True):
        if "\\" not in prose.text[start:end] or any(start <= d < end for d in prose.doubts):
            continue
        opening = _open_bracket(prose.text, start, end)
        if opening is not None:
            yield opening
            continue
        match = _TEX.search(prose.text, start, end)
        if match:
            message = f"TeX outside of a formula: {match[0]!r}".replace("\\\\", "\\")
            hint = "put it between '$$', or between backticks where it is meant as code"
            yield _warning("stray-tex", match.start(), message, hint)


def _open_bracket(text: str, start: int, end: int) -> Slip | None:
    r"""A `\[` or `\(` that nothing closes, with TeX behind it."""
    for match in _OPENING.finditer(text, start, end):
        if _OF_TEX.search(text, match.end(), end):
            closing = match["backslashes"] + {"(": ")", "[": "]"}[match["bracket"]]
            message, hint = f"unclosed '{match[0]}'", f"close it with '{closing}' in its paragraph"
            return _warning("unclosed-formula", match.start(), message, hint)
    return None


def _warning(code: str, offset: int, message: str, hint: str) -> Slip:
    return Slip(code, offset, message, hint, Severity.WARNING)
