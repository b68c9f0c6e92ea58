"""The program that draws social cards: jobs come in as lines of JSON, answers go out.

    {"site_title": …, "title": …, "day": …, "series": …, "media_type": …, "figure": base64}

An answer is a line, `ok BYTES` with the PNG behind it or `error MESSAGE`. The program ends
with its input. It runs in a process of its own, since the builder's loads no Matplotlib; to
start quickly it loads Matplotlib's renderer alone, neither figures nor pyplot.
"""

import base64
import io
import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib as mpl
import resvg_py
from matplotlib.backends import backend_agg
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline
from matplotlib.transforms import IdentityTransform
from PIL import Image

from builder.execute.colours import INK, PAPER
from builder.social.lettering import (
    BOLD,
    CAP_HEIGHT,
    LEADING,
    PLAIN,
    Lettering,
    fit_lines,
    letter_text,
    measure,
    runs,
    shorten,
)

WIDTH, HEIGHT = 1200, 630
_BLUE, _SOFT = "#2462b5", "#52565e"

_EDGE, _LEFT, _RIGHT = 20, 84, 1136
_HEAD, _FOOT = 96, 564
"""Baselines of the site's title and of the last line."""

_SMALL, _SMALL_LEADING = 32, 46

_SHADES = 8
"""Steps from paper to a colour of text: what its edges are mixed of."""

_FIGURE_COLOURS = 80
_LARGEST_ZOOM = 2.0
"""Of pictures made of dots; a picture of few stays small."""

_Agg: Any = backend_agg.RendererAgg  # which says no types


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a title and a plot lie."""

    sizes: Mapping[int, int]
    """Of the title's letters, the largest first, each with the lines that it may have."""

    right: int = _RIGHT
    """Where its lines end at the latest."""

    figure: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Left, top, right and bottom of where a plot may lie."""


_ALONE = _Layout({124: 1, 106: 2, 92: 3, 84: 4, 76: 4, 68: 4, 62: 4, 56: 4})
_BESIDE_A_PLOT = (
    _Layout({66: 4, 60: 4, 54: 4, 50: 4, 46: 4}, 580, (612, 132, 1152, 592)),
    _Layout({48: 4, 44: 4, 40: 4}, 700, (728, 132, 1152, 592)),
)
"""One for each length of title."""


class Painter:
    """Draws one card after the other with one renderer."""

    def __init__(self) -> None:
        mpl.rcdefaults()  # what a machine has set for Matplotlib is for its own plots
        # Large letters keep their own shapes, and widths grow in step with the size.
        mpl.rcParams["text.hinting"] = "no_hinting"
        self._renderer = _Agg(WIDTH, HEIGHT, 72)  # so that a point is a dot

    def draw(self, job: Mapping[str, Any]) -> bytes:
        """Give a card as a PNG.

        Raises:
            Exception: its figure is none; of which kind is the business of who reads it.
        """
        self._renderer.clear()
        self._fill((0, 0, WIDTH, HEIGHT), PAPER)
        self._fill((0, 0, _EDGE, HEIGHT), _BLUE)
        layout = self._write(job, (_ALONE,) if job["figure"] is None else _BESIDE_A_PLOT)
        dots = self._renderer.buffer_rgba()
        card = Image.frombuffer("RGBA", (WIDTH, HEIGHT), dots, "raw", "RGBA", 0, 1).convert("RGB")
        colours = list(_text_colours())
        if job["figure"] is not None:
            content = base64.b64decode(job["figure"])
            colours += _paste(card, _read_figure(job["media_type"], content, layout), layout)
        return _to_png(card, colours)

    def _write(self, job: Mapping[str, Any], layouts: Sequence[_Layout]) -> _Layout:
        """Write what is read; in the layout given back."""
        site_title, title = letter_text(job["site_title"], BOLD), letter_text(job["title"], BOLD)
        headline = title if title.text else site_title
        small = [(job["day"], _SOFT), (job["series"] or "", INK)]  # from below
        small = [(text, colour) for text, colour in small if text]
        top, bottom = _HEAD + _SMALL // 2, _FOOT - _SMALL_LEADING * len(small) - _SMALL // 2
        for layout in layouts:
            width = layout.right - _LEFT
            size, lines, is_whole = fit_lines(headline, width, bottom - top, layout.sizes)
            if is_whole:
                break
        self._line(site_title, _HEAD, _RIGHT - _LEFT, _BLUE)
        for number, (text, colour) in enumerate(small):
            self._line(letter_text(text, PLAIN), _FOOT - _SMALL_LEADING * number, width, colour)
        height = size * (LEADING * (len(lines) - 1) + CAP_HEIGHT)
        y = (top + bottom - height) / 2 + size * CAP_HEIGHT
        for line in lines:
            shift = width - size * measure(line, headline.fonts) if headline.is_from_right else 0
            self._text(Lettering(line, headline.fonts), (_LEFT + shift, y), size, INK)
            y += size * LEADING
        return layout

    def _line(self, what: Lettering, y: float, width: float, colour: str) -> None:
        line = shorten(what.text, what.fonts, width / _SMALL)
        self._text(Lettering(line, what.fonts), (_LEFT, y), _SMALL, colour)

    def _text(self, what: Lettering, at: tuple[float, float], size: float, colour: str) -> None:
        context = self._renderer.new_gc()
        context.set_foreground(colour)
        x, y = at
        for text, font in runs(what.text, what.fonts):
            properties = FontProperties(fname=font, size=size)
            self._renderer.draw_text(context, x, y, text, properties, 0)
            x += size * measure(text, (font,))

    def _fill(self, box: tuple[float, float, float, float], colour: str) -> None:
        left, bottom, right, top = box
        corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        context = self._renderer.new_gc()
        context.set_linewidth(0)
        outline = Outline(corners, closed=True)
        self._renderer.draw_path(context, outline, IdentityTransform(), to_rgb(colour))


def _read_figure(media_type: str, content: bytes, layout: _Layout) -> Image.Image:
    """A picture that fits its place on the card, with its transparency."""
    left, top, right, bottom = layout.figure
    width, height = right - left, bottom - top
    if media_type == "image/svg+xml":
        content = resvg_py.svg_to_bytes(
            svg_string=content.decode("utf-8"),
            width=width,
            height=height,
            dpi=96,  # without it, a size in points is none
            skip_system_fonts=True,
        )
        return Image.open(io.BytesIO(content), formats=["PNG"]).convert("RGBA")
    with Image.open(io.BytesIO(content), formats=["PNG", "WEBP", "JPEG", "GIF"]) as picture:
        zoom = min(width / picture.width, height / picture.height, _LARGEST_ZOOM)
        size = (max(round(picture.width * zoom), 1), max(round(picture.height * zoom), 1))
        return picture.convert("RGBA").resize(size, Image.Resampling.LANCZOS)


def _paste(card: Image.Image, figure: Image.Image, layout: _Layout) -> list[int]:
    """Put a figure into the middle of its place; the colours that it is made of."""
    left, top, right, bottom = layout.figure
    x = left + (right - left - figure.width) // 2
    y = top + (bottom - top - figure.height) // 2
    on_paper = Image.new("RGB", figure.size, PAPER)
    on_paper.paste(figure, mask=figure)
    card.paste(on_paper, (x, y))
    colours = on_paper.quantize(_FIGURE_COLOURS, method=Image.Quantize.FASTOCTREE).getpalette()
    return colours or []


@lru_cache
def _text_colours() -> tuple[int, ...]:
    """Paper, and its mixtures with each colour of text."""
    paper = to_rgb(PAPER)
    shades = [
        (p + (c - p) * step / _SHADES)
        for colour in map(to_rgb, (INK, _BLUE, _SOFT))
        for step in range(1, _SHADES + 1)
        for p, c in zip(paper, colour, strict=True)
    ]
    return tuple(round(255 * part) for part in (*paper, *shades))


def _to_png(card: Image.Image, colours: Sequence[int]) -> bytes:
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours)
    buffer = io.BytesIO()
    dots = card.quantize(palette=palette, dither=Image.Dither.NONE)
    dots.save(buffer, "png", compress_type=zlib.Z_RLE)  # a third of the time, a sixth more bytes
    return buffer.getvalue()


def main() -> None:
    """Answer each job until there is none."""
    painter = Painter()
    answers = sys.stdout.buffer
    for line in sys.stdin.buffer:
        try:
            png = painter.draw(json.loads(line))
        except Exception as error:  # whatever is wrong with a job, the next may be right
            said = " ".join(f"{type(error).__name__}: {error}".split())
            answers.write(f"error {said}\n".encode("utf-8", "replace"))
        else:
            answers.write(b"ok %d\n" % len(png) + png)
        answers.flush()


if __name__ == "__main__":
    main()
