import ast
import re

import nbformat
import pytest

from benchmarks import dialects
from benchmarks.dialects import Dialect
from benchmarks.make_site import blocks, executable_post, mathematical_post, prose_post


def test_a_formula_in_a_sentence_stands_between_single_dollars() -> None:
    post = "---\ntitle: Post 1\n---\nIt is $$x^2$$ here.\n\n$$y$$\n"

    assert dialects.with_dollars(post) == post.replace("$$x^2$$", "$x^2$")


def test_no_formula_is_lost_between_dollars() -> None:
    given, made = mathematical_post(3), dialects.with_dollars(mathematical_post(3))

    assert len(re.findall(r"\$\$.+?\$\$", given)) == 10
    assert len(re.findall(r"(?<!\$)\$\$.+?\$\$|\$[^$]+?\$", made)) == 10


def test_every_cell_of_myst_is_a_block() -> None:
    made = dialects.myst(executable_post(2))

    assert re.findall(r"```\{code-cell\} python\n(.*?)\n```", made, re.DOTALL) == [*blocks(2)]
    assert "\n# Post 2\n" in made


def test_markdown_exec_runs_each_block_in_the_session_of_its_post() -> None:
    made = dialects.markdown_exec(executable_post(2))
    fences = re.findall(r"```python (.*?)\n(.*?)\n```", made, re.DOTALL)

    assert [re.sub(r".* ", "", options) for options, _ in fences] == [
        'result="text"',
        'html="1"',
        'result="text"',
        'html="1"',
    ]
    assert all('session="Post 2"' in options for options, _ in fences)
    assert fences[2][1].endswith("\nprint(w)")
    assert "plt.show()" not in made


def test_a_notebook_is_valid_and_holds_the_blocks() -> None:
    made = nbformat.reads(dialects.notebook(executable_post(2)), as_version=4)  # type: ignore[no-untyped-call]

    nbformat.validate(made)
    assert [cell.source for cell in made.cells if cell.cell_type == "code"] == [*blocks(2)]


def test_a_script_saves_each_plot() -> None:
    made = dialects.script(executable_post(2))

    ast.parse(made)
    assert re.findall(r"savefig\(f'\{__file__\}\.(\d)\.svg'\)", made) == ["1", "2"]
    assert "plt.show()" not in made


@pytest.mark.parametrize(
    "dialect", [dialects.as_it_is, dialects.with_dollars, dialects.myst, dialects.markdown_exec]
)
def test_prose_stays_as_it_is(dialect: Dialect) -> None:
    post = prose_post(5)

    assert post.split("---\n", 2)[2] in dialect(post)
