"""Which file stands at which address."""

import hashlib
import unicodedata
from pathlib import PurePosixPath

from builder.slugs import hyphenated

RESERVED = (
    *("index.html", "feed.xml", "feed.json", "sitemap.xml", "robots.txt", "llms.txt"),
    *("404.html", "_headers", "assets"),
)
"""What stands at the root of every site."""

_LONGEST = 120
"""Bytes of a slug: with what stands behind it, a file's name may have some 255."""

_TAKEN = ("index.html", "feed.xml", "feed.json")


def page_path(address: str) -> PurePosixPath:
    """The file that a host serves for an address."""
    path = PurePosixPath(address.lstrip("/"))
    return path / "index.html" if address.endswith("/") else path


def slug_of(name: str) -> str:
    """A tag or a series as a part of an address: `C++ and C#` is `c++-and-c#`.

    Two names that differ in capitals, spaces or punctuation alone have one slug, and are one.
    """
    folded = unicodedata.normalize("NFC", name).casefold()
    slug = hyphenated(folded, "_+#.").strip("-.")
    if not slug or slug in _TAKEN or len(slug.encode()) > _LONGEST:
        digest = hashlib.sha256(folded.encode()).hexdigest()[:8]
        cut = slug.encode()[: _LONGEST - 9].decode(errors="ignore")
        return "-".join(filter(None, (cut, digest)))
    return slug
