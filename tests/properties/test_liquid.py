"""Whatever Liquid is written, a post is parsed or told of with its places."""

import re
from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from builder.config import SiteConfig
from builder.errors import PostError, Problem
from builder.model import Source
from builder.parse.front_matter import split_front_matter
from builder.parse.jekyll.expand import run_liquid
from builder.parse.jekyll.site import JekyllSite
from builder.parse.post import outline_of, parse_post
from tests.properties.laws import PATH, is_placed
from tests.properties.profile import SEARCH
from tests.properties.texts import PIECES

CONFIG = SiteConfig(liquid=True, variables={"words": ["a", "b"], "n": 3})
OTHER = Source(
    path=PATH.with_name("2026-11-22-b.md"),
    text="---\ntitle: B\ntags: [x]\n---\n",
    named_date=date(2026, 11, 22),
    slug="b",
)
SITE = JekyllSite(
    config=CONFIG,
    posts=(outline_of(OTHER, CONFIG, ["post"]),),
    includes={
        "a.html": "A {{ include.x }}",
        "b.html": "{% include a.html x=1 %}{% nope %}",
        "c.html": "{% include c.html %}",
        "d.html": "{% if %}{{ x",
    },
    data_files={"d.yml": "k: [1, 2]"},
)

LIQUID = (
    *("{{", "}}", "{%", "%}", "{{-", "-%}", "{{ page.title }}", "{{ nope }}", "{{ }}", "{{ a b }}"),
    *("{% raw %}", "{% endraw %}", "{%- raw -%}", "{% comment %}", "{% endcomment %}", "{% # x %}"),
    *("{% if page.title %}", "{% if %}", "{% elsif x %}", "{% else %}", "{% endif %}"),
    *("{% for i in (1..3) %}", "{% for p in site.posts %}", "{{ i }}", "{% endfor %}", "{% for %}"),
    *("{% break %}", "{% continue %}", "{% case x %}", "{% when 1 %}", "{% endcase %}"),
    *("{% unless x %}", "{% endunless %}", "{% assign i = 1 %}", "{% assign %}", "{% cycle 'a' %}"),
    *("{% capture c %}", "{% endcapture %}", "{{ c }}", "{% tablerow i in (1..2) %}"),
    *("{% liquid\nassign x = 1\necho x\n%}", "{% render 'a.html' %}", "{% echo x %}"),
    *("{% include a.html x=i %}", "{% include b.html %}", "{% include c.html %}"),
    *("{% include d.html %}", "{% include e.html %}", "{% include %}", "{% include {{ c }} %}"),
    *("{% highlight python linenos %}", "{% highlight %}", "{% endhighlight %}", "\n  "),
    *("{% post_url 2026-11-22-b %}", "{% post_url x %}", "{% post_url %}", "{% link a.pdf %}"),
    *("{% link _posts/x.md %}", "{% gist a/1 %}", "{% gist %}", "{% nope %}", "{% endnope %}"),
    *("{{ site.words | join: ',' }}", "{{ 1 | nope }}", "{{ 1 | divided_by: 0 }}"),
    *("{{ site.data.d.k[1] }}", "{{ 'now' | date: '%F' }}", "{{ 'a' | slice }}", "\U000f0000"),
    *("{{ site.posts | where_exp: 'p', 'p.title ==' }}", "{{ '$$' }}", "{{ '```' }}", "{", "}"),
)

WRITING = re.compile("liquid|echo|cycle|tablerow")
"""Tags of Liquid itself that write something."""

liquids = st.lists(
    st.sampled_from(LIQUID) | st.sampled_from(PIECES) | st.text(max_size=3), max_size=25
).map("".join)
without_braces = st.lists(
    st.sampled_from([p for p in PIECES if "{{" not in p]) | st.text(max_size=3), max_size=25
).map(lambda pieces: "".join(pieces).replace("{{", "").replace("{%", ""))


def source_of(body: str) -> Source:
    text = f"---\ntitle: A\n---\n{body}"
    return Source(path=PATH, text=text, named_date=date(2026, 11, 23), slug="a")


def run(body: str, problems: list[Problem]) -> Source:
    source = source_of(body)
    post = outline_of(source, CONFIG, ["post"])
    return run_liquid(post, split_front_matter(source).body_start, SITE, problems)


@SEARCH
@given(liquids)
@example("{% raw %}{% for i in (1..3) %}")
@example("{% capture c %}{% highlight python %}{% endcapture %}")
def test_any_liquid_is_parsed_or_told_with_a_place(body: str) -> None:
    problems: list[Problem] = []
    source = source_of(body)

    try:
        parse_post(source, CONFIG, ["post"], problems, SITE)
    except PostError as error:
        problems.append(error.problem)

    for problem in problems:
        assert is_placed(problem, source.text), problem


@SEARCH
@given(without_braces)
def test_a_text_without_braces_comes_out_as_it_was(body: str) -> None:
    problems: list[Problem] = []

    made = run(body, problems)

    assert (made.text, problems) == (source_of(body).text, [])


@SEARCH
@given(liquids)
def test_what_stands_in_raw_comes_out_as_it_was(body: str) -> None:
    inner = body.replace("endraw", "").replace("{python}", "")
    problems: list[Problem] = []

    made = run(f"{{% raw %}}{inner}{{% endraw %}}", problems)

    assert (made.text, problems) == (source_of(inner).text, [])


@SEARCH
@given(liquids.filter(lambda body: not WRITING.search(body)))
def test_each_stretch_that_is_verbatim_stands_in_the_file_as_it_says(body: str) -> None:
    made = run(body, [])

    stretches = made.origin.stretches if made.origin else ()
    for stretch, end in zip(
        stretches, [*(s.start for s in stretches[1:]), len(made.text)], strict=False
    ):
        if made.origin and stretch.is_verbatim:
            length = end - stretch.start
            written = made.origin.text[stretch.written_at : stretch.written_at + length]
            assert made.text[stretch.start : end] == written


@SEARCH
@given(liquids)
def test_liquid_gives_the_same_again(body: str) -> None:
    problems: list[Problem] = []
    again: list[Problem] = []

    assert run(body, problems) == run(body, again)
    assert problems == again
