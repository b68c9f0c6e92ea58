"""Where a site is published, as one address and as the two settings that it is, and its mark."""

import re
from typing import NamedTuple

from builder.errors import SettingsError

MARKER = ".nojekyll"
"""In a published folder: tells GitHub Pages to serve files as they are, and us that it is ours."""


class Address(NamedTuple):
    """An address as settings have it."""

    url: str
    base_path: str


def read_address(url: str) -> Address:
    """Read an address such as `https://name.github.io/repository`.

    Raises:
        SettingsError: it is no address of a folder on a host.
    """
    match = re.fullmatch(r"(https?://[^/?#@\s]+)(?:/([A-Za-z\d_.~/-]*))?", url)
    if match is None or ".." in url:
        raise SettingsError(
            f"url {url!r}: must be an address such as 'https://name.github.io' "
            "or 'https://name.github.io/repository'"
        )
    path = (match[2] or "").strip("/")
    return Address(match[1], f"/{path}" if path else "")
