"""Names as parts of addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.compose.addresses import page_path, slug_of
from tests.properties.profile import SEARCH


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Machine  Learning", "machine-learning"),
        ("C++", "c++"),
        ("c#", "c#"),
        ("a/b", "a-b"),
        ("<b>", "b"),
        ("日本語", "日本語"),
        ("काला", "काला"),
        ("กิน", "กิน"),
        ("İstanbul", "i\u0307stanbul"),
        ("- a -- b -", "a-b"),
        (".hidden.", "hidden"),
    ],
)
def test_a_name_keeps_its_letters(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize("names", [("/", "2f"), ("%", "25"), ("🎉", "🎊"), ("काला", "केले")])
def test_names_of_other_letters_have_other_slugs(names: tuple[str, str]) -> None:
    assert slug_of(names[0]) != slug_of(names[1])


@SEARCH
@given(st.text(min_size=1, max_size=400))
def test_a_slug_is_one_part_of_a_path(name: str) -> None:
    slug = slug_of(name)

    assert slug
    assert len(slug.encode("utf-8", "surrogatepass")) <= 120
    assert "/" not in slug
    assert slug not in (".", "..", "index.html", "feed.xml", "feed.json")
    assert page_path(f"/tags/{slug}/").parts == ("tags", slug, "index.html")
