"""What stands within a line: code spans, links, addresses, line breaks."""

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import (
    BACKTICK_RE,
    HTML_RE,
    IMAGE_LINK_RE,
    IMAGE_REFERENCE_RE,
    LINK_RE,
    REFERENCE_RE,
    AutolinkInlineProcessor,
    AutomailInlineProcessor,
    BacktickInlineProcessor,
    HtmlInlineProcessor,
    ImageInlineProcessor,
    ImageReferenceInlineProcessor,
    InlineProcessor,
    LinkInlineProcessor,
    ReferenceInlineProcessor,
    ShortImageReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
    SubstituteTagInlineProcessor,
)
from markdown.util import AtomicString, code_escape

_AUTOLINK = r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>"
_AUTOMAIL = r"<([^<> !\x02]+@[^@<> \x02]+)>"
_TAG = r"(?=<(?:/?[A-Za-z][A-Za-z0-9-]*[\s/>]|[!?]))"
_TITLE = re.compile(r"(\S+)\s+\(([^()]*)\)")


def register_inline(md: Markdown) -> None:
    """Put them in the places of Markdown's own."""
    patterns = md.inlinePatterns
    patterns.register(_CodeSpans(BACKTICK_RE), "backtick", 190)
    patterns.register(_Ampersand(r"\\&(?=#?\w+;)", md), "ampersand", 181)
    # Behind `escape`, at 180, which takes two backslashes.
    patterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash_break", 179)
    patterns.register(_Reference(REFERENCE_RE, md), "reference", 170)
    patterns.register(_Link(LINK_RE, md), "link", 160)
    patterns.register(_Image(IMAGE_LINK_RE, md), "image_link", 150)
    patterns.register(_ImageReference(IMAGE_REFERENCE_RE, md), "image_reference", 140)
    patterns.register(_ShortReference(REFERENCE_RE, md), "short_reference", 130)
    patterns.register(_ShortImageReference(IMAGE_REFERENCE_RE, md), "short_image_ref", 125)
    patterns.register(AutolinkInlineProcessor(_AUTOLINK, md), "autolink", 120)
    patterns.register(AutomailInlineProcessor(_AUTOMAIL, md), "automail", 110)
    patterns.register(HtmlInlineProcessor(_TAG + HTML_RE, md), "html", 90)
    # Before emphasis, at 60; `_em_{: .class}` is an attribute list.
    patterns.register(_Subscript(r"_(?=\{[^:.#\s}])", md), "subscript", 65)


class _Subscript(InlineProcessor):
    """Leaves the underscore of `f(x)_{predicted}` alone: with a brace it is no emphasis."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  # Markdown's name and signature
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[str, int, int]:
        return m[0], m.start(), m.end()


class _CodeSpans(BacktickInlineProcessor):
    """Drops one space at each end of a code span, so that others can be written."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  # Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int | None, int | None]:
        found, start, end = super().handleMatch(m, data)
        if isinstance(found, Element) and start is not None and end is not None:
            code = data[start:end]
            count = len(code) - len(code.rstrip("`"))
            code = code[count:-count].replace("\n", " ")
            if code.strip(" ") and code[0] == code[-1] == " ":
                code = code[1:-1]
            else:  # a space that keeps two backticks apart, as kramdown has it
                code = code[1:] if code.startswith(" `") else code
                code = code[:-1] if code.endswith("` ") else code
            found.text = AtomicString(code_escape(code))
        return found, start, end


class _Closed(LinkInlineProcessor):
    """Looks for the end of a link's words only where there is any."""

    def getText(  # noqa: N802  # Markdown's name
        self, data: str, index: int
    ) -> tuple[str, int, bool]:
        if data.find("]", index) < 0:
            return "", index, False
        return super().getText(data, index)


class _Link(_Closed):
    """Knows `[words](address (title))`, too."""

    def getLink(  # noqa: N802  # Markdown's name
        self, data: str, index: int
    ) -> tuple[str, str | None, int, bool]:
        href, title, index, handled = super().getLink(data, index)
        match = _TITLE.fullmatch(href) if title is None else None
        return (match[1], match[2], index, handled) if match else (href, title, index, handled)


class _Image(_Link, ImageInlineProcessor):
    """Pictures, likewise."""


class _Reference(_Closed, ReferenceInlineProcessor):
    """`[one] [two]` are two links where both are defined."""

    def evalId(  # noqa: N802  # Markdown's name
        self, data: str, index: int, text: str
    ) -> tuple[str | None, int, bool]:
        if data[index : index + 1].isspace() and text.lower() in self.md.references:
            return None, index, False
        return super().evalId(data, index, text)


class _ShortReference(_Closed, ShortReferenceInlineProcessor):
    """`[words]`, likewise."""


class _ImageReference(_Closed, ImageReferenceInlineProcessor):
    """`![words][label]`, likewise."""


class _ShortImageReference(_Closed, ShortImageReferenceInlineProcessor):
    """`![label]`, likewise."""


class _Ampersand(HtmlInlineProcessor):
    r"""`\&nbsp;` shows the entity's name."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  # Markdown's name
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[str, int, int]:
        return self.md.htmlStash.store("&amp;"), m.start(), m.end()
