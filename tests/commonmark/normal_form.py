"""HTML in a form in which two pages that readers cannot tell apart are the same text."""

import html as entities
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

from lxml import html

from builder.render.highlight import code_block

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ALONE = frozenset(
    {
        *("blockquote", "br", "details", "div", "figure", "form", "hr", "p", "pre", "section"),
        *("dd", "dl", "dt", "li", "ol", "summary", "ul", *_HEADINGS),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr"),
    }
)
"""Elements beside which white space says nothing."""

_VOID = frozenset({"br", "hr", "img", "input"})
_VERBATIM = frozenset({"pre", "script", "style", "textarea"})
_OF_LISTINGS = frozenset({"class", "tabindex", "role", "aria-label"})
_ADDED = frozenset({("img", "loading"), ("img", "decoding"), *((h, "id") for h in _HEADINGS)})
"""Attributes that the project adds, by their elements."""

_IN_ADDRESSES = "%/:?#@!$&'()*+,;=-._~\\"
"""What stays as it is; all else is the same whether it is written with `%` or not."""


def normal_form(page: str, *, levels_headings: bool = False) -> str:
    """Lines of tags and text, with attributes in order.

    Args:
        page: what stands in the body of a page.
        levels_headings: its headings are to begin at `<h2>`, as those of posts do.
    """
    body = html.document_fromstring(f"<!doctype html><body>{page.strip()}</body>").body
    if levels_headings:
        _level_headings(body)
    return re.sub(r" *\n[ \n]*", "\n", "".join(_content(body))).strip()


def _level_headings(body: html.HtmlElement) -> None:
    headings = [element for element in body.iter() if element.tag in _HEADINGS]
    highest = min((_HEADINGS.index(heading.tag) for heading in headings), default=0)
    for heading in headings:
        heading.tag = _HEADINGS[min(_HEADINGS.index(heading.tag) - highest + 1, 5)]


def _content(element: html.HtmlElement) -> Iterator[str]:
    yield _text(element.text)
    for child in element:
        yield from _element(child)
        yield _text(child.tail)


def _text(text: str | None) -> str:
    """Text in a line; a line feed will stand for an edge at which white space says nothing."""
    return entities.escape(re.sub(r"[ \t\n\r\f]+", " ", text or ""))


def _element(element: html.HtmlElement) -> Iterator[str]:
    if not isinstance(element.tag, str):  # a comment
        yield repr(html.tostring(element, encoding="unicode", with_tail=False))
    elif element.get("class") == "table" and element.get("role") == "group":
        yield from _content(element)  # what lets a table be scrolled
    elif _is_listing(element):
        yield f"\n<pre> {_listing_name(element)!r} {element.text_content().strip(chr(10))!r}\n"
    elif element.tag in _VERBATIM:
        yield f"\n{html.tostring(element, encoding='unicode', with_tail=False)!r}\n"
    else:
        edge = "\n" if element.tag in _ALONE else ""
        yield f"{edge}<{element.tag}{_attributes(element)}>{edge}"
        yield from _content(element)
        if element.tag not in _VOID:
            yield f"{edge}</{element.tag}>{edge}"


def _is_listing(element: html.HtmlElement) -> bool:
    is_bare = element.tag == "pre" and not element.text and _OF_LISTINGS.issuperset(element.attrib)
    return is_bare and [child.tag for child in element] == ["code"]


def _listing_name(pre: html.HtmlElement) -> str:
    """What the project calls a listing in the language that CommonMark names by a class."""
    language = pre[0].get("class", "").removeprefix("language-")
    return str(pre.get("aria-label") or _name_of(language))


@cache
def _name_of(language: str) -> str:
    (listing,) = html.document_fromstring(code_block("x", language)).iter("pre")
    return str(listing.get("aria-label"))


def _attributes(element: html.HtmlElement) -> str:
    return "".join(
        f' {name}="{entities.escape(_value(name, value))}"'
        for name, value in sorted(element.attrib.items())
        if (element.tag, name) not in _ADDED
    )


def _value(name: str, value: str) -> str:
    match name:
        case "href" | "src":
            return quote(value, safe=_IN_ADDRESSES)
        case "start":
            return value.lstrip("0") or "0"
        case _:
            return value
