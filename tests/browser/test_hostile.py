"""Words that would be HTML, a script or a command are words wherever they are told."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from tests.browser.built import BuiltSite, build_site
from tests.browser.conftest import serving
from tests.browser.visits import stay

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="such names are no names there")

ATTACK = (
    "\"' autofocus onfocus='alert(1)' x=\"><img src=x onerror=alert(2)></title></script>"
    "<script>alert(3)</script>]]><svg onload=alert(4)>{{ 7*191 }}{% now %}\u2028<!--"
)
"""Ends whatever it may stand in, and tells if it runs."""

JSON = json.dumps(ATTACK)
IN_NAMES = "\"'><img src=x onerror=alert(5)><b>"
SETTINGS = f"""\
[tool.site]
title = {JSON}
author = {JSON}
description = {JSON}
url = "https://a.example"

[tool.site.navigation]
{JSON} = "/x"
[tool.site.links]
{JSON} = "https://a.example"
"""
POST = f"""\
---
title: {JSON}
description: {JSON}
tags: [{JSON}, "javascript:alert(1)"]
categories: [{JSON}]
series: {JSON}
aliases: ["/old/{IN_NAMES.replace('"', "")}/"]
---
# `{ATTACK}` {{#sec-a}}

![`attack` &quot;&gt;&lt;img src=x onerror=alert(6)&gt;](a%22%27%3Eb.png)
![words](a%22%27%3Eb.png "t&quot; onload=alert(7) x=&quot;")

$$\\text{{"><img src=x onerror=alert(8)>}} \\tag{{<img src=x onerror=alert(9)>}}$$

```python filename="\\"><img src=x onerror=alert(10)>"
{ATTACK}
```

```{{python}}
#| label: fig-a
#| fig-cap: '$$\\text{{"><img src=x onerror=alert(11)>}}$$'
#| fig-alt: {JSON}
#| filename: {JSON}
#| classes: {JSON}
#| code-fold: true
#| code-summary: {JSON}
attack = {JSON}
import matplotlib.pyplot as plt
plt.plot([1])
plt.title(attack)
plt.xlabel(attack)
plt.show()
```

```{{python}}
#| error: ValueError
import sys
print(attack, "\\x1b[31m\\x1b]0;title\\x07\\x00\\x08")
print(attack, file=sys.stderr)
class Shown:
    def __repr__(self):
        return attack
    def _repr_html_(self):
        return f"<b title='x' onclick='alert(12)'>b</b><script>alert(13)</script>{{attack}}"
display(Shown(), attack, {{attack: attack}})
raise ValueError(attack)
```

```{{python}}
#| sweep: {{name: [{JSON}, "b"]}}
print(name)
```

Value `{{python}} attack` in [[plain|the *text*]].
"""


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    root = tmp_path_factory.mktemp("hostile") / "site"
    folder = root / "posts" / f"2025-01-01-{IN_NAMES}"
    folder.mkdir(parents=True)
    (root / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "index.md").write_text(POST, encoding="utf-8")
    (folder / "a\"'>b.png").write_bytes(b"\x89PNG")
    # The one before it, and another of its series.
    plain = f"---\ntitle: Plain\nseries: {JSON}\ntags: [{JSON}]\n---\nText.\n"
    (root / "posts" / "2025-01-02-plain.md").write_text(plain, encoding="utf-8")
    return build_site(tmp_path_factory.mktemp("built"), root, is_strict=False)


def test_no_page_has_what_could_run(hostile: BuiltSite) -> None:
    assert len(hostile.trees) > 10
    for address, tree in hostile.trees.items():
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue
            told = f"{address}: {etree.tostring(element)[:300]!r}"
            assert not [n for n in element.attrib if n.startswith("on")], told
            assert "autofocus" not in element.attrib, told
            addresses = [element.get(name) or "" for name in ("href", "src", "action")]
            assert not [a for a in addresses if a.strip().lower().startswith("javascript")], told
            if element.tag == "script":
                is_data = element.get("type") == "application/ld+json"
                assert is_data or element.get("src", "").startswith("/assets/"), told
                assert not is_data or json.loads(element.text), told
        assert "1337" not in tree.text_content()


def test_every_other_file_is_what_it_says(hostile: BuiltSite) -> None:
    endings = set()
    for path in hostile.files:
        endings.add(path.suffix)
        if path.suffix in (".xml", ".svg"):
            tree = etree.fromstring(path.read_bytes())
            assert not tree.xpath("//*[local-name()='script' or @onload or @onerror]"), path
        elif path.suffix in (".json", ".ipynb", ".webmanifest"):
            json.loads(path.read_bytes())
        elif path.suffix == ".py":
            compile(path.read_bytes(), path.name, "exec")
        elif path.name == "_headers":
            assert not re.search(rb"alert", path.read_bytes())
    assert {".xml", ".json", ".svg", ".ipynb", ".py", ".md", ".txt", ".png"} <= endings


def test_what_was_meant_for_a_terminal_stands_on_no_page(hostile: BuiltSite) -> None:
    for path in hostile.files:
        if path.suffix in (".html", ".xml", ".svg", ".css"):
            assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", path.read_bytes()), path


@pytest.fixture(scope="module")
def hostile_host(hostile: BuiltSite) -> Iterator[str]:
    with serving(hostile) as address:
        yield address


def test_nothing_runs_in_a_browser_that_knows_no_policy(
    browser: Browser, hostile: BuiltSite, hostile_host: str
) -> None:
    ran: list[str] = []
    files = [hostile.address(path) for path in hostile.files]
    with browser.new_context(bypass_csp=True, base_url=hostile_host) as context:
        stay(context, "**/old/**")
        page = context.new_page()

        def note(dialog: Dialog) -> None:
            ran.append(page.url)
            dialog.dismiss()

        page.on("dialog", note)
        addresses = [a for a in files if a.endswith(("/", ".html", ".xml", ".svg"))]
        for address in addresses:
            page.goto(address)
        page.goto("/search/")
        for words in ("attack", "alert", "img onerror", ATTACK):
            page.locator("main input").first.fill(words)
            page.wait_for_timeout(100)
        assert page.locator("main a:visible").count() > 0

    assert len(addresses) > 20
    assert ran == []
