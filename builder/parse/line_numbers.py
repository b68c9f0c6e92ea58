"""Read `emphasize-lines`: numbers of lines, and ranges of them."""

import re

from builder.kinds import Schema, kind

_MOST_LINES = 100_000
"""More are no lines of a block, and would take memory."""

_LINE: Schema = {
    "oneOf": [
        {"type": "integer", "minimum": 1, "maximum": 99_999},
        {"type": "string", "pattern": r"^(?!0+(-|$))\d{1,5}(-\d{1,5})?$"},
    ]
}
_LINES: Schema = {
    "oneOf": [
        {"type": "integer", "minimum": 1, "maximum": 99_999},
        {
            "type": "string",
            "pattern": r"^\s*((?!0+([-,\s]|$))\d{1,5}(-\d{1,5})?([,\s]+(?=\d)|\s*$))+$",
        },
        {"type": "array", "items": _LINE},
    ]
}


@kind(_LINES)
def read_lines(value: object) -> tuple[int, ...]:
    """Numbers of lines, as `2`, `"1, 4-6"` or a list of such.

    Raises:
        ValueError: it is something else.
    """
    items = value if isinstance(value, list) else re.split(r"[,\s]+", str(value).strip())
    found: list[int] = []
    for item in items:
        match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", str(item))
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if isinstance(item, bool) or not 1 <= first <= last:
            raise ValueError("a list of lines, such as '1, 4-6'")
        if len(found) + last - first >= _MOST_LINES:
            raise ValueError(f"a list of at most {_MOST_LINES:,} lines")
        found += range(first, last + 1)
    return tuple(found)
