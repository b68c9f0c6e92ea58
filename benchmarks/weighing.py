"""What a browser asks for to show a page: files, bytes, and files of other hosts."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

_LOADED = (
    "//script/@src",
    "//link[contains(@rel, 'stylesheet') or contains(@rel, 'icon')]/@href",
    # Of the two variants of a plot, a browser fetches the one that it shows.
    "//img[not(contains(@class, 'only-dark'))]/@src",
)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a page asks for."""

    requests: int
    """Itself, and files of its own site."""

    kilobytes: float
    """Of these, compressed as hosts do."""

    foreign: int
    """What it asks other hosts for."""


def weigh(page: Path, site: Path) -> Weight:
    """Weigh a page of a site that lies at the root of its host."""
    found, foreign = {page}, 0
    for address in _addresses(page):
        parts = urlsplit(address)
        if parts.scheme == "data":
            continue
        place = site / unquote(parts.path).lstrip("/")
        if not parts.path.startswith("/"):
            place = (page.parent / unquote(parts.path)).resolve()
        if parts.netloc and not place.is_file():
            foreign += 1
        else:
            found.add(place)
    packed = sum(len(gzip.compress(path.read_bytes(), 6, mtime=0)) for path in found)
    return Weight(len(found), packed / 1000, foreign)


def _addresses(page: Path) -> Iterator[str]:
    tree = html.fromstring(page.read_bytes())
    for pattern in _LOADED:
        yield from map(str, tree.xpath(pattern))
