"""An exception is told in the lines of the post's blocks, whatever its author has made of it."""

from dataclasses import replace

import pytest

from builder.execute import frames
from builder.execute.frames import describe, format_warning, is_expected, not_raised
from builder.execute.protocol import BlockJob, Job
from builder.model import ANY_ERROR

JOB = Job(
    name="posts/p.md",
    root="/site",
    folder="/site/posts",
    blocks=(BlockJob(code="", timeout_s=1, memory_bytes=1, output_bytes=1, processes=1),) * 3,
    known=0,
    checkpoints=None,
)


def _raised(code: str, block: int = 0) -> BaseException:
    """What a block raises."""
    try:
        exec(compile(code, f"posts/p.md#{block + 1}", "exec"), {})
    except BaseException as error:
        return error
    raise AssertionError("it raises nothing")


MESSAGES = {
    "1 / 0": "ZeroDivisionError: division by zero",
    "raise ValueError": "ValueError",
    "raise ValueError('')": "ValueError",
    "raise ValueError('one\\ntwo')": "ValueError: one",
    "raise ValueError('\\n\\ntwo')": "ValueError: two",
    "raise KeyError('k')": "KeyError: 'k'",
    "raise ValueError(b'\\xff', None)": "ValueError: (b'\\xff', None)",
    "raise ValueError('\\ud800')": "ValueError: \\ud800",
    "raise SystemExit": "the block calls sys.exit()",
    "raise SystemExit('bye')": "the block calls sys.exit('bye')",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "raise EOFError('EOF when reading a line')": "the block waits for input()",
    "raise EOFError('else')": "EOFError: else",
    "a = = 1": "SyntaxError: invalid syntax",
    "raise SyntaxError": "SyntaxError: None",
    "if 1:\nx": "IndentationError: expected an indented block after 'if' statement on line 1",
    "class E(Exception):\n def __str__(self): raise OSError\nraise E": "E: <E without text>",
    "class E(Exception):\n def __str__(self): return 3\nraise E": "E: <E without text>",
    "class R:\n def __repr__(self): raise OSError\nraise SystemExit(R())": (
        "the block calls sys.exit(<R without text>)"
    ),
    "raise ValueError('x' * 9000)": f"ValueError: {'x' * 2000}",
    "raise BaseExceptionGroup('g', [ValueError(), KeyboardInterrupt()])": (
        "BaseExceptionGroup: g (2 sub-exceptions)"
    ),
}


@pytest.mark.parametrize(("code", "message"), MESSAGES.items())
def test_the_message_is_one_line(code: str, message: str) -> None:
    assert describe(_raised(code), JOB, 0).message == message


HINTS = {
    "import nmupy": "did you mean 'numpy'?",
    "import sklaern_of_mine": (
        "install it for the builder: .venv/bin/python -m pip install sklaern_of_mine"
    ),
    "raise ModuleNotFoundError(name='skimage')": (
        "install it for the builder: .venv/bin/python -m pip install scikit-image"
    ),
    "import json.nothing": None,
    "raise ModuleNotFoundError('no such plug-in')": None,
    "x = 1\n\n```{python}\ny = 2": "the block is not closed above this line",
    "a = = 1": None,
    "raise SyntaxError": None,
}


@pytest.mark.parametrize(("code", "hint"), HINTS.items())
def test_what_to_do_is_said_where_it_is_likely_to_be_known(code: str, hint: str | None) -> None:
    assert describe(_raised(code), JOB, 0).hint == hint


def test_the_line_is_the_nearest_one_of_a_block() -> None:
    code = "import json\n\n\njson.loads('x')"

    fault = describe(_raised(code, 2), JOB, 2)

    assert (fault.block, fault.line) == (2, 4)


def test_the_traceback_shows_no_frame_of_the_engine_and_no_path_of_this_machine() -> None:
    code = "import json\njson.loads('x')"

    told = describe(_raised(code), JOB, 0).traceback

    assert '  File "posts/p.md#1", line 2, in <module>\n' in told
    assert '  File "/' not in told
    assert "builder/execute" not in told


def test_causes_and_groups_are_told_without_paths_too() -> None:
    code = (
        "import json\ntry:\n    json.loads('x')\nexcept ValueError as error:\n"
        "    raise ExceptionGroup('g', [error, ValueError(1)]) from error"
    )

    told = describe(_raised(code), JOB, 0).traceback

    assert "The above exception was the direct cause" in told
    assert '  File "/' not in told


@pytest.mark.parametrize("link", ["__cause__", "__context__"])
def test_a_chain_of_thousands_is_told(link: str) -> None:
    code = (
        "e = None\nfor n in range(3000):\n    f = ValueError(n)\n"
        f"    f.{link} = e\n    e = f\nraise e"
    )

    fault = describe(_raised(code), JOB, 0)

    assert (fault.message, fault.line) == ("ValueError: 2999", 6)
    assert len(fault.traceback) <= 20_000


def test_a_chain_that_ends_in_itself_is_told() -> None:
    code = "a, b = ValueError('a'), ValueError('b')\na.__cause__, b.__cause__ = b, a\nraise a"

    assert describe(_raised(code), JOB, 0).message == "ValueError: a"


def test_fields_of_a_syntax_error_may_be_anything() -> None:
    code = "e = SyntaxError('x')\ne.filename, e.lineno, e.msg = 'posts/p.md#1', 'a', None\nraise e"

    fault = describe(_raised(code), JOB, 0)

    assert (fault.message, fault.block, fault.line) == ("SyntaxError: None", 0, 1)


def test_a_warning_names_no_path_of_this_machine() -> None:
    told = format_warning(JOB, "careful", UserWarning, "/site/posts/own.py", 3, "f(x)\n")

    assert told == "own.py:3: UserWarning: careful\n  f(x)\n"


def test_a_warning_in_a_line_of_the_post_names_the_line_alone() -> None:
    told = format_warning(JOB, "careful", UserWarning, "posts/p.md#1", 3, "f(x)\n")

    assert told == "UserWarning: careful\n  f(x)\n"


def test_a_warning_that_comes_when_a_figure_is_drawn_names_no_place() -> None:
    told = format_warning(JOB, "glyph", UserWarning, frames.__file__, 3)

    assert told == "UserWarning: glyph\n"


REFUSED = "raise OSError(1, 'Operation not permitted')"
IN_A_SANDBOX = {
    REFUSED: True,
    "raise PermissionError(13, 'Permission denied')": True,
    "import socket\nraise socket.gaierror(-3, 'Temporary failure')": True,
    "import subprocess\nraise subprocess.CalledProcessError(1, 'curl')": True,
    f"try: {REFUSED}\nexcept OSError as e: raise RuntimeError('no data') from e": True,
    f"try: {REFUSED}\nexcept OSError: raise RuntimeError('no data')": True,
    "import urllib.error\nraise urllib.error.URLError(PermissionError(1, 'no'))": True,
    "raise ValueError(OSError(18, 'Invalid cross-device link'))": True,
    "e = ValueError()\ne.__cause__ = KeyError(e)\nraise e": False,
    "raise OSError(2, 'No such file')": False,
}


@pytest.mark.parametrize(("code", "is_refusal"), IN_A_SANDBOX.items())
def test_what_a_sandbox_may_have_refused_is_told_as_that(code: str, is_refusal: bool) -> None:
    hint = describe(_raised(code), replace(JOB, is_sandboxed=True), 0).hint

    assert (hint is not None and hint.startswith("with --sandbox ")) == is_refusal
    assert describe(_raised(code), JOB, 0).hint is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("matplotlb", "did you mean 'matplotlib'?"),
        ("skimage", "install it for the builder: .venv/bin/python -m pip install scikit-image"),
        ("qqqzzz", "install it for the builder: .venv/bin/python -m pip install qqqzzz"),
        ("numpy.no_part", None),
    ],
)
def test_a_module_that_is_missing_is_named_as_it_is_installed(name: str, hint: str | None) -> None:
    error = ModuleNotFoundError(f"No module named {name!r}", name=name)

    assert describe(error, JOB, 0).hint == hint


def test_an_error_is_the_expected_one_by_its_name_or_any() -> None:
    error = ValueError("x")

    assert is_expected(error, "ValueError")
    assert not is_expected(error, None)
    assert is_expected(error, ANY_ERROR)
    assert not is_expected(KeyboardInterrupt(), ANY_ERROR)


@pytest.mark.parametrize(("name", "what"), [("KeyError", "KeyError"), (ANY_ERROR, "an error")])
def test_a_block_that_was_to_raise_and_did_not_is_at_fault(name: str, what: str) -> None:
    fault = not_raised(name, 1)

    assert fault.message == f"the block was to raise {what} and did not"
    assert (fault.block, fault.line) == (1, 1)


def test_a_warning_of_the_posts_own_line_or_the_engines_has_no_place() -> None:
    told = [
        format_warning(JOB, "careful", UserWarning, name, 1, "x = 1")
        for name in (f"{JOB.name}#1", frames.__file__, "/site/posts/helper.py")
    ]

    assert told[0] == "UserWarning: careful\n  x = 1\n"
    assert told[1] == "UserWarning: careful\n"
    assert told[2].endswith("helper.py:1: UserWarning: careful\n  x = 1\n")
