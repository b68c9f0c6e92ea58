"""Each mistake is told with file and line, and the published site stays as it was."""

import pytest

from tests.site.conftest import Blog, told

GOOD = ("2026-01-01-good.md", "All is well.\n")

BAD_POSTS = {
    "no front matter": (
        "Just text.\n",
        "1: no front matter (begin the post with a line '---', "
        "lines such as 'title: …', and a line '---')",
    ),
    "unclosed front matter": (
        "---\ntitle: A\n",
        "1: front matter is not closed (did you forget the second line of '---'?)",
    ),
    "broken YAML": (
        "---\ntitle: A\ntags: [a\n---\n",
        "3:9: broken front matter: did not find expected ',' or ']'",
    ),
    "unknown layout": (
        "---\nlayout: psot\n---\n",
        "2: unknown layout 'psot' (did you mean 'post'?)",
    ),
    "impossible date": (
        "---\ndate: 2026-02-30\n---\n",
        "2: date: '2026-02-30': day is out of range for month",
    ),
    "unclosed fence": (
        "---\ntitle: A\n---\n\n```{python}\n1 + 1\n",
        "5: unclosed fence (close the block with as many backticks as it begins with)",
    ),
    "unknown option": (
        "---\ntitle: A\n---\n```{python}\n#| ehco: false\n1\n```\n",
        "5: unknown block option 'ehco' (did you mean 'echo'?)",
    ),
    "exception": (
        "---\ntitle: A\n---\n```{python}\nx = 0\n1 / x\n```\n",
        "6: ZeroDivisionError: division by zero",
    ),
    "time out": (
        "---\ntitle: A\n---\n```{python}\n#| timeout: 0.3\nwhile True: pass\n```\n",
        "6: the block did not end within its 0.3 seconds "
        "(give it more with '#| timeout: SECONDS', or less to do)",
    ),
    "malformed TeX": (
        "---\ntitle: A\n---\nLet $$a + \\fraq{1}{2}$$ be.\n",
        "4:11: TeX: Undefined control sequence \\fraq",
    ),
    "missing picture": (
        "---\ntitle: A\n---\n\n![A curve](my curve.png)\n",
        "5: picture 'my curve.png' does not exist (put it into posts/)",
    ),
    "another language": (
        "---\ntitle: A\n---\n```{r}\n1\n```\n",
        "4: blocks in 'r' cannot run here, only {python} can (show it with ```r)",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD_POSTS.values(), ids=BAD_POSTS.keys())
def test_a_mistake_is_told_at_its_place_and_the_site_stays(
    blog: Blog, text: str, message: str
) -> None:
    blog.post(*GOOD)
    blog.build()
    before = blog.files()
    blog.write("posts/2026-01-02-bad.md", text)

    report = blog.build()

    start, _, rest = message.partition(": ")
    assert [p for p in told(report) if "x = 0" not in p] == [
        f"posts/2026-01-02-bad.md:{start}: {rest}"
    ]
    assert not report.is_published
    assert blog.files() == before


def test_a_post_that_is_not_utf_8_is_told_with_its_line(blog: Blog) -> None:
    blog.write("posts/2026-01-02-bad.md", "---\ntitle: A\n---\ncafé\n".encode("latin-1"))

    report = blog.build()

    assert told(report) == [
        "posts/2026-01-02-bad.md:4: not UTF-8: byte 0xe9 cannot be read "
        "(save the file with the encoding UTF-8)"
    ]


def test_a_post_without_a_date_is_told(blog: Blog) -> None:
    blog.post("undated.md", "Text.\n")

    assert told(blog.build()) == [
        "posts/undated.md:1: no date (name the file YYYY-MM-DD-slug.md, "
        "or say 'date: YYYY-MM-DD' in its front matter)"
    ]


def test_an_impossible_date_in_a_file_name_is_told(blog: Blog) -> None:
    blog.post("2026-13-01-late.md", "Text.\n")

    assert told(blog.build()) == [
        "posts/2026-13-01-late.md: impossible date 2026-13-01 in the file name: "
        "month must be in 1..12"
    ]


def test_two_posts_with_one_address_are_told(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "One.\n", "permalink: /same/")
    blog.post("2026-01-02-b.md", "Two.\n", "permalink: /same/")

    assert told(blog.build()) == [
        "posts/2026-01-02-b.md:2: posts/2026-01-01-a.md has the address '/same/' already "
        "(change the file name or say another 'permalink')"
    ]


def test_all_problems_of_a_build_are_told_in_one_run(blog: Blog) -> None:
    for number, (text, _) in enumerate(BAD_POSTS.values(), start=1):
        blog.write(f"posts/2026-01-{number:02}-bad.md", text)

    report = blog.build()

    assert {p.location.path.name for p in report.problems} == {
        f"2026-01-{number:02}-bad.md" for number in range(1, len(BAD_POSTS) + 1)
    }


def test_keep_going_publishes_the_rest_and_shows_each_problem_in_its_place(blog: Blog) -> None:
    blog.post(*GOOD)
    blog.write("posts/2026-01-02-bad.md", BAD_POSTS["broken YAML"][0])
    blog.write("posts/2026-01-03-bad.md", BAD_POSTS["exception"][0])
    blog.write("posts/2026-01-04-bad.md", BAD_POSTS["malformed TeX"][0])
    blog.write("posts/2026-01-05-bad.md", BAD_POSTS["missing picture"][0])

    report = blog.build(keeps_going=True)

    assert report.errors == 4
    assert "All is well." in blog.page("2026/01/01/good")
    assert "broken front matter" in blog.page("2026/01/02/bad")
    assert "ZeroDivisionError: division by zero" in blog.page("2026/01/03/bad")
    assert '<code class="problem">$$a + \\fraq{1}{2}$$</code>' in blog.page("2026/01/04/bad")
    assert "missing picture: my curve.png" in blog.page("2026/01/05/bad")


def test_a_strict_build_fails_on_a_warning(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "An unclosed $$ here.\n")

    assert blog.build().is_published
    report = blog.build(is_strict=True)

    assert not report.is_published
    assert told(report) == [
        "posts/2026-01-01-a.md:4:13: unclosed '$$' (close the formula before the paragraph ends)"
    ]


def test_a_link_that_leads_to_itself_is_passed_over(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "Text.\n")
    (blog.root / "posts/2026-01-02-loop.md").symlink_to("2026-01-02-loop.md")

    assert told(blog.build()) == []
