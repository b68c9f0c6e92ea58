"""In which posts Liquid runs."""

from dataclasses import replace

import pytest

from builder.config import SiteConfig
from builder.errors import PostError
from builder.model import Prose
from builder.parse.post import runs_liquid
from tests.unit.parse.jekyll.liquid import CONFIG, SITE, parsed
from tests.unit.parse.posts import source_of

OFF = replace(SITE, config=replace(CONFIG, liquid=False))
BODY = "{% if true %}{{ site.github | upcase }}{% endif %}"


def prose(body: str, front: str, is_on: bool) -> tuple[str, list[str]]:
    post, said = parsed(body, front, SITE if is_on else OFF)
    return "".join(part.text for part in post.parts if isinstance(part, Prose)), said


@pytest.mark.parametrize(
    ("front", "is_on"),
    [
        ("title: A", True),
        ("title: A\nliquid: true", True),
        ("title: A\nliquid: true", False),
        ("title: A\nliquid: yes", False),
    ],
)
def test_liquid_runs_where_the_site_or_the_post_asks_for_it(front: str, is_on: bool) -> None:
    assert prose(BODY, front, is_on) == ("ADA", [])


@pytest.mark.parametrize(
    ("front", "is_on"), [("title: A", False), ("title: A\nliquid: false", True)]
)
def test_liquid_does_not_run_where_nobody_asks_or_the_post_declines(
    front: str, is_on: bool
) -> None:
    line = front.count("\n") + 4
    hint = "(say 'liquid: true' in the front matter, or put it into code)"

    assert prose(BODY, front, is_on) == (
        BODY,
        [
            f"{line}:{column}: Liquid is not run here: {text!r} is shown as it is {hint}"
            for column, text in (
                (1, "{% if true %}"),
                (14, "{{ site.github | upcase }}"),
                (40, "{% endif %}"),
            )
        ],
    )


def test_variables_are_filled_in_without_liquid() -> None:
    assert prose("{{ site.github }} {{ page.title }}", "title: A", False) == ("ada A", [])


def test_what_liquid_leaves_is_not_filled_in_again() -> None:
    text = "{% raw %}{{ site.title }} {% nope %}{% endraw %}"

    assert prose(text, "title: A", True) == ("{{ site.title }} {% nope %}", [])


def test_a_wrong_switch_is_refused() -> None:
    with pytest.raises(PostError) as caught:
        parsed("", "title: A\nliquid: maybe")

    assert str(caught.value).startswith("posts/2026-11-23-sgd.md:3: liquid: 'maybe' is not ")


@pytest.mark.parametrize(
    ("text", "is_on", "runs"),
    [
        ("---\n---\nno braces", True, False),
        ("---\n---\n{{ x }}", True, True),
        ("---\n---\n{% x %}", True, True),
        ("---\n---\n{{ x }}", False, False),
        ("---\nliquid: true\n---\n{{ x }}", False, True),
        ("---\nliquid: true\n---\nno braces", False, False),
    ],
)
def test_only_posts_with_something_to_do_pay_for_liquid(text: str, is_on: bool, runs: bool) -> None:
    assert runs_liquid(source_of(text), SiteConfig(liquid=is_on)) is runs
