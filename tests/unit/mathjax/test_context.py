"""Where MathJax cannot start, or fails, that is told in words."""

import sys
from types import SimpleNamespace

import pytest

from builder.mathjax import context
from builder.mathjax.context import BootError, Context, EngineError


def test_without_its_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "_quickjs", None)
        with pytest.raises(BootError, match="pip install quickjs-ng"):
            Context(1.0)

    for found in (None, SimpleNamespace(submodule_search_locations=["/nowhere"])):
        monkeypatch.setattr("importlib.util.find_spec", lambda _, found=found: found)
        with pytest.raises(BootError, match="pip install django-static-mathjax"):
            Context(1.0)


def test_scripts_that_fail_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_scripts", lambda: ["throw new Error('no such file')"])

    with pytest.raises(BootError, match="MathJax does not start: Error: no such file"):
        Context(1.0)


def test_too_little_memory_is_the_machines_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_MEMORY_BYTES", 1 << 20)

    with pytest.raises(MemoryError):
        Context(1.0)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("throw new Error('a fault')", "MathJax failed: Error: a fault"),
        ("throw null", "formula needs too much memory to set"),
        ("[].concat(Array(1e9).fill('x'))", "formula needs too much memory to set"),
        ("(function f() { return f() + 1 })()", "formula is nested too deeply"),
        ("while (true) {}", "formula takes longer than 0.2 s to set"),
    ],
)
def test_a_command_that_fails_is_told_to_the_author(
    script: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "_scripts", lambda: [f"globalThis.command = () => {{ {script} }}"])
    monkeypatch.setattr(context, "_MEMORY_BYTES", 1 << 26)

    with pytest.raises(EngineError) as caught:
        Context(0.2).command("typeset", {})

    assert str(caught.value) == message
