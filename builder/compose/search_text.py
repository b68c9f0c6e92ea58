"""What a search finds in an article: its sections, each with words of prose and of code.

Formulas, pictures and what blocks print are left out. The rule for words stands a second time
in `assets/js/alone/search.js`: both must find the same ones.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ASCII_WORD = re.compile(r"[a-z0-9]{2,}")
_WORD = re.compile(rf"[^\W_{_CJK}]{{2,}}|[{_CJK}]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")

_FORMULA = re.compile(r'<(?:span|div) class="math(?: [^"]*)?"')
_TEX = 'class="math-tex"'
_HIDDEN = re.compile(
    r'<(?:(svg|script|style|math|template|iframe|object)\b.*?</\1>|div class="(?:toc|ran-in)">'
    r'.*?</div>|details class="fold"[^>]*><summary>.*?</summary>|!--.*?-->)',
    re.DOTALL,
)
_BORDER = re.compile(
    r'<h[234]\b[^>]*?\sid="(?P<id>[^"]*)"[^>]*>(?P<heading>.*?)</h[234]>'
    r"|<pre\b(?P<pre>[^>]*)>|<(?P<figure>figure)\b|<(?P<result>div) class=\"result\b",
    re.DOTALL,
)
_CAPTION = re.compile(r"<figcaption\b[^>]*>(.*?)</figcaption>", re.DOTALL)
_NO_HEADING = re.compile(r"<sup\b.*?</sup>", re.DOTALL)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|cite|code|del|dfn|em|i|ins|kbd|mark|q|s|samp|small|span|strong|u|var|wbr)"
    r"(?:\s[^>]*)?>"
)
_TAG = re.compile(r"<[/!a-zA-Z][^>]*>")
_TEX_TAG = re.compile(r"<tex ([^>]*)>")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, up to the next one."""

    heading: str
    """Its text with the TeX of formulas; empty for what stands before the first one."""

    id: str
    heading_words: tuple[str, ...]
    words: tuple[str, ...]
    code: tuple[str, ...]
    """Words of listings, without numbers."""


def words_of(text: str) -> list[str]:
    """The words of a text, without accents and in lower case.

    Runs of at least two letters or digits, and each CJK character for itself.
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    text = unicodedata.normalize("NFKD", text)
    for mark in sorted(set("".join(_FOREIGN.findall(text)))):
        if unicodedata.category(mark).startswith("M"):
            text = text.replace(mark, "")
    return _WORD.findall(text.lower())


def sections(article: str) -> list[Section]:
    """The sections of an article; the first one stands before any heading and may be empty."""
    article = _HIDDEN.sub(" ", _without_formulas(article))
    found: list[Section] = []
    heading, name, prose, code = "", "", list[str](), list[str]()
    for match, text in _pieces(article):
        prose.append(text)
        if match is None or match["heading"] is not None:
            found.append(_section(heading, name, prose, code))
            prose, code = [], []
        if match is None:
            break
        if match["heading"] is not None:
            heading, name = match["heading"], html.unescape(match["id"])
            continue
        inner = match.string[match.end() : _end_of(match)]
        if match["pre"] is None:
            prose += _CAPTION.findall(inner)
        elif 'class="output' not in match["pre"]:
            code.append(inner)
    return found


def _pieces(article: str) -> Iterator[tuple[re.Match[str] | None, str]]:
    """Each border with the prose before it; None at the end."""
    at = 0
    while match := _BORDER.search(article, at):
        yield match, article[at : match.start()]
        at = match.end() if match["heading"] is not None else _end_of(match)
    yield None, article[at:]


def _end_of(match: re.Match[str]) -> int:
    """Where the element of a border ends, whatever of its kind is nested in it."""
    article, kind = match.string, match["figure"] or match["result"] or "pre"
    begin, end = f"<{kind}", f"</{kind}>"
    at, inner = match.end(), 0
    while True:
        close = article.find(end, at)
        if close < 0:
            return len(article)
        inner += article.count(begin, at, close)
        if inner == 0:
            return close
        inner, at = inner - 1, close + len(end)


def _without_formulas(article: str) -> str:
    """Each formula as one tag with its TeX; nothing of a picture is looked at."""
    parts, at = [], 0
    while match := _FORMULA.search(article, at):
        tex = article.find(_TEX, match.end())
        begin = article.find(">", tex) + 1
        end = article.find("</span>", begin)
        if tex < 0 or begin == 0 or end < 0:  # the author's own span
            break
        parts += [article[at : match.start()], "<tex ", article[begin:end], ">"]
        at = end + len("</span>") + len(match[0].split(" ", 1)[0]) + 2  # and its own end
    return "".join((*parts, article[at:]))


def _section(heading: str, name: str, prose: list[str], code: list[str]) -> Section:
    heading = _NO_HEADING.sub("", heading)
    return Section(
        heading=" ".join(_plain(_TEX_TAG.sub(r"\1", heading)).split()),
        id=name,
        heading_words=tuple(words_of(_plain(heading))),
        words=tuple(words_of(_plain(" ".join(prose)))),
        code=tuple(word for word in words_of(_bare(" ".join(code))) if not word[0].isdigit()),
    )


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub(" ", _INLINE.sub("", text)))


def _bare(code: str) -> str:
    """A listing's text: all of its tags are within lines."""
    return html.unescape(_TAG.sub("", code))
