"""Old addresses, lost readers and search engines."""

import pytest
from lxml import etree, html

from tests.site.conftest import Blog, told


@pytest.mark.parametrize(
    ("head", "paths"),
    [
        ("aliases: [/old/, /older]", ["old/index.html", "older/index.html"]),
        ("redirect_from: /2020/x.html", ["2020/x.html"]),
        ("aliases: /a/\nredirect_from: [/b/]", ["a/index.html", "b/index.html"]),
        ("aliases: old/one", ["old/one/index.html"]),
    ],
)
def test_an_old_address_leads_to_its_post(blog: Blog, head: str, paths: list[str]) -> None:
    blog.settings('url = "https://x.example"\nbase_path = "/b"')
    blog.post("2026-01-01-p.md", "Text.\n", f"title: 'A <post>'\n{head}")

    assert told(blog.build()) == []

    for path in paths:
        page = html.fromstring(blog.files()[path])
        assert page.xpath("//meta[@http-equiv]/@content") == ["0; url=/b/2026/01/01/p/"]
        assert page.xpath("//link[@rel='canonical']/@href") == ["https://x.example/b/2026/01/01/p/"]
        assert page.xpath("//a/@href") == ["/b/2026/01/01/p/"]
        assert page.findtext(".//a") == "A <post>"


@pytest.mark.parametrize(
    ("key", "alias", "whose"),
    [
        ("aliases", "/2026/01/01/a/", "posts/2026-01-01-a.md"),
        ("aliases", "/old/", "posts/2026-01-01-a.md"),
        ("aliases", "/feed.xml/", "the site"),
        ("redirect_from", "/assets/x/", "the site"),
    ],
)
def test_an_old_address_that_is_taken_is_told_and_the_rest_is_built(
    blog: Blog, key: str, alias: str, whose: str
) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: a\naliases: [/old/]")
    blog.post("2026-01-02-b.md", "Text.\n", f"title: b\n{key}: ['{alias}']")

    report = blog.build(keeps_going=True)

    assert told(report) == [
        f"posts/2026-01-02-b.md:3: aliases: {whose} has the address {alias!r} already "
        "(say another one, or leave it out)"
    ]
    assert "/2026/01/01/a/" in blog.page("old")
    assert b"Text." in blog.files()["2026/01/02/b/index.html"]


def test_an_address_that_the_site_has_is_told_at_its_line(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: a\npermalink: /feed.xml/x/")

    assert told(blog.build()) == [
        "posts/2026-01-01-a.md:3: the address '/feed.xml/x/' is taken: the site has /feed.xml "
        "(say another 'permalink')"
    ]


OF_SITE = "is not an address within the site, such as '/about/'"
OLD = "is not an address where the post once was, such as '/old/'"


@pytest.mark.parametrize(
    ("aliases", "message"),
    [
        ("{a: b}", "{'a': 'b'} is not a list of addresses, such as [/old/]"),
        ("[{a: b}]", "[{'a': 'b'}] is not a list of addresses, such as [/old/]"),
        ("/../x/", f"'/../x/' {OF_SITE}"),
        ("[/x/, 'https://x.example/']", f"'https://x.example/' {OF_SITE}"),
        ("/", f"'/' {OLD}"),
        ("[/x/, /:yaer/]", f"'/:yaer/' {OLD}"),
    ],
)
def test_what_is_no_address_of_the_site_is_refused(blog: Blog, aliases: str, message: str) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", f"title: a\naliases: {aliases}")

    assert told(blog.build()) == [f"posts/2026-01-01-a.md:3: aliases: {message}"]


def test_an_address_is_spelt_in_one_way_wherever_it_stands(blog: Blog) -> None:
    blog.write("posts/2026-01-01-a/x.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    blog.post(
        "2026-01-01-a/index.md",
        "![An x](x.svg)\n\n```{python}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
        "plt.title('A line')\nplt.show()\n```\n",
        "title: A\npermalink: /q&a + (b)~'é'/",
    )
    blog.post("2026-01-02-b.md", "[one](2026-01-01-a/index.md) [[a]]\n")

    assert told(blog.build()) == []

    address = "/q&a%20+%20(b)~'%C3%A9'/"
    for name in ("2026/01/02/b/index.html", "index.html", "q&a + (b)~'é'/index.html"):
        page = html.fromstring(blog.files()[name])
        found = page.xpath("//main//@href | //main//@src")
        its = [each for each in found if "q" in each]
        assert its
        assert all(each.startswith(address) for each in its), its


def test_a_lost_reader_finds_the_latest_posts(blog: Blog) -> None:
    for day in range(1, 9):
        blog.post(f"2026-01-0{day}-p{day}.md", "Text.\n", f"title: Post {day}")

    blog.build()

    page = html.fromstring(blog.files()["404.html"])
    assert page.xpath("//main//li/a/text()") == [f"Post {day}" for day in (8, 7, 6, 5, 4)]
    assert page.xpath("//main//p/a/@href") == ["/search/", "/"]


def test_search_engines_find_every_post_and_no_draft(blog: Blog) -> None:
    blog.settings('url = "https://x.example"\nbase_path = "/b"')
    blog.post("2026-01-01-a.md", "Text.\n", "title: a & b")
    blog.post("2026-01-02-b.md", "Text.\n", "title: b\ndraft: true")

    blog.build(with_drafts=True)

    sitemap = etree.fromstring(blog.files()["sitemap.xml"])
    assert sitemap.xpath("//*[local-name()='loc']/text()") == [
        "https://x.example/b/",
        "https://x.example/b/2026/01/01/a/",
    ]
    assert sitemap.xpath("//*[local-name()='lastmod']/text()") == ["2026-01-01"]
    assert (
        blog.files()["robots.txt"].decode().endswith("Sitemap: https://x.example/b/sitemap.xml\n")
    )
