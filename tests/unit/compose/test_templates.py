"""What is wrong with a template is told with its own file and line."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from builder.compose.context import LlmsContext, SiteContext
from builder.compose.templates import Templates
from builder.config import PROJECT
from builder.errors import SiteError

SITE = SiteContext(
    title="A site",
    author="",
    description="",
    language="en",
    url="",
    home="/",
    feed="/feed.xml",
    json_feed="/feed.json",
    search="/search/",
    navigation=(),
    links=(),
    assets={},
)
PAGE = '{% extends "base.html" %}\n{% from "_lists.html" import list %}\n'
BASE = "<p>\n{% block content %}{% endblock %}</p>\n"


def refusal_of(folder: Path, templates: dict[str, str]) -> str:
    for name, text in templates.items():
        (folder / name).write_text(text, encoding="utf-8")
    templates_of_site = Templates((folder, PROJECT / "templates"))
    with pytest.raises(SiteError) as caught:
        templates_of_site.fill("llms.txt", LlmsContext(site=SITE, groups=()))
    return str(caught.value)


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (
            {"llms.txt": PAGE + "{% block content %}{{ no }}{% endblock %}"},
            "llms.txt:3: 'no' is undefined",
        ),
        ({"base.html": f"{BASE}\n{{{{ no }}}}\n"}, "base.html:4: 'no' is undefined"),
        (
            {
                "_lists.html": "{% macro list() %}\n\n{{ no }}\n{% endmacro %}\n",
                "llms.txt": PAGE + "{% block content %}{{ list() }}{% endblock %}",
            },
            "_lists.html:3: 'no' is undefined",
        ),
        (
            {"llms.txt": '\n{% include "a.html" %}', "a.html": '{% include "none.html" %}'},
            "a.html:1: there is no template 'none.html'",
        ),
    ],
    ids=["page", "base", "macro", "include"],
)
def test_an_error_is_told_where_it_is_raised(
    tmp_path: Path, own: dict[str, str], message: str
) -> None:
    whole = {"llms.txt": PAGE, "base.html": BASE, "_lists.html": "{% macro list() %}{% endmacro %}"}

    told = refusal_of(tmp_path, {**whole, **own})

    assert told == f"templates/{message}"


class ElsewhereDate(date):
    """A day on a machine that speaks German."""

    def strftime(self, form: str) -> str:
        return date.strftime(self, form).replace("March", "März")


def test_days_are_told_in_english_on_every_machine(tmp_path: Path) -> None:
    (tmp_path / "llms.txt").write_text(
        '{% import "_lists.html" as lists %}{{ lists.day(groups[0]) }}', encoding="utf-8"
    )
    entry: Any = SimpleNamespace(date=ElsewhereDate(2026, 3, 7))

    page = Templates((tmp_path, PROJECT / "templates")).fill(
        "llms.txt", LlmsContext(site=SITE, groups=(entry,))
    )

    assert page == b'<time datetime="2026-03-07">7 March 2026</time>\n'


def test_a_template_that_extends_itself_is_told_by_its_own_name(tmp_path: Path) -> None:
    told = refusal_of(tmp_path, {"llms.txt": PAGE, "base.html": '{% extends "base.html" %}'})

    assert told == (
        "templates/base.html: it extends itself, or what does "
        '(say {% extends "project/base.html" %} for the one whose place it takes)'
    )
