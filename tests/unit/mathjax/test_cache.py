import threading

from builder.mathjax.engine import Engine
from builder.mathjax.typeset import TexError, Typeset, typeset_formulas
from tests.unit.mathjax.samples import SEED, VARIED, MemoryCache, display, inline

POST = (
    inline(r"\eqref{late}"),
    display(r"\newcommand{\half}{\frac12}"),
    display(r"\begin{equation}\half\label{early}\end{equation}"),
    display(r"\oops"),
    display(r"\begin{align}a&=\half\label{late}\\c&=d\end{align}"),
    inline(r"\ref{nowhere}"),
    inline(r"\text{see \eqref{early}}"),
)


def test_a_cached_post_is_equal_and_boots_nothing() -> None:
    cache = MemoryCache()
    first = typeset_formulas(POST + SEED, engine=Engine(), macros={}, cache=cache)
    idle = Engine()

    second = typeset_formulas(POST + SEED, engine=idle, macros={}, cache=cache)

    assert second == first
    assert idle._context is None


def test_a_half_cached_post_is_equal(engine: Engine) -> None:
    whole = typeset_formulas(POST, engine=engine, macros={}, cache=MemoryCache())
    cache = MemoryCache()
    typeset_formulas(POST, engine=engine, macros={}, cache=cache)
    for key in sorted(cache.texts)[::2]:
        del cache.texts[key]

    mixed = typeset_formulas(POST, engine=Engine(), macros={}, cache=cache)

    assert mixed == whole


def test_what_was_set_before_does_not_show(engine: Engine) -> None:
    typeset_formulas(VARIED, engine=engine, macros={"half": "0"}, cache=MemoryCache())

    late = typeset_formulas(POST, engine=engine, macros={}, cache=MemoryCache())
    fresh = typeset_formulas(POST, engine=Engine(), macros={}, cache=MemoryCache())

    assert late == fresh


def test_a_number_is_not_taken_from_the_cache_of_another_place(engine: Engine) -> None:
    cache = MemoryCache()
    equation = display(r"\begin{equation}x\end{equation}")

    (first, second) = typeset_formulas([equation] * 2, engine=engine, macros={}, cache=cache)

    assert first != second


def test_a_formula_without_a_number_is_kept_once_for_all_places(engine: Engine) -> None:
    cache = MemoryCache()
    numbered = display(r"\begin{equation}x\end{equation}")

    typeset_formulas([inline("x"), numbered, inline("x")], engine=engine, macros={}, cache=cache)

    assert len(cache.texts) == 2


def test_a_macro_is_part_of_the_key(engine: Engine) -> None:
    cache = MemoryCache()
    results = [
        typeset_formulas([inline(r"\k")], engine=engine, macros={"k": text}, cache=cache)
        for text in ("1", "2")
    ]

    assert results[0] != results[1]


def test_a_failure_of_the_engine_is_not_kept(engine: Engine) -> None:
    cache = MemoryCache()

    typeset_formulas([display("{" * 5000 + "}" * 5000)], engine=engine, macros={}, cache=cache)

    assert cache.texts == {}


def test_the_digest_needs_no_boot() -> None:
    engine = Engine()

    assert engine.digest == Engine().digest
    assert engine._context is None


def test_booting_starts_no_thread() -> None:
    before = threading.active_count()

    typeset_formulas([inline("x")], engine=Engine(), macros={}, cache=MemoryCache())

    assert threading.active_count() == before


def test_a_formula_that_takes_too_long_is_given_up() -> None:
    impatient = Engine(time_limit_s=0.5)

    (long, short) = typeset_formulas(
        [inline("x+" * 20_000), inline("x")], engine=impatient, macros={}, cache=MemoryCache()
    )

    assert long == TexError("formula takes longer than 0.5 s to set", 0)
    assert isinstance(short, Typeset)
