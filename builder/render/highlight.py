"""Code as HTML with classes for its parts, and as a block that a keyboard can scroll."""

import html
from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.util import ClassNotFound

_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


def code_block(code: str, language: str, kind: str = "code") -> str:
    """A `<pre>` of highlighted code; `kind` is its class."""
    lexer = _lexer(language)
    name = f"{lexer.name} code" if lexer else "Code"
    return scrollable_pre(f"<code>{_highlight(code, lexer)}</code>", kind, name)


def scrollable_pre(content: str, kind: str, name: str) -> str:
    """A `<pre>` whose content may be wider than the page."""
    return (
        f'<pre class="{kind}" tabindex="0" role="region" aria-label="{html.escape(name)}">'
        f"{content}</pre>"
    )


def _highlight(code: str, lexer: Lexer | None) -> str:
    if lexer is None:
        return html.escape(code, quote=False)
    return highlight(code, lexer, _FORMATTER).rstrip("\n")


@cache
def _lexer(language: str) -> Lexer | None:
    try:
        lexer = get_lexer_by_name(language, stripnl=False) if language else None
    except ClassNotFound:
        return None
    return None if isinstance(lexer, TextLexer) else lexer
