from dataclasses import replace

import pytest

from tests.unit.parse.jekyll.liquid import CONFIG, SITE, made, outline, site_of, told

LETTERS = "'a,b,c' | split: ','"


@pytest.mark.parametrize(
    ("expression", "address"),
    [
        ("'a/b' | relative_url", "/blog/a/b"),
        ("'/a/b' | relative_url", "/blog/a/b"),
        ("'/blog/a' | relative_url", "/blog/a"),
        ("'/blog' | relative_url", "/blog"),
        ("'/blogs' | relative_url", "/blog/blogs"),
        ("'' | relative_url", "/blog/"),
        ("nil | relative_url", "/blog/"),
        ("'https://z.example/a' | relative_url", "https://z.example/a"),
        ("'//z.example/a' | relative_url", "//z.example/a"),
        ("'mailto:a@z' | relative_url", "mailto:a@z"),
        ("'a' | absolute_url", "https://x.example/blog/a"),
        ("'/blog/a' | absolute_url", "https://x.example/blog/a"),
        ("'https://z.example/a' | absolute_url", "https://z.example/a"),
        ("page.url | absolute_url", "https://x.example/blog/2026/11/23/sgd/"),
        ("'/a/index.html' | strip_index", "/a/"),
        ("'/a/' | strip_index", "/a/"),
        ("'a b&c' | cgi_escape", "a+b%26c"),
        ("'http://x/a b?c=ö&d=[1]' | uri_escape", "http://x/a%20b?c=%C3%B6&d=[1]"),
    ],
)
def test_addresses_get_what_they_need(expression: str, address: str) -> None:
    assert made(f"{{{{ {expression} }}}}") == address


def test_without_a_base_path_a_relative_address_begins_at_the_root() -> None:
    site = replace(SITE, config=replace(CONFIG, base_path=""))

    assert made("{{ 'a' | relative_url }} {{ 'a' | absolute_url }}", site=site) == (
        "/a https://x.example/a"
    )


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("page.date", "2026-11-23 00:00:00 +0000"),
        ("page.date | date", "2026-11-23 00:00:00 +0000"),
        ("page.date | date: '%Y-%m-%d'", "2026-11-23"),
        ("page.date | date: '%B %-d, %Y'", "November 23, 2026"),
        ("'2026-01-05' | date: '%-d/%-m|%d'", "5/1|05"),
        ("'2026-01-05 03:04:05' | date: '%H:%M:%S %-H %k %l %I %p'", "03:04:05 3  3  3 03 AM"),
        ("'2026-01-05' | date: '%a %A %b %j %y'", "Mon Monday Jan 005 26"),
        ("'March 14, 2016' | date: '%b %d, %y'", "Mar 14, 16"),
        ("1152098955 | date: '%m/%d/%Y'", "07/05/2006"),
        ("'nonsense' | date: '%Y'", "nonsense"),
        ("nil | date: '%Y'", ""),
        ("page.nope | date: '%Y'", ""),
        ("page.date | date_to_string", "23 Nov 2026"),
        ("page.date | date_to_string: 'ordinal'", "23rd Nov 2026"),
        ("page.date | date_to_string: 'ordinal', 'US'", "Nov 23rd, 2026"),
        ("page.date | date_to_long_string", "23 November 2026"),
        ("page.date | date_to_long_string: 'ordinal', 'US'", "November 23rd, 2026"),
        ("'2026-11-01' | date_to_string: 'ordinal'", "1st Nov 2026"),
        ("'2026-11-11' | date_to_string: 'ordinal'", "11th Nov 2026"),
        ("'2026-11-13' | date_to_string: 'ordinal'", "13th Nov 2026"),
        ("'2026-11-22' | date_to_string: 'ordinal'", "22nd Nov 2026"),
        ("'2026-11-24' | date_to_string: 'ordinal'", "24th Nov 2026"),
        ("nil | date_to_string", ""),
        ("page.date | date_to_xmlschema", "2026-11-23T00:00:00+00:00"),
        ("'2026-11-22' | date_to_xmlschema", "2026-11-22T00:00:00+00:00"),
        ("page.date | date_to_rfc822", "Mon, 23 Nov 2026 00:00:00 +0000"),
    ],
)
def test_dates_are_written_as_in_ruby(expression: str, text: str) -> None:
    assert made(f"{{{{ {expression} }}}}") == text


def test_a_day_begins_in_the_time_zone_of_the_site() -> None:
    site = replace(SITE, config=replace(CONFIG, time_zone="Europe/Berlin"))

    assert made("{{ page.date }} {{ page.date | date_to_xmlschema }}", site=site) == (
        "2026-11-23 00:00:00 +0100 2026-11-23T00:00:00+01:00"
    )


@pytest.mark.parametrize(
    "expression",
    ["'now' | date: '%F %T'", "'today' | date: '%F %T'", "site.time | date: '%F %T'"],
)
def test_no_clock_is_read_and_now_is_the_time_of_the_newest_post(expression: str) -> None:
    site = site_of(posts=[outline("2020-02-03-new"), outline("2019-01-01-old")])

    assert made(f"{{{{ {expression} }}}}", site=site) == "2020-02-03 00:00:00"


def test_a_site_without_posts_is_as_old_as_time() -> None:
    assert made("{{ site.time }}{{ 'now' | date: ' %Y' }}", site=site_of(posts=[])) == (
        "1970-01-01 00:00:00 +0000 1970"
    )


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("'The _config.yml file' | slugify", "the-config-yml-file"),
        ("'The _config.yml file' | slugify: 'default'", "the-config-yml-file"),
        ("'The _config.yml file' | slugify: 'pretty'", "the-_config.yml-file"),
        ("'The _config.yml file' | slugify: 'raw'", "the-_config.yml-file"),
        ("'Thé _config.yml file' | slugify: 'ascii'", "th-config-yml-file"),
        ("'Thé _config.yml file' | slugify: 'latin'", "the-config-yml-file"),
        ("'The _config.yml file' | slugify: 'none'", "The _config.yml file"),
        ("' Größe! ' | slugify", "größe"),
        ("nil | slugify", ""),
        ("'a b  c' | number_of_words", "3"),
        ("'a b' | number_of_words: 'auto'", "2"),
        ("' a \n b ' | normalize_whitespace", "a b"),
        ("'a -- b' | smartify", "a -- b"),
        ("'<a> & b' | xml_escape", "&lt;a&gt; &amp; b"),
        ("'3.7' | to_integer", "3"),
        ("'x' | to_integer", "0"),
        ("'a b c' | truncatewords: 2 | upcase", "A B..."),
        ("'5' | plus: 3 | times: 2", "16"),
    ],
)
def test_words_and_numbers(expression: str, text: str) -> None:
    assert made(f"{{{{ {expression} }}}}") == text


def test_markdownify_is_what_the_site_makes_of_markdown() -> None:
    site = replace(SITE, to_html=lambda text: f"<p>{text}</p>")

    assert (
        made("{{ '*a*' | markdownify }}{{ nil | markdownify }}", site=site) == "<p>*a*</p><p></p>"
    )


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("site.words | jsonify", '["a", "b"]'),
        ("site.nested | jsonify", '{"key": "v"}'),
        ("site.words | inspect", '["a", "b"]'),
        ("'ü' | jsonify", '"ü"'),
        ("page.date | jsonify", '"2026-11-23 00:00:00 +0000"'),
        ("page.nope | jsonify", "null"),
    ],
)
def test_values_as_json(expression: str, text: str) -> None:
    assert made(f"{{{{ {expression} }}}}") == text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("site.words | array_to_sentence_string", "a and b"),
        (f"{LETTERS} | array_to_sentence_string", "a, b, and c"),
        (f"{LETTERS} | array_to_sentence_string: 'or'", "a, b, or c"),
        ("'a' | split: ',' | array_to_sentence_string", "a"),
        ("page.nope | array_to_sentence_string", ""),
        ("site.words | push: 'c' | join: ','", "a,b,c"),
        ("site.words | unshift: 'z' | join: ','", "z,a,b"),
        (f"{LETTERS} | pop | join: ','", "a,b"),
        (f"{LETTERS} | pop: 2 | join: ','", "a"),
        (f"{LETTERS} | shift | join: ','", "b,c"),
        (f"{LETTERS} | shift: 2 | join: ','", "c"),
        ("site.words | sample", "a"),
        ("page.nope | sample", ""),
        ("page.nope | push: 1 | join: ','", "1"),
    ],
)
def test_lists(expression: str, text: str) -> None:
    assert made(f"{{{{ {expression} }}}}") == text


@pytest.mark.parametrize(
    ("expression", "titles"),
    [
        ("site.posts", "Adam,Momentum,Folder"),
        ("site.posts | where: 'title', 'Adam'", "Adam"),
        ("site.posts | where_exp: 'p', \"p.tags contains 'ml'\"", "Adam,Momentum"),
        (
            "site.posts | where_exp: 'p', \"p.title == 'Adam' or p.title == 'Folder'\"",
            "Adam,Folder",
        ),
        ("site.posts | where_exp: 'p', 'p.title != page.other'", "Momentum,Folder"),
        ("site.posts | sort: 'title'", "Adam,Folder,Momentum"),
        ("site.posts | sort: 'title' | reverse", "Momentum,Folder,Adam"),
        ("site.nope | where_exp: 'p', 'true'", ""),
    ],
)
def test_posts_are_chosen_and_sorted(expression: str, titles: str) -> None:
    written = f"{{{{ {expression} | map: 'title' | join: ',' }}}}"

    assert made(written, "title: A\nother: Adam") == titles


def test_posts_are_grouped_by_a_key() -> None:
    written = (
        "{% assign groups = site.posts | group_by: 'categories' %}"
        "{% for g in groups %}{{ g.name }}:{{ g.size }}:{{ g.items[0].title }};{% endfor %}"
    )

    assert made(written) == "deep:1:Adam;:2:Momentum;"


def test_a_condition_that_is_none_is_told() -> None:
    assert told("a\n{{ site.posts | where_exp: 'p', 'p.title ==' }}")[1] == [
        "5:1: Liquid: expected a primitive expression, found end of expression"
    ]


def test_a_filter_that_is_given_too_little_is_told() -> None:
    text, (message,) = told("a\n{{ site.posts | where_exp: 'p' }}b")

    assert text == "a\nb"
    assert message.startswith("5:17: Liquid: where_exp: ")
