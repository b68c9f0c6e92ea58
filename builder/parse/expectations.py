"""Read what `expect` says: how like the accepted result a new one must be."""

from math import inf

from builder.kinds import kind
from builder.model import Expectation

_EXPECTED = "a number such as 0.01, {relative: 1e-3, absolute: 1e-8}, 'exact' or 'anything'"
_NUMBER = {"type": "number", "minimum": 0}


@kind(
    {
        "oneOf": [
            _NUMBER,
            {"enum": ["exact", "anything"]},
            {
                "type": "object",
                "properties": {"relative": _NUMBER, "absolute": _NUMBER},
                "additionalProperties": False,
                "minProperties": 1,
            },
        ]
    }
)
def read_expectation(value: object) -> Expectation:
    """A number is a part of the numbers compared, as in `0.01`.

    Raises:
        ValueError: it is something else.
    """
    if value in ("exact", "anything"):
        return Expectation(kind=value)
    given = value if isinstance(value, dict) else {"relative": value}
    if not given or not given.keys() <= {"relative", "absolute"}:
        raise ValueError(_EXPECTED)
    for number in given.values():
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < inf:
            raise ValueError(_EXPECTED)
    return Expectation(**given)
