"""Words of any script keep their letters."""

import pytest

from builder.slugs import hyphenated, slug_of_title


@pytest.mark.parametrize(
    ("text", "kept", "told"),
    [
        ("a  b--c", "", "a-b-c"),
        ("a  b--c", "-", "a-b--c"),
        ("snake_case", "", "snake-case"),
        ("snake_case", "_", "snake_case"),
        ("न्यूरल नेटवर्क", "", "न्यूरल-नेटवर्क"),
        ("โครงข่ายประสาท", "", "โครงข่ายประสาท"),
        ("a\u0308b", "", "a\u0308b"),
        ("⚠\ufe0f careful", "", "-careful"),
        ("1\ufe0f\u20e3 first", "", "1-first"),
        ("", "", ""),
    ],
)
def test_what_is_no_part_of_a_word_becomes_a_hyphen(text: str, kept: str, told: str) -> None:
    assert hyphenated(text, kept) == told


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Momentum, at last!", "momentum-at-last"),
        ("!? ⚠", ""),
        ("学" * 80, "学" * 39),
        ("a" * 100 + " " + "b" * 100, "a" * 100),
    ],
)
def test_a_slug_has_as_many_words_of_a_title_as_a_file_has_room_for(title: str, slug: str) -> None:
    assert slug_of_title(title) == slug
