"""A post becomes a script that runs from beginning to end."""

import subprocess
import sys
from pathlib import Path

from builder.execute.environment import post_environment
from builder.export.script import THREADS, to_script
from builder.model import FIGURE_DARK, FIGURE_LIGHT, Display, ExecutedPost, Stream
from tests.unit.export.executed import executed
from tests.unit.parse.posts import parse


def script_of(body: str) -> str:
    """The script below its title."""
    script = to_script(ExecutedPost(parse(body)[0], ()))
    compile(script, "<script>", "exec")
    return script.removeprefix("# %% [markdown]\n# # SGD\n#\n# *23 November 2026*\n\n")


def block(code: str) -> str:
    return f"```{{python}}\n{code}\n```\n"


def test_text_is_a_comment_and_code_is_code() -> None:
    post = executed("Some $$x$$.\n\n- item\n\n```{python}\n#| echo: false\nx = 1\n```\n\nMore.\n")

    assert to_script(post) == (
        "# %% [markdown]\n# # SGD\n#\n# *23 November 2026*\n\n"
        "# %% [markdown]\n# Some $x$.\n#\n# - item\n\n"
        "# %%\n#| echo: false\nx = 1\n\n"
        "# %% [markdown]\n# More.\n"
    )


def test_magics_are_comments() -> None:
    body = block("%matplotlib inline\nif 1:\n    %config x\nx = 5 \\\n% 2")

    assert script_of(body) == (
        "# %%\n# %matplotlib inline\nif 1:\n    pass  # %config x\nx = 5 \\\n% 2\n"
    )


def test_what_is_no_python_is_a_comment() -> None:
    assert script_of(block("#| label: a\nawait x")) == "# %%\n#| label: a\n# await x\n"


def test_a_block_that_does_not_run_is_text() -> None:
    assert script_of(block("#| eval: false\nx")) == ("# %% [markdown]\n# ```python\n# x\n# ```\n")


def test_a_sweep_has_its_first_setting() -> None:
    assert script_of(block("#| sweep: {n: [1, 2]}\nprint(n)")) == (
        "# %%\n#| sweep: {n: [1, 2]}\nn = 1  # one of 1, 2\nprint(n)\n"
    )


def test_what_jupyter_offers_is_imported() -> None:
    assert script_of(block("x.display(1)")) == "# %%\nx.display(1)\n"
    assert script_of(block("display(1)")) == (
        "# %%\nfrom IPython.display import display\n\n# %%\ndisplay(1)\n"
    )


def test_imports_from_the_future_stand_first() -> None:
    body = block("x = 1") + block("from __future__ import annotations\ny = 2")

    assert script_of(body) == (
        "# %%\nfrom __future__ import annotations\n\n"
        "# %%\nx = 1\n\n"
        "# %%\n# from __future__ import annotations\ny = 2\n"
    )


def test_an_error_that_must_be_raised_does_not_end_the_script() -> None:
    body = block('#| error: ValueError\ntext = """a\nb"""\n\nint(text)')

    assert script_of(body) == (
        "# %%\nimport traceback\n\n"
        "# %%\n#| error: ValueError\n"
        'try:\n    text = """a\nb"""\n\n    int(text)\n'
        "except ValueError:\n    traceback.print_exc()\n"
    )


def test_an_error_of_an_unknown_kind_is_any() -> None:
    assert script_of(block("#| error: LinAlgError\nf()")).endswith(
        "try:\n    f()\nexcept Exception:\n    traceback.print_exc()\n"
    )


def test_what_packages_compute_has_the_threads_that_it_had_on_the_page() -> None:
    script = script_of(block("import math\nimport numpy.linalg as la\nla.norm"))

    assert THREADS.items() <= post_environment({}).items()
    assert script == (
        "# %%\n# On more threads sums have another order, and other last digits.\nimport os\n\n"
        'os.environ.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", '
        '"MKL_NUM_THREADS": "1"})\n\n'
        "# %%\nimport math\nimport numpy.linalg as la\nla.norm\n"
    )


def test_a_block_begins_without_the_figures_of_the_one_before() -> None:
    figure = Display({FIGURE_LIGHT: b"<svg/>", FIGURE_DARK: b"<svg/>"})
    body = block("draw()") + block("#| echo: false\ndraw()") + block("print(1)") + block("2")

    script = to_script(executed(body, (figure,), (figure,), (Stream("stdout", "1"),), ()))

    assert script.endswith(
        "# %%\nimport matplotlib.pyplot as plt\n\n# %%\ndraw()\n\n"
        '# %%\n#| echo: false\nplt.close("all")\ndraw()\n\n'
        '# %%\nplt.close("all")\nprint(1)\n\n# %%\n2\n'
    )


def test_a_script_runs(tmp_path: Path) -> None:
    body = (
        'Text with \\ and `"""`.\n\n'
        + block("%matplotlib inline\nx = 2")
        + block("#| error: true\n1 / 0")
        + block("#| sweep: {n: [3, 4]}\ny = x ** n")
        + block("print(y)")
    )
    path = tmp_path / "post.py"
    path.write_text(to_script(ExecutedPost(parse(body)[0], ())), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert done.stdout == "8\n"
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
