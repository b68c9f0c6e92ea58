"""Turn a value that a block shows into media types, as Jupyter does."""

import reprlib

from builder.execute import figures
from builder.execute.capture import mask_addresses
from builder.model import Display

_TEXT_LIMIT = 20_000
_MANY = 1_000

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
    return Display({"text/plain": plain_text(value).encode()})


def to_inline(value: object) -> Display:
    """Make what stands in the text for `value`: HTML and Markdown as they are, all else as text."""
    for kind, method in (("text/html", "_repr_html_"), ("text/markdown", "_repr_markdown_")):
        make = None if isinstance(value, type) else getattr(value, method, None)
        told = make() if callable(make) else None
        if isinstance(told, str):
            return Display({kind: told.encode()})
    return Display({"text/plain": mask_addresses(str(value)).encode()})


def plain_text(value: object) -> str:
    """`repr(value)`, bounded in size, without addresses, which differ in every run."""
    is_big = isinstance(value, list | tuple | dict | set | frozenset | str | bytes)
    is_big = is_big and len(value) > _MANY  # type: ignore[arg-type]  # all of these have a length
    text = _short.repr(value) if is_big else repr(value)
    if len(text) > _TEXT_LIMIT:
        text = f"{text[:_TEXT_LIMIT]} … ({len(text) - _TEXT_LIMIT:,} more characters)"
    return mask_addresses(text)
