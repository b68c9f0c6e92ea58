"""What goes into the typesetter and what comes out of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Macros: TypeAlias = Mapping[str, str | tuple[str, int]]
"""Name without its backslash to replacement, or to (replacement, number of arguments)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One formula of a post, without its delimiters."""

    tex: str

    is_display: bool
    """True for a formula on a line of its own, False for one inside a sentence."""


@dataclass(frozen=True, slots=True)
class Label:
    r"""A numbered equation that has a name: what `\label{name}` made."""

    name: str

    tag: str
    r"""The number without parentheses, "1"; after `\tag{...}` the TeX in its braces."""

    anchor: str
    """The id that links in formulas point to; to be put on an element around the formula."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typeset:
    r"""A formula ready for a page.

    A formula that only defines something (`\newcommand...`) has empty texts and no width.
    """

    svg: str
    """The picture, hidden from assistive technology; the outlines of its glyphs are elsewhere."""

    tag_svg: str
    r"""The equation numbers, a picture of their own to stand after `svg`; "" without a number.

    It has the height, the baseline and the class of `svg`, so that side by side the two fit
    together row by row, and its left edge holds the least distance. In running text the number
    simply follows; a grid of `1fr auto 1fr` with the number at the end of the third column sets
    it at the margin, and lets the formula give way to the left where the column is narrow.
    One picture for both could do that only with a width of 100 % and a style attribute.
    """

    mathml: str
    """The same for screen readers."""

    glyphs: tuple[tuple[str, str], ...]
    """(id, path data) of every outline that the two pictures use, sorted by id."""

    width_ex: float
    """Both pictures side by side, in the ex of the surrounding text."""

    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class TexError:
    """Why a formula could not be set, in MathJax's words where it was MathJax that refused."""

    message: str

    offset: int
    """Where in the formula's TeX, in characters."""

    hint: str | None = None


class FormulaCache(Protocol):
    """Texts by key, kept from build to build; the keys are digests of all that matters."""

    def get(self, key: str) -> str | None:
        """Return what was put under the key, or None."""

    def put(self, key: str, value: str) -> None:
        """Keep a JSON text."""


def anchor_of(label: str) -> str:
    """Turn the name of a label into an id that no heading has: headings' ids hold no colon."""
    return "eq:" + re.sub(r"[^A-Za-z0-9:_-]", _escape, label)


def _escape(match: re.Match[str]) -> str:
    return "".join(f".{byte:02x}" for byte in match[0].encode(errors="backslashreplace"))
