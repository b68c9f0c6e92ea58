"""Places in blocks are told as places in the post, where they are such."""

import pytest

from builder.execute.places import in_post_lines, last_place

LONG = "9" * 5_000
"""More digits than Python makes a number of."""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("posts/p.md#2:3: careful", "posts/p.md:22: careful"),
        ('File "posts/p.md#1", line 4', 'File "posts/p.md", line 13'),
        ("posts/p.md#0:1", "posts/p.md#0:1"),
        ("posts/p.md#3:1", "posts/p.md#3:1"),
        (f"posts/p.md#{LONG}:1", f"posts/p.md#{LONG}:1"),
        (f"posts/p.md#1:{LONG}", f"posts/p.md#1:{LONG}"),
    ],
)
def test_only_places_that_the_post_has_are_rewritten(text: str, told: str) -> None:
    assert in_post_lines(text, "posts/p.md", (10, 20)) == told


def test_the_place_named_first_is_found_in_a_dump() -> None:
    dump = 'File "x.py", line 7\n  File "posts/p.md#2", line 3 in f\n  File "posts/p.md#1", line 1'

    assert last_place(dump, "posts/p.md") == (1, 3)
    assert last_place(f'File "posts/p.md#1", line {LONG}', "posts/p.md") is None
