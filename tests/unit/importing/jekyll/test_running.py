from collections.abc import Callable
from datetime import date
from pathlib import PurePosixPath

import pytest

from builder.config import SiteConfig
from builder.errors import Location, Problem
from builder.execute.execution import Execution
from builder.importing.jekyll.running import Tried, let_run, text_of
from builder.model import (
    FIGURE_DARK,
    FIGURE_LIGHT,
    BlockResult,
    CodeBlock,
    Display,
    ExecutedPost,
    Failure,
    Output,
    Source,
    Stream,
)
from builder.parse.post import parse_post

HEAD = "---\ntitle: A\n---\n"
PATH = PurePosixPath("posts/2026-11-23-a.md")


def source_of(body: str) -> Source:
    return Source(path=PATH, text=HEAD + body, named_date=date(2026, 11, 23), slug="a")


def runner(
    outputs: Callable[[str], Output | None], problems: tuple[Problem, ...] = ()
) -> Callable[[Source], Execution]:
    """A stage that gives for each block what `outputs` says of its code, up to a failure."""

    def run(source: Source) -> Execution:
        post = parse_post(source, SiteConfig(), ["post"], [])
        results = []
        for part in post.parts:
            if isinstance(part, CodeBlock):
                output = outputs(part.code)
                results.append(BlockResult((output,) if output else (), 0.1))
                if isinstance(output, Failure):
                    break
        kept = tuple(results)
        return Execution(ExecutedPost(post, kept), has_run=True, problems=problems, kept=kept)

    return run


def printing(code: str) -> Output | None:
    """What `print("text")` prints."""
    if "boom" in code:
        return Failure(message=f"{code.strip()} is not there", hint=None, line=1, traceback="")
    words = code.partition('print("')[2].partition('"')[0]
    return Stream("stdout", f"{words}\n") if words else None


def tried(body: str) -> Tried:
    done = let_run(source_of(body), runner(printing))
    assert done.text.startswith(HEAD)
    return Tried(done.text.removeprefix(HEAD), done.running, done.remarks)


@pytest.mark.parametrize("language", ["python", "python3", "py", "ipython"])
def test_a_block_that_runs_is_made_running(language: str) -> None:
    body = f'a\n\n```{language}\nprint("x")\n```\n\nb\n'

    assert tried(body) == Tried(body.replace(f"```{language}", "```{python}"), 1, ())


@pytest.mark.parametrize(
    "body",
    [
        "```\nx\n```\n",
        "```js\nx\n```\n",
        "```pycon\n>>> x\n```\n",
        "```python\n>>> print(1)\n1\n```\n",
        "```python\nIn [1]: x\n```\n",
        "```python title=x\nx\n```\n",
        "```{python}\nx\n```\n",
        "    print(1)\n",
        "no code",
        "```python\nunclosed",
    ],
)
def test_what_is_no_python_to_run_stays(body: str) -> None:
    assert tried(body) == Tried(body, 0, ())


@pytest.mark.parametrize(
    "lead",
    [
        "",
        "\n",
        "\n\n\n",
        "\nOutput:\n\n",
        "\n\n**Output**\n\n",
        "\nThe result:\n",
        "\nresults\n",
        "\n*Prints:*\n\n",
        "\nGives\n",
        "\nOut:\n",
    ],
)
@pytest.mark.parametrize("kind", ["", "text", "txt", "plaintext", "output", "console"])
def test_an_output_that_the_block_gives_itself_goes(lead: str, kind: str) -> None:
    body = f'```python\nprint("x")\n```\n{lead}```{kind}\nx\n```\nb\n'

    done = tried(body)

    assert done == Tried('```{python}\nprint("x")\n```\nb\n', 1, ())


@pytest.mark.parametrize("lead", ["\nSome words.\n\n", "\nThe output of another run:\n\n"])
def test_a_listing_behind_other_words_is_no_output(lead: str) -> None:
    body = f'```python\nprint("x")\n```\n{lead}```\nx\n```\n'

    assert tried(body) == Tried(body.replace("```python", "```{python}"), 1, ())


@pytest.mark.parametrize("kind", ["js", "sh", "json"])
def test_a_listing_in_another_language_is_no_output(kind: str) -> None:
    body = f'```python\nprint("x")\n```\n```{kind}\nx\n```\n'

    assert tried(body) == Tried(body.replace("```python", "```{python}"), 1, ())


def test_another_output_is_told_and_stays() -> None:
    body = 'a\n\n```python\nprint("new")\n```\n\n```\nold\n```\n'

    assert tried(body) == Tried(
        body.replace("```python", "```{python}"),
        1,
        ("line 10: gives something else:\n--- shown\n+++ given\n@@ -1 +1 @@\n-old\n+new",),
    )


def test_blanks_at_the_ends_of_lines_make_no_difference() -> None:
    body = '```python\nprint("x  ")\n```\n```\n\nx \n\n```\n'

    assert tried(body) == Tried('```{python}\nprint("x  ")\n```\n', 1, ())


def test_a_block_that_fails_is_only_shown_and_the_others_run() -> None:
    body = (
        "```python\na = 1\n```\n\n```python\nboom\n```\n\n"
        '```python\nprint("x")\n```\n\n```python\nboom2\n```\n'
    )

    assert tried(body) == Tried(
        body.replace("```python\na", "```{python}\na").replace(
            "```python\nprint", "```{python}\nprint"
        ),
        2,
        (
            "line 8: is only shown, as it does not run here: boom is not there",
            "line 16: is only shown, as it does not run here: boom2 is not there",
        ),
    )


def test_where_every_block_fails_the_post_stays() -> None:
    body = "```python\nboom\n```\n\n```python\nboom\n```\n"

    done = tried(body)

    assert (done.text, done.running, len(done.remarks)) == (body, 0, 2)


def test_a_post_that_cannot_run_at_all_is_told() -> None:
    problem = Problem(code="block-failed", message="cannot be run", location=Location(PATH))
    body = "```python\na\n```\n"

    done = let_run(source_of(body), runner(lambda _: None, (problem,)))

    assert done == Tried(
        HEAD + body, 0, ("line 4: is only shown, as it does not run here: cannot be run",)
    )


def test_a_block_in_a_list_runs_there() -> None:
    body = '- a\n\n  ```python\n  print("x")\n  ```\n\n  ```\n  x\n  ```\n- b\n'

    assert tried(body) == Tried('- a\n\n  ```{python}\n  print("x")\n  ```\n- b\n', 1, ())


def test_the_text_of_a_result_is_what_it_printed_and_its_value() -> None:
    figure = Display({FIGURE_LIGHT: b"<svg/>", FIGURE_DARK: b"<svg/>"}, "a curve")
    result = BlockResult(
        (Stream("stdout", "a\nb"), figure, Display({"text/plain": b"3", "text/html": b"<b>"})), 0.1
    )

    assert text_of(result) == "a\nb\n3\n"
