"""What blocks show, and how they fail: each with a message of its own."""

import pytest
from lxml import html
from PIL import Image

from tests.site.conftest import Blog, told


def _article(blog: Blog, body: str, *warnings: str) -> html.HtmlElement:
    blog.post("2026-01-01-p.md", body)
    report = blog.build()
    assert told(report) == list(warnings)
    (article,) = html.fromstring(blog.page("2026/01/01/p")).xpath("//article")
    return article


def _texts(article: html.HtmlElement, kind: str) -> list[str]:
    return [e.text_content() for e in article.xpath(f"//pre[contains(@class, '{kind}')]")]


def test_only_a_block_with_braces_runs(blog: Blog) -> None:
    article = _article(blog, "```{python}\nprint(1)\n```\n\n```python\nprint(2)\n```\n")

    assert _texts(article, "output") == ["1"]
    assert _texts(article, "code") == ["print(1)", "print(2)"]


def test_blocks_share_one_namespace_and_run_in_order(blog: Blog) -> None:
    article = _article(blog, "```{python}\nx = 1\n```\n\n```{python}\nx + 1\n```\n")

    assert _texts(article, "value") == ["2"]


def test_outputs_stand_where_they_arose(blog: Blog) -> None:
    body = (
        "```{python}\n#| cache: false\nimport sys, subprocess\nimport matplotlib.pyplot as plt\n"
        "print('a')\nprint('b', file=sys.stderr)\nprint('c')\nsubprocess.run(['echo', 'C'])\n"
        "plt.plot([1, 2])\nplt.title('t')\nplt.show()\nprint('d')\n'e'\n```\n"
    )

    article = _article(blog, body)

    cell = article.find_class("cell")[0]
    assert [(e.tag, e.text_content().strip()) for e in cell][1:] == [
        ("pre", "a"),
        ("pre", "b"),
        ("pre", "c\nC"),
        ("figure", ""),
        ("pre", "d"),
        ("pre", "'e'"),
    ]


def test_a_figure_has_a_light_and_a_dark_picture_with_size_and_words(blog: Blog) -> None:
    body = (
        "```{python}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2], label='up')\n"
        "plt.plot([1, 3], color='#123456')\n"
        "plt.xlabel('step')\nplt.ylabel('loss')\nplt.title('It learns')\n```\n"
    )

    light, dark = _article(blog, body).xpath("//figure/img")

    assert light.get("alt") == "Plot: It learns: loss against step: up"
    assert 400 < int(light.get("width")) < 700
    assert 250 < int(light.get("height")) < 500
    pictures = [(blog.output / image.get("src").lstrip("/")).read_text() for image in (light, dark)]
    assert pictures[0] != pictures[1]
    assert all("#123456" in picture for picture in pictures)
    assert [image.get("class") for image in (light, dark)] == ["only-light", "only-dark"]


def test_the_authors_words_describe_a_figure(blog: Blog) -> None:
    body = (
        "```{python}\n#| fig-alt: [One, Two]\nimport matplotlib.pyplot as plt\n"
        "for _ in range(2):\n    plt.plot([1, 2])\n    plt.show()\n```\n"
    )

    assert _article(blog, body).xpath("//figure/img[1]/@alt") == ["One", "Two"]


def test_options_hide_source_output_or_both(blog: Blog) -> None:
    body = "".join(
        f"```{{python}}\n#| {option}: false\nprint('{option}')\n```\n\n"
        for option in ("echo", "output", "include", "eval")
    )

    article = _article(blog, body)

    assert _texts(article, "code") == ["print('output')", "print('eval')"]
    assert _texts(article, "output") == ["echo"]


def test_blocks_run_in_the_posts_folder_and_import_from_there_first(blog: Blog) -> None:
    blog.write("posts/2026-01-01-p/data.csv", "1,2\n")
    blog.write("posts/2026-01-01-p/helper.py", "def double(x):\n    return 2 * x\n")
    blog.post(
        "2026-01-01-p/index.md",
        "```{python}\nfrom helper import double\nprint(open('data.csv').read(), double(4))\n```\n",
    )

    assert told(blog.build()) == []
    assert "1,2\n 8" in blog.page("2026/01/01/p")


def test_a_post_uses_the_network_library(blog: Blog) -> None:
    body = "```{python}\nfrom builder import network as nn\nnn.Dense(3).__class__.__name__\n```\n"

    assert _texts(_article(blog, body), "value") == ["'Dense'"]


FAILURES = {
    "os._exit": (
        "import os\nos._exit(3)",
        "5: the block ended the process with status 3 "
        "(leave out os._exit(); a post ends by itself)",
    ),
    "segmentation fault": (
        "import ctypes\nctypes.string_at(0)",
        "6: the block was ended by a segmentation fault "
        "(the fault lies in a compiled library that it calls, or in its own ctypes)",
    ),
    "input": (
        "name = input()",
        "5: the block waits for input() "
        "(nobody is at the keyboard while a site is built; give input() a value instead)",
    ),
    "sys.exit": (
        "import sys\nsys.exit(2)",
        "6: the block calls sys.exit(2) (leave out sys.exit(); a post ends by itself)",
    ),
    "syntax": ("x = = 1", "5: SyntaxError: invalid syntax"),
    "recursion": (
        "def f(): f()\nf()",
        "5: RecursionError: maximum recursion depth exceeded",
    ),
    "C code that never ends": (
        "import time\ntime.sleep(60)",
        "6: the block did not end within its 0.5 seconds "
        "(give it more with '#| timeout: SECONDS', or less to do)",
    ),
    "writes into the site": (
        "open('out.txt', 'w')",
        "5: PermissionError: a post may not write into its own site (posts/out.txt): its result "
        "is kept and the block may not run again; write into tempfile.gettempdir()",
    ),
}


@pytest.mark.parametrize(("code", "message"), FAILURES.values(), ids=FAILURES.keys())
def test_each_way_to_fail_has_a_message_of_its_own(blog: Blog, code: str, message: str) -> None:
    blog.settings("timeout = 0.5")
    blog.post("2026-01-01-bad.md", f"```{{python}}\n{code}\n```\n")
    blog.post("2026-01-02-good.md", "```{python}\nprint('fine')\n```\n")

    report = blog.build(keeps_going=True)

    (problem,) = told(report)
    if "os._exit" in code:  # nothing is left that could tell the line
        assert problem.split(": ", 1)[1] == message.split(": ", 1)[1]
    else:
        assert problem == f"posts/2026-01-01-bad.md:{message}"
    assert "fine" in blog.page("2026/01/02/good")


def test_a_traceback_shows_the_posts_own_lines(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md",
        "```{python}\ndef half(x):\n    return x / 0\n```\n\nText.\n\n```{python}\nhalf(1)\n```\n",
    )

    (problem,) = blog.build().problems

    assert problem.detail == (
        "Traceback (most recent call last):\n"
        '  File "posts/2026-01-01-p.md", line 12, in <module>\n'
        "    half(1)\n"
        '  File "posts/2026-01-01-p.md", line 6, in half\n'
        "    return x / 0\n"
        "           ~~^~~\n"
        "ZeroDivisionError: division by zero\n"
    )


def test_output_before_a_failure_is_kept(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\nprint('so far')\nimport os\nos._exit(1)\n```\n")

    blog.build(keeps_going=True)

    assert "so far" in blog.page("2026/01/01/p")


def test_a_block_that_must_raise_shows_its_traceback_and_the_post_goes_on(blog: Blog) -> None:
    body = (
        "```{python}\n#| error: ZeroDivisionError\nx = 1\n1 / 0\n```\n\n"
        "```{python}\nprint(x)\n```\n"
    )

    article = _article(blog, body)

    assert _texts(article, "expected")[0].splitlines()[-1] == "ZeroDivisionError: division by zero"
    assert "line 7, in <module>" in _texts(article, "expected")[0]
    assert _texts(article, "stdout") == ["1"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("1", "5: the block was to raise ValueError and did not (leave out '#| error:')"),
        ("1 / 0", "6: ZeroDivisionError: division by zero"),
    ],
)
def test_another_error_than_the_expected_one_fails_the_build(
    blog: Blog, code: str, message: str
) -> None:
    blog.post("2026-01-01-p.md", f"```{{python}}\n#| error: ValueError\n{code}\n```\n")

    line, _, rest = message.partition(": ")
    (told_line,) = told(blog.build())
    assert told_line.endswith(f": {rest}")
    assert line


def test_warnings_can_be_hidden(blog: Blog) -> None:
    body = "```{python}\n#| warning: false\nimport warnings\nwarnings.warn('x')\nprint(1)\n```\n"

    assert _texts(_article(blog, body), "output") == ["1"]


def test_figures_have_captions_and_stand_in_columns(blog: Blog) -> None:
    body = (
        "```{python}\n#| fig-cap: 'Both *curves*, $$x$$'\n#| fig-subcap: [one, two]\n"
        "#| layout-ncol: 2\n#| fig-width: 3\nimport matplotlib.pyplot as plt\n"
        "for k in (1, 2):\n    plt.plot([1, k])\n    plt.title('t')\n    plt.show()\n```\n"
    )

    article = _article(blog, body)

    (group,) = article.find_class("plots")
    captions = [e.text_content() for e in group.iter("figcaption")]
    assert captions[:2] == ["one", "two"]
    assert captions[2].startswith("Both curves, ")
    assert group.xpath("./figcaption//em/text()") == ["curves"]
    assert {image.get("width") for image in group.iter("img")} < {str(w) for w in range(220, 320)}


CLOUD = (
    "import matplotlib.pyplot as plt\nimport numpy as np\n"
    "plt.scatter(*np.random.rand(2, 4000)); plt.xlabel('x');"
)


@pytest.mark.parametrize(
    ("options", "ending", "dots"),
    [
        ("#| echo: true", "png", 2.0),
        ("#| fig-format: svg", "svg", None),
        ("#| fig-format: png", "png", 2.0),
        ("#| fig-format: retina\n#| fig-dpi: 96", "png", 1.0),
        ("#| fig-dpi: 288", "png", 3.0),
    ],
)
def test_a_figure_has_the_format_and_the_density_that_are_asked_for(
    blog: Blog, options: str, ending: str, dots: float | None
) -> None:
    article = _article(blog, f"```{{python}}\n{options}\n{CLOUD}\n```\n")

    for image in article.xpath("//figure/img"):
        path = blog.output / image.get("src").lstrip("/")
        assert path.suffix == f".{ending}"
        assert 500 < int(image.get("width")) < 640
        if dots is not None:
            with Image.open(path) as picture:
                assert picture.width / int(image.get("width")) == pytest.approx(dots, rel=0.01)


def test_a_seed_gives_a_block_numbers_of_its_own(blog: Blog) -> None:
    code = "import random, numpy as np\nprint(random.random(), np.random.default_rng().random())"
    body = "".join(f"```{{python}}\n#| seed: {seed}\n{code}\n```\n\n" for seed in (3, 4, 3))

    first, second, third = _texts(_article(blog, body), "stdout")

    assert first == third != second


def test_source_can_be_folded_below_its_files_name(blog: Blog) -> None:
    body = (
        "```{python}\n#| code-fold: true\n#| code-summary: How\n#| filename: a.py\n"
        "#| classes: wide\n1\n```\n"
    )

    article = _article(blog, body)

    (fold,) = article.find_class("fold")
    assert [e.text for e in fold][:2] == ["How", "a.py"]
    assert fold.get("open") is None
    assert article.find_class("wide")[0].get("class") == "cell wide"


def test_a_post_and_a_site_give_options_for_all_blocks(blog: Blog) -> None:
    blog.settings("[tool.site.execute]\necho = false")
    blog.post("2026-01-01-p.md", "```{python}\n1\n```\n")
    blog.post("2026-01-02-q.md", "```{python}\n1\n```\n", "title: Q\nexecute:\n  echo: true")
    blog.post("2026-01-03-r.md", "Text.\n", "title: R\nexecute:\n  ehco: true")
    head = "title: S\nexecute:\n  echo: true\n\n  timeout: 0\ntags: x"
    blog.post("2026-01-04-s.md", "Text.\n", head)
    blog.post("2026-01-05-t.md", "Text.\n", "execute: {echo: true,\n  seed: -1}")

    report = blog.build(keeps_going=True)

    assert 'role="region" aria-label="Python code"' not in blog.page("2026/01/01/p")
    assert 'aria-label="Python code"' in blog.page("2026/01/02/q")
    assert told(report) == [
        "posts/2026-01-03-r.md:4: unknown block option 'ehco' (did you mean 'echo'?)",
        "posts/2026-01-04-s.md:6: timeout: 0 is not a number of seconds above 0",
        "posts/2026-01-05-t.md:3: seed: -1 is not a whole number from 0 to 4294967295",
    ]


def test_values_stand_in_text_headings_tables_captions_and_the_title(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md",
        "Sum `{python} 1 + 1`, and ``not `{python} x` ``.\n\n"
        "```{python}\n#| fig-cap: 'Loss `{python} loss:.1f`'\n#| fig-alt: 'To `{python} loss`'\n"
        "import matplotlib.pyplot as plt\nloss, tag = 0.125, '<b>x</b>'\n"
        "plt.plot([1, loss]);\n```\n"
        "\n## After `{python} loss:.2f`\n\n`{python} tag` and `{python} [1, 2, 3][0:2]`\n\n"
        "| a |\n|---|\n| `{python} f'{loss:.0%}'` |\n",
        "title: 'Down to `{python} loss`'\ndescription: 'It is `{python} loss:.3f`.'",
    )

    report = blog.build()

    page = html.fromstring(blog.page("2026/01/01/p"))
    assert told(report) == []
    assert page.findtext(".//h1") == "Down to 0.125"
    assert page.xpath("//meta[@name='description']/@content") == ["It is 0.125."]
    assert [p.text_content() for p in page.xpath("//article/p[not(@class)]")][:2] == [
        "Sum 2, and not `{python} x`.",
        "<b>x</b> and [1, 2]",
    ]
    assert [(h.get("id"), h.text) for h in page.iter("h2")] == [("after-012", "After 0.12")]
    assert page.findtext(".//figcaption") == "Loss 0.1"
    assert page.xpath("//figure/img[1]/@alt") == ["To 0.125"]
    assert page.findtext(".//td") == "12%"


def test_a_formula_that_is_a_value_stands_in_its_line(blog: Blog) -> None:
    code = (
        "class Power:\n    def _repr_markdown_(self):\n        return self.text\n"
        "small, shown = Power(), Power()\n"
        "small.text, shown.text = '$$10^{-3}$$', 'See\\n\\n$$x^2$$\\n'"
    )
    blog.post("2026-01-01-p.md", f"```{{python}}\n{code}\n```\n\nAt `{{python}} small` it stops.\n")

    assert told(blog.build()) == []
    page = html.fromstring(blog.page("2026/01/01/p"))
    (formula,) = page.find_class("math")
    assert "math-display" not in formula.classes
    assert formula.getparent().text_content().startswith("At ")


def test_a_block_in_the_middle_of_a_line_is_told(blog: Blog) -> None:
    block = "```{python}\nx = 1\n```\n"
    blog.post("2026-01-01-p.md", f"Words. {block}\n\nAnd ``` ```{{python}} ``` is code.\n\n{block}")

    assert told(blog.build())[0] == (
        "posts/2026-01-01-p.md:4:8: a block begins in the middle of a line: it is text, and does "
        "not run (begin a line with ```{python})"
    )


def test_a_value_that_fails_is_told_with_line_and_column(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md", "```{python}\nx = 1\n```\n\nGood `{python} x`, bad `{python} y`.\n"
    )

    report = blog.build(keeps_going=True)

    assert told(report) == ["posts/2026-01-01-p.md:8:34: NameError: name 'y' is not defined"]
    assert '<code class="problem">{python} y</code>' in blog.page("2026/01/01/p")


def test_a_value_that_is_edited_is_evaluated_anew(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\nx = 1\n```\n\nIt is `{python} x`.\n")
    blog.build()
    blog.post("2026-01-01-p.md", "```{python}\nx = 1\n```\n\nNow it is `{python} x + 1`.\n")

    assert blog.build().executed == 1
    assert "Now it is 2." in blog.page("2026/01/01/p")
    blog.post("2026-01-01-p.md", "```{python}\nx = 1\n```\n\nNo, now it is `{python} x + 1`.\n")
    assert blog.build().executed == 0


RICH = """```{{python}}
class Rich:
    def {method}(self{arguments}):
        return {value!r}

Rich()
```
"""


def _rich(blog: Blog, method: str, value: object, arguments: str = "") -> html.HtmlElement:
    return _article(blog, RICH.format(method=method, value=value, arguments=arguments))


def test_html_is_shown_without_what_breaks_the_pages_policy(blog: Blog) -> None:
    value = (
        "<style>td { color: red }</style><script>alert(1)</script>"
        "<table border='1' class='dataframe' style='x: y'><tr onclick='a()'><td colspan='2'>7"
        "</td></tr></table><a href='javascript:a()'>b</a>"
    )

    article = _article(
        blog,
        RICH.format(method="_repr_html_", value=value, arguments=""),
        "posts/2026-01-01-p.md:5: <script> in a result is left out "
        "(show a figure, an animation or plain HTML)",
    )

    (region,) = article.find_class("result")
    assert region.findtext(".//td") == "7"
    assert region.xpath(".//td/@colspan") == ["2"]
    assert region.xpath(".//@onclick | .//@style | .//@href | .//script | .//style") == []


def test_markdown_is_set_as_markdown(blog: Blog) -> None:
    (region,) = _rich(blog, "_repr_markdown_", "A *word* and\n\n- a list").find_class("result")

    assert [e.tag for e in region] == ["p", "ul"]


@pytest.mark.parametrize("tex", ["$\\displaystyle x^2$", "$$x^2$$", "\\[x^2\\]", "x^2"])
def test_tex_is_set_by_mathjax(blog: Blog, tex: str) -> None:
    article = _rich(blog, "_repr_latex_", tex.replace("\\\\", "\\"))

    (formula,) = article.find_class("math-display")
    assert formula.find_class("math-tex")[0].text == "$$x^2$$"


def test_a_bundle_is_shown_by_its_richest_type(blog: Blog) -> None:
    value = {"text/plain": "plain", "text/html": "<em>rich</em>"}

    article = _rich(blog, "_repr_mimebundle_", value, ", include=None, exclude=None")

    assert article.find_class("result")[0].findtext("em") == "rich"


def test_a_picture_is_a_file_with_its_size(blog: Blog) -> None:
    code = "#| fig-alt: Black\nfrom PIL import Image\nImage.new('RGB', (40, 30))"
    body = f"```{{python}}\n{code}\n```\n"

    (image,) = _article(blog, body).xpath("//figure/img")

    assert (image.get("width"), image.get("height")) == ("40", "30")
    assert (blog.output / image.get("src").lstrip("/")).read_bytes()[:4] == b"\x89PNG"


def test_display_shows_values_at_their_place(blog: Blog) -> None:
    body = "```{python}\nprint('a')\ndisplay(1, 'b')\nprint('c')\n```\n"

    assert _texts(_article(blog, body), "output") == ["a", "1", "'b'", "c"]


def test_a_class_is_shown_by_its_name_and_not_by_its_methods(blog: Blog) -> None:
    body = "```{python}\nclass A:\n    def _repr_html_(self): return 'x'\nA\n```\n"

    assert _texts(_article(blog, body), "value") == ["<class '__main__.A'>"]


def test_long_output_is_folded(blog: Blog) -> None:
    body = "```{python}\nfor i in range(50): print(i)\n```\n"

    (fold,) = _article(blog, body).find_class("fold")

    assert fold.findtext("summary") == "Output, 50 lines"


REFERENCES = """## Data {#sec-data}

See @fig-up, @lst-code, @tbl-values, @eq-mse and @sec-data; [-@fig-up], [@fig-up; @eq-mse].
Not `@fig-up`, mail@fig-up.example.

```{python}
#| label: fig-up
#| fig-cap: "Up, as @eq-mse"
#| fig-alt: A line
import matplotlib.pyplot as plt
plt.plot([1, 2]);
```

```{python}
#| label: lst-code
#| lst-cap: The *code*
#| output: false
1
```

```{python}
#| label: tbl-values
#| tbl-cap: Values
[1, 2]
```

$$ x^2 $$ {#eq-mse}
"""


def test_references_lead_to_numbered_things(blog: Blog) -> None:
    article = _article(blog, REFERENCES)

    links = [(a.text, a.get("href")) for a in article.xpath("./p[1]/a")]
    assert links == [
        ("Figure 1", "#fig-up"),
        ("Listing 1", "#lst-code"),
        ("Table 1", "#tbl-values"),
        ("Equation (1)", "#eq:eq-mse"),
        ("Data", "#sec-data"),
        ("1", "#fig-up"),
        ("Figure 1", "#fig-up"),
        ("Equation (1)", "#eq:eq-mse"),
    ]
    ids = article.xpath("//@id")
    assert all(href.lstrip("#") in ids for _, href in links)
    assert article.findtext(".//figcaption").startswith("Figure 1: Up, as ")
    assert article.xpath("//figcaption/a/text()") == ["Equation (1)"]
    captions = [p.text_content() for p in article.find_class("caption")]
    assert captions == ["Listing 1: The code", "Table 1: Values"]


SHOWN = "\n```python\n#| label: fig-b\n```\n"
"""A block that is not run, and so no figure."""


def test_a_reference_to_a_block_with_a_mistake_is_no_second_mistake(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", REFERENCES.replace("fig-cap:", "fig-cpa:", 1))

    assert told(blog.build()) == [
        "posts/2026-01-01-p.md:11: unknown block option 'fig-cpa' (did you mean 'fig-cap'?)"
    ]


def test_a_reference_to_an_equation_with_a_mistake_is_no_second_mistake(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "See @eq-a and @fig-b.\n\n$$ \\fraq $$ {#eq-a}\n" + SHOWN)

    assert [problem.message for problem in blog.build().problems] == [
        "nothing is labelled 'fig-b'",
        "TeX: Undefined control sequence \\fraq",
    ]


def test_a_reference_to_nothing_is_told_with_the_nearest_label(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", REFERENCES.replace("See @fig-up", "See @fig-upp"))

    assert told(blog.build()) == [
        "posts/2026-01-01-p.md:6: nothing is labelled 'fig-upp' (did you mean 'fig-up'?)"
    ]


def test_an_error_in_a_labelled_equation_has_its_column(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "$$a + \\fraq{1}$$ {#eq-a}\n")

    assert told(blog.build()) == [
        "posts/2026-01-01-p.md:4:7: TeX: Undefined control sequence \\fraq"
    ]
