"""What is published of posts whose authors are not trusted."""

from pathlib import Path

import pytest
from lxml import etree, html

from builder.arguments import parser_of
from builder.config import open_site
from tests.site.conftest import ARTICLE, Blog, told

NAME = "2026-01-01-p.md"
UNTRUSTED = 'url = "https://a.example"\nuntrusted = true'


@pytest.fixture
def guests(blog: Blog) -> Blog:
    """A blog whose posts are not trusted."""
    blog.settings(UNTRUSTED)
    return blog


def article(blog: Blog) -> html.HtmlElement:
    return html.fromstring(blog.page("2026/01/01/p/")).xpath("//article")[0]


def test_blocks_and_values_are_shown_and_do_not_run(guests: Blog, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    guests.post(
        NAME,
        f"Loss `{{python}} open({str(mark)!r}, 'w')`.\n\n"
        f"```{{python}}\n#| echo: false\n#| label: fig-a\n#| fig-cap: 'It is `{{python}} 1 + 1`'\n"
        f"open({str(mark)!r}, 'w')\nprint(40 + 2)\n```\n\n"
        "```{python}\n#| sweep: {lr: [1, 2]}\n#| include: false\nprint(lr)\n```\n\n"
        "See @fig-a and $$x^2$$.\n",
        "title: About `{python} 6 * 7`\ndescription: Gives `{python} 6 * 7`",
    )

    report = guests.build()

    assert told(report) == []
    assert report.executed == 0
    assert not mark.exists()
    shown = article(guests)
    text = shown.text_content()
    assert text.count("Not run.") == 2
    assert "print(40 + 2)" in text
    assert "print(lr)" in text
    assert f"{{python}} open({str(mark)!r}, 'w')" in text
    assert "About `{python} 6 * 7`" in guests.page("2026/01/01/p/")
    assert shown.xpath(".//*[contains(@class, 'math')]//*[local-name()='svg']")
    assert not list(guests.output.rglob("*.ipynb"))


def test_results_that_are_known_are_not_shown_either(blog: Blog) -> None:
    blog.settings('url = "https://a.example"')
    blog.post(NAME, "```{python}\nprint(40 + 2)\n```\n\n`{python} 6 * 7`\n")
    blog.build()
    assert "42" in article(blog).text_content()

    blog.settings(UNTRUSTED)
    blog.build()

    assert "42" not in article(blog).text_content()


def test_liquid_does_not_run(guests: Blog) -> None:
    guests.write("_includes/x.html", "included")
    guests.post(NAME, "{% include x.html %} {{ 'a' | upcase }}\n", "title: A\nliquid: true")

    guests.build()

    text = article(guests).text_content()
    assert "included" not in text
    assert "{{ 'a' | upcase }}" in text


HOSTILE = """\
<script>alert(1)</script>
<script src="/assets/own.js"></script>

<iframe src="/"></iframe> <object data="x.svg"></object> <embed src="x.svg"> <base href="//evil">

<div onclick="alert(1)" style="position:fixed" class="wide">block</div>

<form action="//evil"><input type="password" name="p"><button>Send</button></form>

<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)">x</a></svg>

<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext>
</math>

<a href="jAvAsCrIpT:alert(1)">a</a> <a href="java&#10;script:alert(1)">b</a>
<a href="data:text/html,<script>alert(1)</script>">c</a> [d](javascript:alert(1))
[e](vbscript:x) <javascript:alert(1)> [f]: <mailto:a@a.example> [g](https://good.example)

para
{: onclick="alert(1)" .wide #kept style="color:red" }

<img src="data:image/svg+xml,<svg onload=alert(1)>" onerror="alert(1)" alt="x">

<meta http-equiv="refresh" content="0;url=//evil"> <link rel="stylesheet" href="//evil">
<style>body{display:none}</style> <template><script>alert(1)</script></template>
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>
<textarea></textarea><title>x</title><xmp></xmp><plaintext>
"""
ALLOWED = {
    *("article", "a", "abbr", "blockquote", "br", "code", "dd", "del", "details", "div", "dl"),
    *("dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "header", "hr", "img"),
    *("li", "nav", "ol", "p", "pre", "s", "section", "span", "strong", "sub", "summary", "sup"),
    *("table", "tbody", "td", "th", "thead", "time", "tr", "u", "ul", "input", "label", "aside"),
    "bdi",
}


def test_nothing_stays_that_runs_loads_or_is_filled_in(guests: Blog) -> None:
    guests.post(NAME, HOSTILE)

    guests.build(keeps_going=True)

    shown = article(guests)
    assert {e.tag for e in shown.iter() if isinstance(e.tag, str)} <= ALLOWED
    names = {name for e in shown.iter() for name in e.attrib}
    assert not [name for name in names if name.startswith("on") or name in ("style", "action")]
    assert all(e.get("type") == "checkbox" for e in shown.iter("input"))
    addresses = [e.get("href") for e in shown.iter("a")]
    assert "mailto:a@a.example" in addresses
    assert "https://good.example" in addresses
    assert not [a for a in addresses if a and ("script" in a or a.startswith("data"))]
    assert shown.xpath(".//p[@id='kept' and @class='wide']")
    for name, content in guests.files().items():
        if name.endswith((".xml", ".json")):
            assert b"alert(1)</script" not in content.replace(b"\\u003c", b"<"), name


def test_what_is_left_out_is_told_with_its_line(guests: Blog) -> None:
    guests.post(
        NAME,
        "<script>1</script>\n\n<b onclick='x'>b</b>\n\n[a](javascript:x)\n\n"
        '> <iframe src="https://a.example"></iframe>\n',
    )

    report = guests.build()

    why = "is left out, as the post is not trusted (write it in Markdown)"
    assert told(report) == [
        f"posts/{NAME}:4: <script> {why}",
        f"posts/{NAME}:6: the attribute 'onclick' {why}",
        f"posts/{NAME}:8: the address 'javascript:x' {why}",
        f"posts/{NAME}:10: <iframe> {why}",
    ]


def test_captions_are_cleaned_too(guests: Blog) -> None:
    guests.post(
        NAME,
        "```{python}\n#| label: lst-a\n#| lst-cap: 'A <img src=x onerror=alert(1)> <i>cap</i>'\n"
        "1\n```\n",
    )

    guests.build(keeps_going=True)

    page = guests.page("2026/01/01/p/")
    assert "onerror" not in page
    assert "<i>cap</i>" in page


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\href{ java script:alert(1)}{x}",
        r"\href{data:text/html,x}{x}",
        r"\style{position:fixed}{x}",
        r"\class{evil}{x}",
        r"\cssId{evil}{x}",
        r"\data{onclick=alert(1)}{x}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\unicode{60}\unicode{x22}",
        r"\bbox[red;position:fixed]{x}",
        r"\mmlToken{mtext}[onclick=alert(1)]{x}",
        r"\mmlToken{mi}[href=javascript:alert(1)]{x}",
        r"\require{html}\html{<b>}",
        r"\color{red\" onclick=\"alert(1)}x",
        r"\label{\"><img src=x onerror=alert(1)>}x",
        r"\tag{<img src=x onerror=alert(1)>}x",
        r"\verb|<img src=x onerror=alert(1)>|",
        r"\newcommand{\x}{\href{javascript:alert(1)}{y}}\x",
    ],
)
def test_no_tex_becomes_anything_but_a_formula(guests: Blog, tex: str) -> None:
    guests.post(NAME, f"$$\n{tex}\n$$\n")

    guests.build(keeps_going=True)

    shown = article(guests)
    for element in shown.iter():
        assert element.tag not in ("img", "script", "b")
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (name, value)
            assert name not in ("style", "data-mjx-href"), (name, value)
            if name.endswith("href"):
                assert not value.lower().replace(" ", "").startswith(("javascript", "data"))
    assert not shown.xpath(".//*[@id='evil' or @class='evil']")


def test_only_harmless_files_are_published(guests: Blog) -> None:
    secret = guests.write(".env", "SECRET=1")
    guests.write("posts/page.html", "<script>alert(1)</script>")
    guests.write("posts/drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    guests.write("posts/data.csv", "1,2")
    guests.write("posts/dot.png", b"\x89PNG")
    (guests.root / "posts" / "link.png").symlink_to(secret)
    guests.post(
        NAME,
        "[page](page.html) [data](data.csv) ![A](dot.png)\n\n![B](drawing.svg)\n\n"
        "![C](/.env)\n\n![D](link.png)\n\n![E](../pyproject.toml)\n\n"
        "![F](https://evil.example/a.png)\n",
    )

    report = guests.build(keeps_going=True)

    files = guests.files()
    folder = "2026/01/01/p/"
    assert {f"{folder}data.csv", f"{folder}dot.png"} <= files.keys()
    assert not [n for n in files if n.endswith(("page.html", "drawing.svg", "link.png", ".env"))]
    assert not any(b"SECRET" in content for content in files.values())
    refused = "is not published, as the post is not trusted"
    assert [line.split(" (")[0] for line in told(report)] == [
        f"posts/{NAME}:4: 'page.html' {refused}",
        f"posts/{NAME}:6: 'drawing.svg' {refused}",
        f"posts/{NAME}:8: '/.env' {refused}",
        f"posts/{NAME}:10: 'link.png' {refused}",
        f"posts/{NAME}:12: '../pyproject.toml' {refused}",
        f"posts/{NAME}:14: 'https://evil.example/a.png' {refused}",
    ]


MARKDOWN = """\
## Heading {#sec-x .c}

- [x] task
- [ ] other

Text[^1] ~~del~~ **b** *i* `c` H<sub>2</sub>O <kbd>K</kbd> [a](#sec-x) @sec-x

[^1]: Note.

> [!NOTE]
> Hi

??? tip "x"
    Hello

::: {.callout-warning collapse="true"}
folded
:::

term
: def

| a | b |
|:--|--:|
| 1 | 2 |

3. third
4. fourth

*[HTML]: Hyper

HTML

- a
{:toc}

```python {1} filename="x.py"
print(1)  # <1>
```

1. A note

<details open><summary>x</summary>y</details>

a -- b "c"
{: .wide #own}
"""


def test_markdown_is_what_it_is_with_trust(blog: Blog) -> None:
    pages = []
    for setting in ("false", "true"):
        blog.settings(f'url = "https://a.example"\nuntrusted = {setting}')
        blog.post(NAME, MARKDOWN)
        assert told(blog.build()) == []
        shown = html.fromstring(blog.page("2026/01/01/p/")).xpath(ARTICLE)
        pages.append([etree.tostring(e, method="c14n") for e in shown])

    assert pages[0] == pages[1]


def test_the_option_says_what_the_setting_says(blog: Blog) -> None:
    options = parser_of("build").parse_args(["--untrusted", "--root", str(blog.root)])

    assert open_site(blog.root, is_untrusted=options.untrusted).config.untrusted
    assert not open_site(blog.root).config.untrusted
