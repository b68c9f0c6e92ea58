import pytest

from tests.unit.parse.jekyll.liquid import made, site_of, told
from tests.unit.parse.posts import listings_of

SITE = site_of(
    includes={
        "card.html": "[{{ include.x }}|{{ include.y }}]",
        "outer.html": "<{% include card.html x=include.x %}>",
        "loop.html": "{% include loop.html %}",
        "unknown-tag.html": "line\n{% nope %}\n",
        "broken.html": "line\n{% if %}x{% endif %}\n",
        "asks.html": "{{ page.title }} {{ site.title }} {{ page.missing }}",
        "inner/note.md": "note",
    },
    data_files={"people.yml": "- name: Bo"},
)
LEFT = "(put it between {% raw %} and {% endraw %})"
PLUGIN = "(plugins do not run: write HTML, or an include; or {% raw %} where it is only shown)"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('{% include card.html x="1" y=page.title %}', "[1|SGD]"),
        ("{% include card.html x='say \"a\"' y=3 %}", '[say "a"|3]'),
        ("{% include card.html x = 1  y =  2 %}", "[1|2]"),
        ('{% include card.html\n   x="1"\n   y="2"\n%}', "[1|2]"),
        ("{% include card.html x={{ page.title }} %}", "[SGD|]"),
        ("{% include card.html x=site.data.people[0].name y=site.words[1] %}", "[Bo|b]"),
        ('{% include card.html x=" {{ page.title }} " %}', "[ {{ page.title }} |]"),
        ("{%- include card.html -%} ", "[|]"),
        ('{% include "card.html" x=1 %}', "[1|]"),
        ("{% include inner/note.md %}", "note"),
        ("{% include_cached card.html x=1 y=2 %}", "[1|2]"),
        ("{% include outer.html x='z' %}", "<[z|]>"),
        ("{% assign f = 'card.html' %}{% include {{ f }} x=1 %}", "[1|]"),
        ("{% assign f = 'card' %}{% include {{ f }}.html x=1 %}", "[1|]"),
        ("{% for f in site.words %}{% include card.html x=f %}{% endfor %}", "[a|][b|]"),
        ("{% include card.html x=1 %}{% include card.html y=1 %}", "[1|][|1]"),
    ],
)
def test_a_file_is_included_with_what_is_given_to_it(written: str, text: str) -> None:
    assert made(written, site=SITE) == text


def test_a_file_that_is_included_sees_page_and_site_and_may_ask_for_what_is_not_there() -> None:
    assert made("{% include asks.html %}", site=SITE) == "SGD Daily "


@pytest.mark.parametrize(
    ("written", "text", "message"),
    [
        (
            "a\n{% include crad.html %}b",
            "a\nb",
            "5:4: there is no _includes/crad.html (did you mean 'card.html'?)",
        ),
        ("{% include zzzzzz %}", "", "4:4: there is no _includes/zzzzzz"),
        (
            "{% include loop.html %}b",
            "b",
            "4:4: in _includes/loop.html:1: Liquid: maximum context depth reached, "
            "possible recursive include",
        ),
        (
            "a\n{% include unknown-tag.html %}",
            "a\nline\n{% nope %}\n",
            f"5:4: in _includes/unknown-tag.html:2: unknown Liquid tag 'nope' {PLUGIN}",
        ),
        (
            "a\n{% include broken.html %}",
            "a\nline\n\n",
            "5:4: in _includes/broken.html:2: Liquid: missing expression",
        ),
    ],
)
def test_what_is_wrong_with_an_included_file_is_told_where_it_is_included(
    written: str, text: str, message: str
) -> None:
    assert told(written, SITE) == (text, [message])


def test_an_include_that_is_given_only_where_a_condition_holds_is_not_looked_for() -> None:
    assert made("{% if page.nope %}{% include nowhere.html %}{% endif %}") == ""


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("{% highlight python %}\nx = 1\n{% endhighlight %}", "```python\nx = 1\n```"),
        ("{%highlight python%}x = 1{%endhighlight%}", "```python\nx = 1\n```"),
        ("{% highlight c++ %}\nx\n{% endhighlight %}", "```c++\nx\n```"),
        ("{% highlight python linenos %}\nx\n{% endhighlight %}", "```python linenos\nx\n```"),
        ("{% highlight py linenos=table %}\nx\n{% endhighlight %}", "```py linenos\nx\n```"),
        (
            '{% highlight python hl_lines="1 3" linenos %}\nx\n{% endhighlight %}',
            '```python linenos hl_lines="1,3"\nx\n```',
        ),
        (
            "{% highlight python %}\n\n    a\n  b\n\n{% endhighlight %}",
            "```python\n    a\n  b\n```",
        ),
        ("{% highlight md %}\n```\na\n```\n{% endhighlight %}", "````md\n```\na\n```\n````"),
        ("{% highlight md %}\n`````\n{% endhighlight %}", "``````md\n`````\n``````"),
        ("text {% highlight sh %}\nx\n{% endhighlight %}", "text \n\n```sh\nx\n```"),
        ("{% highlight sh %}\n{{ page.title }}\n{% endhighlight %}", "```sh\nSGD\n```"),
        ("{% highlight sh %}\n{{ x }} {% x %}\n{% endhighlight %}", "```sh\n{{ x }} {% x %}\n```"),
        (
            "{% highlight jinja %}{% raw %}\n{% for x in y %}\n{% endraw %}{% endhighlight %}",
            "```jinja\n{% for x in y %}\n```",
        ),
        ("{% highlight sh %}\n$$x$$\n{% endhighlight %}\n", "```sh\n$$x$$\n```\n"),
    ],
)
def test_a_highlighted_block_becomes_a_fence(written: str, text: str) -> None:
    assert made(written) == text


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("- a\n  {% highlight py %}\n  x\n    y\n  {% endhighlight %}\n- b", "x\n  y"),
        ("- {% highlight py %}\n  x\n    y\n  {% endhighlight %}\n- b", "x\n  y"),
        ("1. {% highlight py %}\n   x\n     y\n   {% endhighlight %}\n2. b", "x\n  y"),
        ("  {% highlight py %}\n  x\n    y\n  {% endhighlight %}\n", "x\n  y"),
    ],
)
def test_a_highlighted_block_lies_in_its_list(written: str, code: str) -> None:
    (listing,) = listings_of(made(written))

    assert (listing.language, listing.code.rstrip()) == ("py", code)


def test_a_highlighted_block_of_python_is_shown_and_does_not_run() -> None:
    (listing,) = listings_of(made("{% highlight python linenos %}\nx = 1\n{% endhighlight %}\n"))

    assert (listing.language, listing.code, listing.marks.is_numbered) == ("python", "x = 1", True)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("2026-11-22-adam", "/2026/11/22/adam/"),
        ("'2026-11-22-adam'", "/2026/11/22/adam/"),
        ("notes/2026-11-20-momentum", "/2026/11/20/momentum/"),
        ("/notes/2026-11-20-momentum", "/2026/11/20/momentum/"),
        ("2026-11-20-momentum", "/2026/11/20/momentum/"),
        ("2026-11-18-folder", "/2026/11/18/folder/"),
    ],
)
def test_post_url_is_the_address_of_the_post(name: str, address: str) -> None:
    assert made(f"[a]({{% post_url {name} %}}#x)") == f"[a]({address}#x)"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("_posts/2026-11-22-adam.md", "/2026/11/22/adam/"),
        ("/_posts/2026-11-22-adam.md", "/2026/11/22/adam/"),
        ("_posts/2026-11-22-adam.markdown", "/2026/11/22/adam/"),
        ("notes/_posts/2026-11-20-momentum.md", "/2026/11/20/momentum/"),
        ("assets/paper.pdf", "/assets/paper.pdf"),
        ("/assets/my paper.pdf", "/assets/my paper.pdf"),
    ],
)
def test_link_is_the_address_of_a_post_or_file(path: str, address: str) -> None:
    assert made(f"[a]({{% link {path} %}})") == f"[a]({address})"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "{% post_url 2026-11-22-adamm %}",
            "4:4: Liquid: no post is called '2026-11-22-adamm' (did you mean '2026-11-22-adam'?)",
        ),
        ("{% post_url zzz %}", "4:4: Liquid: no post is called 'zzz'"),
        (
            "{% link _posts/2026-11-22-adan.md %}",
            "4:4: Liquid: there is no '_posts/2026-11-22-adan.md' "
            "(did you mean 'posts/2026-11-22-adam.md'?)",
        ),
        ("{% link about.html %}", "4:4: Liquid: there is no 'about.html'"),
    ],
)
def test_a_link_to_no_post_is_told_with_the_nearest_name(written: str, message: str) -> None:
    assert told(f"{written}.") == (".", [message])


@pytest.mark.parametrize("name", ["ada/123", '"ada/123"', "ada/123 file.py"])
def test_a_gist_becomes_a_link(name: str) -> None:
    assert made(f"{{% gist {name} %}}") == "[gist: ada/123](https://gist.github.com/ada/123)"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("{% raw %}{{ site.title }}{% nope %}{% endraw %}", "{{ site.title }}{% nope %}"),
        ("a {%- raw -%} {{ x }} {%- endraw -%} b", "a {{ x }} b"),
        ("{% raw %}\n$$x$$\n{% endraw %}", "\n$$x$$\n"),
        ("`{% raw %}{{ x }}{% endraw %}`", "`{{ x }}`"),
        ("```\n{% raw %}{{ page.title }}{% endraw %}\n```", "```\n{{ page.title }}\n```"),
        ("{% comment %}{{ x }} {% nope %} {% if %}{% endcomment %}b", "b"),
        ("{% # a remark %}b", "b"),
    ],
)
def test_raw_keeps_everything_and_a_comment_nothing(written: str, text: str) -> None:
    assert made(written) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("{% if page.title == 'SGD' and true %}a{% else %}b{% endif %}", "a"),
        ("{% if page.nope %}a{% elsif true %}b{% endif %}", "b"),
        ("{% unless page.nope %}a{% endunless %}", "a"),
        ("{% case page.title %}{% when 'SGD' %}a{% else %}b{% endcase %}", "a"),
        ("{% for i in (1..4) %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "134"),
        ("{% for i in (1..4) %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "12"),
        ("{% for p in site.nope %}a{% else %}none{% endfor %}", "none"),
        (
            "{% for p in site.posts limit:2 %}{{ forloop.index }}{{ p.title }} {% endfor %}",
            "1Adam 2Momentum ",
        ),
        ("{% assign x = 'a,b' | split: ',' %}{{ x[1] }}", "b"),
        ("{% capture c %}x{{ 1 }}{% endcapture %}{{ c }}{{ c }}", "x1x1"),
        ("{% increment n %}{% increment n %}", "01"),
        ("{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}", "ab"),
        ("a\n{%- if true -%}\n b \n{%- endif -%}\nc", "abc"),
    ],
)
def test_the_tags_of_liquid_itself_are_there(written: str, text: str) -> None:
    assert made(written) == text


def test_an_unknown_tag_is_left_as_it_is_and_told_once() -> None:
    written = "a\n{% tabs x %} b {% endtabs %}\n{% tabs %}{%- youtube -%}{% unlese %}"

    assert told(written) == (
        written,
        [
            f"5:4: unknown Liquid tag 'tabs' {PLUGIN}",
            f"6:15: unknown Liquid tag 'youtube' {PLUGIN}",
            "6:29: unknown Liquid tag 'unlese' (did you mean 'unless'?)",
        ],
    )


@pytest.mark.parametrize("name", ["endif", "endfor", "endhighlight", "endcomment"])
def test_the_end_of_a_block_that_was_never_opened_is_told(name: str) -> None:
    text, (message,) = told(f"a {{% {name} %}} b")

    assert text == f"a {{% {name} %}} b"
    assert message.startswith(f"4:6: {name!r} closes nothing")


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("{% if page.title %}a", "expected tag endif, found end of expression"),
        ("{% for x in (1..3) %}a", "expected tag endfor, found end of expression"),
        ("{% highlight python %}\na", "expected tag endhighlight, found end of expression"),
        ("{% comment %}a", "comment tag was never closed"),
    ],
)
def test_a_block_that_is_not_closed_is_told_and_what_stands_above_it_is_kept(
    block: str, message: str
) -> None:
    text, (problem,) = told(f"above {block}")

    assert text == "above "
    assert problem.endswith(f": Liquid: {message}")


@pytest.mark.parametrize(
    ("written", "text", "message"),
    [
        ("a{% if %}b{% endif %}c", "ac", "4:5: Liquid: missing expression"),
        ("a{% for x y %}{% endfor %}c", "ac", "4:11: Liquid: expected in, found word"),
        ("a{% unless %}b{% endunless %}", "a", "4:5: Liquid: missing expression"),
        (
            "a\n{% assign x = | %}c",
            "a\nc",
            "5:15: Liquid: expected a primitive expression, found pipe",
        ),
        ("{% break %}a", "a", "4:4: Liquid: unexpected 'break'"),
        ("{{ 'a' | upcasse }}b", "b", "4:10: Liquid: unknown filter 'upcasse'"),
        ("{{ 1 | divided_by: 0 }}b", "b", "4:8: Liquid: divided_by: can't divide by 0"),
    ],
)
def test_a_mistake_is_told_at_its_place_and_the_rest_goes_on(
    written: str, text: str, message: str
) -> None:
    assert told(written) == (text, [message])


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("{{ }}", "expected a primitive expression, found end of expression"),
        ("{{ a b }}", "expected end of expression, found word"),
        ("{{ page.title | }}", "expected word, found end of expression"),
        ('{{ "x }}', "unexpected '\"'"),
    ],
)
def test_braces_around_no_expression_stay_and_are_warned_of(written: str, reason: str) -> None:
    assert told(f"a\n{written} b") == (
        f"a\n{written} b",
        [f"5:1: {written!r} is left as it is: {reason} {LEFT}"],
    )


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("a\n {{ page.title", "5:2: Liquid: expected '}}', found end of file"),
        ("a\n {% if x", "5:2: Liquid: missing tag name or closing delimiter"),
    ],
)
def test_a_tag_that_does_not_end_leaves_the_post_as_it_is(written: str, message: str) -> None:
    assert told(f"{{{{ page.title }}}}{written}") == (
        f"{{{{ page.title }}}}{written}",
        [message],
    )


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "{% for i in (1..900000) %}{{ page.long }}{% endfor %}",
            "5:1: Liquid writes too much, or is nested too deeply",
        ),
        (
            "{% for i in (1..2000) %}{% for j in (1..2000) %}{% endfor %}{% endfor %}",
            "5:4: Liquid: loop iteration limit reached",
        ),
    ],
)
def test_a_loop_without_an_end_in_sight_is_told(written: str, message: str) -> None:
    assert told(written, front=f"title: A\nlong: {'x' * 1000}")[1] == [message]
