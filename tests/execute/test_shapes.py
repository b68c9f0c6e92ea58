"""A block that fails tells of the arrays in its line; an expected error is as Python has it."""

from dataclasses import replace

from builder.model import TRACEBACK, BlockOptions, Display, InlineValue
from tests.execute.conftest import Lab, make_post, shown

FIRST = """\
import numpy as np
X, W = np.zeros((32, 784)), np.zeros((10, 784))
def f(x):
    return x @ W"""
BOTH = "where x is (32, 784) float64, W is (10, 784) float64"


def test_shapes_stand_below_the_traceback_in_lines_of_the_post(lab: Lab) -> None:
    (problem,) = lab.run(FIRST, "\nb = np.zeros(3)\nf(X)").problems

    assert str(problem.location) == "posts/p.md:13"
    assert problem.detail is not None
    assert problem.detail.splitlines()[-1] == BOTH


def test_the_calling_line_is_named_as_it_is_in_the_post(lab: Lab) -> None:
    code = "b = np.zeros(3)\n\ncheck(b, X)"

    (problem,) = lab.run(
        "def check(a, _):\n    raise ValueError(f'{a.ndim}')", f"{FIRST}\n{code}"
    ).problems

    assert (problem.detail or "").splitlines()[-2:] == [
        "where a is (3,) float64",
        "called in posts/p.md:26, where X is (32, 784) float64",
    ]


def test_an_expected_error_is_told_as_python_tells_it(lab: Lab) -> None:
    post = make_post([f"{FIRST}\nf(X)"], options=BlockOptions(expected_error="ValueError"))

    (execution,) = lab.execute(post)

    ((output,),) = shown(execution)
    assert isinstance(output, Display)
    assert output.content[TRACEBACK].splitlines()[-1].startswith(b"ValueError: matmul")


def test_a_value_in_the_text_has_shapes_too(lab: Lab) -> None:
    post = make_post([FIRST])
    value = InlineValue("X @ W", 20, 3)

    (execution,) = lab.execute(replace(post, parts=(*post.parts, value)))

    (problem,) = execution.problems
    assert (str(problem.location), problem.detail) == ("posts/p.md:20:3", BOTH.replace("x", "X"))


def test_where_there_is_no_array_there_is_no_more_to_say(lab: Lab) -> None:
    (problem,) = lab.run("import collections\nraise ValueError('no')").problems

    assert (problem.detail or "").endswith("ValueError: no\n")
