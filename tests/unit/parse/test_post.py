import pytest

from builder.model import BlockOptions, CodeBlock, Formula, Listing, Prose
from tests.unit.parse.posts import parse

BODY = """\
First $$x$$.

```{python}
#| echo: false
#| label: a

x = 1
```

```sh
ls
```
Last.
"""


def test_the_parts_come_in_order() -> None:
    post, problems = parse(BODY)

    assert problems == []
    assert post.parts == (
        Prose("First "),
        Formula(tex="x", is_display=False, is_alone=False, source="$$x$$", line=4, column=9),
        Prose(".\n\n"),
        CodeBlock(
            code="\nx = 1",
            line=9,
            options=BlockOptions(echo=False, label="a"),
            container="",
            source="#| echo: false\n#| label: a\n\nx = 1",
        ),
        Prose("\n\n"),
        Listing(code="ls", language="sh", container="", line=14),
        Prose("\nLast.\n"),
    )


@pytest.mark.parametrize(
    ("front", "body", "line"),
    [
        ("title: x", "```{python}\nx\n```", 5),
        ("title: x\ntags:\n  - a\n  - b", "```{python}\nx\n```", 8),
        ("title: x", "```{python}\n#| echo: true\nx\n```", 6),
        ("title: x", "```{python}\n#| echo: true\n#| eval: true\n\nx\n```", 7),
        ("title: x", "a\n\n$$\nx\n$$\n\n> ```{python}\n> x\n> ```", 11),
        ("title: x", "```\na\nb\n```\n- ```{python}\n  x\n  ```", 9),
    ],
)
def test_the_line_of_a_block_is_that_of_its_first_line_of_code(
    front: str, body: str, line: int
) -> None:
    (block,) = parse(body, front)[0].blocks

    assert block.line == line


def test_a_block_that_is_not_evaluated_is_a_part_that_does_not_run() -> None:
    post, _ = parse("```{python}\n#| eval: false\nx\n```")

    assert post.blocks == ()
    assert isinstance(post.parts[1], CodeBlock)


def test_every_problem_of_a_body_is_reported_not_only_the_first() -> None:
    body = "```{python}\n#| ecoh: 1\n```\n\n```{ruby}\n```\n\n$$x\n"

    assert parse(body)[1] == [
        "posts/2026-11-23-sgd.md:5: unknown block option 'ecoh' (did you mean 'echo'?)",
        "posts/2026-11-23-sgd.md:8: blocks in 'ruby' cannot run here, only {python} can "
        "(show it with ```ruby)",
        "posts/2026-11-23-sgd.md:11:1: unclosed '$$' (close the formula before the paragraph ends)",
    ]
