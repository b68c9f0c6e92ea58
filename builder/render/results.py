"""Values of blocks as HTML, in the richest of their media types."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import nh3

from builder.model import TRACEBACK, BlockResult, CodeBlock, Display, Formula
from builder.render.highlight import scrollable_pre

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


@dataclass(frozen=True, slots=True)
class ResultRenderer:
    """Renders values that are no pictures."""

    to_markdown: Callable[[str], str]
    next_formula: Callable[[], str]
    """Gives the HTML of the formulas of `latex_of`, one after the other."""

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


def latex_of(block: CodeBlock, result: BlockResult) -> tuple[Formula, ...]:
    """The formulas among the values of a block, in order."""
    return tuple(
        Formula(
            tex=_bare(output.content["text/latex"].decode("utf-8", "replace")),
            is_display=True,
            is_alone=True,
            source="",
            line=block.line,
            column=1,
        )
        for output in result.outputs
        if isinstance(output, Display)
        and TRACEBACK not in output.content
        and richest(output.content) == "text/latex"
    )


def clean_html(text: str) -> str:
    """HTML of a result without what breaks the page's policy: scripts, handlers, styles."""
    return nh3.clean(text, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None)


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
    return (
        f'<div class="result {kind}" tabindex="0" role="region" aria-label="Result">{content}</div>'
    )


def _bare(tex: str) -> str:
    """TeX without its delimiters."""
    match = _DELIMITERS.fullmatch(tex)
    return next((g for g in match.groups() if g is not None), tex).strip() if match else tex.strip()
