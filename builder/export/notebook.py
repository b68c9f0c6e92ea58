"""A post as a Jupyter notebook, with what its blocks gave: the same bytes every time."""

import base64
import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import nbformat

from builder.export.cells import CodeCell, TextCell, cells_of
from builder.model import TRACEBACK, Display, ExecutedPost, Failure, Output, Stream, Values, plain

_nbformat: Any = nbformat  # its functions have no types
_KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_SVG = "image/svg+xml"
_BEGINNING = "Traceback (most recent call last):"
_ERROR = re.compile(r"^(?P<name>[^\W\d][\w.]*)(?:: (?P<text>.*))?\Z", re.MULTILINE | re.DOTALL)


def to_notebook(executed: ExecutedPost) -> str:
    """A post as the JSON of a notebook, version 4.5."""
    parsed = executed.parsed
    told: dict[str, object] = {
        "title": plain(parsed.title, Values(executed).say),
        "tags": list(parsed.front.tags),
    }
    if executed.versions:
        told["versions"] = {v.distribution: v.number for v in executed.versions}
    counter = count(1)
    cells = [
        _markdown_cell(cell) if isinstance(cell, TextCell) else _code_cell(cell, counter)
        for cell in cells_of(executed)
    ]
    # Made at once: nbformat's functions for cells and outputs each check what they make.
    notebook = _nbformat.from_dict(
        {"metadata": _KERNEL | told, "nbformat": 4, "nbformat_minor": 5, "cells": cells}
    )
    _nbformat.validate(notebook)
    return f"{_nbformat.writes(notebook, version=_nbformat.NO_CONVERT)}\n"


def _markdown_cell(cell: TextCell) -> dict[str, object]:
    return {"cell_type": "markdown", "id": cell.name, "metadata": {}, "source": cell.text}


def _code_cell(cell: CodeCell, counter: "count[int]") -> dict[str, object]:
    options = cell.block.options
    return {
        "cell_type": "code",
        "id": cell.name,
        "metadata": {"tags": ["raises-exception"]} if options.expected_error else {},
        "execution_count": next(counter) if cell.result else None,
        "source": cell.source,
        "outputs": list(_outputs(cell)) if options.output and options.include else [],
    }


def _outputs(cell: CodeCell) -> Iterator[dict[str, object]]:
    """What a block gave, as far as it is shown."""
    pictures = count()
    for output in cell.result.outputs if cell.result else ():
        match output:
            case Stream("stderr") if not cell.block.options.warning:
                pass
            case Stream("stdout") if not cell.block.options.has_stdout:
                pass
            case Stream(name, text):
                yield {"output_type": "stream", "name": name, "text": text}
            case Display(content) if TRACEBACK in content:
                yield _error(content[TRACEBACK].decode("utf-8", "replace"))
            case Failure():
                yield _error(output.traceback or output.message)
            case Display(content) if content:
                place = next(pictures) if _is_picture(output) else len(cell.alts)
                own = cell.alts[place] if place < len(cell.alts) else ""
                yield {"output_type": "display_data", "metadata": {}, "data": _media(output, own)}
            case _:
                pass


def _is_picture(output: Output) -> bool:
    """Whether the words for figures count it."""
    if not isinstance(output, Display) or "text/html" in output.content:
        return False
    return any(kind.startswith("image/") for kind in output.content)


def _media(display: Display, own: str) -> dict[str, str]:
    """A value by media type; a figure as it is drawn on white, with words for it.

    Args:
        display: the value.
        own: what the author says that it shows.
    """
    words = {"text/plain": own or display.alt} if own or display.alt else {}
    if display.is_figure:
        return (words or {"text/plain": "Plot"}) | _encoded(display.in_theme("light"))
    return words | _encoded(display.content)


def _encoded(content: Mapping[str, bytes]) -> dict[str, str]:
    """Media types with what JSON can hold: pictures made of dots in base64, all else as text."""
    return {
        kind: base64.b64encode(value).decode()
        if kind.startswith("image/") and kind != _SVG
        else value.decode("utf-8", "replace")
        for kind, value in content.items()
    }


def _error(traceback: str) -> dict[str, object]:
    """An error by its traceback, or by its message alone."""
    told = traceback.rstrip("\n")
    match = _ERROR.search(told.rpartition(_BEGINNING)[2])
    last = told.rpartition("\n")[2]
    name, text = (match["name"], match["text"] or "") if match else ("Error", last)
    lines = told.split("\n")
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": lines}
