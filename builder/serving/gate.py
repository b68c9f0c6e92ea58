"""Who may ask: pages of other sites, and names that only seem to be this machine's, may not.

A page of another site can let a browser ask a server of this machine. It cannot read
the answer, unless its own name leads here (DNS rebinding); so the name that is asked for must
be one that nobody else can own: an address, or `localhost`.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens at `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_own_name(asked: str, host: str) -> bool:
    """Whether a `Host` header names this server.

    Args:
        asked: the header, with or without a port.
        host: where the server listens, as its writer has said it.
    """
    try:
        name = urlsplit(f"//{asked}").hostname or ""
    except ValueError:
        return False
    if name == host.lower() or name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or not is_loopback(host)


def is_own_origin(origin: str | None, asked: str) -> bool:
    """Whether an `Origin` header names the server that is asked; none is a visit of its own."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == asked.lower()
