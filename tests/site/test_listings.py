"""The pages that list posts: home, archives, tags, series and topics."""

from urllib.parse import unquote

import pytest
from lxml import html

from tests.site.conftest import Blog, told


@pytest.fixture
def course(blog: Blog) -> Blog:
    """Five posts over two years, in two series."""
    blog.settings('title = "T"\nurl = "https://x.example"\nbase_path = "/b"\nhome_size = 2')
    blog.post("2025-12-31-slope.md", "One.\n", "title: Slope\nseries: Gradients\ntags: [maths]")
    blog.post(
        "2026-01-01-rate.md",
        "Two.\n",
        "title: Rate\nseries: Gradients\nafter: slope\ntags: [Maths, C++]",
    )
    blog.post("2026-01-01-forward.md", "Three.\n", "title: Forward\nseries: Networks\ntags: [c#]")
    blog.post(
        "2026-02-03-back.md", "Four.\n", "title: Back\nseries: Networks\nafter: [forward, slope]"
    )
    blog.post("2026-02-04-alone.md", "Five.\n", "title: Alone <b>\ntags: ['a/b', '<i>', 日本]")
    return blog


def tree(blog: Blog, address: str) -> html.HtmlElement:
    return html.fromstring(blog.page(address))


def links(blog: Blog, address: str) -> list[tuple[str, str]]:
    """Names and addresses of the links in a page's text, in order."""
    found = tree(blog, address).xpath("//main//a[normalize-space()]")
    return [(" ".join(a.text_content().split()), a.get("href")) for a in found]


def test_the_home_page_leads_with_the_latest_topic(course: Blog) -> None:
    assert told(course.build()) == []

    page = tree(course, "/")
    assert page.xpath("//article[@class='latest']//h2/a/text()") == ["Alone <b>"]
    assert page.xpath("//ol[@class='entries']//h3/a/text()") == ["Back", "Rate"]
    assert page.xpath("//p[@class='more']/a/@href") == ["/b/archive/"]
    (sentence,) = page.xpath("//div[@class='calendar']/p/text()")
    assert sentence == (
        "5 topics in the year up to 4 February 2026, the last 2 of these days in a row: "
        "the longest run so far."
    )
    days = page.xpath("//div[@class='calendar']//td/a")
    assert [(a.get("aria-label"), a.get("href")) for a in days if "January" in a.get("title")] == [
        ("1 January 2026: Forward; Rate", "/b/2026/01/01/")
    ]
    assert sorted(a.get("href") for a in days if "Feb" in a.get("title")) == [
        "/b/2026/02/03/back/",
        "/b/2026/02/04/alone/",
    ]
    nav = page.xpath("//header//nav//li/a")
    assert [a.get("href") for a in nav] == [
        f"/b/{name}/" for name in ("topics", "series", "tags", "archive", "search")
    ]


def test_archives_go_by_year_month_and_day(course: Blog) -> None:
    course.build()

    assert links(course, "archive") == [
        ("2026", "/b/2026/"),
        ("February 2026", "/b/2026/02/"),
        ("January 2026", "/b/2026/01/"),
        ("2025", "/b/2025/"),
        ("December 2025", "/b/2025/12/"),
    ]
    assert links(course, "2026")[-5:] == [
        ("Back", "/b/2026/02/03/back/"),
        ("January 2026", "/b/2026/01/"),
        ("Rate", "/b/2026/01/01/rate/"),
        ("Forward", "/b/2026/01/01/forward/"),
        ("Older 2025", "/b/2025/"),
    ]
    assert links(course, "2026/02") == [
        ("2026", "/b/2026/"),
        ("Alone <b>", "/b/2026/02/04/alone/"),
        ("Back", "/b/2026/02/03/back/"),
        ("Older January 2026", "/b/2026/01/"),
    ]
    assert links(course, "2026/01/01") == [
        ("January 2026", "/b/2026/01/"),
        ("2026", "/b/2026/"),
        ("Rate", "/b/2026/01/01/rate/"),
        ("Forward", "/b/2026/01/01/forward/"),
        ("Older 31 December 2025", "/b/2025/12/31/"),
        ("Newer 3 February 2026", "/b/2026/02/03/"),
    ]


def test_a_tag_has_a_page_whatever_letters_it_is_made_of(course: Blog) -> None:
    course.build()

    tags = links(course, "tags")
    assert [name for name, _ in tags] == ["a/b", "c#", "C++", "<i>", "maths", "日本"]
    for _, href in tags:
        page = unquote(href).removeprefix("/b/")
        assert f"{page}index.html" in course.files()
        assert f"{page}feed.xml" in course.files()
        assert f"{page}feed.json" in course.files()
    assert [name for name, _ in links(course, "tags/maths")] == ["Atom", "JSON", "Rate", "Slope"]
    post = tree(course, "2026/01/01/rate")
    assert [a.text for a in post.xpath("//ul[@class='tags']//a")] == ["maths", "C++"]


def test_a_series_is_read_in_order(course: Blog) -> None:
    course.build()

    assert [name for name, _ in links(course, "series")] == [
        *("Gradients", "Slope", "Rate"),
        *("Networks", "Forward", "Back"),
    ]
    assert [name for name, _ in links(course, "series/networks")][2:] == ["Forward", "Back"]
    post = tree(course, "2026/01/01/rate")
    assert post.xpath("normalize-space(//p[@class='series-place'])") == "Gradients, part 2 of 2"
    assert post.xpath("//nav[@aria-label='Gradients']/a/@href") == ["/b/2025/12/31/slope/"]


def test_the_curriculum_is_a_graph_and_a_list(course: Blog) -> None:
    course.build()

    page = tree(course, "topics")
    drawn = [a.get("href") for a in page.xpath("//*[contains(@class, 'curriculum')]//a")]
    assert sorted(drawn) == [
        "/b/2025/12/31/slope/",
        "/b/2026/01/01/forward/",
        "/b/2026/01/01/rate/",
        "/b/2026/02/03/back/",
    ]
    items = [" ".join(li.text_content().split()) for li in page.xpath("//ol[@class='topics']/li")]
    assert items == [
        "Slope",
        "Rate after Slope",
        "Forward",
        "Back after Forward, Slope",
        "Alone <b>",
    ]
    slope = tree(course, "2025/12/31/slope")
    assert slope.xpath("//aside//h2[.='Leads to']/following-sibling::ul/li/a/text()") == [
        "Rate",
        "Back",
    ]
    back = tree(course, "2026/02/03/back")
    assert back.xpath("//p[@class='builds-on']/a/text()") == ["Forward", "Slope"]


@pytest.mark.parametrize(
    ("after", "message"),
    [
        ("[slpe]", "5: after: no post is called 'slpe' (did you mean 'slope'?)"),
        ("back", "5: after: these build on each other in a circle: "),
        ("[twice]", "5: after: several posts are called 'twice' (say 2026-01-05-twice or "),
        ("{a: b}", "5: after: {'a': 'b'} is not a list of slugs, such as [momentum]"),
    ],
)
def test_what_cannot_come_first_is_told_with_its_line(
    course: Blog, after: str, message: str
) -> None:
    course.post("2026-01-05-twice.md", "Text.\n")
    course.post("2026-01-06-twice.md", "Text.\n")
    course.post(
        "2026-02-03-back.md", "Text.\n", f"title: Back\ntags: [x]\nlayout: post\nafter: {after}"
    )

    (problem,) = told(course.build())

    assert problem.startswith(f"posts/2026-02-03-back.md:{message}")


def test_a_circle_is_named_and_the_rest_can_still_be_published(course: Blog) -> None:
    course.post("2025-12-31-slope.md", "One.\n", "title: Slope\nafter: back")

    report = course.build(keeps_going=True)

    (problem,) = told(report)
    for name in ("slope", "back"):
        assert f"-{name}.md → posts/" in problem
    assert "curriculum" not in course.page("topics")


def test_a_post_that_is_not_published_yet_may_be_built_on(course: Blog) -> None:
    course.post("2026-12-24-later.md", "Text.\n")
    course.post("2026-02-05-early.md", "Text.\n", "title: Early\nafter: later")

    assert told(course.build()) == []
    assert "Builds on" not in course.page("2026/02/05/early")


def test_related_posts_share_tags_and_are_told_nowhere_else(blog: Blog) -> None:
    for day in range(1, 6):
        blog.post(f"2026-01-0{day}-p{day}.md", "Text.\n", f"title: P{day}\ntags: [t]")
    blog.build()

    page = tree(blog, "2026/01/03/p3")
    assert page.xpath("//h2[.='Related']/following-sibling::ul/li/a/text()") == ["P2", "P4", "P1"]


def test_lists_give_way_to_posts_and_old_addresses(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Mine.\n", "title: A\ntags: [t]\npermalink: /archive/")
    blog.post("2026-01-02-b.md", "Text.\n", "title: B\naliases: [/tags/t/]\npermalink: /search/")

    assert told(blog.build()) == []

    assert "Mine." in blog.page("archive")
    assert "This page has moved" in blog.page("tags/t")
    assert "Text." in blog.page("search")


def test_an_empty_site_has_a_home_page(blog: Blog) -> None:
    assert told(blog.build()) == []

    assert "There is no post yet." in blog.page("/")
    assert "archive/index.html" not in blog.files()


def test_navigation_and_links_are_the_sites_own_to_say(blog: Blog) -> None:
    blog.settings(
        'base_path = "/b"\nnavigation = {About = "/about/", Else = "https://e.example/"}\n'
        'links = {Code = "https://c.example/?a=1&b=2"}'
    )
    blog.post("2026-01-01-a.md", "Text.\n")
    blog.build()

    page = tree(blog, "2026/01/01/a")
    assert page.xpath("//header//li/a/@href")[-3:-1] == ["/b/about/", "https://e.example/"]
    assert page.xpath("//footer//a[@rel='me']/@href") == ["https://c.example/?a=1&b=2"]


def test_the_day_of_a_change_is_told(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: A\nupdated: 2026-01-05")
    blog.build()

    page = tree(blog, "2026/01/01/a")
    assert page.xpath("//time/@datetime")[:2] == ["2026-01-01", "2026-01-05"]
    assert b"<lastmod>2026-01-05</lastmod>" in blog.files()["sitemap.xml"]
    assert b"<updated>2026-01-05T00:00:00Z</updated>" in blog.files()["feed.xml"]


def test_a_change_before_the_post_is_refused(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: A\nupdated: 2025-01-05")

    assert told(blog.build()) == [
        "posts/2026-01-01-a.md:3: updated: '2025-01-05' is not 2026-01-01 or later, "
        "when the post was published"
    ]


def test_posts_of_one_day_follow_what_they_build_on(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: A\nafter: b\nseries: S")
    blog.post("2026-01-01-b.md", "Text.\n", "title: B\nafter: c\nseries: S")
    blog.post("2026-01-01-c.md", "Text.\n", "title: C\nseries: S")
    blog.build()

    assert [name for name, _ in links(blog, "series/s")][2:] == ["C", "B", "A"]
    assert tree(blog, "/").xpath("//article[@class='latest']//h2/a/text()") == ["A"]


def test_a_descriptions_words_are_without_the_marks_of_footnotes(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "It is better[^1].\n\n[^1]: A note.\n")
    blog.build()

    (told_there,) = tree(blog, "2026/01/01/a").xpath("//meta[@name='description']/@content")
    assert told_there == "It is better."


@pytest.mark.parametrize("slug", ["..", ".", "..."])
def test_a_slug_of_dots_leads_nowhere_else(blog: Blog, slug: str) -> None:
    head = f"title: A\nslug: {slug}\npermalink: /:slug/:slug/:slug/:slug/escaped/"
    blog.post("2026-01-01-a.md", "Text.\n", head)
    blog.build()

    assert "Text." in blog.page("a/a/a/a/escaped")
    assert sorted(path.name for path in blog.root.iterdir()) == [".cache", "_site", "posts"]


def test_a_long_tag_has_a_page(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", f"title: A\ntags: ['{'x' * 300}', '{'🎉' * 60}']")

    assert told(blog.build()) == []

    for _, href in links(blog, "tags"):
        assert f"{unquote(href).lstrip('/')}index.html" in blog.files()


def test_posts_that_fail_are_not_published_before_their_day(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n")
    blog.post("2099-01-01-b.md", "Text.\n", "title: [broken")
    blog.post("2026-01-02-c.md", "Text.\n", "title: [broken\ndraft: true")
    blog.post("2026-01-03-d.md", "Text.\n", "title: [broken")

    blog.build(keeps_going=True)

    pages = {name for name in blog.files() if name.count("/") == 4 and name.endswith("x.html")}
    assert pages == {"2026/01/01/a/index.html", "2026/01/03/d/index.html"}
    assert b"2026/01/03/d/index.md" not in blog.files()["llms.txt"]
    assert b"/d/" not in blog.files()["feed.xml"]
    assert blog.files()["2026/01/03/d/index.md"].startswith(b"posts/2026-01-03-d.md:2")


def test_posts_at_one_address_do_not_keep_the_others_back(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "First.\n", "title: A\npermalink: /x/")
    blog.post("2026-01-02-b.md", "Second.\n", "title: B\npermalink: /x/index.html")
    blog.post("2026-01-03-c.md", "Third.\n", "title: [broken\npermalink: /x/")
    blog.post("p/2026-01-04-d.md", "Text.\n", "title: [broken")
    blog.post("q/2026-01-04-d.md", "Text.\n", "title: [broken")

    report = blog.build(keeps_going=True)

    assert "First." in blog.page("x")
    assert any("has the address '/x/index.html' already" in problem for problem in told(report))


def test_a_post_of_the_first_year_has_a_calendar(blog: Blog) -> None:
    blog.post("0001-01-05-a.md", "Text.\n")

    assert told(blog.build()) == []
    assert "1 topic in the year up to 5 January 1." in blog.page("/")


def test_an_old_address_may_be_written_with_percent_signs(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: A\naliases: ['/%E6%95%B0/']")
    blog.build()

    assert "数/index.html" in blog.files()


def test_addresses_of_the_navigation_are_as_they_are_written(blog: Blog) -> None:
    blog.settings('base_path = "/b"\nnavigation = {A = "/about/#me", E = "/caf%C3%A9/?q=a"}')
    blog.build()

    assert tree(blog, "/").xpath("//header//li/a/@href")[:2] == [
        "/b/about/#me",
        "/b/caf%C3%A9/?q=a",
    ]
