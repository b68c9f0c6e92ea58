"""What this program is, so that what another one has made is not taken for its own."""

import sys
from functools import cache
from pathlib import Path

from builder.cache.store import digest

_BUILDER = Path(__file__).resolve().parent.parent


@cache
def made_by(installed: str) -> str:
    """A digest of the builder's own code, but for the network library that posts use.

    Args:
        installed: all packages with their versions.
    """
    modules = sorted(
        path
        for path in _BUILDER.rglob("*")
        if path.suffix in (".py", ".js") and path.relative_to(_BUILDER).parts[0] != "network"
    )
    named = (part for path in modules for part in (str(path.name), path.read_bytes()))
    return digest(sys.version, installed, *named)
