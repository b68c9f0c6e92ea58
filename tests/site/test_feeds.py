"""Feeds carry whole posts in HTML that stands anywhere."""

import json
import re
from typing import Any

import pytest
from lxml import etree, html

from builder.compose.syndication import syndicate
from tests.site.conftest import Blog, told

ATOM = "{http://www.w3.org/2005/Atom}"
PLOT = """
```{python}
#| fig-alt: "A line that rises"
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
```
"""


def atom(blog: Blog, name: str = "feed.xml") -> etree._Element:
    return etree.fromstring(blog.files()[name])


def contents(blog: Blog, name: str = "feed.xml") -> list[str]:
    return [c.text or "" for c in atom(blog, name).iter(f"{ATOM}content")]


def read_json(blog: Blog, name: str = "feed.json") -> Any:
    return json.loads(blog.files()[name])


def test_a_post_is_whole_in_both_feeds(blog: Blog) -> None:
    blog.settings('url = "https://x.example"\nbase_path = "/b"')
    blog.write("posts/cat.png", b"no picture")
    body = (
        "First.\n\n## More {#more}\n\nSee [above](#more), [b](2026-01-02-b.md) and `code`.\n\n"
        "<!--more-->\n\n```python\nx = 1 < 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n" + PLOT
    )
    blog.post("2026-01-01-a.md", body, "title: A & B\ntags: [t]")
    blog.post("2026-01-02-b.md", "Last.\n")
    assert [p for p in told(blog.build()) if "error" in p] == []

    content = contents(blog)[1]
    page = html.fromstring(content)
    assert page.xpath("//a/@href") == [
        "https://x.example/b/2026/01/01/a/#more",
        "https://x.example/b/2026/01/02/b/",
    ]
    (image,) = page.xpath("//img")
    assert image.get("alt") == "A line that rises"
    assert image.get("src").startswith("https://x.example/b/2026/01/01/a/figure-")
    path = image.get("src").removeprefix("https://x.example/b/")
    assert b"#1b1d21" in blog.files()[path]  # the ink of the light variant
    assert "x = 1 &lt; 2" in content
    assert page.xpath("//td/text()") == ["1", "2"]
    item = read_json(blog)["items"][1]
    assert item["content_html"] == content
    assert item["title"] == "A & B"
    assert item["tags"] == ["t"]


def test_formulas_are_pictures_with_their_tex_as_words(blog: Blog) -> None:
    blog.settings('url = "https://x.example"')
    blog.post(
        "2026-01-01-a.md",
        "In $$a < b$$ and\n\n$$\\begin{equation}\nx^2 \\label{eq-x}\n\\end{equation}$$\n\n"
        "\\eqref{eq-x}\n",
    )
    assert told(blog.build()) == []

    images = html.fromstring(contents(blog)[0]).xpath("//img")
    assert [i.get("alt") for i in images] == [
        "a < b",
        "\\begin{equation}\nx^2 \\label{eq-x}\n\\end{equation}",
    ]
    for image in images:
        path = image.get("src").removeprefix("https://x.example/")
        drawn = etree.fromstring(blog.files()[path])
        assert [drawn.get("width"), drawn.get("height")] == [
            image.get("width"),
            image.get("height"),
        ]
        ids = set(drawn.xpath("//@id"))
        assert {h.removeprefix("#") for h in drawn.xpath("//*[local-name()='use']/@href")} == ids
    assert len(drawn.findall("{http://www.w3.org/2000/svg}svg")) == 2  # formula and number


def test_a_formula_with_stretched_parts_is_one_picture(blog: Blog) -> None:
    wide = "a + b + c + d + e + f + g"
    tex = (
        rf"\overbrace{{{wide}}}^{{x}} \xrightarrow{{{wide}}} \underbrace{{{wide}}}_{{y}} \tag{{1}}"
    )
    blog.post("2026-01-01-p.md", f"$$\n{tex}\n$$\n")

    assert blog.build().errors == 0

    (picture,) = (n for n in blog.files() if n.startswith("assets/formulas/"))
    assert html.fromstring(blog.files()[picture]).tag == "svg"


def test_nothing_is_left_that_readers_of_feeds_drop(blog: Blog) -> None:
    blog.post(
        "2026-01-01-a.md",
        "A[^1] $$x$$\n\n<details><summary>S</summary>inside</details>\n\n"
        "```{python}\n#| sweep: {lr: [1, 2]}\nprint('rate', lr)\n```\n\n[^1]: Note.\n",
    )
    blog.build()

    (content,) = contents(blog)
    for name in ("svg", "math", "input", "label", "form", "style=", "class=", "fieldset"):
        assert f"<{name}" not in content
        assert f" {name}" not in content or name == "math"
    text = html.fromstring(content).text_content()
    for words in ("Note.", "inside", "rate 1", "rate 2", "lr = 2"):
        assert words in text


def test_tags_and_series_have_feeds_of_their_own(blog: Blog) -> None:
    blog.settings('title = "Site"\nfeed_size = 2\nurl = "https://x.example"')
    for day in range(1, 5):
        head = f"title: P{day}\ntags: [t]\nseries: S"
        blog.post(f"2026-01-0{day}-p{day}.md", f"Text {day}.\n", head)
    blog.build()

    for name in ("tags/t", "series/s"):
        feed = atom(blog, f"{name}/feed.xml")
        assert feed.findtext(f"{ATOM}id") == f"https://x.example/{name}/"
        assert [e.findtext(f"{ATOM}title") for e in feed.iter(f"{ATOM}entry")] == ["P4", "P3"]
        told_json = read_json(blog, f"{name}/feed.json")
        assert told_json["feed_url"] == f"https://x.example/{name}/feed.json"
        assert [item["title"] for item in told_json["items"]] == ["P4", "P3"]


def test_an_edit_changes_feeds_and_pictures_as_a_clean_build_would(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "A $$x$$.\n", "title: A\ntags: [t]")
    blog.post("2026-01-02-b.md", "B $$y$$.\n", "title: B\ntags: [t, u]")
    blog.build()
    before = set(blog.files())
    blog.post("2026-01-02-b.md", "B $$z$$.\n", "title: B\ntags: [t]")
    blog.build()
    edited = blog.files()

    blog.build(is_fresh=True)

    assert blog.files() == edited
    assert len([n for n in before - set(edited) if n.startswith("assets/formulas/")]) == 1
    assert "tags/u/feed.xml" in before - set(edited)


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "]]>", "a \"b\" & 'c'"])
def test_text_cannot_break_a_feed(blog: Blog, title: str) -> None:
    blog.settings(f"title = {json.dumps(title)}")
    blog.post(
        "2026-01-01-a.md", "Text.\n", f"title: {json.dumps(title)}\ntags: [{json.dumps(title)}]"
    )
    blog.build()

    feed = atom(blog)
    assert feed.findtext(f"{ATOM}title") == title
    assert feed.find(f"{ATOM}entry").findtext(f"{ATOM}title") == title
    assert read_json(blog)["items"][0]["title"] == title
    data = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', blog.page("2026/01/01/a")
    )
    assert json.loads(data[0])["headline"] == title


def test_addresses_are_made_absolute_wherever_they_stand() -> None:
    made = syndicate(
        '<p><a href="../b/">b</a> <a href="#x">x</a> <img src="/a.png" alt=""> '
        '<a href="mailto:a@b.c">m</a></p>',
        {},
        "https://x.example",
        "https://x.example/2026/a/",
    )

    assert re.findall(r'(?:href|src)="([^"]*)"', made.content) == [
        "https://x.example/2026/b/",
        "https://x.example/2026/a/#x",
        "https://x.example/a.png",
        "mailto:a@b.c",
    ]


def test_what_was_meant_for_a_terminal_breaks_no_feed(blog: Blog) -> None:
    blog.post(
        "2026-01-01-a.md",
        'Text \ufffe.\n\n```{python}\nprint("\\x1b[31mred\\x1b[0m")\n```\n',
        "title: A\ntags: [t]",
    )
    blog.build()

    for name in ("feed.xml", "tags/t/feed.xml"):
        assert "[31mred[0m" in contents(blog, name)[0]


def test_a_title_that_no_feed_could_hold_is_refused(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", 'title: "A\\x08B"')

    (problem,) = blog.build().problems
    assert str(problem) == (
        "posts/2026-01-01-a.md:2: title: 'A\\x08B' holds a character that no page can: '\\x08'"
    )


def test_an_address_that_is_none_is_left_as_it_is() -> None:
    made = syndicate('<img src="//[y" alt="">', {}, "https://x.example", "https://x.example/a/")

    assert made.content == '<img src="//[y" alt="">'
