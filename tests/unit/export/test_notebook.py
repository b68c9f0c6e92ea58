"""A post becomes a notebook: text, code, and what the code gave."""

import json
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from builder.export.notebook import to_notebook
from builder.model import (
    FIGURE_DARK,
    FIGURE_LIGHT,
    TRACEBACK,
    Display,
    ExecutedPost,
    Failure,
    Output,
    Stream,
    themed,
)
from tests.unit.export.executed import executed
from tests.unit.parse.posts import parse

BLOCK = "```{python}\n1\n```\n"
_nbformat: Any = nbformat  # its functions have no types

TOLD = """\
Traceback (most recent call last):
  File "posts/sgd.md", line 6, in <module>
    int("x")
ValueError: no number:
  x
"""


def text_of(body: str, *results: tuple[Output, ...]) -> str:
    """The Markdown cells below the title, joined."""
    cells = read(executed(body, *results))["cells"][1:]
    return "\n--\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")


def code_of(body: str) -> list[str]:
    cells = read(executed(body))["cells"]
    return [cell["source"] for cell in cells if cell["cell_type"] == "code"]


def outputs_of(*outputs: Output, head: str = "") -> list[dict[str, Any]]:
    """What the only cell of a post shows."""
    post = executed(f"```{{python}}\n{head}1\n```\n", outputs)
    found: list[dict[str, Any]] = read(post)["cells"][-1]["outputs"]
    return found


def read(post: ExecutedPost) -> Any:
    notebook = _nbformat.reads(to_notebook(post), as_version=4)
    _nbformat.validate(notebook)
    return notebook


def test_a_post_is_a_whole_notebook() -> None:
    post = executed(
        "Some *text*.\n\n```{python}\nprint(1)\n```\n\n\nMore.\n",
        (Stream("stdout", "1\n"),),
        front="title: SGD\ntags: [optimisation]",
    )

    notebook = json.loads(to_notebook(post))

    assert notebook == {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "tags": ["optimisation"],
            "title": "SGD",
        },
        "cells": [
            {
                "cell_type": "markdown",
                "id": "title",
                "metadata": {},
                "source": ["# SGD\n", "\n", "*23 November 2026*"],
            },
            {
                "cell_type": "markdown",
                "id": "text-1",
                "metadata": {},
                "source": ["Some *text*."],
            },
            {
                "cell_type": "code",
                "id": "block-1",
                "metadata": {},
                "execution_count": 1,
                "source": ["print(1)"],
                "outputs": [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}],
            },
            {"cell_type": "markdown", "id": "text-2", "metadata": {}, "source": ["More."]},
        ],
    }


def test_the_same_post_gives_the_same_bytes() -> None:
    first, second = (to_notebook(executed(f"Ä\n\n{BLOCK}", ())) for _ in range(2))

    assert first == second
    assert "Ä" in first
    assert first.startswith('{\n "cells": [')
    assert first.endswith("\n}\n")


def test_the_title_has_its_values_and_shows_its_own_characters() -> None:
    front = "title: 'a_b < `{python} n` * $2'"
    post = executed("```{python}\nn = 3\n```\n", (), (Display({"text/plain": b"3"}),), front=front)

    notebook = read(post)

    assert notebook["cells"][0]["source"] == "# a\\_b &lt; 3 \\* \\$2\n\n*23 November 2026*"
    assert notebook["metadata"]["title"] == "a_b < 3 * $2"


def test_formulas_of_a_title_are_set() -> None:
    post = executed("", front=r"title: The $$\beta$$ trick, `{python} n`, $$x$$$$y$$ & \(z_1\)")

    notebook = read(post)

    (title,) = notebook["cells"]
    assert title["source"].split("\n")[0] == (
        r"# The $\beta$ trick, \`{python} n\`, $x$ $y$ &amp; $z_1$"
    )
    assert notebook["metadata"]["title"] == r"The \beta trick, `{python} n`, xy & z_1"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Set $$x_1$$ and \\(y\\).", "Set $x_1$ and $y$."),
        ("$$\nx\n$$", "$$\nx\n$$"),
        ("\\[x\\]", "$$x$$"),
        ("```math\nx\n```", "$$\nx\n$$"),
        ("$$x$$ {#eq-x}", "\\begin{equation}x\\label{eq-x}\\end{equation}"),
        ("\\begin{align}\nx &= 1\n\\end{align}", "\\begin{align}\nx &= 1\n\\end{align}"),
        ("\\begin{bmatrix} x \\end{bmatrix}", "$$\\begin{bmatrix} x \\end{bmatrix}$$"),
        ("> $$\n> x\n> $$", "> $$x$$"),
        ("$$\nx\n\ny\n$$", "$$\nx\ny\n$$"),
        ("a $$x\\ $$ b", "a $x\\ {}$ b"),
        ("a $$x$$$$y$$ b", "a $x$ $y$ b"),
        ("for $5 or \\$6, `$7`", "for \\$5 or \\$6, `$7`"),
        ("Text\n\n    $x in code", "Text\n\n    $x in code"),
        ("<pre>$x</pre>", "<pre>$x</pre>"),
        ("As @fig-x says, [[sgd]].", "As @fig-x says, [[sgd]]."),
    ],
)
def test_prose_and_formulas_are_written_as_jupyter_reads_them(body: str, text: str) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("```\na\n```", "```\na\n```"),
        ("~~~ yaml\na: 1\n~~~", "```yaml\na: 1\n```"),
        ("````md\n```\n````", "````md\n```\n````"),
        (
            '```python {1} filename="a.py"\nx\n```',
            '```python filename="a.py" emphasize-lines="1"\nx\n```',
        ),
        ("- item\n\n  ```\n  a\n  ```", "- item\n\n  ```\n  a\n  ```"),
    ],
)
def test_a_listing_stays_a_fenced_block(body: str, text: str) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(
    ("display", "text"),
    [
        (Display({"text/plain": b"a_b <1>"}), "It is a\\_b &lt;1>."),
        (Display({"text/html": b"<b>1</b>"}), "It is <b>1</b>."),
        (Display({"text/markdown": b"**1**"}), "It is **1**."),
    ],
)
def test_a_value_in_the_text_is_what_it_was(display: Display, text: str) -> None:
    assert text_of("It is `{python} x`.", (display,)) == text


def test_a_value_that_was_never_evaluated_shows_its_source() -> None:
    assert text_of("It is `{python} x`.") == "It is `{python} x`."


def test_the_text_between_two_blocks_is_one_cell() -> None:
    body = f"A $$x$$.\n\n```\nlisted\n```\n\n{BLOCK}\n \n{BLOCK}B\n\n\nC"

    assert text_of(body) == "A $x$.\n\n```\nlisted\n```\n--\nB\n\n\nC"


def test_text_behind_a_block_in_a_list_is_no_code() -> None:
    body = "1. item\n\n    ```{python}\n    x = 1\n    ```\n\n    More.\n\n2. next"

    assert code_of(body) == ["x = 1"]
    assert text_of(body) == "1. item\n--\nMore.\n\n2. next"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("> ```{python}\n> x = 1\n> ```\n>\n> Said.", "> Said."),
        ("> Said.\n>\n> ```{python}\n> x = 1\n> ```", "> Said."),
        ("1. ```{python}\n   x = 1\n   ```\n2. next", "2. next"),
        ("<b>\n```{python}\nx = 1\n```", "<b>"),
    ],
)
def test_what_held_a_block_leaves_nothing_empty(body: str, text: str) -> None:
    assert code_of(body) == ["x = 1"]
    assert text_of(body) == text


def test_code_is_as_its_author_wrote_it() -> None:
    source = "#| echo: false\n%matplotlib inline\nx = 1  # hide"
    parsed, _ = parse(f"```{{python}}\n{source}\n```")

    cells = read(ExecutedPost(parsed, ()))["cells"]

    assert cells[1]["source"] == source


def test_a_block_that_does_not_run_is_shown_in_markdown() -> None:
    body = "```{python}\n#| eval: false\nx = '```'\n```\n"

    assert code_of(body) == []
    assert text_of(body) == "````python\nx = '```'\n````"


def test_a_block_that_neither_runs_nor_is_shown_is_left_out() -> None:
    assert text_of("```{python}\n#| eval: false\n#| echo: false\nx\n```\n") == ""


def test_a_sweep_is_set_to_what_the_post_goes_on_from_and_shows_that() -> None:
    body = (
        "```{python}\n#| sweep: {lr: [0.01, .inf], bias: [true, false]}\nprint(lr)\n```\n"
        "```{python}\nprint(lr)\n```\n"
    )
    results = [(Stream("stdout", text),) for text in ("2", "3", "4", "first", "next")]

    cells = read(executed(body, *results))["cells"]

    assert cells[1]["source"] == (
        "#| sweep: {lr: [0.01, .inf], bias: [true, false]}\n"
        'lr = 0.01  # one of 0.01, float("inf")\n'
        "bias = True  # one of True, False\n"
        "print(lr)"
    )
    assert [cell["outputs"][0]["text"] for cell in cells[1:]] == ["first", "next"]
    assert [cell["execution_count"] for cell in cells[1:]] == [1, 2]


def test_a_block_that_must_raise_is_tagged_and_shows_its_error() -> None:
    post = executed(
        "```{python}\n#| error: ValueError\nint('x')\n```\n",
        (Display({TRACEBACK: TOLD.encode()}),),
    )

    cell = read(post)["cells"][1]

    assert cell["metadata"] == {"tags": ["raises-exception"]}
    assert cell["outputs"] == [
        {
            "output_type": "error",
            "ename": "ValueError",
            "evalue": "no number:\n  x",
            "traceback": TOLD.rstrip("\n").split("\n"),
        }
    ]


@pytest.mark.parametrize(
    ("traceback", "message", "name", "text"),
    [
        (TOLD, "ValueError: no number:", "ValueError", "no number:\n  x"),
        ("", "a.B: words", "a.B", "words"),
        ("", "KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("", "the block did not end", "Error", "the block did not end"),
    ],
)
def test_a_failure_is_an_error(traceback: str, message: str, name: str, text: str) -> None:
    failure = Failure(message=message, hint=None, line=6, traceback=traceback)

    (output,) = outputs_of(failure)

    assert output == {
        "output_type": "error",
        "ename": name,
        "evalue": text,
        "traceback": (traceback.rstrip("\n") or message).split("\n"),
    }


def test_streams_stand_in_their_order() -> None:
    outputs = outputs_of(Stream("stdout", "a\n"), Stream("stderr", "b\n"))

    assert outputs == [
        {"output_type": "stream", "name": "stdout", "text": "a\n"},
        {"output_type": "stream", "name": "stderr", "text": "b\n"},
    ]


def test_a_figure_is_what_is_drawn_on_white_with_words_for_it() -> None:
    figure = Display(
        {FIGURE_LIGHT: b"<svg>light</svg>", FIGURE_DARK: b"<svg>dark</svg>"}, "Plot: x"
    )

    assert [output["data"] for output in outputs_of(figure)] == [
        {"image/svg+xml": "<svg>light</svg>", "text/plain": "Plot: x"}
    ]


def test_an_animation_is_a_moving_and_a_still_picture() -> None:
    moving = Display(
        {
            themed("image/webp", "light"): b"moving",
            themed("image/png", "light"): b"still",
            themed("image/webp", "dark"): b"m",
            themed("image/png", "dark"): b"s",
        }
    )

    assert [output["data"] for output in outputs_of(moving)] == [
        {"image/webp": "bW92aW5n", "image/png": "c3RpbGw=", "text/plain": "Plot"}
    ]


def test_figures_are_described_by_their_author_first() -> None:
    figure = Display({FIGURE_LIGHT: b"<svg/>", FIGURE_DARK: b"<svg/>"}, "Plot: x")
    picture = Display({"image/png": b"dots"})

    outputs = outputs_of(
        figure, Display({"text/plain": b"1"}), picture, head="#| fig-alt: [One, Two]\n"
    )

    assert [output["data"] for output in outputs] == [
        {"image/svg+xml": "<svg/>", "text/plain": "One"},
        {"text/plain": "1"},
        {"image/png": "ZG90cw==", "text/plain": "Two"},
    ]


def test_a_value_has_all_its_media_types() -> None:
    value = Display({"text/html": b"<b>1</b>", "text/latex": b"$1$", "image/png": b"dots"})

    assert outputs_of(value) == [
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"text/html": "<b>1</b>", "text/latex": "$1$", "image/png": "ZG90cw=="},
        }
    ]


def test_an_empty_value_is_left_out() -> None:
    assert outputs_of(Display({})) == []


@pytest.mark.parametrize(
    ("head", "count"),
    [
        ("#| output: false\n", 0),
        ("#| include: false\n", 0),
        ("#| warning: false\n", 1),
        ("#| echo: false\n", 2),
    ],
)
def test_options_say_what_is_shown(head: str, count: int) -> None:
    assert len(outputs_of(Stream("stdout", "a"), Stream("stderr", "b"), head=head)) == count


def test_a_block_that_has_not_run_has_no_number() -> None:
    cells = read(executed(BLOCK + BLOCK, (Stream("stdout", "1"),)))["cells"]

    assert [cell["execution_count"] for cell in cells[1:]] == [1, None]


# Jupyter's client and its sockets use what later versions of Python and Windows deprecate.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")
def test_a_notebook_runs_in_jupyter(tmp_path: Path) -> None:
    post = executed(
        "Text.\n\n"
        "```{python}\n#| sweep: {n: [2, 3]}\nsquare = n ** 2\n```\n\n"
        "```{python}\n#| error: ZeroDivisionError\n1 / 0\n```\n\n"
        "```{python}\ndisplay(square)\n```\n"
    )
    notebook = read(post)

    client = nbclient.NotebookClient(
        notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()

    assert notebook["cells"][-1]["outputs"][0]["data"] == {"text/plain": "4"}
