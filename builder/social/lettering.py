"""Letters of social cards: fonts that have them, widths, and lines that fit.

Text is text: nothing in it is read as TeX. A letter that no font of this machine has is left
out, since a card with boxes looks broken.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import matplotlib as mpl
from matplotlib.font_manager import findSystemFonts
from matplotlib.ft2font import FT2Font, LoadFlags

_FONTS = Path(mpl.get_data_path(), "fonts/ttf")
BOLD, PLAIN = str(_FONTS / "DejaVuSans-Bold.ttf"), str(_FONTS / "DejaVuSans.ttf")

_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_CLOSING = "、。，．・：；！？）」』】〉》ー"
_WORD = re.compile(rf"(\s?)([{_WIDE}][{_CLOSING}]*|[^\s{_WIDE}]+)")
"""Between letters of Chinese, Japanese and Korean a line may end, but not before a full stop."""

_LEFT_OVER = re.compile(r"[\ufe00-\ufe0f]|(?<!\w)\u200d")
"""What joins and varies emoji, where these are gone."""

_MEASURED_SIZE = 100
_FIXED = 64
"""FreeType's parts of a dot."""

LEADING, CAP_HEIGHT = 1.16, 0.73
"""Between baselines, and of a capital letter, in parts of the size."""

_MOST_LINES, _MOST_LETTERS = 4, 400
_ELLIPSIS = "…"


@dataclass(frozen=True)
class Lettering:
    """A text of one line, and the fonts that have its letters, the first preferred."""

    text: str
    fonts: tuple[str, ...]

    @cached_property
    def is_from_right(self) -> bool:
        """Whether its first letter is of a script that runs from right to left."""
        directions = map(unicodedata.bidirectional, self.text)
        return next((d for d in directions if d in {"L", "R", "AL"}), "L") != "L"


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    has_space: bool
    """Before it, where it does not begin a line."""

    width: float
    """Like all widths here, in parts of the font's size."""


def letter_text(text: str, font: str) -> Lettering:
    """A text on one line, in `font` and another, without what they cannot write."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    lacking = "".join(sorted({c for c in text if c.isalpha() and not _has(font, c)}))
    other = _system_font(lacking, is_bold=font == BOLD) if lacking else None
    fonts = (font,) if other is None else (font, other)
    written = "".join(c for c in text if any(_has(font, c) for font in fonts))
    return Lettering(" ".join(_LEFT_OVER.sub("", written).split()), fonts)


def runs(text: str, fonts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A text in parts, each with the font that writes it."""
    used = fonts[0]
    chosen = []
    for letter in text if len(fonts) > 1 else "":
        if letter.isalpha() or not _has(used, letter):  # what is no letter goes with the last one
            used = next((font for font in fonts if _has(font, letter)), used)
        chosen.append(used)
    if not chosen:
        yield text, used
    for font, run in groupby(zip(chosen, text, strict=False), key=itemgetter(0)):
        yield "".join(letter for _, letter in run), font


@lru_cache
def _open(font: str) -> FT2Font:
    """A font for measuring."""
    opened = FT2Font(font)
    opened.set_size(_MEASURED_SIZE, 72)
    return opened


@lru_cache(8192)
def measure(text: str, fonts: tuple[str, ...]) -> float:
    """How wide a text is, in parts of the font's size."""
    width = 0
    for run, font in runs(text, fonts):
        opened = _open(font)
        opened.set_text(run, flags=LoadFlags.NO_HINTING)
        width += opened.get_width_height()[0]
    return width / _FIXED / _MEASURED_SIZE


def _has(font: str, letter: str) -> bool:
    return _open(font).get_char_index(ord(letter)) != 0


@lru_cache
def _system_font(letters: str, *, is_bold: bool) -> str | None:
    """The font of this machine that has most of the letters, sooner one without serifs."""

    def rank(path: str) -> tuple[bool, bool, str]:
        name = Path(path).stem
        return "Sans" not in name, not name.endswith("Bold" if is_bold else "Regular"), path

    found, most = None, 0
    for path in sorted(findSystemFonts(), key=rank):
        try:
            font = FT2Font(path)
        except (OSError, RuntimeError):  # a format that FreeType does not know
            continue
        count = sum(font.get_char_index(ord(letter)) != 0 for letter in letters)
        # The font called "last resort" has a box for everything.
        if count > most and font.scalable and "LastResort" not in path:
            found, most = path, count
            if count == len(letters):
                break
    return found


def fit_lines(
    what: Lettering, width: float, height: float, sizes: Mapping[int, int]
) -> tuple[int, list[str], bool]:
    """The largest size at which a text fits, its lines, and whether they say all of it."""
    words = [
        _Word(word, bool(space), measure(word, what.fonts))
        for space, word in _WORD.findall(what.text[:_MOST_LETTERS])
    ]
    space = measure(" ", what.fonts)
    longest = max((word.width for word in words), default=0)
    for size, most_lines in sizes.items():
        lines = _wrap(words, width / size, space)
        is_low = size * (LEADING * (len(lines) - 1) + 1) <= height
        if longest * size <= width and len(lines) <= most_lines and is_low:
            return size, _balance(words, width / size, space), True
    size = min(sizes)
    pieces = [piece for word in words for piece in _cut(word, what.fonts, width / size)]
    lines = _wrap(pieces, width / size, space)
    is_whole = len(lines) <= _MOST_LINES
    if not is_whole:
        rest = " ".join(lines[_MOST_LINES - 1 : _MOST_LINES + 1])
        lines = [*lines[: _MOST_LINES - 1], shorten(rest, what.fonts, width / size)]
    return size, lines, is_whole and longest * size <= width


def _cut(word: _Word, fonts: tuple[str, ...], width: float) -> Iterator[_Word]:
    """A word in pieces that are no wider than a line."""
    rest, has_space = word.text, word.has_space
    while measure(rest, fonts) > width:
        fitting = partial(_is_fitting, rest, "", fonts, width)
        count = max(_most(len(rest), fitting), 1)
        yield _Word(rest[:count], has_space, measure(rest[:count], fonts))
        rest, has_space = rest[count:], False
    yield _Word(rest, has_space, measure(rest, fonts))


def shorten(text: str, fonts: tuple[str, ...], width: float) -> str:
    """As much of a text as fits into a line, of whole words if not much is lost."""
    if measure(text, fonts) <= width:
        return text
    count = _most(len(text), partial(_is_fitting, text, _ELLIPSIS, fonts, width))
    words = text[: count + 1].rpartition(" ")[0]
    return (words if len(words) > count / 2 else text[:count]).rstrip(" ,.;:–—-") + _ELLIPSIS


def _is_fitting(text: str, end: str, fonts: tuple[str, ...], width: float, count: int) -> bool:
    return measure(text[:count] + end, fonts) <= width


def _most(limit: int, is_fitting: Callable[[int], bool]) -> int:
    """The largest number up to `limit` that fits, by halving; 0 where none does."""
    return bisect_left(range(1, limit + 1), True, key=lambda count: not is_fitting(count))


def _wrap(words: Sequence[_Word], width: float, space: float) -> list[str]:
    """Lines, each with as many words as fit."""
    lines: list[str] = []
    used = 0.0
    for word in words:
        gap = space if word.has_space else 0.0
        if lines and used + gap + word.width <= width:
            lines[-1] += (" " if word.has_space else "") + word.text
            used += gap + word.width
        else:
            lines.append(word.text)
            used = word.width
    return lines


def _balance(words: Sequence[_Word], width: float, space: float) -> list[str]:
    """As many lines as fit into `width`, each about as long as the others."""
    best = _wrap(words, width, space)
    for part in range(99, 30, -3):
        narrow = max(width * part / 100, *(word.width for word in words), 0)
        lines = _wrap(words, narrow, space)
        if len(lines) > len(best):
            break
        best = lines
    return best
