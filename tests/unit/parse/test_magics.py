"""IPython's magics: two are ignored with a note, the others are errors that say what to write."""

import pytest

from builder.config import SiteConfig
from builder.errors import Problem, Severity
from builder.parse.magics import take_magics
from builder.parse.post import parse_post
from tests.unit.parse.posts import LAYOUTS, problem_of, source_of


@pytest.mark.parametrize(
    ("code", "bare"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if x:\n    %config Y.z = 1\n", "if x:\n    pass\n"),
        ("x = (a\n% b)", "x = (a\n% b)"),
        ("print('''\n%matplotlib inline\n''')", "print('''\n%matplotlib inline\n''')"),
        ("x = 7 % 2", "x = 7 % 2"),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("%%html\n<b>\nx", "pass"),
        # Python warns of it, and not here.
        ("%matplotlib inline\nx = 1if y else '\\d'", "pass\nx = 1if y else '\\d'"),
        ("%matplotlib inline\nx = (", "%matplotlib inline\nx = ("),
    ],
)
def test_a_magic_is_a_line_that_keeps_python_from_reading_the_rest(code: str, bare: str) -> None:
    assert take_magics(code)[0] == bare


@pytest.mark.parametrize(
    "magic", ["%matplotlib inline", "%config InlineBackend.figure_format='svg'"]
)
def test_what_is_set_up_already_is_ignored_with_a_note(magic: str) -> None:
    problems: list[Problem] = []
    source = source_of(f"---\ntitle: x\n---\n```{{python}}\nx = 1\n{magic}\n```")

    (block,) = parse_post(source, SiteConfig(), LAYOUTS, problems).blocks

    name = magic.split(maxsplit=1)[0]
    assert [str(p) for p in problems] == [
        f"posts/2026-11-23-sgd.md:6:1: {name} is ignored (it is not needed)"
    ]
    assert problems[0].severity is Severity.NOTE
    assert block.marks.hidden == {2}
    assert block.code == "x = 1\npass"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("!pip install x", "'!pip install x' is IPython's and not Python's (run programs with "),
        ("%pip install x", "'%pip' is IPython's and not Python's (add the package to the "),
        ("%%bash\nls -l | wc", "'%%bash' is IPython's and not Python's (run programs with "),
        ("x = 1\n%timeit x", "'%timeit' is IPython's and not Python's (write timeit.timeit(...))"),
        ("%time f()", "'%time' is IPython's and not Python's (take time.perf_counter() before "),
        ("x = !ls", "'x = !ls' is IPython's and not Python's (run programs with "),
        ("x = %timeit -o f()", "'%timeit' is IPython's and not Python's (write timeit.timeit"),
        ("len?", "'len?' is IPython's and not Python's (write help(name))"),
        ("np.array??", "'np.array??' is IPython's and not Python's (write help(name))"),
        ("?len", "'?len' is IPython's and not Python's (write help(name))"),
        ("%unheard of", "'%unheard' is IPython's and not Python's (write it in Python)"),
    ],
)
def test_any_other_magic_is_an_error_that_says_what_to_write(code: str, told: str) -> None:
    line = 5 + code[: code.index("%") if "%" in code else 0].count("\n")

    problem = problem_of(f"```{{python}}\n{code}\n```")

    assert problem.startswith(f"posts/2026-11-23-sgd.md:{line}:1: {told}")
