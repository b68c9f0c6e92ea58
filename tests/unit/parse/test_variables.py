import pytest

from builder.config import SiteConfig
from tests.unit.parse.posts import parse

CONFIG = SiteConfig(title="Daily", author="A", url="https://x.example", base_path="/blog")


def filled(body: str, front: str = "title: SGD") -> str:
    post, problems = parse(body, front, CONFIG)
    assert problems == []
    return "".join(part.text for part in post.parts if hasattr(part, "text"))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{{ site.baseurl }}/a.png", "/blog/a.png"),
        ("{{site.baseurl}}", "/blog"),
        ("{{- site.title -}}", "Daily"),
        ("{{ site.url }}{{ site.author }}", "https://x.exampleA"),
        ("{{ page.title }}", "SGD"),
        ("{{ page.url }}", "/2026/11/23/sgd/"),
        ("{{ page.id }}", "/2026/11/23/sgd"),
        ("{{ page.date }}", "2026-11-23"),
        ("`{{ site.title }}`", "`{{ site.title }}`"),
        ("    {{ site.title }}", "    {{ site.title }}"),
        ("<pre>{{ site.title }}</pre>", "<pre>{{ site.title }}</pre>"),
    ],
)
def test_a_variable_is_filled_in_outside_code(written: str, value: str) -> None:
    assert filled(written) == value


def test_a_key_of_the_front_matter_is_a_variable_as_it_is_written() -> None:
    front = "version: 1.10\nfinal: True\nwords: [a]"

    assert filled("{{ page.version }} {{ page.final }}", front) == "1.10 true"


def test_an_unknown_variable_becomes_nothing_and_is_told_at_its_place() -> None:
    post, problems = parse("a\n$$x$$ {{ site.baseur }}{{ page.wwwww }}.")

    assert "".join(part.text for part in post.parts if hasattr(part, "text")) == "a\n ."
    assert problems == [
        "posts/2026-11-23-sgd.md:5:7: unknown variable 'site.baseur' "
        "(did you mean 'site.baseurl'?)",
        "posts/2026-11-23-sgd.md:5:24: unknown variable 'page.wwwww'",
    ]


def test_a_formula_and_a_listing_keep_their_braces() -> None:
    post, problems = parse("$${{ site.x }}$$\n```\n{{ site.x }}\n```")

    assert problems == []
    assert [getattr(part, "tex", None) or getattr(part, "code", "") for part in post.parts] == [
        "",
        "{{ site.x }}",
        "",
        "{{ site.x }}",
        "",
    ]
