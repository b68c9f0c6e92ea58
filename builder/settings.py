"""What each setting of a site may be; `config` says what it means."""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from builder.errors import did_you_mean
from builder.kinds import Kind, kind, read_macros, read_math

PLACEHOLDERS = (
    *("categories", "day", "i_day", "i_month", "month"),
    *("short_year", "slug", "slugified_categories", "title", "y_day", "year"),
)
"""What `:name` may be in a permalink."""

NO_ADDRESS = re.compile(r"[?#\\\x00-\x1f\x7f]")
"""What ends an address, or stands in none."""

_LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*"
"""The form of a language tag (BCP 47), as HTML and feeds have it."""

NO_CLIMBING = r"(?!.*(^|/)\.\.?(/|$))"
KNOWN_PLACEHOLDERS = rf"(?!.*:(?!({'|'.join(PLACEHOLDERS)})(?!\w))\w)"
"""What patterns say of addresses: no part climbs, and what `:name` may be."""


@kind({"type": "string"})
def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


@kind({"type": "string", "pattern": r"^(?=.*\S)[^\n]*$"})
def _one_line(value: object) -> str:
    if not _text(value).strip() or "\n" in _text(value):
        raise ValueError("must be one line of text")
    return _text(value)


@kind({"type": "string", "pattern": r"^https?://[^/\s]+/?$"})
def _url(value: object) -> str:
    match = re.fullmatch(r"(https?://[^/\s]+)/?", _text(value))
    if not match:
        raise ValueError(
            "must be scheme and host, such as 'https://name.github.io'; a path goes into base_path"
        )
    return match[1]


@kind({"type": "string", "pattern": r"^(?!.*\.\.)[A-Za-z0-9_.~/-]*$"})
def _base_path(value: object) -> str:
    path = _text(value).strip("/")
    if not re.fullmatch(r"[\w.~/-]*", path, re.ASCII) or ".." in path:
        raise ValueError("must be a path of letters, digits, '-', '.', '_' and '~'")
    return f"/{path}" if path else ""


@kind({"type": "string", "pattern": rf"^{NO_CLIMBING}{KNOWN_PLACEHOLDERS}/"})
def _permalink(value: object) -> str:
    path = _text(value)
    if not path.startswith("/") or {".", ".."} & set(path.split("/")):
        raise ValueError("must begin with '/', such as '/:year/:month/:day/:title/'")
    if NO_ADDRESS.search(path):
        raise ValueError("must hold no '?', '#', backslash or control character")
    unknown = next((n for n in re.findall(r":(\w+)", path) if n not in PLACEHOLDERS), None)
    if unknown is not None:
        hint = did_you_mean(unknown, PLACEHOLDERS) or f"known are {', '.join(PLACEHOLDERS)}"
        raise ValueError(f"there is no ':{unknown}' ({hint})")
    return path


@kind({"type": "string", "pattern": f"^{_LANGUAGE}$"})
def _language(value: object) -> str:
    if not re.fullmatch(_LANGUAGE, _text(value)):
        # As systems write it: en_US.UTF-8.
        near = _text(value).partition(".")[0].replace("_", "-")
        is_near = re.fullmatch(_LANGUAGE, near)
        hint = f"did you mean {near!r}?" if is_near else "write one such as 'en' or 'pt-BR'"
        raise ValueError(f"is no language tag ({hint})")
    return _text(value)


@kind({"type": "string"})
def _time_zone(value: object) -> str:
    try:
        ZoneInfo(_text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a known time zone, such as 'Europe/Berlin'") from None
    return _text(value)


@kind({"type": "integer", "minimum": 1})
def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("must be a whole number of at least 1")
    return value


@kind({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1_000_000})
def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e6:
        raise ValueError("must be a number of seconds above 0")
    return float(value)


@kind({"type": "boolean"})
def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


@kind({"type": "object"})
def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("must be a table, such as {echo = false}")
    return value


@kind(
    {
        "type": "object",
        "additionalProperties": {
            "type": "string",
            "pattern": r"^(https?://|mailto:|/(?!/))\S*$",
        },
    }
)
def _links(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError("must be a table of addresses, such as {About = '/about/'}")
    for name, address in value.items():
        if not re.match(r"https?://|mailto:|/(?!/)", address) or re.search(r"\s", address):
            raise ValueError(
                f"{name}: {address!r} is no address: begin it with '/', 'https://' or 'mailto:'"
            )
    return value


@kind({"type": "object", "additionalProperties": {"type": "string"}})
def _layouts(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError("must be a table of names, such as {single = 'post'}")
    return value


READERS: Mapping[str, Kind[Any]] = {
    "title": _one_line,
    "author": _text,
    "description": _text,
    "url": _url,
    "base_path": _base_path,
    "permalink": _permalink,
    "language": _language,
    "time_zone": _time_zone,
    "feed_size": _whole,
    "home_size": _whole,
    "navigation": _links,
    "links": _links,
    "social_cards": _flag,
    "timeout": _seconds,
    "memory": _whole,
    "processes": _whole,
    "output_limit": _whole,
    "execute": _table,
    "checkpoints": _whole,
    "checkpoint_memory": _whole,
    "cache_size": _whole,
    "macros": read_macros,
    "math": read_math,
    "smart_quotes": _flag,
    "untrusted": _flag,
    "liquid": _flag,
    "variables": _table,
    "layouts": _layouts,
}
