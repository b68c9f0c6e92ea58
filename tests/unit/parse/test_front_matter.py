import inspect
import re
from datetime import date

import pytest

from builder.config import SiteConfig
from builder.errors import PostError
from builder.parse import front_matter
from builder.parse.front_matter import KEYS, read_front_matter, split_front_matter
from tests.unit.parse.posts import LAYOUTS, front_of, parse, refusal_of, source_of

IN_BERLIN = SiteConfig(time_zone="Europe/Berlin")


def test_what_is_not_said_has_its_usual_value() -> None:
    front = front_of("")

    assert (front.title, front.date, front.layout) == ("Sgd", date(2026, 11, 23), "post")
    assert (front.description, front.tags, front.categories) == (None, (), ())
    assert (front.is_draft, front.permalink) == (False, None)


def test_macros_of_a_post_go_before_those_of_its_site() -> None:
    site = SiteConfig(macros={"R": r"\mathbb{R}", "E": r"\mathbb{E}"})

    front = front_of(r"macros: {R: '\mathbf{R}', norm: ['\lVert #1 \rVert', 1]}", site)

    assert front.macros == {
        "R": r"\mathbf{R}",
        "E": r"\mathbb{E}",
        "norm": (r"\lVert #1 \rVert", 1),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "title: A\nmacros: {2: x}",
            "posts/2026-11-23-sgd.md:3: macros: {2: 'x'}: macro 2 must be letters, and stand for "
            "TeX or for [TeX, number of arguments]",
        ),
        (
            "math: {dollar: yes}",
            "posts/2026-11-23-sgd.md:2: math: {'dollar': True}: must be {dollar = false}, "
            "{dollar = 'pandoc'} or {dollar = 'kramdown'}",
        ),
    ],
)
def test_wrong_settings_for_formulas_are_reported(text: str, message: str) -> None:
    assert refusal_of(text) == message


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("title: A title", "A title"),
        ("title: 'Foo: bar'", "Foo: bar"),
        ("title: >\n  folded\n  text", "folded text"),
        ("title: No", "No"),
        ("title: 12:30", "12:30"),
        ("title: 1.10", "1.10"),
        ("title: 2026-11-23", "2026-11-23"),
        ("title:", "Sgd"),
        ("title: ''", "Sgd"),
    ],
)
def test_a_title_is_taken_as_it_is_written(text: str, title: str) -> None:
    assert front_of(text).title == title


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("tags: [ml, neural networks]", ("ml", "neural networks")),
        ("tags:\n  - ml\n  - numpy", ("ml", "numpy")),
        ("tags: ml numpy", ("ml", "numpy")),
        ("tag: neural networks", ("neural networks",)),
        ("tags: [ml, ml]", ("ml",)),
        ("tags: [1.10, no, 2026]", ("1.10", "no", "2026")),
        ("tags: 2026", ("2026",)),
        ("tags:", ()),
        ("tags: []", ()),
        ("tag: ''", ()),
        ("tags: [a]\ntag: b", ("a",)),
    ],
)
def test_tags_are_a_list_or_words(text: str, tags: tuple[str, ...]) -> None:
    assert front_of(text).tags == tags


def test_categories_are_read_as_tags_are() -> None:
    assert front_of("categories: deep learning").categories == ("deep", "learning")
    assert front_of("category: deep learning").categories == ("deep learning",)


@pytest.mark.parametrize(
    ("text", "is_draft"),
    [
        ("published: false", True),
        ("published: true", False),
        ("published:", False),
        ("draft: true", True),
        ("draft: false", False),
        ("draft: false\npublished: false", True),
    ],
)
def test_a_post_that_is_unpublished_or_a_draft_is_held_back(text: str, is_draft: bool) -> None:
    assert front_of(text).is_draft is is_draft


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("date: 2026-01-02", date(2026, 1, 2)),
        ("date: 2026-01-02 10:00", date(2026, 1, 2)),
        ("date: 2026-01-02 23:30:00", date(2026, 1, 2)),
        ("date: 2026-01-02 23:30:00 -0500", date(2026, 1, 3)),
        ("date: 2026-01-02T23:30:00Z", date(2026, 1, 3)),
        ("date: '2026-01-02T23:30:00+01:00'", date(2026, 1, 2)),
        ("date:", date(2026, 11, 23)),
    ],
)
def test_a_date_is_the_day_in_the_time_zone_of_the_site(text: str, day: date) -> None:
    assert front_of(text, IN_BERLIN).date == day


@pytest.mark.parametrize(
    ("permalink", "address"),
    [
        ("/about/", "/about/"),
        ("/about", "/about/"),
        ("/about.html", "/about.html"),
        ("/:year/:month/:day/:title/", "/2026/11/23/sgd/"),
        ("/:categories/:slug.html", "/deep learning/c++/sgd.html"),
    ],
)
def test_a_permalink_is_filled_in(permalink: str, address: str) -> None:
    front = f"permalink: {permalink}\ncategories: [Deep Learning, C++]"

    assert parse("", front)[0].address == address


def test_a_permalink_without_categories_has_no_empty_part() -> None:
    assert parse("", "permalink: /:categories/:title")[0].address == "/sgd/"


@pytest.mark.parametrize(
    "permalink",
    [
        *("/../x", "/a/..", "/a/../../x/", "/./x", "//x", "/a//b", "a?b", "/a?b", r"/a\b"),
        *("http://x/", "/%2E%2e/x", "/a%00/", "/a%0Ab/", "/a%3Fb"),
    ],
)
def test_a_permalink_cannot_leave_the_site(permalink: str) -> None:
    assert refusal_of(f"permalink: '{permalink}'") == (
        f"posts/2026-11-23-sgd.md:2: permalink: {permalink!r} "
        "is not an address within the site, such as '/about/'"
    )


@pytest.mark.parametrize("key", ["permalink", "aliases"])
def test_an_address_that_is_no_name_for_a_file_is_refused(key: str) -> None:
    assert parse("", f"{key}: /{'é' * 120}/x/")[1] == []
    assert refusal_of(f"a: 1\n{key}: /{'é' * 121}/").endswith(
        " is not an address whose parts have 240 bytes at most"
    )


def test_a_slug_that_is_no_name_for_a_file_is_refused() -> None:
    address = f"/2026/11/23/{'a' * 241}/"

    assert refusal_of(f"slug: {'a' * 241}") == (
        "posts/2026-11-23-sgd.md:1: the address has a part of more than 240 bytes: "
        f"{address!r} (say a shorter 'slug' or 'permalink')"
    )


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("a: 1\ntitle: [a]", ":3: title: ['a'] is not a line of text"),
        ("tags: {a: b}", ":2: tags: {'a': 'b'} is not a list of words"),
        ("tags: [a, {b: c}, [d]]", ":2: tags: ['a', {'b': 'c'}, ['d']] is not a list of words"),
        ("draft: 1", ":2: draft: 1 is not true or false"),
        ("published: 'no'", ":2: published: 'no' is not true or false"),
        ("date: soon", ":2: date: 'soon' is not a date such as 2026-11-23"),
        ("date: 5", ":2: date: 5 is not a date such as 2026-11-23"),
        ("date: 2026-02-30", ":2: date: '2026-02-30': day is out of range for month"),
        ("x: [2026-02-30]", ":2: x: '2026-02-30': day is out of range for month"),
        ("x: !!bool perhaps", ":2: x: 'perhaps' is no bool"),
        ("x: !!int ''", ":2: x: '' is no int"),
        ("x: !!timestamp soon", ":2: x: 'soon' is no timestamp"),
        ("layout: pots", ":2: unknown layout 'pots' (did you mean 'post'?)"),
        ("layout: gallery", ":2: unknown layout 'gallery' (there are note, post)"),
        (
            "permalink: /:yaer/:title/",
            ":2: permalink: unknown placeholder ':yaer' (did you mean 'year'?)",
        ),
        (
            "permalink: /:x/",
            ":2: permalink: unknown placeholder ':x' "
            "(known are :categories, :day, :i_day, :i_month, :month, :short_year, :slug, "
            ":slugified_categories, :title, :y_day, "
            ":year)",
        ),
        ("a: 1\nb: 2\na: 3", ":4: 'a' is said twice in the front matter"),
        ("- a\n- b", ":2: front matter must be lines of 'key: value'"),
        ("only text", ":2: front matter must be lines of 'key: value'"),
        ("? [a]\n: b", ":2: a key of the front matter must be a word"),
        (
            "a: 1\nb: *c",
            ":3:4: broken front matter: found undefined alias "
            "(put a text that begins with '*' in quotes)",
        ),
        ("a: 1\nb: \x07", ":3:4: broken front matter: character '\\x07'"),
        ('a: "b\\0"', ":2: a: 'b\\x00' holds a character that no page can: '\\x00'"),
        (
            'a: 1\ntags: [b, "\\e[1m"]',
            ":3: tags: '\\x1b[1m' holds a character that no page can: '\\x1b'",
        ),
        # Ends of lines for YAML, and for no editor.
        (
            "a: 'b\u2028c\x85'\nlayout: pots",
            ":3: unknown layout 'pots' (did you mean 'post'?)",
        ),
        (
            "a: 'b\u2029c'\nd: *e",
            ":3:4: broken front matter: found undefined alias "
            "(put a text that begins with '*' in quotes)",
        ),
        (
            "a: [1",
            ":2:6: broken front matter: did not find expected ',' or ']'",
        ),
        (
            "a: 1\n\ntitle: Foo: bar",
            ":4:11: broken front matter: mapping values are not allowed in this context "
            "(put a text that holds ': ' in quotes)",
        ),
    ],
)
def test_wrong_front_matter_is_reported_at_its_own_line(front: str, message: str) -> None:
    assert refusal_of(front) == f"posts/2026-11-23-sgd.md{message}"


def test_the_first_day_of_all_in_a_zone_behind_it_is_refused() -> None:
    message = refusal_of("date: 0001-01-01T00:00:00+10:00")

    assert message.startswith("posts/2026-11-23-sgd.md:2: date: ")
    assert message.endswith(" is not a date such as 2026-11-23")


@pytest.mark.parametrize("brackets", [5_000, 60_000])
def test_deep_nesting_is_refused_and_does_no_harm(brackets: int) -> None:
    assert refusal_of(f"a: {'[' * brackets}{']' * brackets}") == (
        "posts/2026-11-23-sgd.md:2: broken front matter: nested too deeply"
    )


def test_a_value_is_shown_at_bounded_length() -> None:
    nested = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n"
        for old, new in zip("abcdefg", "bcdefgh", strict=True)
    )

    assert len(refusal_of(f"{nested}title: *h")) < 1000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "---\ntitle: x\n",
            "front matter is not closed (did you forget the second line of '---'?)",
        ),
        (
            "Text without front matter",
            "no front matter (begin the post with a line '---', lines such as 'title: …', "
            "and a line '---')",
        ),
        (
            "",
            "no front matter (begin the post with a line '---', lines such as 'title: …', "
            "and a line '---')",
        ),
    ],
)
def test_front_matter_must_be_there_and_closed(text: str, message: str) -> None:
    with pytest.raises(PostError) as caught:
        split_front_matter(source_of(text))

    assert str(caught.value) == f"posts/2026-11-23-sgd.md:1: {message}"


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("---\n---\nx", "x"),
        ("---\n---\nx\n---\ny", "x\n---\ny"),
        ("--- \na: 1\n---  \nx", "x"),
        ("---\na: 1\n...\nx", "x"),
        ("---\na: 1\n---", ""),
        ("---\na: '---'\n---\n---\nx", "---\nx"),
    ],
)
def test_the_body_begins_behind_the_second_line_of_dashes(text: str, body: str) -> None:
    assert text[split_front_matter(source_of(text)).body_start :] == body


def test_a_post_without_any_date_is_refused() -> None:
    source = source_of("---\ntitle: x\n---\n", named_date=None)

    with pytest.raises(PostError) as caught:
        read_front_matter(split_front_matter(source), source, SiteConfig(), LAYOUTS)

    assert str(caught.value) == (
        "posts/2026-11-23-sgd.md:1: no date (name the file YYYY-MM-DD-slug.md, "
        "or say 'date: YYYY-MM-DD' in its front matter)"
    )


def test_every_key_that_is_read_is_known() -> None:
    read = re.findall(r'(?:entries|variables)\.get\("(\w+)"\)', inspect.getsource(front_matter))

    assert len(read) > 10
    assert set(read) - set(KEYS) == set()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r'title: "The $$\theta$$"', "2: title: YAML has read a command of TeX as a character: "),
        (r'title: "The $$\nabla L$$"', "2: title: YAML has read a command of TeX as a character: "),
        (r'tags: ["$$\beta$$"]', "2: tags: YAML has read a command of TeX as a character: "),
        (r'title: "The $$\sum$$"', "2:15: broken front matter: found unknown escape character"),
    ],
)
def test_tex_in_double_quotes_is_refused_with_what_to_do(text: str, said: str) -> None:
    told = refusal_of(text)

    assert told.startswith(f"posts/2026-11-23-sgd.md:{said}")
    assert told.endswith(
        " (in double quotes YAML reads backslashes as its own: put TeX in single quotes)"
    )


@pytest.mark.parametrize(
    "text", [r"title: 'The $$\theta$$'", r'title: "The $$\\theta$$"', r'title: "for $5\tor less"']
)
def test_other_quotes_and_escapes_are_as_in_yaml(text: str) -> None:
    assert front_of(text).title
