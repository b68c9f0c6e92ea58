"""What a build of a small blog gives."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree, html
from PIL import Image

from builder.cache.merge import merge
from builder.cache.store import Store
from builder.config import PROJECT, open_site
from builder.execute.surroundings import surroundings_of
from tests.site.conftest import ARTICLE, Blog, told

ATOM = "{http://www.w3.org/2005/Atom}"


def test_a_post_lies_at_the_address_of_its_day(blog: Blog) -> None:
    blog.post("2026-11-23-momentum.md", "Text.\n")

    blog.build()

    assert "Text." in blog.page("2026/11/23/momentum")


def test_a_post_may_be_a_folder_with_its_pictures(blog: Blog) -> None:
    blog.post("2026-01-05-curves/index.md", "![A curve](my curve.png)\n")
    Image.new("RGB", (40, 30)).save(blog.root / "posts/2026-01-05-curves/my curve.png")

    report = blog.build()

    page = html.fromstring(blog.page("2026/01/05/curves"))
    (image,) = page.xpath("//article//img")
    assert told(report) == []
    assert dict(image.attrib) == {
        "alt": "A curve",
        "src": "/2026/01/05/curves/my%20curve.png",
        "width": "40",
        "height": "30",
        "loading": "lazy",
        "decoding": "async",
    }
    assert "2026/01/05/curves/my curve.png" in blog.files()


def test_the_home_page_lists_all_posts_the_latest_first(blog: Blog) -> None:
    for day in (3, 1, 2):
        blog.post(f"2026-01-0{day}-p.md", "Text.\n", f"title: Day {day}")

    blog.build()

    home = html.fromstring(blog.page(""))
    assert home.xpath("//article/div/h2/a/text() | //ol/li/h3/a/text()") == [
        "Day 3",
        "Day 2",
        "Day 1",
    ]


def test_the_feed_is_atom_with_absolute_addresses(blog: Blog) -> None:
    blog.settings('title = "T"\nurl = "https://me.example"\nbase_path = "/ml"')
    blog.post("2026-01-01-p.md", "First *paragraph*.\n", "title: A & <b>B</b>\ntags: [x]")

    blog.build()

    feed = etree.fromstring((blog.output / "feed.xml").read_bytes())
    assert feed.findtext(f"{ATOM}id") == "https://me.example/ml/"
    assert feed.findtext(f"{ATOM}updated") == "2026-01-01T00:00:00Z"
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == "A & <b>B</b>"
    assert entry.findtext(f"{ATOM}id") == "https://me.example/ml/2026/01/01/p/"
    assert entry.findtext(f"{ATOM}summary") == "First paragraph."


def test_every_address_in_every_page_works_below_a_base_path(blog: Blog) -> None:
    blog.settings('base_path = "/ml"')
    blog.post(
        "2026-01-01-p/index.md",
        "![a](a.png) and [home]({{ site.baseurl }}/)\n\n"
        "```{python}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n```\n",
    )
    blog.post("2026-01-02-q.md", "Text.\n")
    Image.new("RGB", (4, 3)).save(blog.root / "posts/2026-01-01-p/a.png")

    blog.build()

    checked = 0
    for name, content in blog.files().items():
        if not name.endswith(".html"):
            continue
        for address in html.fromstring(content).xpath("//@href | //@src"):
            path = urlsplit(address).path
            if address.startswith(("#", "https://")):
                continue
            assert path.startswith("/ml/"), (name, address)
            target = path.removeprefix("/ml/")
            found = blog.output / target / ("index.html" if path.endswith("/") else "")
            assert found.is_file(), (name, address)
            checked += 1
    assert checked > 10


def test_no_page_loads_anything_from_another_host(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md", '$$x^2$$\n\n<script src="https://cdn.example/MathJax.js"></script>'
    )

    blog.build()

    page = html.fromstring(blog.page("2026/01/01/p"))
    loaded = page.xpath("//script/@src | //link[@rel='stylesheet']/@href")
    assert len(loaded) == 3
    assert all(address.lstrip("/") in blog.files() for address in loaded)


def test_drafts_and_coming_days_are_held_back_everywhere(blog: Blog) -> None:
    blog.post("2026-01-01-shown.md", "Text.\n", "title: Shown")
    blog.post("2026-01-02-draft.md", "Text.\n", "title: Hidden\ndraft: true")
    blog.post("2026-01-03-unpublished.md", "Text.\n", "title: Hidden\npublished: false")
    blog.post("2026-11-24-tomorrow.md", "Text.\n", "title: Hidden")

    report = blog.build()

    assert (report.posts, len(report.held_back)) == (1, 3)
    assert not any(b"Hidden" in content for content in blog.files().values())
    assert (blog.build(with_drafts=True).posts, blog.build(with_future=True).posts) == (3, 2)


def test_a_day_comes_when_it_has_come_in_the_sites_time_zone(blog: Blog) -> None:
    blog.post("2026-11-24-tomorrow.md", "Text.\n")

    assert blog.build(today=date(2026, 11, 24)).posts == 1


def test_jekyll_variables_are_filled_in(blog: Blog) -> None:
    blog.settings('url = "https://me.example"\nbase_path = "/ml"')
    blog.post(
        "2026-01-01-p.md",
        "{{ site.url }}{{site.baseurl}} by {{ page.author }} on {{ page.date }}, "
        "`{{ site.url }}` stays\n",
        "title: T\nauthor: Ada",
    )

    blog.build()

    assert (
        "https://me.example/ml by Ada on 2026-01-01, <code>{{ site.url }}</code> stays"
        in blog.page("2026/01/01/p")
    )


def test_a_title_may_hold_formulas_and_is_plain_text_where_it_must_be(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "Text.\n", "title: 'On $$x < y$$ & <i>'")
    blog.post("2026-01-02-q.md", "[[p]]\n", "title: 'On $z$'\nmath: {dollar: pandoc}")

    blog.build()

    page, other = blog.page("/2026/01/01/p/"), blog.page("/2026/01/02/q/")
    heading = page[page.index("<h1>") : page.index("</h1>")]
    assert heading.startswith('<h1>On <span class="math"><svg')
    assert heading.endswith("</span></span> &amp; &lt;i&gt;")
    assert "<title>On x &lt; y &amp; &lt;i&gt; · " in page
    assert "<symbol" in page or "<defs>" in page  # the letters of the title alone
    assert ">On x &lt; y &amp; &lt;i&gt;</a></p>" in other
    assert "<title>On z · " in other
    entry = etree.fromstring((blog.output / "feed.xml").read_bytes()).findall(f"{ATOM}entry")[-1]
    assert entry.findtext(f"{ATOM}title") == "On x < y & <i>"


def test_a_mistake_in_a_titles_formula_is_told(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "Text.\n", "title: 'On $$\\fraq$$'")

    (problem,) = blog.build().problems

    assert str(problem) == "posts/2026-01-01-p.md:2:1: TeX: Undefined control sequence \\fraq"


def test_titles_and_tags_cannot_inject_html(blog: Blog) -> None:
    attack = "<script>alert(1)</script>"
    blog.post("2026-01-01-p.md", "Text.\n", f"title: '{attack}'\ntags: ['{attack}']")

    blog.build()

    for name, content in blog.files().items():
        if Path(name).suffix not in (".md", ".txt", ".json"):  # which are no HTML
            assert attack.encode() not in content, name


def test_a_site_uses_its_own_templates_and_styles_where_it_has_them(blog: Blog) -> None:
    blog.write("templates/note.html", "<h1>Note: {{ entry.title }}</h1>{{ article }}")
    blog.write("assets/css/own.css", "p { color: red }")
    blog.post("2026-01-01-p.md", "Text.\n", "title: T\nlayout: note")
    blog.post("2026-01-02-q.md", "Text.\n")

    report = blog.build()

    assert told(report) == []
    assert blog.page("2026/01/01/p") == "<h1>Note: T</h1><p>Text.</p>\n"
    assert "<!doctype html>" in blog.page("2026/01/02/q")
    assert any(b"p { color: red }" in c for n, c in blog.files().items() if n.endswith(".css"))


def test_the_projects_own_posts_are_built_where_a_site_has_none(
    make_blog: Callable[[str], Blog],
) -> None:
    blog = make_blog("empty")
    (blog.root / "posts").rmdir()
    # What has run in the project's own folder need not run again.
    now = surroundings_of(open_site(blog.root))
    merge(Store(blog.root / ".cache"), Store(PROJECT / ".cache"), now)

    report = blog.build()
    assert report.is_published
    assert report.posts >= 1


@pytest.mark.parametrize("name", ["posts", "templates"])
def test_a_site_without_a_folder_still_builds(blog: Blog, name: str) -> None:
    assert not (blog.root / "templates").exists()

    assert blog.build().is_published
    assert "There is no post yet." in blog.page("")


def test_a_template_that_uses_what_it_is_not_given_is_told(blog: Blog) -> None:
    from builder.errors import SiteError  # noqa: PLC0415  # the one test that needs it

    blog.write("templates/post.html", "line\n{{ entry.titel }}\n")
    blog.post("2026-01-01-p.md", "Text.\n")

    with pytest.raises(SiteError) as caught:
        blog.build()

    assert str(caught.value).startswith("templates/post.html:2: ")
    assert "titel" in str(caught.value)


def test_a_link_to_the_file_of_a_post_leads_to_its_page(blog: Blog) -> None:
    blog.settings('base_path = "/ml"')
    blog.post("2026-01-01-a.md", "Text.\n")
    blog.post("2026-01-02-b/index.md", "[a](../2026-01-01-a.md#x), [b](../nowhere.md)\n")

    report = blog.build(keeps_going=True)

    page = html.fromstring(blog.page("2026/01/02/b"))
    assert page.xpath(f"{ARTICLE}//a/@href") == ["/ml/2026/01/01/a/#x", "../nowhere.md"]
    assert told(report) == [
        "posts/2026-01-02-b/index.md:4: no post is published from 'posts/nowhere.md' "
        "(name its file, relative to this post's folder)"
    ]


def test_a_file_beside_a_post_that_it_links_to_is_published(blog: Blog) -> None:
    blog.write("posts/2026-01-01-p/data.csv", "1,2\n")
    blog.post("2026-01-01-p/index.md", "[data](data.csv), [secret](../../pyproject.toml)\n")
    blog.settings("feed_size = 3")

    blog.build()

    assert blog.files()["2026/01/01/p/data.csv"] == b"1,2\n"
    assert not any("pyproject" in name for name in blog.files())


def test_a_link_from_the_root_has_the_base_path(blog: Blog) -> None:
    blog.settings('base_path = "/ml"')
    blog.post("2026-01-01-p.md", "[a](/x/) [b](/ml/y/) [c](//z.example/) [d](#e)\n")

    blog.build()

    page = html.fromstring(blog.page("2026/01/01/p"))
    assert page.xpath(f"{ARTICLE}//a/@href") == ["/ml/x/", "/ml/y/", "//z.example/", "#e"]


def test_equations_are_referred_to_from_the_text(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md",
        "By \\eqref{two} and \\ref{one}, not `\\eqref{two}`, and \\eqref{tow}.\n\n"
        "$$\\begin{align} a \\label{one} \\\\ b \\label{two} \\end{align}$$\n",
    )

    report = blog.build(keeps_going=True)

    page = html.fromstring(blog.page("2026/01/01/p"))
    links = page.xpath("//article/p/a")
    assert [(a.text, a.get("href")) for a in links] == [("(2)", "#eq:two"), ("1", "#eq:one")]
    assert {"eq:one", "eq:two"} <= set(page.xpath("//@id"))
    assert told(report) == [
        "posts/2026-01-01-p.md:4: nothing is labelled 'tow' (did you mean 'two'?)"
    ]


def test_what_is_liquid_and_not_run_is_told(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "{% include x.html %} and {{ 'a' | upcase }}\n")

    assert told(blog.build()) == [
        f"posts/2026-01-01-p.md:4:{column}: Liquid is not run here: {text} is shown as it is "
        "(say 'liquid: true' in the front matter, or put it into code)"
        for column, text in ((1, "'{% include x.html %}'"), (26, "\"{{ 'a' | upcase }}\""))
    ]


def test_a_missing_picture_is_told_where_it_is_shown(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", '```python\nplt.savefig("loss.png")\n```\n\n![Loss](loss.png)\n')

    (problem,) = told(blog.build())

    assert problem.startswith("posts/2026-01-01-p.md:8: picture 'loss.png' does not exist")


def test_an_own_picture_leaves_the_projects_style_sheets(blog: Blog) -> None:
    blog.write("assets/img/a.png", "x")
    blog.write("assets/css/1-tokens.css", ":root { --ink: red }")

    blog.build()

    style = next(c for n, c in blog.files().items() if n.endswith(".css"))
    assert style.startswith(b":root { --ink: red }")
    assert b".site-header" in style
    assert "assets/img/a.png" in blog.files()


@pytest.mark.parametrize("address", ["/", "/feed.xml", "/assets/x/"])
def test_a_post_cannot_take_an_address_of_the_sites_own(blog: Blog, address: str) -> None:
    blog.post("2026-01-01-p.md", "Text.\n", f"permalink: {address}")

    (problem,) = told(blog.build())

    assert problem.startswith("posts/2026-01-01-p.md:2: the address ")
    assert problem.endswith("(say another 'permalink')")


def test_what_other_hosts_would_give_is_told(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", '<iframe src="https://x.example/v"></iframe>\n')

    assert told(blog.build()) == [
        "posts/2026-01-01-p.md:4: 'https://x.example/v' is loaded from another host "
        "(link to it instead)"
    ]


def test_cells_are_aligned_without_a_style_attribute(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "| a | b |\n|:-:|--:|\n| 1 | 2 |\n")

    blog.build()

    page = html.fromstring(blog.page("2026/01/01/p"))
    assert page.xpath("//td/@class") == ["align-center", "align-right"]
    assert page.xpath("//@style") == []


def test_a_declared_dependency_that_is_not_there_is_told(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\n#| depends: [nope.csv]\n1\n```\n")

    assert told(blog.build()) == ["posts/2026-01-01-p.md:6: depends: there is no file 'nope.csv'"]


def test_a_name_that_is_too_long_is_that_of_no_file(blog: Blog) -> None:
    name = "a" * 300
    blog.post("2026-01-01-p.md", f"```{{python}}\n#| depends: {name}\n1\n```\n")

    assert told(blog.build()) == [f"posts/2026-01-01-p.md:6: depends: there is no file {name!r}"]


def test_a_jekyll_post_builds_as_it_is(blog: Blog) -> None:
    source = Path(__file__).with_name("jekyll-post.md").read_text(encoding="utf-8")
    blog.write("posts/2023-01-01-jekyll.md", source)
    for name in ("1 two curves.jpg", "2 descent.jpg"):
        (blog.root / "_posts").mkdir(exist_ok=True)
        Image.new("RGB", (40, 30)).save(blog.root / "_posts" / name)

    report = blog.build()

    page = html.fromstring(blog.page("2023/01/01/jekyll"))
    assert told(report) == [
        "posts/2023-01-01-jekyll.md:25:23: the formula ends just before \\begin{bmatrix} "
        "(is this '$$' misplaced? what follows was set as a formula of its own)"
    ]
    assert len(page.xpath("//*[contains(concat(' ', @class, ' '), ' math ')]")) == 8
    assert page.xpath(f"{ARTICLE}/descendant-or-self::script") == []
    assert len(page.xpath("//article/hr")) == 1
    assert "f(x)_{predicted} and f(x)_{correct}" in page.text_content()
    assert [Path(src).name for src in page.xpath("//article//img/@src")] == [
        "1%20two%20curves.jpg",
        "2%20descent.jpg",
    ]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ("", """She said "so -- it's """),
        ("smart_quotes = true", "She said “so – it’s "),
        ('smart_quotes = true\nlanguage = "de"', "She said „so – it’s "),
    ],
)
def test_quotes_are_typographic_where_the_site_asks_for_it(
    blog: Blog, settings: str, text: str
) -> None:
    blog.settings(settings)
    blog.post("2026-01-01-p.md", 'She said "so -- it\'s $$x$$" ...\n\n    "code" -- it\'s\n')

    blog.build()

    article = html.fromstring(blog.page("/2026/01/01/p/")).xpath("//article")[0]
    words = article.xpath("string()")
    assert text in words
    assert '"code" -- it\'s' in words
    assert words.count("”" if "de" not in settings else "“") == bool(settings)
