"""Read a notebook of any version into cells.

This is where raw JSON becomes types; nothing further in looks into it.
"""

import base64
import binascii
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import nbformat

from builder.errors import SettingsError

_nbformat: Any = nbformat  # its functions have no types
_VERSION = 4
_PYTHON = ("python", "ipython")
_SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture that a Markdown cell holds."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell without what it gave."""

    kind: Literal["code", "markdown", "raw"]
    number: int
    """In the notebook, from 1."""

    source: str
    tags: tuple[str, ...]
    media_type: str
    """Of a raw cell; empty where it says none."""

    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """What of a notebook becomes a post."""

    title: str | None
    tags: tuple[str, ...]
    cells: tuple[Cell, ...]


def read_cells(content: bytes, name: str) -> Notebook:
    """Read a notebook; `name` is its file's, for messages.

    Raises:
        SettingsError: it is no notebook, of a version to come, or not in Python.
    """
    told = _mapping(_parse(content, name))
    if not isinstance(told.get("nbformat"), int) or not told.keys() & {"cells", "worksheets"}:
        raise SettingsError(f"{name!r} is no notebook: it is JSON without 'nbformat' and cells")
    if told["nbformat"] > _nbformat.current_nbformat:
        raise SettingsError(
            f"{name!r} is a notebook of version {told['nbformat']}, and the newest that can be "
            f"read is {_nbformat.current_nbformat}: save it as that, or renew nbformat"
        )
    upgraded = _upgrade(told, name)
    metadata = _mapping(upgraded.get("metadata"))
    language = _language(metadata)
    if language.lower().rstrip("0123456789.") not in _PYTHON:
        raise SettingsError(f"{name!r} is a notebook in {language}, and posts run Python")
    return Notebook(
        title=" ".join(_text(metadata.get("title")).split()) or None,
        tags=_words(metadata.get("tags")) or _words(metadata.get("keywords")),
        cells=tuple(_cells(upgraded.get("cells"))),
    )


def _parse(content: bytes, name: str) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise SettingsError(f"{name!r} is no notebook: it is not JSON") from None


def _upgrade(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The notebook as of version 4."""
    minor = {"nbformat_minor": 0} if told["nbformat"] == _VERSION else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cells without ids are no matter here
            return _mapping(_nbformat.reads(json.dumps(minor | dict(told)), as_version=_VERSION))
    except (nbformat.ValidationError, ValueError, LookupError, TypeError, AttributeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise SettingsError(f"{name!r} is no whole notebook: {reason}") from None


def _language(metadata: Mapping[str, Any]) -> str:
    """The language of the code; Python, where nothing is said."""
    told = _text(_mapping(metadata.get("language_info")).get("name"))
    kernel = _mapping(metadata.get("kernelspec"))
    return told or _text(kernel.get("language")) or "python"


def _cells(cells: object) -> Iterator[Cell]:
    for number, raw in enumerate(cells if isinstance(cells, list) else (), start=1):
        cell = _mapping(raw)
        kind = cell.get("cell_type")
        metadata = _mapping(cell.get("metadata"))
        if kind in ("code", "markdown", "raw"):
            yield Cell(
                kind=kind,
                number=number,
                source=_text(cell.get("source")),
                tags=_words(metadata.get("tags")),
                media_type=_text(metadata.get("format") or metadata.get("raw_mimetype")),
                attachments=tuple(_attachments(cell.get("attachments"))),
            )


def _attachments(attachments: object) -> Iterator[Attachment]:
    """The pictures that can be read; one that is broken is missed where it is referred to."""
    for name, bundle in _mapping(attachments).items():
        for media_type, raw in _mapping(bundle).items():
            text = _text(raw)
            try:
                is_text = media_type == _SVG and text.lstrip().startswith("<")
                content = text.encode() if is_text else base64.b64decode(text)
            except (ValueError, binascii.Error):
                continue
            yield Attachment(name, media_type, content)
            break


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    """A text, or its lines in a list; what UTF-8 cannot hold becomes a question mark."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    text = value if isinstance(value, str) else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode()


def _words(value: object) -> tuple[str, ...]:
    """A list of texts, or one with commas."""
    items = value.split(",") if isinstance(value, str) else value
    words = (_text(item).strip() for item in (items if isinstance(items, list) else ()))
    return tuple(dict.fromkeys(word for word in words if word))
