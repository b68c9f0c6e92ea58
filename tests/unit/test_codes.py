"""The list of codes is whole, and holds nothing that no problem has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.codes import CODES
from builder.config import PROJECT

LIST = PROJECT / "builder/codes.py"
READER = PROJECT / "builder/report.py"
"""Makes problems of a report, with the codes that they had."""

SOURCES = sorted({*(PROJECT / "builder").rglob("*.py")} - {LIST, READER})
BY_NAME = ("Problem", "_error")
"""What takes a code as `code=`."""
BY_PLACE = ("warning", "_warning", "Doubt", "tell", "_tell")
"""What takes a code as its first argument."""


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _codes(tree: ast.Module) -> Iterator[ast.expr]:
    """What is given as a code wherever a problem is made."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Name(name) | ast.Attribute(_, name)) if name in BY_NAME:
                yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")
            case ast.Call(ast.Name("note"), [first, *_]):
                yield first  # listeners have a method of this name, which takes a line
            case ast.Call(ast.Name(name) | ast.Attribute(_, name), [first, *_]) if name in BY_PLACE:
                yield first
            case ast.Assign([ast.Tuple([ast.Name("code"), *_])], ast.Tuple([value, *_])):
                yield value


def _words(expression: ast.AST) -> Iterator[str]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_code_that_a_problem_has_is_listed() -> None:
    used = [(path, w) for path, tree in _trees() for code in _codes(tree) for w in _words(code)]

    assert len(used) > 40
    assert [(path.name, word) for path, word in used if word not in CODES] == []


def test_every_code_on_the_list_is_one_that_problems_have() -> None:
    used = {word for _, tree in _trees() for word in _words(tree)}

    assert [code for code in CODES if code not in used] == []


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_short_and_explained(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+){0,3}", code)
    assert not CODES[code].meaning.endswith(".")
    assert CODES[code].remedy.endswith(".")


def test_the_list_is_in_order() -> None:
    assert list(CODES) == sorted(CODES)
