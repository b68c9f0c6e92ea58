"""Fences of colons."""

import pytest

from builder.parse.divs import find_unclosed
from tests.unit.parse.posts import parse


@pytest.mark.parametrize(
    ("text", "unclosed"),
    [
        ("::: note\nText\n:::", []),
        ("::: {.note}\n::: tip\nText\n:::\n:::", []),
        ("::: {.note}\nText", [0]),
        ("a\n:::{note} A title\nText", [2]),
        ("::: one\n::: two\n:::", [0]),
        ("::: one ::::::\n::::::", []),
        (":::\nText", []),
        ("    ::: note", []),
        ("a ::: b", []),
    ],
)
def test_what_is_never_closed_is_found(text: str, unclosed: list[int]) -> None:
    assert list(find_unclosed(text)) == unclosed


def test_an_unclosed_div_is_told_with_its_line() -> None:
    _, said = parse("Text\n\n::: {.callout-note}\nText\n\n```text\n:::\n```\n")

    assert said == ["posts/2026-11-23-sgd.md:6:1: unclosed ':::' (close it with a line ':::')"]
