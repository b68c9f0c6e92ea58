import pytest

from builder.errors import PostError
from tests.unit.parse.jekyll.liquid import SITE, made, outline, run, site_of, told

FRONT = (
    "title: SGD\ntags: [a, b]\ncategories: x y\nwords: some words\nlist: [1, two]\n"
    "m: {k: v}\nflag: yes\nnumber: 7\nwhen: 2026-01-02\nlayout: note"
)
HINT = "(say it in the front matter, or as site.NAME under [tool.site.variables])"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("site.title", "Daily"),
        ("site.author", "Ada"),
        ("site.description", "About ML"),
        ("site.url", "https://x.example"),
        ("site.baseurl", "/blog"),
        ("site.github", "ada"),
        ("site.nested.key", "v"),
        ("site['nested']['key']", "v"),
        ("site.words[1]", "b"),
        ("site.words | size", "2"),
        ("site.time", "2026-11-22 00:00:00 +0000"),
        ("site.posts.size", "3"),
        ("site.posts.first.title", "Adam"),
        ("site.posts.last.url", "/2026/11/18/folder/"),
        ("site.posts[0].tags | join: ' '", "ml optimisation"),
        ("site.related_posts[0].title", "Adam"),
        ("site.tags.ml | map: 'title' | join: ' '", "Adam Momentum"),
        ("site.tags.nope | size", "0"),
        ("site.categories.deep | map: 'title' | join: ' '", "Adam"),
        ("site.pages | size", "0"),
        ("jekyll.environment", "production"),
    ],
)
def test_what_a_site_says(expression: str, text: str) -> None:
    assert made(f"{{{{ {expression} }}}}") == text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("page.title", "SGD"),
        ("page['title']", "SGD"),
        ("page.date | date: '%F'", "2026-11-23"),
        ("page.url", "/2026/11/23/sgd/"),
        ("page.id", "/2026/11/23/sgd"),
        ("page.slug", "sgd"),
        ("page.path", "posts/2026-11-23-sgd.md"),
        ("page.name", "2026-11-23-sgd.md"),
        ("page.tags | join: ','", "a,b"),
        ("page.categories | join: ','", "x,y"),
        ("page.collection", "posts"),
        ("page.words", "some words"),
        ("page.list[1]", "two"),
        ("page.m.k", "v"),
        ("page.flag", "true"),
        ("page.number | plus: 1", "8"),
        ("page.when | date: '%d.%m.'", "02.01."),
        ("page.layout", "note"),
    ],
)
def test_what_a_page_says(expression: str, text: str) -> None:
    assert made(f"{{{{ {expression} }}}}", FRONT) == text


def test_all_posts_can_be_listed_the_newest_first() -> None:
    written = "{% for post in site.posts %}\n* [{{ post.title }}]({{ post.url }}){% endfor %}"

    assert made(written) == (
        "\n* [Adam](/2026/11/22/adam/)"
        "\n* [Momentum](/2026/11/20/momentum/)"
        "\n* [Folder](/2026/11/18/folder/)"
    )


def test_all_tags_can_be_listed_with_their_posts() -> None:
    written = "{% for tag in site.tags %}{{ tag[0] }}: {{ tag[1].size }}. {% endfor %}"

    assert made(written) == "ml: 2. optimisation: 1. "


def test_a_post_in_a_loop_has_its_own_front_matter() -> None:
    site = site_of(posts=[outline("2026-01-01-a", "title: A\nlevel: 3")])

    assert made("{% for p in site.posts %}{{ p.level }}{% endfor %}", site=site) == "3"


@pytest.mark.parametrize(
    ("written", "text", "said"),
    [
        ("a\n b {{ page.nope }}c", "a\n b c", [f"5:4: unknown variable 'page.nope' {HINT}"]),
        ("{{ site.nope.x }}", "", [f"4:1: unknown variable 'site.nope.x' {HINT}"]),
        ("{{ nope }}", "", [f"4:1: unknown variable 'nope' {HINT}"]),
        ("{{ include.x }}", "", [f"4:1: unknown variable 'include.x' {HINT}"]),
        ("{{ page.previous.url }}", "", [f"4:1: unknown variable 'page.previous.url' {HINT}"]),
        ("{{ nope | default: 'd' }}", "d", []),
        ("{% if page.nope %}a{% endif %}", "", []),
        ("{% assign x = page.nope %}", "", []),
    ],
)
def test_an_unknown_variable_becomes_nothing_and_is_told_where_it_is_shown(
    written: str, text: str, said: list[str]
) -> None:
    assert told(written) == (text, said)


def test_an_unknown_variable_is_a_warning_and_an_unknown_tag_an_error() -> None:
    severities = {p.message: str(p.severity) for p in run("{{ nope }}{% nope %}")[1]}

    assert severities == {
        "unknown variable 'nope'": "warning",
        "unknown Liquid tag 'nope'": "error",
    }


@pytest.mark.parametrize(
    ("name", "content", "expression", "text"),
    [
        ("people.yml", "- name: Bo\n- name: Cy", "people | map: 'name' | join: ','", "Bo,Cy"),
        ("people.yaml", "bo: {age: 3}", "people.bo.age", "3"),
        ("numbers.json", '{"k": [1, 2]}', "numbers.k[1]", "2"),
        ("table.csv", "a,b\n1,2\n3,4\n", "table[1].b", "4"),
        ("table.csv", 'a,b\n"x, y",2\n', "table[0].a", "x, y"),
        ("table.tsv", "a\tb\n1\t2\n", "table[0].b", "2"),
        ("inner/deep/x.yml", "k: v", "inner.deep.x.k", "v"),
        ("UPPER.YML", "k: v", "UPPER.k", "v"),
        ("my-file.yml", "k: v", "my-file.k", "v"),
        ("day.yml", "d: 2026-01-02", "day.d | date_to_string", "02 Jan 2026"),
        ("nothing.yml", "", "nothing | size", "0"),
        ("talks.yml", "2026-11-23: Talk", "talks", '{"2026-11-23": "Talk"}'),
        (
            "talks.yml",
            "- 2026-11-23: {2026-11-24 10:00:00: [a]}\n  true: 1\n  2: b",
            "talks | jsonify",
            '[{"2026-11-23": {"2026-11-24 10:00:00": ["a"]}, "true": 1, "2": "b"}]',
        ),
        ("large.yml", "n: .inf", "large.n | to_integer", "0"),
    ],
)
def test_data_is_read_by_its_ending(name: str, content: str, expression: str, text: str) -> None:
    site = site_of(data_files={name: content})

    assert made(f"{{{{ site.data.{expression} }}}}", site=site) == text


def test_a_file_of_another_kind_is_no_data() -> None:
    site = site_of(data_files={"notes.txt": "x", "people.yml": "a: b"})

    text, said = told("{{ site.data.people.a }}{{ site.data.notes }}", site)

    assert text == "b"
    assert said == [f"4:25: unknown variable 'site.data.notes' {HINT}"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("people.yml", "a: [1", "_data/people.yml: broken data: "),
        ("inner/numbers.json", "{'k'}", "_data/inner/numbers.json: broken data: "),
        ("days.yml", "a: 2026-02-30", "_data/days.yml: broken data: '2026-02-30': day is "),
        ("numbers.yml", "a: !!int", "_data/numbers.yml: broken data: '' is no int"),
        ("deep.yml", "[" * 20_000, "_data/deep.yml: broken data: nested too deeply"),
        ("deep.json", "[" * 200_000, "_data/deep.json: broken data: maximum recursion depth"),
        ("tags.yml", "a: !ruby/object:X {}", "_data/tags.yml: broken data: "),
    ],
)
def test_data_that_cannot_be_read_is_told_with_its_file(
    name: str, content: str, message: str
) -> None:
    with pytest.raises(PostError) as caught:
        run("{{ site.data.x }}", site=site_of(data_files={name: content}))

    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_post_is_found_by_its_name_or_its_folder_and_name() -> None:
    found = {
        name: post and post.source.slug
        for name in ("2026-11-20-momentum", "notes/2026-11-20-momentum", "2026-11-20", "momentum")
        for post in [SITE.post(name)]
    }

    assert found == {
        "2026-11-20-momentum": "momentum",
        "notes/2026-11-20-momentum": "momentum",
        "2026-11-20": None,
        "momentum": None,
    }


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("2026-11-23 10:11:12", "2026-11-23 10:11:12 +0000"),
        ("2026-11-23T10:11:12+01:00", "2026-11-23 09:11:12 +0000"),
        ("2026-11-23", "2026-11-23 00:00:00 +0000"),
    ],
)
def test_a_page_has_the_time_that_its_date_says(date: str, moment: str) -> None:
    assert made("{{ page.date }}", f"title: A\ndate: {date}") == moment
