"""Compare pictures as a reader does: by what is drawn, not by the bytes that say it.

Drawings are turned into dots, two to a pixel of the page, and set on the page's paper. A dot
differs where it is not among the colours that the other picture has in its place and around it, or
the other way round. So an edge that is smoothed otherwise or lies a little further is the same,
while a line, a letter or a point that is new, gone or elsewhere is not, however thin or faint.

How far around depends. Another version of Matplotlib sets the same letters otherwise, and all axes
with them are a pixel larger or smaller, which no reader sees. Where the letters of two drawings are
the same and only set otherwise, or cannot be known, as in pictures made of dots, that is allowed.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageOps

_DOTS_PER_PX, _PX_PER_IN = 2, 96

_NEAR, _FAR = 1, 4
"""Dots around a place that count: half a pixel of the page, as smoothing an edge needs, and two
pixels. Of 28 plots drawn by Matplotlib 3.10 and by 3.11, all differ by the first, and by the second
those of which labels or points have moved by more."""

_MARGIN_PX = 2
"""By which a picture may be larger or smaller than it was, as it is cropped to its letters."""

_CONTRAST = 20
"""Of 255 that two colours may lie apart; grid lines, the faintest of all, are 50 from paper."""

_FEW, _SHARE = 14, 1.5e-5
"""Dots that may differ, or what part of all: lines that lie a third of a pixel elsewhere were
measured to differ in 10 of a figure of the usual size, a label without its decimal point in 20."""

_MOST_DOTS = 50_000_000
_TEXT = re.compile(rb"<text\b.*?</text\s*>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LETTER = re.compile(rb'href="#([^"]+-[0-9a-f]+)"')
"""As Matplotlib names the outlines of letters: `#DejaVuSans-30`."""

_SIZE = re.compile(rb'\b(?:width|height)="[^"]*"')


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureChange:
    """How a picture differs from an older one."""

    message: str
    """`1.3 % of its dots differ`."""

    shown: bytes | None
    """A PNG of the new one, faint, with what differs in red; None where they do not fit."""


def compare_pictures(
    old: bytes, new: bytes, paper: str, *, is_exact: bool = False
) -> PictureChange | None:
    """How a picture differs from what it was; None where a reader sees the same.

    Args:
        old: SVG, PNG, JPEG, GIF or WebP, of one frame or more.
        new: the same, maybe in another format.
        paper: colour on which both lie.
        is_exact: whether every dot counts.
    """
    if old == new:
        return None
    if _words(old) != _words(new):
        return PictureChange(message="its text is another", shown=_marked_or_none(old, new, paper))
    before, after = _read(old, paper), _read(new, paper)
    if before is None or after is None:
        return PictureChange(message="it cannot be read, and its bytes differ", shown=None)
    return _compare_frames(before, after, 0 if is_exact else _reach(old, new))


def _reach(old: bytes, new: bytes) -> int:
    """How far around a place counts."""
    if not (_is_svg(old) and _is_svg(new)):
        return _FAR
    before, after = _LETTER.findall(old), _LETTER.findall(new)
    is_set_otherwise = before != after or _SIZE.findall(old[:1000]) != _SIZE.findall(new[:1000])
    return _FAR if is_set_otherwise and _pattern(before) == _pattern(after) else _NEAR


def _pattern(letters: Sequence[bytes]) -> tuple[int, ...]:
    """Which of them are alike: other versions of Matplotlib give them other names."""
    numbers: dict[bytes, int] = {}
    return tuple(numbers.setdefault(letter, len(numbers)) for letter in letters)


def _compare_frames(old: "_Picture", new: "_Picture", reach: int) -> PictureChange | None:
    margin = _MARGIN_PX if reach else 0
    if any(abs(a - b) > margin for a, b in zip(old.size_px, new.size_px, strict=True)):
        told = ["{} × {}".format(*picture.size_px) for picture in (new, old)]
        return PictureChange(message=f"it is {told[0]} where it was {told[1]}", shown=None)
    if len(old) != len(new):
        message = f"it has {len(new)} frames where it had {len(old)}"
        return PictureChange(message=message, shown=None)
    frames = zip(old.frames(new.dots_per_px), new.frames(new.dots_per_px), strict=True)
    for number, (before, after) in enumerate(frames, 1):
        size = max(before.width, after.width), max(before.height, after.height)
        shown = _enlarged(after, size, new.paper)
        mask = _difference(_enlarged(before, size, old.paper), shown, reach)
        count, total = mask.histogram()[255], mask.width * mask.height
        if count > (max(_FEW, _SHARE * total) if reach else 0):
            where = f" of frame {number}" if len(new) > 1 else ""
            message = f"{_percent(count / total)} of its dots{where} differ"
            return PictureChange(message=message, shown=_marked(shown, mask))
    return None


def _enlarged(picture: Image.Image, size: tuple[int, int], paper: str) -> Image.Image:
    """A picture with paper to its right and below."""
    if picture.size == size:
        return picture
    larger = Image.new("RGB", size, paper)
    larger.paste(picture)
    return larger


class _Picture:
    """A picture on its paper, frame by frame."""

    def __init__(self, image: Image.Image, paper: str, dots_per_px: float) -> None:
        self._image, self.paper, self.dots_per_px = image, paper, dots_per_px
        self.size_px = (round(image.width / dots_per_px), round(image.height / dots_per_px))

    def __len__(self) -> int:
        """How many frames it has."""
        return int(getattr(self._image, "n_frames", 1))

    def frames(self, dots_per_px: float) -> Iterator[Image.Image]:
        """Each as it lies on the paper, with so many dots."""
        zoom = dots_per_px / self.dots_per_px
        for number in range(len(self)):
            self._image.seek(number)
            frame = self._image.convert("RGBA")
            on_paper = Image.new("RGB", frame.size, self.paper)
            on_paper.paste(frame, mask=frame)
            if zoom == 1:
                yield on_paper
            else:
                size = round(frame.width * zoom), round(frame.height * zoom)
                yield on_paper.resize(size, Image.Resampling.LANCZOS)


def _read(content: bytes, paper: str) -> _Picture | None:
    """A picture; None where it is broken or too large to be looked at."""
    try:
        dots_per_px = 1.0
        if _is_svg(content):
            content, dots_per_px = _drawn(content), float(_DOTS_PER_PX)
        image = Image.open(io.BytesIO(content))
        if image.width * image.height > _MOST_DOTS:
            return None
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    with suppress(LookupError, TypeError, ZeroDivisionError):
        if dots_per_px == 1.0:
            dots_per_px = max(float(image.info["dpi"][0]) / _PX_PER_IN, 1.0)
    return _Picture(image, paper, dots_per_px)


def _drawn(svg: bytes) -> bytes:
    """A drawing as a PNG.

    Raises:
        ValueError: it is none.
    """
    import resvg_py  # noqa: PLC0415  # few comparisons need it

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg.decode("utf-8"),
            zoom=_DOTS_PER_PX,
            dpi=_PX_PER_IN,  # without it, a size in points is none
            skip_system_fonts=True,  # text is compared as text: fonts are another machine's
        )
    )


def _is_svg(content: bytes) -> bool:
    return b"<svg" in content[:1000]


def _words(content: bytes) -> str:
    """The text in a drawing that is not made of outlines."""
    if not _is_svg(content):
        return ""
    found = (text.decode("utf-8", "replace") for text in _TEXT.findall(content))
    return " ".join(" ".join(_TAG.sub(" ", text).split()) for text in found)


def _difference(old: Image.Image, new: Image.Image, reach: int) -> Image.Image:
    """White where a reader sees another dot, black elsewhere; without a reach, any other dot."""
    apart, limit = ImageChops.difference(old, new), 0
    box = apart.getbbox()
    if box is not None and reach:  # looking around costs time: only where it is needed
        left, top, right, bottom = box
        box = (
            max(left - reach, 0),
            max(top - reach, 0),
            min(right + reach, old.width),
            min(bottom + reach, old.height),
        )
        before, after = old.crop(box), new.crop(box)
        beyond = ImageChops.lighter(_beyond(before, after, reach), _beyond(after, before, reach))
        apart.paste(beyond, box[:2])
        limit = _CONTRAST
    red, green, blue = apart.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([0 if value <= limit else 255 for value in range(256)])


def _beyond(picture: Image.Image, other: Image.Image, reach: int) -> Image.Image:
    """How far each dot is from the colours that the other picture has around its place."""
    darkest = lightest = other
    for _ in range(reach):
        darkest = _around(darkest, ImageChops.darker)
        lightest = _around(lightest, ImageChops.lighter)
    above = ImageChops.subtract(picture, lightest)
    return ImageChops.lighter(above, ImageChops.subtract(darkest, picture))


def _around(
    picture: Image.Image, choose: Callable[[Image.Image, Image.Image], Image.Image]
) -> Image.Image:
    """The lightest or darkest of each dot and its eight neighbours; a tenth of a filter's time."""
    for x, y in ((1, 0), (0, 1)):
        before, after = picture.copy(), picture.copy()
        before.paste(picture, (x, y))
        after.paste(picture, (-x, -y))
        picture = choose(choose(picture, before), after)
    return picture


def _marked(picture: Image.Image, mask: Image.Image) -> bytes:
    """A PNG of a picture, faint, with the dots of the mask, made larger, in red."""
    paper = picture.getpixel((0, 0))
    assert isinstance(paper, tuple)
    faint = Image.blend(ImageOps.grayscale(picture).convert("RGB"), _plain(picture, paper), 0.7)
    faint.paste((224, 32, 48), mask=mask.filter(ImageFilter.MaxFilter(5)))
    buffer = io.BytesIO()
    faint.quantize(64).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def _plain(picture: Image.Image, colour: tuple[int, ...]) -> Image.Image:
    return Image.new("RGB", picture.size, (colour[0], colour[1], colour[2]))


def _marked_or_none(old: bytes, new: bytes, paper: str) -> bytes | None:
    before, after = _read(old, paper), _read(new, paper)
    if before is None or after is None:
        return None
    change = _compare_frames(before, after, _NEAR)
    return change.shown if change else None


def _percent(share: float) -> str:
    """`1.3 %`; of very little that it is."""
    percent = 100 * share
    return f"{percent:.2g} %" if percent >= 0.01 else "less than 0.01 %"
