"""Which packages a block uses by itself, whatever these use in turn."""

import ast
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from builder.execute.protocol import BlockDone
from builder.model import Display

_PRELOADED = frozenset(
    ("numpy", "matplotlib", "mpl_toolkits", "pylab", "PIL", "contourpy", "cycler", "dateutil")
)
"""Modules that are there before a post imports them, so that no trace tells of them."""


def packages_used(
    codes: Sequence[str], done: BlockDone, distributions_of: Callable[[str], Sequence[str]]
) -> tuple[str, ...]:
    """The distributions that a block, or a module of the post's that it loads, imports.

    Args:
        codes: of the block and of those before it, whose functions may import when it calls them.
        done: what the block gave and used.
        distributions_of: names those that give a module.
    """
    if done.trace is None:
        return ()
    files = [Path(path) for path in done.trace.files if path.endswith(".py")]
    own = [path for path in files if path.is_file()]
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in own)
    modules = (name for code in (*codes, *texts) for name in imported_modules(code))
    local = {path.parent.name if path.stem == "__init__" else path.stem for path in own}
    loaded = {*done.trace.packages, *_PRELOADED} - local
    found = [name for m in modules if m in loaded for name in distributions_of(m)]
    is_drawn = any(isinstance(o, Display) and o.is_figure for o in done.outputs)
    return tuple(dict.fromkeys((*found, *(["matplotlib"] if is_drawn else []))))


@lru_cache(maxsize=256)
def imported_modules(code: str) -> tuple[str, ...]:
    """Top-level names of the modules beyond the standard library, in the order of the text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the post's process tells them
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    names = (name.partition(".")[0] for node in _statements(tree.body) for name in _names(node))
    return tuple(dict.fromkeys(n for n in names if n not in sys.stdlib_module_names))


def _statements(block: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """All that can run, but for what type checkers alone read."""
    for statement in block:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
            yield from _statements(statement.orelse)
            continue
        yield statement
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, name, ()))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _statements(part.body)


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
