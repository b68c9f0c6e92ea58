"""What a block is made with is what it imports by itself."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from builder.execute.imports import imported_modules, packages_used
from builder.execute.protocol import BlockDone, FileState, Trace
from builder.model import FIGURE_LIGHT, Display


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("import numpy as np, os", ["numpy"]),
        ("from scipy import stats\nimport numpy\nimport numpy.linalg", ["scipy", "numpy"]),
        ("def f():\n    import torch\n", ["torch"]),
        ("try:\n    import a\nexcept ImportError:\n    import b", ["a", "b"]),
        ("if x:\n    import a\nelse:\n    import b", ["a", "b"]),
        ("match x:\n    case 1:\n        import a", ["a"]),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", ["b"]),
        ("from . import a\nfrom .b import c", []),
        ("import (", []),
        ("text = 'import numpy'", []),
        (r"'\d'; import numpy", ["numpy"]),
        ("await f()\nimport numpy", ["numpy"]),
    ],
)
def test_imports_are_read_from_the_code(code: str, modules: list[str]) -> None:
    assert list(imported_modules(code)) == modules


def done(
    *packages: str, files: Sequence[Path] = (), outputs: tuple[Display, ...] = ()
) -> BlockDone:
    trace = Trace(
        files={str(path): FileState(0, 0) for path in files},
        folders=(),
        variables=(),
        packages=packages,
        untraceable={},
    )
    return BlockDone(0, outputs, 0.0, 0.0, trace)


def distributions_of(module: str) -> list[str]:
    return [f"{module}-dist"]


def used(codes: Sequence[str], block: BlockDone) -> list[str]:
    return list(packages_used(codes, block, distributions_of))


def test_what_packages_import_in_turn_does_not_count() -> None:
    block = done("pandas", "pytz", "six")

    assert used(["import pandas, numpy"], block) == ["pandas-dist", "numpy-dist"]


def test_what_was_never_loaded_does_not_count() -> None:
    assert used(["try:\n    import torch\nexcept ImportError:\n    pass"], done()) == []


def test_a_function_of_an_earlier_block_may_import() -> None:
    assert used(["def f():\n    import torch", "f()"], done("torch")) == ["torch-dist"]


def test_modules_of_the_post_are_no_packages_and_what_they_import_counts(tmp_path: Path) -> None:
    module = tmp_path / "cycler.py"
    module.write_text("import numpy\n")

    assert used(["import cycler"], done(files=[module])) == ["numpy-dist"]


def test_what_draws_a_figure_counts() -> None:
    figure = Display({FIGURE_LIGHT: b"<svg/>"})

    assert used(["df.plot()"], done(outputs=(figure,))) == ["matplotlib"]
