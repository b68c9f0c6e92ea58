"""What is read of an HTML page."""

import pytest

from builder.checking.pages import Heading, read_page


def _targets(text: str) -> list[str]:
    return [link.target for link in read_page(text).links]


def test_every_address_is_read() -> None:
    page = """<link href="a"><img src="b" srcset="c 1x, d 2x , e,f">
        <video src="g" poster="h"></video>
        <source srcset="i"><svg><image href="j"/><use href="#no"/></svg><form action="k"></form>
        <meta property="og:image" content="l"><meta name="description" content="no"><a>no</a>
        <iframe src=m></iframe><object data='n'></object><area href="o"><a href=" p&amp;q ">x</a>
        <script>"<a href='no'>"</script><!-- <a href="no"></a> -->"""

    assert _targets(page) == [*"abcd", "e,f", *"ghijklmno", "p&q"]


def test_what_the_theme_sets_around_an_article_is_no_prose() -> None:
    page = """<a href="no">x</a><article><header><a href="no">x</a></header>
        <p><a href="yes">x</a></p><nav><a href="no">x</a></nav><footer><a href="no">x</a></footer>
        </article><a href="no">x</a>"""

    assert [link.is_prose for link in read_page(page).links] == [t == "yes" for t in _targets(page)]


@pytest.mark.parametrize(
    ("page", "is_silent"),
    [
        ("<a href=x></a>", True),
        ("<a href=x> <b>\n</b></a>", True),
        ("<a href=x>", True),
        ("<a href=x><a href=y>words</a>", True),
        ("<a href=x><b>words</b></a>", False),
        ("<a href=x><img src=p alt=words></a>", False),
        ('<a href=x aria-label="words"></a>', False),
    ],
)
def test_a_link_without_words_is_silent(page: str, is_silent: bool) -> None:
    assert read_page(page).links[0].is_silent is is_silent


def test_ids_and_names_can_be_led_to_and_ids_stand_once() -> None:
    page = read_page(
        '<p id="a"></p><a name="b"></a>\n<article><p id="a"></p></article><a name="a">'
    )

    assert page.ids == {"a", "b"}
    assert page.repeated == (("a", 2, True),)


def test_headings_of_the_author_are_read_with_their_words() -> None:
    page = (
        "<h1>No</h1><article><header><h1>No</h1></header><h2 id='x'>A <em>b</em>\n c</h2></article>"
    )

    assert read_page(page).headings == (Heading(2, "x", "A b c"),)


def test_pictures_of_the_theme_need_an_alt() -> None:
    page = '<img src="a">\n<img src="b" alt><img src="c" alt=""><article><img src="d"></article>'

    assert read_page(page).without_alt == (("a", 1),)


def test_a_formula_is_passed_over_but_for_links_in_it() -> None:
    formula = '<svg class="math-d1" id="no"><path/></svg>'
    linking = '<svg class="math-d1"><a href="#eq:1"><path/></a></svg>'

    page = read_page(f"{formula}\n{linking}<p id='x'></p>{formula}")

    assert [link.target for link in page.links] == ["#eq:1"]
    assert page.ids == {"x"}
