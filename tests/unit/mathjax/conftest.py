from collections.abc import Callable

import pytest

from builder.mathjax.engine import Engine
from builder.mathjax.formula import Macros
from builder.mathjax.typeset import Formula, TexError, Typeset, typeset_formulas
from tests.unit.mathjax.samples import MemoryCache, display

SetPost = Callable[..., tuple[Typeset | TexError, ...]]
"""The formulas of a post, as TeX (then display) or as they are; `macros` by keyword."""


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine()


@pytest.fixture
def set_post(engine: Engine) -> SetPost:
    def set_with_empty_cache(
        *formulas: str | Formula, macros: Macros | None = None
    ) -> tuple[Typeset | TexError, ...]:
        return typeset_formulas(
            [display(each) if isinstance(each, str) else each for each in formulas],
            engine=engine,
            macros=macros or {},
            cache=MemoryCache(),
        )

    return set_with_empty_cache
