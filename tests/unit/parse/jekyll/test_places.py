"""Where things stand that Liquid has moved."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from builder.errors import Location
from builder.model import CodeBlock, Formula, Listing, Origin, Places, Stretch
from tests.unit.parse.jekyll.liquid import FIRST_LINE, parsed, run, site_of, told
from tests.unit.parse.posts import PATH, source_of

SITE = site_of({"three.html": "1\n2\n3\n", "formula.html": "a\n$$i$$\n"})


def formulas(body: str) -> Iterator[tuple[str, int, int]]:
    """TeX, line below the front matter, and column of each formula."""
    for part in parsed(body, site=SITE)[0].parts:
        if isinstance(part, Formula):
            yield part.tex, part.line - FIRST_LINE + 1, part.column


@pytest.mark.parametrize(
    "above",
    [
        "{{ page.title }}\n",
        "{% if true %}\n\n{% endif %}\n",
        "{% if false %}\nx\n{% endif %}\n",
        "{% for i in (1..9) %}\n{{ i }}\n{% endfor %}\n",
        "{%- for i in (1..9) -%}\n\n{{ i }}\n\n{%- endfor -%}\n",
        "{% capture c %}\n\n\n{% endcapture %}{{ c }}{{ c }}\n",
        "{% comment %}\n\n{% endcomment %}\n",
        "{% raw %}\n{{ x }}\n{% endraw %}\n",
        "{%- raw -%}\n\n{{ x }}\n{%- endraw -%}\n",
        "{% include three.html %}\n",
        "{% include three.html\n  a='1'\n  b='2' %}\n",
        "{% highlight python %}\nx\n\n{% endhighlight %}\n",
        "{% assign a = 1 %}\n{% # b %}\n",
        "{% nope %}\n{{ }}\n",
        "same $$\\same$$ same\nsame {% if true %}same{% endif %} same\n",
        '{{ "a" | replace: "a", "1 2 3 4" }}\n',
        "{% liquid\nassign x = 1\necho x\n%}\n",
    ],
)
def test_what_stands_below_stays_in_its_line_and_column(above: str) -> None:
    found = list(formulas(f"{above}\n  same $$b$$ and $$c$$"))

    line = above.count("\n") + 2
    assert found[-2:] == [("b", line, 10), ("c", line, 20)]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("{{ page.title }} $$b$$", 20),
        ("{% assign a = 1 %}$$b$$", 21),
        ("{% if true %}$$b$$ {% endif %}", 16),
        ("{% if true %} {{ page.title }}{% unless false -%}   $$b$$", 55),
        ("{% raw %}$$b$$", 12),
        ("a {% include three.html %}$$b$$", 29),
    ],
)
def test_what_stands_behind_liquid_in_a_line_has_its_column(line: str, column: int) -> None:
    ends = "{% endunless %}" * line.count("unless") + "{% endraw %}" * line.count("raw")
    ends += "{% endif %}" * (line.count("{% if") - line.count("endif"))

    assert list(formulas(f"\n{line}{ends}")) == [("b", 2, column)]


def test_each_turn_of_a_loop_is_told_at_the_same_place() -> None:
    body = "{% for i in (1..2) %}\n x $$a{{ i }}$$ {% endfor %}"

    assert list(formulas(body)) == [("a1", 2, 6), ("a2", 2, 6)]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("x\n{% include formula.html %}", 2),
        ("x\n{% include formula.html\n\n%}", 2),
        ("{% capture c %}\n$$i$$\n{% endcapture %}\n\n\n{{ c }}", 6),
        ('x\n\n{{ "$$i$$" }}', 3),
    ],
)
def test_what_comes_from_elsewhere_is_told_where_it_is_written_out(body: str, line: int) -> None:
    assert [(tex, at) for tex, at, _ in formulas(body)] == [("i", line)]


def test_blocks_and_listings_have_the_lines_of_their_file() -> None:
    body = (
        "{% for i in (1..2) %}\n{{ i }}\n{% endfor %}\n"
        "```{python}\n#| echo: true\nx\n```\n"
        "{% include three.html %}\n"
        "{% if true %}\n```{python}\ny\n```\n{% endif %}\n"
    )

    blocks = [part for part in parsed(body, site=SITE)[0].parts if isinstance(part, CodeBlock)]

    assert [(block.code.strip(), block.line - FIRST_LINE + 1) for block in blocks] == [
        ("x", 6),
        ("y", 11),
    ]


def test_a_listing_stands_where_its_tag_does() -> None:
    body = "x\n{{ page.title }}\n\n{% highlight python %}\nx\n{% endhighlight %}\n"

    (listing,) = (part for part in parsed(body)[0].parts if isinstance(part, Listing))

    assert listing.code == "x"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{{ page.title }}\n{{ page.title }} a $$b", "5:20: unclosed '$$'"),
        ("{% for i in (1..3) %}\n{{ i }}\n{% endfor %}\n```{python}\n1\n", "7: unclosed fence"),
        ("{% include three.html %}\n\n```{r}\n1\n```", "6: blocks in 'r' cannot run here"),
        (
            "{% raw %}\n\n{% endraw %}```{python}\n#| ehco: 1\n1\n```",
            "7: unknown block option 'ehco'",
        ),
    ],
)
def test_what_is_wrong_below_is_told_at_its_place(body: str, message: str) -> None:
    (said,) = parsed(body, site=SITE)[1]

    assert said.startswith(message)


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ("a\n{% nope %}", ["5:4"]),
        ("{% if true %}\n\n {% nope %}{% endif %}", ["6:5"]),
        ("{% if false %}\n {{ nope }}{% else %}\n{{ nope }}{% endif %}", ["6:1"]),
        ("{% comment\n%}{% endcomment %}{{ nope }}", ["5:19"]),
        ("{% include three.html\n a='1'\n%} {{ nope }}", ["6:4"]),
        ("`{{x}}` $$a^{{b}}$$ {{ nope }}", ["4:21"]),
        ("{% raw %}{{ a }}\n{% endraw %} {{ nope }}", ["5:14"]),
    ],
)
def test_what_is_wrong_with_liquid_itself_is_told_at_its_place(
    body: str, places: list[str]
) -> None:
    said = told(body, SITE)[1]

    assert [problem.partition(": ")[0] for problem in said] == places


def test_the_front_matter_keeps_its_lines() -> None:
    source, _ = run("{{ page.title }}\nb")

    places = Places(source)

    assert places.at(source.text.index("title")) == Location(PATH, 2, 1)
    assert places.at(source.text.rindex("b")) == Location(PATH, 5, 1)


class TestPlaces:
    """Offsets in a text as lines and columns."""

    @pytest.mark.parametrize(
        ("offset", "line", "column"), [(0, 1, 1), (1, 1, 2), (2, 1, 3), (3, 2, 1), (4, 3, 1)]
    )
    def test_in_a_text_as_it_lies_on_disk(self, offset: int, line: int, column: int) -> None:
        places = Places(source_of("ab\n\nc"))

        assert places.at(offset) == Location(PATH, line, column)

    @pytest.mark.parametrize(
        ("offset", "line", "column"),
        [
            (0, 1, 1),
            (2, 2, 1),
            (3, 3, None),
            (9, 3, None),
            (10, 4, 1),
            (11, 4, 2),
            (99, 4, 90),
        ],
    )
    def test_in_a_text_that_was_made(self, offset: int, line: int, column: int | None) -> None:
        stretches = (
            Stretch(0, 0, is_verbatim=True),
            Stretch(3, 4, is_verbatim=False),
            Stretch(10, 8, is_verbatim=True),
        )
        origin = Origin("a\nb\n{}\n\nc" + "d" * 90, stretches)
        made = replace(source_of("a\nb1234567cd"), origin=replace(origin, text="a\nb\n...\ncd"))

        assert Places(made).at(offset) == Location(PATH, line, column)

    def test_a_line_is_found_by_its_words(self) -> None:
        places = Places(source_of("one\ntwo\none"))

        assert places.line_of("one") == Location(PATH, 1)
        assert places.line_of("one", 1) == Location(PATH, 3)
        assert places.line_of("three") == Location(PATH, None)

    def test_a_line_is_found_by_words_that_were_made(self) -> None:
        source, _ = run("{% for i in (1..3) %}{{ i }}\n{% endfor %}\nwords {{ page.title }}")

        assert Places(source).line_of("words SGD") == Location(PATH, 6)
