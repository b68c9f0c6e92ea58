"""A post becomes Markdown for readers that take text alone."""

import pytest

from builder.export.text import text_of
from builder.model import (
    FIGURE_DARK,
    FIGURE_LIGHT,
    Display,
    ExecutedPost,
    Output,
    PostTarget,
    Stream,
    Target,
    picture_name,
)
from tests.unit.export.executed import executed

SVG = b"<svg/>"
PICTURE = picture_name(SVG, "image/svg+xml")
FIGURE = Display({FIGURE_LIGHT: SVG, FIGURE_DARK: b"<svg></svg>"}, "A line")
VALUE = Display({"text/plain": b"7"})
PAGE = "/b/2026/11/23/sgd/"
OTHER = PostTarget("posts/2026-11-20-m.md", "m", "/2026/11/20/m/", "On *m*")
REFERENCES = {
    "fig-up": Target("fig", "2", "fig-up"),
    "tbl-a": Target("tbl", "1", "tbl-a"),
    "lst-a": Target("lst", "1", "lst-a"),
    "eq-mse": Target("eq", "(1)", "eq:eq-mse"),
    "sec-a": Target("sec", "The [loss] L", "sec-a"),
}


def write(post: ExecutedPost) -> str:
    """The Markdown of a post below its title; its site is served below `/b`."""
    file = text_of(post, {OTHER.path: OTHER}, REFERENCES, "/b")
    assert file.path.as_posix() == "2026/11/23/sgd/index.md"
    return file.content.decode().partition("2026*")[2].strip()


def text(body: str, *outputs: Output) -> str:
    return write(executed(body, *((outputs,) if "{python}" in body else ())))


def block(*lines: str) -> str:
    return "\n".join(("```{python}", *lines, "```\n"))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("![a](/assets/x.png)", "![a](/b/assets/x.png)"),
        ("[a](/archive/#top)", "[a](/b/archive/#top)"),
        ('[a](</archive/> "t")', '[a](</b/archive/> "t")'),
        ("[a](/)", "[a](/b/)"),
        ("[a](/b/archive/)", "[a](/b/archive/)"),
        ("[a](//x.example/)", "[a](//x.example/)"),
        ("[a](https://x.example/y)", "[a](https://x.example/y)"),
        ("[a](data.csv)", "[a](data.csv)"),
        ("[a]\n\n[a]: /archive/", "[a]\n\n[a]: /b/archive/"),
        ("A[^1].\n\n[^1]: /etc is no link", "A[^1].\n\n[^1]: /etc is no link"),
        ('<img alt="" src="/x.png">', '<img alt="" src="/b/x.png">'),
        ("`[a](/x)` and\n\n    [a](/x) @fig-up", "`[a](/x)` and\n\n    [a](/x) @fig-up"),
    ],
)
def test_links_from_the_root_have_the_base_path(written: str, shown: str) -> None:
    assert text(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[a](2026-11-20-m.md#x)", "[a](/b/2026/11/20/m/index.md)"),
        ("[[m]]", r"[On \*m\*](/b/2026/11/20/m/index.md)"),
        ("[[m|*it*]]", "[*it*](/b/2026/11/20/m/index.md)"),
    ],
)
def test_links_to_posts_lead_to_their_texts(written: str, shown: str) -> None:
    assert text(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("@fig-up rises.", f"[Figure 2]({PAGE}#fig-up) rises."),
        ("[-@fig-up]", f"[2]({PAGE}#fig-up)"),
        ("[@fig-up; @eq-mse]", f"[Figure 2]({PAGE}#fig-up), [Equation (1)]({PAGE}#eq:eq-mse)"),
        (r"\eqref{eq-mse}, \ref{eq-mse}", f"[(1)]({PAGE}#eq:eq-mse), [1]({PAGE}#eq:eq-mse)"),
        ("In @sec-a.", rf"In [The \[loss\] L]({PAGE}#sec-a)."),
        ("`@fig-up`, a@fig-up.example, @fig-no", "`@fig-up`, a@fig-up.example, @fig-no"),
    ],
)
def test_references_are_words_that_lead_to_the_page(written: str, shown: str) -> None:
    assert text(written) == shown


def test_captions_stand_where_the_page_has_them() -> None:
    body = block(
        "#| label: fig-up",
        '#| fig-cap: "The *loss*, $$e^{-x}$$, see @eq-mse"',
        "#| tbl-cap: Of [all](/archive/)",
        "#| lst-cap: The code",
        "plot()",
    )

    assert text(body, Stream("stdout", "out\n"), FIGURE, VALUE, VALUE).split("\n\n") == [
        "The code",
        "```python\nplot()\n```",
        "```text\nout\n```",
        f"![A line]({PICTURE})",
        f"Figure 2: The *loss*, $e^{{-x}}$, see [Equation (1)]({PAGE}#eq:eq-mse)",
        "Of [all](/b/archive/)",
        "```text\n7\n```",
        "```text\n7\n```",
    ]


@pytest.mark.parametrize(
    ("options", "captions"),
    [
        (("#| fig-cap: All",), ([], ["All"])),
        (("#| fig-cap: All", "#| fig-subcap: [One, Two]"), (["One"], ["Two", "All"])),
        (("#| fig-subcap: [One]",), (["One"], [])),
        (("#| label: fig-up",), ([], ["Figure 2"])),
    ],
)
def test_each_of_several_figures_has_its_caption(
    options: tuple[str, ...], captions: tuple[list[str], list[str]]
) -> None:
    body = block("#| echo: false", *options, "plot()")

    picture = f"![A line]({PICTURE})"
    assert text(body, FIGURE, FIGURE).split("\n\n") == [
        picture,
        *captions[0],
        picture,
        *captions[1],
    ]


def test_the_own_caption_of_a_single_figure_is_its_only_one() -> None:
    body = block("#| echo: false", "#| fig-cap: All", "#| fig-subcap: [One]", "plot()")

    assert text(body, FIGURE) == f"![A line]({PICTURE})\n\nOne"


def test_hidden_lines_are_left_out() -> None:
    body = block("#| lst-cap: The code", "import os  # hide", "x = 1  # <1>", "y = 2  # hide")

    assert text(body) == "The code\n\n```python\nx = 1  # <1>\n```"


def test_a_block_of_hidden_lines_has_no_listing() -> None:
    assert text(block("import os  # hide"), Stream("stdout", "1\n")) == "```text\n1\n```"


def test_a_block_that_does_not_run_has_its_caption_and_no_hidden_lines() -> None:
    body = block("#| eval: false", "#| label: lst-a", "#| lst-cap: Shown", "a = 1  # hide", "b = 2")

    assert write(executed(body)) == "Listing 1: Shown\n\n```python\nb = 2\n```"


def test_results_without_words_leave_nothing() -> None:
    unseen, seen = Display({"of/nobody": b"?"}), Stream("stdout", "a\n")

    told = text(block("f()"), Stream("stdout", " \n"), unseen, seen)

    assert told.count("```text") == 1
