"""What a build makes of posts with Liquid, and where it tells what is wrong."""

from datetime import date

import pytest
from lxml import html

from tests.site.conftest import ARTICLE, Blog, told

LIQUID = "title: A post\nliquid: true"
ABOVE = {
    "a loop": "{% for i in (1..5) %}\n* {{ i }}\n{% endfor %}\n",
    "a capture": "{% capture c %}\n\none\n\ntwo\n{% endcapture %}\n{{ c }}{{ c }}\n",
    "an include": "{% include lines.html %}\n",
    "an include of many lines": '{% include lines.html\n   a="1"\n   b="2"\n%}\n',
    "raw": "{% raw %}\n{{ x }}\n{% endraw %}\n",
    "a listing": "{% highlight python %}\nx = 1\ny = 2\n{% endhighlight %}\n",
    "nothing": "{% comment %}\n\n\n{% endcomment %}\n{% if false %}\nx\n{% endif %}\n",
    "blanks that are taken away": "a\n\n{%- if true -%}\n\n\nb\n\n{%- endif %}\n\n",
}
BELOW = {
    "TeX": (
        "Let {{ page.title }} $$a + \\fraq{1}$$ be.",
        "28: TeX: Undefined control sequence \\fraq",
    ),
    "a picture": (
        "{{ page.title }} ![a](no.png)",
        "picture 'no.png' does not exist (put it into posts/)",
    ),
    "a tag": ("{{ page.title }} {% nope %}", "21: unknown Liquid tag 'nope' "),
    "a block": ("```{python}\n1 / 0\n```", "ZeroDivisionError: division by zero"),
    "an option": ("```{python}\n#| ehco: 1\n1\n```", "unknown block option 'ehco' "),
    "a link": ("{{ page.title }} [a](2026-01-09-no.md)", "no post is published from "),
}


@pytest.mark.parametrize(("text", "message"), BELOW.values(), ids=BELOW.keys())
@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE.keys())
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_mistake_is_told_at_its_place_behind_liquid(
    blog: Blog, ending: str, above: str, text: str, message: str
) -> None:
    blog.write("_includes/lines.html", "one\n\ntwo\n\nthree\n")
    written = f"---\n{LIQUID}\n---\n{above}\n{text}\n"
    blog.write("posts/2026-01-01-p.md", written.replace("\n", ending))

    (problem,) = told(blog.build())

    line = 6 + above.count("\n") + ("{python}" in text)
    column, _, rest = message.partition(": ")
    prefix = f"posts/2026-01-01-p.md:{line}:"
    expected = f"{prefix}{column}: {rest}" if column.isdigit() else f"{prefix} {message}"
    assert problem.startswith(expected)


def test_a_mistake_in_an_included_file_is_told_where_it_is_included(blog: Blog) -> None:
    blog.write("_includes/formula.html", "one\n\n$$\\fraq$$\n\n![a](no.png)\n")
    blog.post("2026-01-01-p.md", "text\n\n{% include formula.html %}\n", LIQUID)

    assert sorted(told(blog.build()), reverse=True) == [
        "posts/2026-01-01-p.md:7:1: TeX: Undefined control sequence \\fraq",
        "posts/2026-01-01-p.md:7: picture 'no.png' does not exist (put it into posts/)",
    ]


def test_a_traceback_is_in_the_lines_of_the_post(blog: Blog) -> None:
    body = (
        "{% for i in (1..3) %}\n{{ i }}\n{% endfor %}\n```{python}\ndef f():\n    1 / 0\nf()\n```\n"
    )
    blog.post("2026-01-01-p.md", body, LIQUID)

    (problem,) = blog.build().problems

    assert str(problem) == "posts/2026-01-01-p.md:10: ZeroDivisionError: division by zero"
    assert 'File "posts/2026-01-01-p.md", line 11, in <module>' in (problem.detail or "")
    assert 'File "posts/2026-01-01-p.md", line 10, in f' in (problem.detail or "")


def test_a_page_is_made_of_includes_data_and_other_posts(blog: Blog) -> None:
    blog.settings('liquid = true\nbase_path = "/ml"\nurl = "https://me.example"')
    blog.write("_includes/card.html", "**{{ include.name }}** by {{ page.title }}")
    blog.write("_data/people.yml", "- name: Ada\n- name: Bo\n")
    blog.post("2026-01-01-first.md", "Text.\n", "title: First\ntags: [x]")
    blog.post(
        "2026-01-02-second.md",
        "{% for p in site.data.people %}\n* {% include card.html name=p.name %}{% endfor %}\n\n"
        "[first]({% post_url 2026-01-01-first %}) [again]({{ site.tags.x[0].url | relative_url }})"
        "\n\n{{ '*markdown* and `code`' | markdownify }}\n",
        "title: Second",
    )

    report = blog.build()

    page = html.fromstring(blog.page("2026/01/02/second"))
    assert told(report) == []
    assert [li.text_content() for li in page.xpath(f"{ARTICLE}/descendant-or-self::ul/li")] == [
        "Ada by Second",
        "Bo by Second",
    ]
    assert page.xpath(f"{ARTICLE}/descendant-or-self::p/a/@href") == ["/ml/2026/01/01/first/"] * 2
    assert page.xpath("//article//em/text()") == ["markdown"]


def test_a_highlighted_block_looks_as_a_fence_does(blog: Blog) -> None:
    code = 'for x in f"{{y}}":\n    print(x)'
    blog.post(
        "2026-01-01-a.md", f"{{% highlight python %}}\n{code}\n{{% endhighlight %}}\n", LIQUID
    )
    blog.post("2026-01-02-b.md", f"```python\n{code}\n```\n")

    assert told(blog.build()) == []

    tagged, fenced = (
        html.tostring(html.fromstring(blog.page(address)).xpath("//article//pre")[0]).strip()
        for address in ("2026/01/01/a", "2026/01/02/b")
    )
    assert tagged == fenced


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("_includes/card.html", "new"),
        ("_data/people.yml", "name: new"),
        ("posts/2026-01-01-first.md", "---\ntitle: new\n---\n"),
    ],
)
def test_a_page_is_made_again_when_what_its_liquid_refers_to_has_changed(
    blog: Blog, name: str, content: str
) -> None:
    blog.write("_includes/card.html", "old")
    blog.write("_data/people.yml", "name: old")
    blog.post("2026-01-01-first.md", "Text.\n", "title: old")
    blog.post(
        "2026-01-02-second.md",
        "{% include card.html %} {{ site.data.people.name }} {{ site.posts.last.title }}\n",
        LIQUID,
    )
    blog.build()
    assert blog.page("2026/01/02/second").count("old") >= 3

    blog.write(name, content)
    report = blog.build()

    assert told(report) == []
    article = html.fromstring(blog.page("2026/01/02/second")).xpath(
        f"{ARTICLE}/descendant-or-self::p"
    )[-1]
    assert sorted(article.text_content().split()) == ["new", "old", "old"]


def test_posts_that_are_held_back_are_not_listed(blog: Blog) -> None:
    blog.post("2026-01-01-shown.md", "Text.\n", "title: Shown")
    blog.post("2026-01-02-draft.md", "Text.\n", "title: Draft\ndraft: true")
    blog.post("2026-12-31-late.md", "Text.\n", "title: Late")
    blog.post("2026-01-03-all.md", "{{ site.posts | map: 'title' | join: ';' }}\n", LIQUID)

    blog.build()

    assert "A post;Shown" in blog.page("2026/01/03/all")


def test_broken_data_is_told_with_its_file_and_other_posts_are_built(blog: Blog) -> None:
    blog.write("_data/people.yml", "a: [1")
    blog.post("2026-01-01-good.md", "Text.\n")
    blog.post("2026-01-02-bad.md", "{{ site.data.people }}\n", LIQUID)

    report = blog.build(keeps_going=True)

    (problem,) = told(report)
    assert problem.startswith("_data/people.yml: broken data: ")
    assert "Text." in blog.page("2026/01/01/good")


def test_two_builds_of_liquid_on_different_days_are_the_same(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md",
        "{{ site.time }} {{ 'now' | date: '%s' }} {{ site.posts | sample }}\n",
        LIQUID,
    )
    blog.build(today=date(2026, 2, 1))
    before = blog.files()

    blog.build(today=date(2026, 3, 1), is_fresh=True)

    assert blog.files() == before


def test_markdownify_sets_formulas_and_listings(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md",
        "{% capture c %}\n*a* $$x^2$$\n\n```python\n1\n```\n{% endcapture %}\n"
        "<div>{{ c | markdownify }}</div>\n",
        LIQUID,
    )

    assert told(blog.build()) == []

    page = html.fromstring(blog.page("2026/01/01/p"))
    assert page.xpath("//article//div/p/em/text()") == ["a"]
    assert len(page.xpath("//article//*[@class='math']//*[local-name()='svg']")) == 1
    assert page.xpath("string(//article//pre)") == "1"


def test_a_post_knows_its_neighbours(blog: Blog) -> None:
    for day, name in enumerate("abc", start=1):
        body = "{% if page.previous %}{{ page.previous.title }}{% endif %}, {{ page.next.url }}\n"
        blog.post(f"2026-01-0{day}-{name}.md", body, f"title: {name}\nliquid: true")

    blog.build()

    assert "<p>a, /2026/01/03/c/</p>" in blog.page("2026/01/02/b")
    assert "<p>b, </p>" in blog.page("2026/01/03/c")


def test_values_of_a_repeated_block_are_each_what_they_were(blog: Blog) -> None:
    body = (
        "```{python}\nn = 0\n```\n{% for i in (1..2) %}\n"
        "```{python}\nn += 1\n```\n\nNow it is `{python} n`.\n{% endfor %}\n"
    )
    blog.post("2026-01-01-p.md", body, LIQUID)

    assert told(blog.build()) == []
    article = html.fromstring(blog.page("2026/01/01/p")).xpath("//article")[0]
    texts = [p.text_content() for p in article.xpath(".//p")]
    assert [text for text in texts if text.startswith("Now")] == ["Now it is 1.", "Now it is 2."]
