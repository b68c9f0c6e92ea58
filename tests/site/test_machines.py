"""Assets, and what hosts, search engines, models and those who pass a post on are told."""

import io
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html
from PIL import Image

from builder.cache.store import Store
from builder.errors import SiteError
from builder.social import cards
from tests.site.conftest import Blog, told

PLOT = (
    "```{python}\n#| fig-alt: 'A line'\nimport matplotlib.pyplot as plt\n"
    "plt.plot([1, 2])\nplt.show()\n```\n"
)


def test_assets_have_names_made_of_their_content(blog: Blog) -> None:
    blog.settings('base_path = "/b"')
    blog.post("2026-01-01-a.md", "Text.\n")
    blog.write("assets/fonts/mine.woff2", b"a font")
    blog.write("assets/css/9-font.css", '@font-face { src: url("../fonts/mine.woff2") }')
    blog.write("assets/js/alone/own.js", "1")
    blog.write("templates/post.html", '{{ site.assets["js/alone/own.js"] }}')
    blog.build()

    files = blog.files()
    (font,) = (name for name in files if name.endswith(".woff2"))
    (sheet,) = (name for name in files if name.endswith(".css"))
    assert re.fullmatch(r"assets/mine\.[0-9a-f]{12}\.woff2", font)
    assert f'url("{font.removeprefix("assets/")}")' in files[sheet].decode()
    own = blog.page("2026/01/01/a").strip()
    assert files[own.removeprefix("/b/")] == b"1"
    headers = files["_headers"].decode()
    assert headers.startswith("/b/*\n  Content-Security-Policy: default-src 'none'; ")
    for name in (font, sheet, own.removeprefix("/b/")):
        assert f"/b/{name}\n  Cache-Control: public, max-age=31536000, immutable\n" in headers


def test_what_lies_in_root_is_copied_to_the_root(blog: Blog) -> None:
    blog.write("assets/root/CNAME", "me.example\n")
    blog.write("assets/root/_headers", "/*\n  X: y\n")
    blog.write("assets/root/.well-known/a.txt", "a")
    blog.build()

    assert blog.files()["CNAME"] == b"me.example\n"
    assert blog.files()["_headers"] == b"/*\n  X: y\n"
    assert blog.files()[".well-known/a.txt"] == b"a"


def test_a_post_lies_beside_its_page_as_markdown(blog: Blog) -> None:
    blog.post(
        "2026-01-01-a.md",
        "On $$x^2$$ and `{python} 1 + 1`.\n\n```{python}\nprint('out')\n```\n\n"
        "```{python}\n#| echo: false\nprint('alone')\n```\n\n"
        "```{python}\n#| include: false\nhidden = 1\n```\n" + PLOT,
        "title: A *title*",
    )
    blog.build()

    text = blog.files()["2026/01/01/a/index.md"].decode()
    assert text.startswith("# A \\*title\\*\n\n*1 January 2026*\n\nOn $x^2$ and 2.\n")
    assert "```python\nprint('out')\n```\n\n```text\nout\n```" in text
    assert "```text\nalone\n```" in text
    assert "print('alone')" not in text
    assert "hidden" not in text
    (picture,) = re.findall(r"!\[A line\]\((.*)\)", text)
    assert f"2026/01/01/a/{picture}" in blog.files()


def test_links_between_posts_lead_from_text_to_text(blog: Blog) -> None:
    blog.settings('base_path = "/b"')
    blog.post("2026-01-01-a.md", "Text.\n", "title: The first")
    blog.post(
        "2026-01-02-b/index.md",
        "[one](../2026-01-01-a.md#x), [[a]], [[a|words]], `[[a]]`, [no](x.md)\n{: .wide}\n",
    )
    blog.build(keeps_going=True)

    text = blog.files()["2026/01/02/b/index.md"].decode()
    there = "/b/2026/01/01/a/index.md"
    assert f"[one]({there}), [The first]({there}), [words]({there}), `[[a]]`, [no](x.md)\n" in text
    assert "{:" not in text


def test_models_are_told_of_every_post(blog: Blog) -> None:
    blog.settings('title = "Mine & yours"\nurl = "https://x.example"\nbase_path = "/b"')
    blog.post("2026-01-01-a.md", "It says.\n", "title: A [b] <c>\nseries: S")
    blog.post("2026-01-02-b.md", "More.\n", "title: B")
    blog.post("2026-01-03-c.md", "More.\n", "title: C\ndraft: true")
    blog.build(with_drafts=True)

    assert blog.files()["llms.txt"].decode() == (
        "# Mine & yours\n\n"
        "Each post is here as Markdown, with its code and what the code gave.\n\n"
        "## S\n\n"
        "- [A \\[b\\] <c>](https://x.example/b/2026/01/01/a/index.md): 2026-01-01. It says.\n\n"
        "## Other posts\n\n"
        "- [B](https://x.example/b/2026/01/02/b/index.md): 2026-01-02. More.\n\n"
    )


def test_a_post_is_passed_on_with_a_card_of_its_own(blog: Blog) -> None:
    blog.settings('url = "https://x.example"')
    blog.post("2026-01-01-a.md", "Text.\n" + PLOT, "title: A")
    blog.post("2026-01-02-b.md", "Text.\n", "title: B")
    assert told(blog.build(has_cards=True)) == []

    for name in ("2026/01/01/a", "2026/01/02/b"):
        page = html.fromstring(blog.page(name))
        (address,) = page.xpath("//meta[@property='og:image']/@content")
        content = blog.files()[address.removeprefix("https://x.example/")]
        with Image.open(io.BytesIO(content)) as image:
            assert (image.format, image.size) == ("PNG", (1200, 630))
        (data,) = page.xpath("//script[@type='application/ld+json']/text()")
        assert json.loads(data)["image"] == address
        assert page.xpath("//meta[@name='twitter:card']/@content") == ["summary_large_image"]


def test_a_card_is_drawn_once(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: A")
    blog.build(has_cards=True)
    before = {name: file for name, file in blog.files().items() if name.endswith(".png")}
    monkeypatch.setattr(cards, "DRAW", ("/no/such/program",))
    blog.post("2026-01-01-a.md", "Another text.\n", "title: A")

    assert told(blog.build(has_cards=True)) == []

    assert {n: f for n, f in blog.files().items() if n.endswith(".png")} == before


def test_a_card_that_cannot_be_drawn_ends_the_build_and_the_site_stays(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: A")
    blog.build(has_cards=True)
    before = blog.files()
    monkeypatch.setattr("builder.social.cards.subprocess.Popen", _no_process)
    blog.post("2026-01-01-a.md", "Text.\n", "title: Another")

    with pytest.raises(SiteError, match="social card of the post 'Another'"):
        blog.build(has_cards=True)

    assert blog.files() == before


def _no_process(*_args: object, **_options: object) -> None:
    raise OSError("no process")


def test_a_card_that_was_lost_is_drawn_again(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: A")
    blog.build(has_cards=True)
    before = blog.files()
    for path in (Store(blog.root / ".cache").folder / "social").rglob("*"):
        if path.is_file():
            Path(path).write_bytes(b"damaged")
    (next(blog.output.rglob("card-*.png"))).unlink()

    assert told(blog.build(has_cards=True)) == []

    assert blog.files() == before


def test_a_site_without_cards_names_none(blog: Blog) -> None:
    blog.settings("social_cards = false")
    blog.post("2026-01-01-a.md", "Text.\n" + PLOT)
    blog.build()

    page = html.fromstring(blog.page("2026/01/01/a"))
    assert page.xpath("//meta[@property='og:image']") == []
    assert page.xpath("//meta[@name='twitter:card']/@content") == ["summary"]
    assert not [name for name in blog.files() if name.endswith(".png")]


def test_what_a_style_sheet_refers_to_must_be_there(blog: Blog) -> None:
    blog.write("assets/css/9-own.css", "p {}\na { background: url(../img/no.png?v=1) }\n")

    with pytest.raises(SiteError) as caught:
        blog.build()

    assert str(caught.value) == (
        "assets/css/9-own.css:2: there is no file '../img/no.png' in assets/"
    )


def test_a_style_sheet_finds_pictures_wherever_they_go(blog: Blog) -> None:
    blog.write("assets/img/a.png", "x")
    blog.write("assets/root/b.png", "x")
    blog.write(
        "assets/css/9-own.css",
        "a { background: url(../img/a.png?v=1), url('../root/b.png'), url(/c.png), url(#d) }",
    )
    blog.build()

    (sheet,) = (file.decode() for name, file in blog.files().items() if name.endswith(".css"))
    assert 'url("img/a.png?v=1"), url("../b.png"), url(/c.png), url(#d)' in sheet


def test_a_template_may_extend_the_one_whose_place_it_takes(blog: Blog) -> None:
    blog.write(
        "templates/base.html",
        '{% extends "project/base.html" %}{% block footer %}Mine{% endblock %}',
    )
    blog.post("2026-01-01-a.md", "Text.\n")
    blog.build()

    assert "Mine" in blog.page("2026/01/01/a")
    assert "Atom feed" not in blog.page("2026/01/01/a")


def test_a_template_that_extends_itself_is_told(blog: Blog) -> None:
    blog.write("templates/post.html", '{% extends "post.html" %}')
    blog.post("2026-01-01-a.md", "Text.\n")

    with pytest.raises(SiteError, match=r'it extends itself.*say \{% extends "project/post.html"'):
        blog.build()


def test_style_sheets_may_say_addresses_in_every_way(blog: Blog) -> None:
    blog.write("assets/fonts/my font(1).woff2", "x")
    blog.write("assets/css/bg.png", "x")
    blog.write("assets/css/._9-own.css", b"\xff")
    blog.write(
        "assets/css/9-own.css",
        "/* url(old.png) is gone */ a { background: url( 'bg.png' ), url(DATA:x) }\n"
        'b { src: url("../fonts/my%20font(1).woff2"), url("https://x.example/(a).png") }',
    )
    blog.build()

    (sheet,) = (file.decode() for name, file in blog.files().items() if name.endswith(".css"))
    assert "/* url(old.png) is gone */" in sheet
    assert 'url("css/bg.png"), url(DATA:x)' in sheet
    assert 'url("https://x.example/(a).png")' in sheet
    (font,) = re.findall(r'url\("(my%20font%281%29\.[0-9a-f]{12}\.woff2)"\)', sheet)
    assert "assets/css/bg.png" in blog.files()
    assert f"assets/{unquote(font)}" in blog.files()


def test_an_authors_file_never_stands_in_for_one_that_is_made(blog: Blog) -> None:
    blog.write("posts/2026-01-01-mom/mom.py", "theirs")
    blog.post("2026-01-01-mom/index.md", "[s](mom.py)\n\n```{python}\n1\n```\n")

    assert told(blog.build()) == [
        "posts/2026-01-01-mom/index.md: two files of this post have the address "
        "'/2026/01/01/mom/mom.py' (rename the one that lies beside it)"
    ]


CLASHES = [
    (
        {"2026-01-01-a/index.md": "permalink: /a/", "2026-01-02-b.md": "permalink: /a/x.html"},
        "posts/2026-01-01-a/index.md: posts/2026-01-02-b.md has the address '/a/x.html' already "
        "(rename the file, or say another 'permalink')",
    ),
    (
        {"2026-01-01-a/index.md": "permalink: /a/", "2026-01-02-b/index.md": "permalink: /a/b/"},
        "posts/2026-01-01-a/index.md: posts/2026-01-02-b/index.md has the address '/a/b/x.html' "
        "already (rename the file)",
    ),
    (
        {"2026-01-01-a.md": "permalink: /own.html"},
        "posts/2026-01-01-a.md:2: assets/root/own.html has the address '/own.html' already "
        "(rename the file, or say another 'permalink')",
    ),
    (
        {"2026-01-01-a.md": "permalink: /a.html", "2026-01-02-b.md": "permalink: /a.html/b/"},
        "posts/2026-01-02-b.md:2: '/a.html/b/index.html' cannot lie below '/a.html', "
        "a file of posts/2026-01-01-a.md (say another 'permalink')",
    ),
    (
        {"2026-01-01-a.md": "permalink: /own.html/b/"},
        "posts/2026-01-01-a.md:2: '/own.html/b/index.html' cannot lie below '/own.html', "
        "a file of assets/root/own.html (rename the file, or say another 'permalink')",
    ),
]


@pytest.mark.parametrize(
    ("posts", "message"), CLASHES, ids=["page", "files", "asset", "below", "below-asset"]
)
def test_of_two_files_with_one_address_both_owners_are_named(
    blog: Blog, posts: dict[str, str], message: str
) -> None:
    blog.write("assets/root/own.html", "x")
    for file in ("2026-01-01-a/x.html", "2026-01-01-a/b/x.html", "2026-01-02-b/x.html"):
        blog.write(f"posts/{file}", file)
    for name, head in posts.items():
        links = "[x](x.html)" if "/" in name else "Text."
        blog.post(name, f"{links}{' [b](b/x.html)' if '01-a/' in name else ''}\n", head)

    report = blog.build()

    assert told(report) == [message]
    assert not report.is_published


def test_a_clash_of_addresses_hides_no_other_problem(blog: Blog) -> None:
    blog.write("assets/root/own.html", "x")
    blog.post("2026-01-01-a.md", "Text.\n", "permalink: /own.html")
    blog.post("2026-01-02-b.md", "{{ nobody }}\n")

    for keeps_going in (False, True):
        report = blog.build(keeps_going=keeps_going)

        assert [problem.code for problem in report.problems] == [
            "taken-address",
            "liquid-not-run",
        ]
        assert not report.is_published


def test_a_table_that_is_html_alone_is_in_the_markdown(blog: Blog) -> None:
    blog.post(
        "2026-01-01-a.md",
        "```{python}\nclass T:\n    def _repr_html_(self):\n"
        "        return '<style>p {}</style><table><tr><td>41</td></tr></table>'\nT()\n```\n",
    )
    blog.build()

    text = blog.files()["2026/01/01/a/index.md"].decode()
    assert "<table><tr><td>41</td></tr></table>" in text
    assert text.count("<style>") == 1  # in the code


def test_a_template_that_moves_is_another_one(blog: Blog) -> None:
    blog.write("templates/a/_p.html", "Found")
    blog.write("templates/404.html", '{% include "a/_p.html" %}')
    blog.build()
    (blog.root / "templates/a").rename(blog.root / "templates/b")

    with pytest.raises(SiteError, match="a/_p"):
        blog.build()
