"""A notebook becomes a post."""

import json
from pathlib import Path

import pytest

from builder.config import PROJECT, SiteConfig
from builder.errors import SettingsError
from builder.export.notebook import to_notebook
from builder.importing.notebook import read_notebook, to_post
from builder.model import ExecutedPost, ParsedPost
from builder.parse.post import parse_post
from tests.unit.importing.notebooks import body_of, code, imported, notebook, raw, text
from tests.unit.parse.posts import parse, source_of

POSTS = sorted((PROJECT / "posts").glob("*.md"))


def refusal_of(content: bytes) -> str:
    with pytest.raises(SettingsError) as caught:
        read_notebook(content, "x.ipynb")
    return str(caught.value)


# ---- title and front matter


@pytest.mark.parametrize(
    ("source", "title", "body"),
    [
        ("# My *own* title #\n\n*3 May 2026*\n\nText.", "My own title", "Text.\n\n"),
        ("Text.\n\n# T `x` <a id='t'></a>\nMore.", "T x", "Text.\n\nMore.\n\n"),
        ("# [Link](http://a.b) a\\_b &lt; {#id}\n", "Link a_b <", ""),
        ("```\n# comment\n```\n\n# Title", "Title", "```\n# comment\n```\n\n"),
        ("# Title\n\n*Not a date*", "Title", "*Not a date*\n\n"),
    ],
)
def test_the_first_heading_is_the_title(source: str, title: str, body: str) -> None:
    post = imported(text("## Not this"), text(source), text("# Nor this"), title="Nor this")

    assert post.title == title
    assert post.body == f"## Not this\n\n{body}# Nor this\n"


def test_without_a_heading_metadata_or_the_name_give_the_title() -> None:
    assert imported(text("Text."), title="Told  here").title == "Told here"
    assert imported(text("Text.")).title == "My notebook"
    assert read_notebook(notebook(), "2026-11-23-a-b.ipynb").title == "A b"


def test_the_front_matter_says_title_and_tags() -> None:
    post = imported(text("# Yes: \"a\" 'b' #c\n\nText."), keywords="one, two,one")

    written = to_post(post)

    front = parse_post(source_of(written), SiteConfig(), ["post"], []).front
    assert written.endswith("---\n\nText.\n")
    assert (front.title, front.tags) == ("Yes: \"a\" 'b' #c", ("one", "two"))


@pytest.mark.parametrize("title", ["2026", "no", "é", "- a", "a\\b", "x" * 300, "2026-11-23"])
def test_any_title_survives(title: str) -> None:
    written = to_post(imported(text("Text."), title=title))

    assert parse_post(source_of(written), SiteConfig(), ["post"], []).front.title == title


# ---- cells


def test_a_title_leaves_out_what_no_front_matter_holds() -> None:
    written = to_post(imported(text("Text."), title="A\x1b[1m"))

    assert written.splitlines()[1] == "title: A[1m"


def test_cells_become_markdown_and_blocks() -> None:
    body = body_of(text("\n\nText.\n"), code("x = 1\nx"), code(" \n"), text("More $x$."))

    assert body == "Text.\n\n```{python}\nx = 1\nx\n```\n\nMore $$x$$.\n"


def test_a_fence_is_longer_than_those_in_the_code() -> None:
    assert body_of(code("x = '````'")) == "`````{python}\nx = '````'\n`````\n"


def test_option_lines_stay_first_and_tags_follow() -> None:
    body = body_of(code("\n#| label: a\nx = 1", "hide-input", "my-own", "remove-stderr"))

    assert body == ("```{python}\n#| label: a\n#| tags: [hide-input, remove-stderr]\nx = 1\n```\n")


@pytest.mark.parametrize("head", ["#| tags: [hide-input]", "#| error: ValueError"])
def test_tags_that_are_said_already_are_not_said_twice(head: str) -> None:
    assert body_of(code(f"{head}\nx", "raises-exception")) == f"```{{python}}\n{head}\nx\n```\n"


def test_a_cell_of_options_alone_stays_one() -> None:
    assert body_of(code("#| label: a")) == "```{python}\n#| label: a\n```\n"


def test_wrong_options_are_told() -> None:
    post = imported(text("Text."), code("#| ehco: false\nx"))

    assert post.body == "Text.\n\n```{python}\n#| ehco: false\nx\n```\n"
    assert post.notes == ("cell 2: unknown block option 'ehco' (did you mean 'echo'?)",)


def test_lines_that_set_a_sweep_are_left_out() -> None:
    head = "#| sweep: {lr: [0.1, 0.2], n: [1, 2]}"
    settings = "lr = 0.1  # one of 0.1, 0.2\nn = 1  # one of 1, 2"

    assert body_of(code(f"{head}\n{settings}\nx")) == f"```{{python}}\n{head}\nx\n```\n"
    assert body_of(code(f"{head}\nlr = 0.1\nx")) == f"```{{python}}\n{head}\nlr = 0.1\nx\n```\n"


@pytest.mark.parametrize("source", ["%matplotlib inline\nx", "%%time\nx", "!ls", "%%unknown\nx"])
def test_magics_stay_and_the_build_tells_of_them(source: str) -> None:
    assert body_of(code(source)) == f"```{{python}}\n{source}\n```\n"


@pytest.mark.parametrize(
    ("source", "listing", "name"),
    [
        ("%%bash\nls | wc\n", "```bash\nls | wc\n\n```", "bash"),
        ("%%html\n<b>x</b>", "```html\n<b>x</b>\n```", "html"),
        ("#| label: a\n%%javascript\nx", "```javascript\nx\n```", "javascript"),
        ("%%writefile lib/a.py\nx = 1", '```python filename="lib/a.py"\nx = 1\n```', "writefile"),
    ],
)
def test_other_languages_are_shown(source: str, listing: str, name: str) -> None:
    post = imported(code(source))

    assert post.body == f"{listing}\n"
    assert post.notes == (f"cell 1: %%{name} is shown and does not run",)


def test_raw_cells_are_left_out_but_for_what_a_page_can_hold() -> None:
    post = imported(
        raw("\\LaTeX", format="text/latex"),
        raw("<b>x</b>", format="text/html"),
        raw("**y**", raw_mimetype="text/markdown"),
        raw("z"),
        raw(" "),
    )

    assert post.body == "<b>x</b>\n\n**y**\n"
    assert post.notes == ("cell 1: a raw cell was left out", "cell 4: a raw cell was left out")


def test_a_fence_that_a_cell_leaves_open_ends_with_it() -> None:
    assert body_of(text("~~~~ py\nx"), text("Text.")) == "~~~~ py\nx\n~~~~\n\nText.\n"


def test_an_empty_notebook_is_an_empty_post() -> None:
    assert to_post(imported()) == "---\ntitle: My notebook\n---\n\n"


def test_a_block_that_a_notebook_only_shows_does_not_run() -> None:
    assert body_of(text("```{python, echo=FALSE}\n1 / 0\n```")) == "```python\n1 / 0\n```\n"


# ---- files


def test_an_old_notebook_is_read() -> None:
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "old"},
        "worksheets": [
            {
                "metadata": {},
                "cells": [
                    {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Old"]},
                    {"cell_type": "markdown", "metadata": {}, "source": ["Some\n", "text."]},
                    {
                        "cell_type": "code",
                        "collapsed": False,
                        "input": ["print(1)"],
                        "language": "python",
                        "metadata": {},
                        "outputs": [{"output_type": "stream", "stream": "stdout", "text": ["1"]}],
                        "prompt_number": 1,
                    },
                ],
            }
        ],
    }

    post = read_notebook(json.dumps(old).encode(), "old.ipynb")

    assert (post.title, post.body, post.notes) == (
        "Old",
        "Some\ntext.\n\n```{python}\nprint(1)\n```\n",
        (),
    )


def test_a_byte_order_mark_and_windows_lines_are_no_matter() -> None:
    content = b"\xef\xbb\xbf" + notebook(text("a\r\nb"), code("x = 1\r\ny = 2"))

    assert read_notebook(content, "x").body == "a\nb\n\n```{python}\nx = 1\ny = 2\n```\n"


@pytest.mark.parametrize("content", [b"", b"# text", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    assert refusal_of(content) == "'x.ipynb' is no notebook: it is not JSON"


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"cells": []}', b'{"nbformat": 4}', b"3"])
def test_json_that_is_no_notebook_is_refused(content: bytes) -> None:
    assert refusal_of(content) == (
        "'x.ipynb' is no notebook: it is JSON without 'nbformat' and cells"
    )


def test_a_version_to_come_is_refused() -> None:
    assert refusal_of(b'{"nbformat": 9, "nbformat_minor": 0, "cells": []}') == (
        "'x.ipynb' is a notebook of version 9, and the newest that can be read is 4: "
        "save it as that, or renew nbformat"
    )


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}},
        {"language_info": {"name": "R"}},
    ],
)
def test_another_language_is_refused(metadata: dict[str, object]) -> None:
    assert refusal_of(notebook(**metadata)) == (
        "'x.ipynb' is a notebook in R, and posts run Python"
    )


@pytest.mark.parametrize(
    "content",
    [
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [3]}',
        b'{"nbformat": 4, "metadata": 3, "cells": {}}',
        b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [3]}',
        b'{"nbformat": 0, "cells": []}',
    ],
)
def test_a_broken_notebook_is_refused(content: bytes) -> None:
    assert refusal_of(content).startswith("'x.ipynb' is no whole notebook: ")


# ---- there and back


def back(post: ParsedPost) -> str:
    """The text of the post that its own notebook becomes."""
    return to_post(read_notebook(to_notebook(ExecutedPost(post, ())).encode(), "x.ipynb"))


@pytest.mark.parametrize("path", POSTS, ids=lambda path: path.stem)
def test_a_post_comes_back_from_its_notebook(path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    post = parse_post(source_of(written), SiteConfig(), ["post"], [])

    assert back(post).partition("\n---\n")[2] == written.partition("\n---\n")[2]


def test_options_values_and_formulas_come_back() -> None:
    body = (
        "\nFor $5, $$x$$ and [[sgd]]:\n\n$$\ny\n$$\n\n"
        "```{python}\n#| sweep: {lr: [0.1, 0.2]}\n#| error: ValueError\n%matplotlib inline\n"
        "x = 1  # hide\n```\n\n"
        '```yaml filename="a.yml"\na: 1\n```\n\n'
        "\\begin{align}\nx\n\\end{align}\n"
    )
    post, _ = parse(body, "title: A `code` <title> & *more*")

    written = back(post)

    again = parse_post(source_of(written), SiteConfig(), ["post"], [])
    assert written.partition("\n---\n")[2] == body
    assert again.front.title == post.front.title
    assert [(b.code, b.options) for b in again.blocks] == [(b.code, b.options) for b in post.blocks]
