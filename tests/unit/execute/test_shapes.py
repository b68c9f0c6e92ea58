"""A line that failed is told with the shapes of the arrays in it, and none of their code runs."""

import subprocess
import sys

import numpy as np
import pytest

from builder import network as nn
from builder.config import PROJECT
from builder.execute.protocol import BlockJob, Job
from builder.execute.shapes import tell_shapes

pd = pytest.importorskip("pandas")
X, W, B = np.zeros((32, 784), np.float32), np.zeros((10, 784), np.float32), np.zeros(10)


class Layer:
    weight = W

    def __init__(self) -> None:
        self.parts = {"b": [B, W]}


class Slotted:
    __slots__ = ("empty", "weight")

    def __init__(self) -> None:
        self.weight = W


NAMES = {
    "np": np,
    "nn": nn,
    "X": X,
    "W": W,
    "b": B,
    "layer": Layer(),
    "slotted": Slotted(),
    "tape": nn.Tensor(np.zeros((2, 3))),
    "frame": pd.DataFrame({"a": [1, 2], "b": [3, 4]}),
    "losses": [1.0, 2.0, 3.0],
    "word": "abc",
    "parts": [np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((2, 4))],
    "bad": np.array([1.0, np.nan, np.inf]),
    "fail": lambda *given: 1 / 0,
}


def job_of(*codes: str, is_values: bool = False) -> Job:
    blocks = tuple(
        BlockJob(
            code=code,
            timeout_s=1,
            memory_bytes=1,
            output_bytes=1,
            processes=1,
            is_values=is_values,
        )
        for code in codes
    )
    return Job(
        name="posts/p.md",
        root="/site",
        folder="/site/posts",
        blocks=blocks,
        known=0,
        checkpoints=None,
    )


def told(*codes: str, **more: object) -> str:
    """What is told of the last of these blocks, which fails."""
    names = NAMES | more
    try:
        for n, code in enumerate(codes):
            exec(compile(code, f"posts/p.md#{n + 1}", "exec"), names)
    except BaseException as error:
        return tell_shapes(error, job_of(*codes))
    raise AssertionError("it raises nothing")


BOTH = "where X is (32, 784) float32, W is (10, 784) float32"
CASES = {
    "y = X @ W + b": BOTH,
    "if True:\n    for n in range(3):\n        y = (X @\n            W)": BOTH,
    "fail(X, keyword=W)": BOTH,
    "é = 'ü'; é = X @ W": BOTH,
    "with open(X @ W):\n    b": BOTH,
    "for row in X @ W:\n    b": BOTH,
    "[x @ W for x in X[None]]": ("where x is (32, 784) float32, W is (10, 784) float32"),
    "X[0] = b": "where X is (32, 784) float32, b is (10,) float64",
    "X -= b": "where X is (32, 784) float32, b is (10,) float64",
    "one, two = b": "where b is (10,) float64",
    "assert X.shape == W.shape": BOTH,
    "X.T @ W.reshape(-1)": BOTH,
    "b[X[0, 0].astype(int) + 99]": "where b is (10,) float64, X is (32, 784) float32",
    "layer.weight @ layer.weight": "where layer.weight is (10, 784) float32",
    "layer.parts['b'][1] @ layer.parts['b'][-1]": (
        "where layer.parts['b'][1] is (10, 784) float32, layer.parts['b'][-1] is (10, 784) float32"
    ),
    "slotted.weight @ slotted.weight": "where slotted.weight is (10, 784) float32",
    "fail(slotted.weight, slotted)": "where slotted.weight is (10, 784) float32",
    "slotted.empty": "",
    "fail(tape, tape.value)": "where tape is (2, 3) float64, tape.value is (2, 3) float64",
    "tape @ tape": "where tape is (2, 3) float64",
    "frame['c']": "where frame is a DataFrame of (2, 2)",
    "fail(frame, frame.a)": "where frame is a DataFrame of (2, 2)",
    "np.stack(parts)": "where parts has 3 arrays: (2, 3) float64, (2, 4) float64",
    "fail(bad)": "where bad is (3,) float64 with NaN and infinity",
    "fail(np.float64(3), 3, 'x', losses)": "",
    "losses[3]": "where losses has 3 items",
    "losses[X]": "where X is (32, 784) float32",
    "word[7]": "where word has a length of 3",
    "losses.pip": "",
    "fail([], [X] * 99, np.arange(3))": "where X is (32, 784) float32",
    "fail([], np.arange(3), b)": "where b is (10,) float64",
    "fail((X + W.T)[b])": "where X is (32, 784) float32, W is (10, 784) float32",
    "fail((X).T[b[0:1]].real, 'ab'[b])": "where X is (32, 784) float32, b is (10,) float64",
    "undefined + 1": "",
    "fail(lambda X: X, [W for W in 'ab'], *[b])": "where b is (10,) float64",
    "fail(nn.Sequential, np.pi)": "",
    "a = = 1": "",
    f"fail({', '.join(f'x{n}' for n in range(9))})": (
        "where " + ", ".join(f"x{n} is ({n},) float64" for n in range(6))
    ),
}


@pytest.mark.parametrize(("code", "shapes"), CASES.items())
def test_the_arrays_of_what_failed_are_told_in_their_order(code: str, shapes: str) -> None:
    many = {f"x{n}": np.zeros(n) for n in range(9)}

    assert told(code, **many) == shapes


def test_a_function_is_told_with_the_line_that_called_it() -> None:
    first = "def loss(x, target, weight=W):\n    b = target\n    return x @ weight - b"

    assert told(first, "y = b\n\nloss(X, y)").splitlines() == [
        "where x is (32, 784) float32, weight is (10, 784) float32",
        "called in posts/p.md#2:3, where y is (10,) float64",
    ]


def test_what_was_told_already_is_not_told_again() -> None:
    assert told("def f(x):\n    return x @ W", "f(X)") == BOTH.replace("X", "x")


def test_the_line_of_the_post_counts_where_a_library_raises() -> None:
    code = "model = nn.Sequential(nn.Dense(2, inputs=3))\nmodel.forward(X)"

    assert told(code) == "where X is (32, 784) float32"


def test_a_closure_is_looked_into() -> None:
    code = "def outer(inner):\n    def f():\n        return inner @ W\n    return f\nouter(X)()"

    assert told(code) == BOTH.replace("X", "inner")


def test_code_of_the_author_that_looks_like_an_array_does_not_run() -> None:
    code = (
        "class Trap:\n"
        "    calls = []\n"
        "    def __getattr__(self, name): self.calls.append(name); raise AttributeError\n"
        "    def __getitem__(self, key): self.calls.append(key)\n"
        "    def __len__(self): self.calls.append('len'); return 1\n"
        "    __class__ = property(lambda self: self.calls.append('class'))\n"
        "    shape = dtype = property(lambda self: self.calls.append('shape'))\n"
        "    weight = property(lambda self: self.calls.append('weight'))\n"
        "class Own(np.ndarray):\n"
        "    shape = property(lambda self: Trap.calls.append('own'))\n"
        "trap, own = Trap(), np.zeros(3).view(Own)\n"
    )
    names: dict[str, object] = {}

    def fail(*given: object) -> None:
        names["calls"] = list(names["trap"].calls)  # type: ignore[attr-defined]
        raise IndexError

    failing = f"{code}names['trap'] = trap\nfail(trap, trap.weight, own, X)"

    assert told(failing, fail=fail, names=names) == "where X is (32, 784) float32"
    assert names["trap"].calls == names["calls"]  # type: ignore[attr-defined]


def test_a_value_in_the_text_is_told_too() -> None:
    code = "b.sum()\n(X @ W):.3f"
    with pytest.raises(ValueError, match="matmul") as caught:
        exec(compile("\nf'''{(X @ W):.3f}'''", "posts/p.md#1", "exec"), dict(NAMES))

    assert tell_shapes(caught.value, job_of(code, is_values=True)) == BOTH


def test_deep_recursion_and_deep_code_are_no_fault_of_its_own() -> None:
    assert told("def f(x):\n    return f(x)\nf(X)") == "where x is (32, 784) float32"
    assert told(f"fail({'-' * 3_000}X @ W)") in ("", BOTH)


def test_numpy_is_not_imported_for_it() -> None:
    code = (
        "import sys\n"
        "from builder.execute.protocol import BlockJob, Job\n"
        "from builder.execute.shapes import tell_shapes\n"
        "block = BlockJob(code='x[3]', timeout_s=1, memory_bytes=1, output_bytes=1, processes=1)\n"
        "job = Job(name='p.md', root='/', folder='/', blocks=(block,), known=0, checkpoints=None)\n"
        "try:\n"
        "    exec(compile('x[3]', 'p.md#1', 'exec'), {'x': [1]})\n"
        "except IndexError as error:\n"
        "    print(tell_shapes(error, job), 'numpy' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT
    )

    assert done.stdout == "where x has 1 item False\n"
