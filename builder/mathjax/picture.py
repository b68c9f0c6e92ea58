"""From MathJax's drawing to SVG for a page: sizes, baseline, ids of outlines.

No style attribute is written, so that a strict Content-Security-Policy holds: the baseline is
a class, `math-d{n}` for n quarters of an ex below it, and `depth_css` writes the rules.
"""

import base64
import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DEEPEST = 120
"""In quarters of an ex; what hangs lower stands too high in a line, but is not cut off."""

_UNITS_PER_EM = 1000
_UNITS_PER_EX = 442
_TAG_GAP_UNITS = 1000
_PX_PER_EX = 8
_MARGIN_PX = 2
_USED = re.compile(r'<use href="#([^"]*)"')
_FRAME = re.compile(r'<svg class="[^"]*" width="([\d.]+)ex" height="([\d.]+)ex"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What shim.js drew; sizes in em, `<use href="#n"/>` for the n-th outline."""

    body: str
    width: float
    height: float
    """Above the baseline."""
    depth: float
    """Below the baseline; negative where the formula does not reach down to it."""
    tag: str
    tag_width: float
    outlines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The fields of `Typeset` that come from a drawing."""

    svg: str
    tag_svg: str
    glyphs: tuple[tuple[str, str], ...]
    width_ex: float


def picture_of(drawing: Drawing) -> Picture:
    """Make the pictures of a formula and of its numbers."""
    if not drawing.body and not drawing.tag and drawing.width <= 0:
        return Picture(svg="", tag_svg="", glyphs=(), width_ex=0.0)
    ids = tuple(glyph_id(outline) for outline in drawing.outlines)
    quarters = depth_quarters(drawing.depth)
    above = drawing.height * _UNITS_PER_EM
    tall = max(above + quarters * _UNITS_PER_EX / 4, 1.0)
    frame = _Frame(above=above, tall=tall, depth_class=f"math-d{min(quarters, DEEPEST)}")
    wide = max(drawing.width * _UNITS_PER_EM, 1.0)
    tag_wide = drawing.tag_width * _UNITS_PER_EM + _TAG_GAP_UNITS if drawing.tag else 0.0
    return Picture(
        svg=frame.svg(_named(drawing.body, ids), left=0, wide=wide),
        tag_svg=frame.svg(_named(drawing.tag, ids), left=-_TAG_GAP_UNITS, wide=tag_wide)
        if drawing.tag
        else "",
        glyphs=tuple(sorted(zip(ids, drawing.outlines, strict=True))),
        width_ex=round((wide + tag_wide) / _UNITS_PER_EX, 3),
    )


def depth_quarters(depth_em: float) -> int:
    """Round the depth below the baseline up to quarters of an ex, at least to the baseline."""
    exact = depth_em * _UNITS_PER_EM / _UNITS_PER_EX * 4
    # MathJax adds up floats: 3.0000000000000004 quarters are three.
    return max(0, math.ceil(round(exact, 6)))


def depth_css() -> str:
    """Write the rules that put the baseline of every picture on that of its line."""
    rules = (f".math-d{n}{{vertical-align:{-n / 4:g}ex}}" for n in range(1, DEEPEST + 1))
    return "".join((".math-d0{vertical-align:0}", *rules))


def glyph_id(outline: str) -> str:
    """Name an outline by its content, the same in every post, and a valid id."""
    digest = hashlib.sha256(outline.encode()).digest()
    return "g" + base64.b32encode(digest[:5]).decode().lower()


def picture_file(svgs: Sequence[str], outlines: Mapping[str, str]) -> tuple[str, int, int]:
    """Write a formula of a page as a file of its own, and its width and height in pixels.

    Args:
        svgs: its pictures side by side: the formula, and the number that it may have.
        outlines: of all letters of the page, by id.

    It stands on white, for where it is shown may be as dark as its ink.
    """
    sizes = [_size_px(svg) for svg in svgs]
    wide = round(sum(width for width, _ in sizes)) + 2 * _MARGIN_PX
    tall = round(max(height for _, height in sizes)) + 2 * _MARGIN_PX
    names = sorted({name for svg in svgs for name in _USED.findall(svg)})
    defs = "".join(f'<path id="{name}" d="{outlines[name]}"/>' for name in names)
    pieces, left = "", float(_MARGIN_PX)
    for svg, (width, height) in zip(svgs, sizes, strict=True):
        place = f'<svg x="{_number(left)}" y="{_MARGIN_PX}" width="{width:g}" height="{height:g}"'
        pieces += _FRAME.sub(place, svg, count=1)
        left += width
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{tall}">'
        f'<rect width="100%" height="100%" fill="#fff"/><defs>{defs}</defs>{pieces}</svg>'
    )
    return text, wide, tall


def _size_px(svg: str) -> tuple[float, float]:
    match = _FRAME.match(svg)
    assert match is not None  # written by _Frame
    return float(match[1]) * _PX_PER_EX, float(match[2]) * _PX_PER_EX


@dataclass(frozen=True, slots=True)
class _Frame:
    above: float
    tall: float
    depth_class: str

    def svg(self, body: str, *, left: float, wide: float) -> str:
        box = " ".join(_number(each) for each in (left, -self.above, wide, self.tall))
        # The numbers grow upwards in MathJax and downwards in SVG. Glyphs overhang their
        # boxes a little, so nothing is clipped at the edge.
        return (
            f'<svg class="{self.depth_class}" width="{_number(wide / _UNITS_PER_EX)}ex" '
            f'height="{_number(self.tall / _UNITS_PER_EX)}ex" viewBox="{box}" '
            'overflow="visible" aria-hidden="true" focusable="false">'
            '<g fill="currentColor" stroke="currentColor" stroke-width="0" '
            f'transform="scale(1,-1)">{body}</g></svg>'
        )


def _named(body: str, ids: tuple[str, ...]) -> str:
    return re.sub(r'<use href="#(\d+)"', lambda use: f'<use href="#{ids[int(use[1])]}"', body)


def _number(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
