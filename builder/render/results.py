"""Values of blocks as HTML, in the richest of their media types."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import nh3

from builder.model import TRACEBACK, Display, Formula, Part
from builder.render.highlight import scrollable_pre

ReadParts = Callable[[str], tuple[Part, ...]]

_RICHEST = (
    "text/html",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "text/markdown",
    "text/latex",
    "text/plain",
)
_DELIMITERS = re.compile(
    r"\s*(?:\$\$(?P<a>.*)\$\$|\$(?:\\displaystyle)?(?P<b>.*)\$|\\\[(?P<c>.*)\\\])\s*", re.DOTALL
)
_TAGS = nh3.ALLOWED_TAGS | {"figure", "figcaption", "section", "article", "progress", "meter"}
_EVERYWHERE = {"class", "title", "lang", "dir", "role", "aria-label"}
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": _EVERYWHERE,
    "th": {"scope", "colspan", "rowspan", "headers"},
    "td": {"colspan", "rowspan", "headers"},
    "progress": {"value", "max"},
    "meter": {"value", "min", "max"},
}
_FOLDED_LINES = 40
_LEFT_OUT = re.compile(r"<(script|iframe|video|audio|object|embed)\b", re.IGNORECASE)
_PICTURE = re.compile(
    r"""<img\b[^>]*?\ssrc\s*=\s*(?:"([^"]+)"|'([^']+)'|([^\s"'>]+))|!\[[^\]]*\]\(([^)\s]+)""",
    re.IGNORECASE,
)
_FOREIGN = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_SEEN = re.compile(r"<(?:img|hr|table|progress|meter)\b|>[^<]*[^<\s]|\A[^<]*[^<\s]")


@dataclass(frozen=True, slots=True)
class ResultRenderer:
    """Renders values that are no pictures."""

    to_markdown: Callable[[str], str]
    next_formula: Callable[[], str]
    """Gives the HTML of the formulas that are values, one after the other."""

    def render(self, content: Mapping[str, bytes]) -> str:
        """HTML of a value."""
        kind = richest(content)
        text = content[kind].decode("utf-8", "replace")
        match kind:
            case "text/html":
                return _region(clean_html(text), "html")
            case "text/markdown":
                return _region(self.to_markdown(text), "markdown")
            case "text/latex":
                return self.next_formula()
            case _:
                return text_output(text, "value")


def richest(content: Mapping[str, bytes]) -> str:
    """The media type that a reader is shown."""
    return next((kind for kind in _RICHEST if kind in content), next(iter(content)))


def formulas_in(display: Display, line: int, read: ReadParts) -> Iterator[Formula]:
    """The formulas of a value that is TeX or Markdown, in order.

    Args:
        display: the value.
        line: of the post, where it arose.
        read: splits Markdown into parts.
    """
    if TRACEBACK in display.content:
        return
    kind = richest(display.content)
    text = display.content[kind].decode("utf-8", "replace")
    if kind == "text/latex":
        yield Formula(
            tex=_bare(text), is_display=True, is_alone=True, source="", line=line, column=1
        )
    elif kind == "text/markdown":
        found = (part for part in read(text) if isinstance(part, Formula))
        yield from (replace(formula, line=line, column=1) for formula in found)


def clean_html(text: str) -> str:
    """HTML of a result without what breaks the page's policy: scripts, handlers, styles."""
    return nh3.clean(text, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None)


def doubts_about(content: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """What a reader will not see of a value as in a notebook: its code, words, and a hint."""
    kind = richest(content)
    if kind not in ("text/html", "text/markdown"):
        return
    text = content[kind].decode("utf-8", "replace")
    for tag in dict.fromkeys(m[1].lower() for m in _LEFT_OUT.finditer(text)):
        hint = "link to it" if tag != "script" else "show a figure, an animation or plain HTML"
        yield "lost-html", f"<{tag}> in a result is left out", hint
    for match in _PICTURE.finditer(text):
        source = html.unescape(next(filter(None, match.groups())))
        if _FOREIGN.match(source):
            message = f"a result loads {source!r} from another host"
            yield "other-host", message, "save it beside the post"
        elif not source.startswith("data:"):
            message = f"{source!r} in a result is not published"
            yield "lost-html", message, "show the picture itself, with Pillow"


def text_output(text: str, kind: str) -> str:
    """Text as it was written; folded where it is long."""
    content = html.escape(text.rstrip("\n"), quote=False)
    shown = scrollable_pre(f"<samp>{content}</samp>", f"output {kind}", _NAMES[kind])
    count = content.count("\n") + 1
    if count <= _FOLDED_LINES:
        return shown
    summary = f"{_NAMES[kind]}, {count:,} lines"
    return f'<details class="fold"><summary>{summary}</summary>{shown}</details>'


_NAMES = {"stdout": "Output", "stderr": "Messages", "value": "Value"}


def _region(content: str, kind: str) -> str:
    if not _SEEN.search(content):  # all of it was left out
        return ""
    return (
        f'<div class="result {kind}" tabindex="0" role="group" aria-label="Result">{content}</div>'
    )


def _bare(tex: str) -> str:
    """TeX without its delimiters."""
    match = _DELIMITERS.fullmatch(tex)
    return next((g for g in match.groups() if g is not None), tex).strip() if match else tex.strip()
