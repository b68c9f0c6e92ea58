"""A fence is longer than any in the code that it stands around."""

import pytest

from builder.fencing import fence_around


@pytest.mark.parametrize(
    ("code", "ticks"), [("", 3), ("x `y`", 3), ("```\nx\n```", 4), ("`` a ````` b", 6)]
)
def test_a_fence_is_longer_than_any_in_the_code(code: str, ticks: int) -> None:
    assert fence_around(code) == "`" * ticks
