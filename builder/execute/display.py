"""Turn a value that a block shows into media types, by Jupyter's protocol."""

import base64
import re
import reprlib
from collections.abc import Mapping

from builder.execute import figures
from builder.execute.capture import mask_addresses
from builder.model import Display

_TEXT_LIMIT = 20_000
_RICH_LIMIT = 10_000_000
_MANY = 1_000
_METHODS = {
    "text/html": "_repr_html_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "text/markdown": "_repr_markdown_",
    "text/latex": "_repr_latex_",
}
_BEGINS = {
    "image/svg+xml": rb".*<svg\b",
    "image/png": rb"\x89PNG\r\n",
    "image/jpeg": rb"\xff\xd8",
    "image/webp": rb"RIFF....WEBP",
    "image/gif": rb"GIF8",
}
_KNOWN = (*_METHODS, "image/webp", "image/gif", "text/plain")

_short = reprlib.Repr()
_short.maxlevel = 8
_short.maxtuple = _short.maxlist = _short.maxarray = _short.maxdict = 200
_short.maxset = _short.maxfrozenset = _short.maxdeque = 200
_short.maxstring = _short.maxlong = _short.maxother = _TEXT_LIMIT


def to_display(value: object) -> Display | None:
    """Make what is shown of `value`; None where a notebook's reader would not miss it."""
    figure = figures.from_value(value)
    if figure is not None:
        return figure
    if figures.is_by_product(value):
        return None
    return Display(_rich(value) or {"text/plain": _encode(plain_text(value))})


def to_inline(value: object) -> Display:
    """Make what stands in the text for `value`: HTML and Markdown as they are, all else as text."""
    rich = _rich(value)
    for kind in ("text/html", "text/markdown"):
        if kind in rich:
            return Display({kind: rich[kind]})
    return Display({"text/plain": _readable(_bytes(value))})


def plain_text(value: object) -> str:
    """`repr(value)`, bounded in size, without addresses, which differ in every run."""
    is_big = isinstance(value, list | tuple | dict | set | frozenset | str | bytes)
    is_big = is_big and len(value) > _MANY  # type: ignore[arg-type]  # all of these have a length
    text = str.__str__(_short.repr(value) if is_big else repr(value))
    if len(text) > _TEXT_LIMIT:
        text = f"{text[:_TEXT_LIMIT]} … ({len(text) - _TEXT_LIMIT:,} more characters)"
    return mask_addresses(text)


def _rich(value: object) -> dict[str, bytes]:
    """The media types that a value offers, but for plain text; none for a class."""
    if isinstance(value, type):
        return {}
    found: dict[str, bytes] = {}
    bundle = getattr(value, "_repr_mimebundle_", None)
    told = bundle(include=None, exclude=None) if callable(bundle) else None
    told = told[0] if isinstance(told, tuple) else told
    if isinstance(told, Mapping):
        found |= {kind: _bytes(told[kind]) for kind in _KNOWN if kind in told}
    for kind, name in _METHODS.items():
        make = getattr(value, name, None)
        if kind not in found and callable(make):
            content = make()
            content = content[0] if isinstance(content, tuple) else content
            if content is not None:
                found[kind] = _bytes(content)
    found = {kind: _picture(kind, content) for kind, content in found.items()}
    return {kind: content for kind, content in found.items() if 0 < len(content) <= _RICH_LIMIT}


def _picture(kind: str, content: bytes) -> bytes:
    """What shows a picture, also where it comes in base64, as Jupyter allows; else nothing."""
    begins = _BEGINS.get(kind)
    if begins is None:
        return _readable(content)
    if re.match(begins, content, re.DOTALL):
        return content
    try:
        decoded = base64.b64decode(content, validate=False)
    except ValueError:
        return b""
    return decoded if re.match(begins, decoded, re.DOTALL) else b""


def _bytes(content: object) -> bytes:
    if isinstance(content, bytes):
        return bytes(content)
    return _encode(mask_addresses(str.__str__(str(content))))


def _readable(content: bytes) -> bytes:
    """Text in UTF-8; what is none stands there as Python writes it."""
    return content.decode("utf-8", "backslashreplace").encode()


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
