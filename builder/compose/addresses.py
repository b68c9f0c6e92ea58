"""Which file stands at which address."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

RESERVED = (
    *("index.html", "feed.xml", "feed.json", "sitemap.xml", "robots.txt", "llms.txt"),
    *("404.html", "_headers", "assets"),
)
"""What stands at the root of every site."""

_UNNAMED = re.compile(r"[^\w+#.-]+")


def page_path(address: str) -> PurePosixPath:
    """The file that a host serves for an address."""
    path = PurePosixPath(address.lstrip("/"))
    return path / "index.html" if address.endswith("/") else path


def slug_of(name: str) -> str:
    """A tag or a series as a part of an address: `C++ and C#` is `c++-and-c#`.

    Two names that differ in capitals, spaces or punctuation alone have one slug, and are one.
    """
    folded = unicodedata.normalize("NFC", name).casefold()
    return _UNNAMED.sub("-", folded).strip("-.") or "-".join(f"{ord(c):x}" for c in name)


def quoted(path: str) -> str:
    """An address as it is written in a link."""
    return quote(path, safe="/+~!$&'()*,;=:@")
