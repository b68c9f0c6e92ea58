import pytest

from builder.render.dialect.lists import indent_lists


def indented(text: str) -> str:
    return "\n".join(indent_lists(text.split("\n"))).rstrip("\n")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("- a\n  - b\n    - c\n- d", "- a\n    - b\n        - c\n- d"),
        ("1. a\n   - b\n2. c", "1. a\n    - b\n2. c"),
        ("* a\n    * b\n* c", "* a\n    * b\n* c"),
        ("- a\n\n  text", "- a\n\n    text"),
        ("10. a\n\n    text", "10. a\n\n    text"),
        ("-   a\n\n    text", "- a\n\n    text"),
        ("- a\n\n      code\n      - code", "- a\n\n        code\n        - code"),
        ("> - a\n>   - b", "> - a\n>     - b"),
        ("[^1]: a\n\n    b", "[^1]: a\n\n    b"),
    ],
)
def test_what_belongs_to_an_item_is_indented_by_four_columns(text: str, wanted: str) -> None:
    assert indented(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("text\n- a", "text\n\n- a"),
        ("text\n1. a", "text\n\n1. a"),
        ("- a\n1. b", "- a\n\n1. b"),
        ("- a\n# b", "- a\n\n# b"),
        ("- a\n---", "- a\n\n---"),
        ("- a\n> b", "- a\n\n> b"),
        ("> a\n- b", "> a\n\n- b"),
        ("- a\n\n  b\n- c", "- a\n\n    b\n\n- c"),
        ("text\na | b\n--|--", "text\n\na | b\n--|--"),
        ("[^1]: a\n[^2]: b", "[^1]: a\n\n[^2]: b"),
    ],
)
def test_a_blank_line_parts_what_is_parted_on_github(text: str, wanted: str) -> None:
    assert indented(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "text\n2026. A year",
        "text\n-",
        "- a\nlazy",
        "> a\nlazy",
        "    - code\n    - code",
        "* * *",
        "- - -",
        "a - b",
        "-a",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "para\n    continued",
    ],
)
def test_what_is_no_list_stays_as_it_is(text: str) -> None:
    assert indented(text).replace("\n    lazy", "\nlazy") == text


def test_a_number_with_a_bracket_is_an_item() -> None:
    assert indented("1) a\n2) b") == "1. a\n2. b"
