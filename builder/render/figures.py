"""Figures and other pictures that blocks show, as HTML and files."""

import html
import io
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from builder.model import Display, OutputFile, Theme, picture_name
from builder.slugs import quoted

_PX_PER_PT, _PX_PER_IN = 4 / 3, 96
_IMAGES = ("image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif")
_THEMES: tuple[Theme, Theme] = ("light", "dark")

AddFile = Callable[[OutputFile], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    content: bytes
    media_type: str
    kind: str
    """Classes that say when it is shown."""

    size: tuple[int, int] | None
    """In the pixels of the page."""


@dataclass(frozen=True, slots=True)
class FigureRenderer:
    """Renders the pictures of one post."""

    folder: str
    """Of the post's page below the base path."""

    base_path: str
    add_file: AddFile
    """Takes each picture's file."""

    _switches: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def render(self, display: Display, alt: str, caption: str) -> str:
        """HTML of one figure; `caption` is HTML, and may be empty."""
        is_moving = "image/webp" in display.in_theme("light")
        kind = "plot animation" if is_moving else "plot"
        switch = self._switch() if is_moving else ""
        images = "".join(self._image(picture, alt) for picture in _pictures(display))
        words = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure class="{kind}">{switch}{images}{words}</figure>'

    def _switch(self) -> str:
        """What lets a reader stop an animation, without any script."""
        name = f"still-{next(self._switches)}"
        return f'<input type="checkbox" id="{name}"><label for="{name}">Stand still</label>'

    def _image(self, picture: _Picture, alt: str) -> str:
        address = f"{self.folder}/{picture_name(picture.content, picture.media_type)}"
        self.add_file(OutputFile(PurePosixPath(address.lstrip("/")), picture.content))
        kind = f'class="{picture.kind}" ' if picture.kind else ""
        size = ' width="{}" height="{}"'.format(*picture.size) if picture.size else ""
        return (
            f'<img {kind}src="{html.escape(quoted(self.base_path + address))}" '
            f'alt="{html.escape(alt)}"{size} loading="lazy" decoding="async">'
        )


def is_picture(display: Display) -> bool:
    """Whether a value is shown as a picture, a figure or another."""
    return display.is_figure or _image_type(display.content) is not None


def _image_type(content: Mapping[str, bytes]) -> str | None:
    """The media type of a picture that is no figure; HTML is shown rather than it."""
    found = next((kind for kind in _IMAGES if kind in content), None)
    return None if "text/html" in content else found


def _pictures(display: Display) -> Iterator[_Picture]:
    kind = _image_type(display.content)
    if not display.is_figure and kind:
        content = display.content[kind]
        size = None if kind == "image/svg+xml" else _pixels(content)
        yield _Picture(content=content, media_type=kind, kind="", size=size)
        return
    for theme in _THEMES:
        variants = display.in_theme(theme)
        still = next(k for k in ("image/svg+xml", "image/png") if k in variants)
        size = _figure_size(variants[still], still)
        for kind, content in sorted(variants.items(), reverse=True):
            moves = {"image/webp": " moving", still: " still"}[kind] if len(variants) > 1 else ""
            yield _Picture(content=content, media_type=kind, kind=f"only-{theme}{moves}", size=size)


def _figure_size(content: bytes, kind: str) -> tuple[int, int] | None:
    """Width and height of a figure, drawn in Matplotlib's points or in dots of a density."""
    if kind == "image/svg+xml":
        head = content[:1000].decode("utf-8", "replace")
        values = dict(re.findall(r'\b(width|height)="(\d{1,9}(?:\.\d+)?)pt"', head))
        if len(values) < 2:
            return None
        width, height = (float(values[name]) for name in ("width", "height"))
        return round(width * _PX_PER_PT), round(height * _PX_PER_PT)
    from PIL import Image  # noqa: PLC0415  # loads slowly, and many posts have no such figure

    try:
        with Image.open(io.BytesIO(content)) as image:
            dpi = max(1.0, float(image.info["dpi"][0]))
            return round(image.width * _PX_PER_IN / dpi), round(image.height * _PX_PER_IN / dpi)
    except (OSError, KeyError, Image.DecompressionBombError):  # no picture of this builder's
        return None


def _pixels(content: bytes) -> tuple[int, int] | None:
    from PIL import Image  # noqa: PLC0415  # loads slowly, and many posts have no such figure

    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except (OSError, Image.DecompressionBombError):
        return None
