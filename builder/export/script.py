"""A post as a Python script, its text in comments: the percent format of editors and Jupytext."""

import ast
import builtins
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise

from builder.export.cells import Cell, CodeCell, TextCell, cells_of
from builder.model import Display, ExecutedPost

THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Environment variables that the last digits of products of matrices depend on."""

_DISPLAY = re.compile(r"(?<![\w.])display\(")
_FUTURE = re.compile(r"^from __future__ import [\w, ]+", re.MULTILINE)
_MAGIC = re.compile(r"(?P<indent>[ \t]*)(?P<magic>[%!?].*)")


def to_script(executed: ExecutedPost) -> str:
    """A post as a script; what Python alone cannot run of it stands in comments."""
    cells = cells_of(executed)
    blocks = [cell for cell in cells if isinstance(cell, CodeCell)]
    behind_figures = {cell.name for before, cell in pairwise(blocks) if _draws(before)}
    title, *others = (_cell(cell, closes=cell.name in behind_figures) for cell in cells)
    script = "\n\n".join((title, *_head(blocks, closes=bool(behind_figures)), *others)) + "\n"
    return script.replace("\0", "\N{REPLACEMENT CHARACTER}")  # Python reads no file with one


def _draws(cell: CodeCell) -> bool:
    """Whether a block has left figures, which the one after it would draw on."""
    outputs = cell.result.outputs if cell.result else ()
    return any(isinstance(output, Display) and output.is_figure for output in outputs)


def _head(cells: Sequence[CodeCell], *, closes: bool) -> Iterator[str]:
    """What must stand at the head of a script, and what the builder or Jupyter does by itself."""
    blocks = [cell.block for cell in cells]
    futures = dict.fromkeys(line for block in blocks for line in _FUTURE.findall(block.code))
    if futures:
        yield "\n".join(("# %%", *futures))
    if any(_imports_packages(block.code) for block in blocks):
        names = ", ".join(f'"{name}": "{value}"' for name, value in THREADS.items())
        told = "# On more threads sums have another order, and other last digits."
        yield f"# %%\n{told}\nimport os\n\nos.environ.update({{{names}}})"
    if closes:
        yield "# %%\nimport matplotlib.pyplot as plt"
    if any(_DISPLAY.search(block.code) for block in blocks):
        yield "# %%\nfrom IPython.display import display"
    if any(block.options.expected_error for block in blocks):
        yield "# %%\nimport traceback"


def _imports_packages(code: str) -> bool:
    """Whether it imports anything that is not Python's own."""
    if not _is_python(code):
        return False
    names: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(code)
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                names += [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module)):
                names.append(module)
    return any(name.partition(".")[0] not in sys.stdlib_module_names for name in names)


def _cell(cell: Cell, *, closes: bool) -> str:
    if isinstance(cell, TextCell):
        return f"# %% [markdown]\n{_commented(cell.text)}"
    code = _FUTURE.sub(r"# \g<0>", "\n".join(_without_magics(cell)))
    if not _is_python(code):
        code = _commented(code)
    elif cell.block.options.expected_error:
        code = _expecting(code, cell.block.options.expected_error)
    begins = ['plt.close("all")'] if closes else []
    return "\n".join(("# %%", *cell.option_lines, *begins, *cell.setting_lines, code)).rstrip("\n")


def _without_magics(cell: CodeCell) -> Iterator[str]:
    """The lines of a block; where IPython's own stood, a comment, and what a block needs."""
    for number, line in enumerate(cell.code_lines, start=1):
        magic = _MAGIC.fullmatch(line) if number in cell.block.marks.hidden else None
        if magic is None:
            yield line
        else:
            indent = magic["indent"]
            yield f"{indent}pass  # {magic['magic']}" if indent else f"# {magic['magic']}"


def _is_python(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<block>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _expecting(code: str, error: str) -> str:
    """Code that must raise, so that the script goes on behind it."""
    known = getattr(builtins, error, None)
    name = error if isinstance(known, type) and issubclass(known, BaseException) else "Exception"
    guarded = f"try:\n{_indented(code)}\nexcept {name}:\n    traceback.print_exc()"
    return guarded if _is_python(guarded) else code


def _indented(code: str) -> str:
    """Code for the body of a statement; in texts over several lines nothing is moved."""
    inside = {
        line
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }
    return "\n".join(
        f"    {line}" if line.strip() and number not in inside else line
        for number, line in enumerate(code.split("\n"), start=1)
    )


def _commented(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.split("\n"))
