"""Results are found by all that they depend on, and reasons are told as a writer would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from builder.cache.dependencies import Surroundings
from builder.cache.results import Known, ResultCache
from builder.cache.store import Store
from builder.model import BlockOptions, BlockResult, CodeBlock, Display, Stream

POST = "posts/p.md"


class _Surroundings(Surroundings):
    """Where things are what the test says."""

    def __init__(self, states: Mapping[str, str]) -> None:
        super().__init__({}, {})
        self._told = dict(states)

    def state(self, dependency: str) -> str:
        return self._told.get(dependency, "absent")


class _OtherPython(ResultCache):
    def _base(self) -> dict[str, str]:
        return super()._base() | {"CPython": "4.0 on mars"}


class _OtherEngine(ResultCache):
    def _base(self) -> dict[str, str]:
        return super()._base() | {"the engine": "0"}


def blocks(*codes: str, options: BlockOptions | None = None) -> tuple[CodeBlock, ...]:
    return tuple(
        CodeBlock(code=code, line=10 * n, options=options or BlockOptions(), container="")
        for n, code in enumerate(codes, start=1)
    )


def result(value: str = "1") -> BlockResult:
    return BlockResult((Stream("stdout", value),), 0.5)


@dataclass
class Bench:
    """A store, and caches on it, as builds one after the other have them."""

    store: Store
    states: dict[str, str] = field(default_factory=dict)

    def cache(self, kind: type[ResultCache] = ResultCache) -> ResultCache:
        return kind(self.store, _Surroundings(self.states))

    def keep(
        self,
        post: Sequence[CodeBlock],
        uses: Sequence[Sequence[str]] = (),
        results: Sequence[BlockResult] = (),
    ) -> None:
        """Let the post run, its blocks using these things."""
        cache = self.cache()
        state = cache.start(POST)
        for number, block in enumerate(post):
            used = uses[number] if uses else ()
            given = results[number] if results else result(block.code)
            now = {name: self.states.get(name, "absent") for name in used}
            state = cache.keep(state, block, given, now)
        cache.remember(POST, post, 0.5 * len(post))

    def find(self, post: Sequence[CodeBlock], kind: type[ResultCache] = ResultCache) -> Known:
        return self.cache(kind).find(POST, post)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(Store(tmp_path))


def test_every_result_comes_back_as_it_was(bench: Bench) -> None:
    given = (
        BlockResult((), 0.25),
        BlockResult(
            (
                Stream("stdout", "ü\ud800\0"),
                Display({"image/png": bytes(range(256)), "text/plain": b"x"}, "words"),
                Stream("stderr", "oops"),
            ),
            1.5,
            (("starts a process", 3),),
            ("numpy",),
            0.75,
        ),
    )
    post = blocks("a", "b")
    bench.keep(post, results=given)

    known = bench.find(post)

    assert (known.results, known.reason) == (given, None)
    assert len(known.states) == 3


def test_a_chain_is_known_up_to_the_first_block_that_is_not(bench: Bench) -> None:
    bench.keep(blocks("a", "b", "c"))

    known = bench.find(blocks("a", "B", "c"))

    assert known.results == (result("a"),)
    assert known.reason == "block 2 (line 20) is new or was edited"


def test_what_a_block_used_is_part_of_the_key_of_those_below(bench: Bench) -> None:
    post = blocks("read", "after")
    for value in ("1", "2"):
        bench.states["file:site/d"] = value
        bench.keep(post, (["file:site/d"], []), (result(value), result(f"after {value}")))

    for value in ("1", "2"):
        bench.states["file:site/d"] = value
        assert bench.find(post).results == (result(value), result(f"after {value}"))
    bench.states["file:site/d"] = "3"
    assert bench.find(post).results == ()


def test_a_block_may_use_other_things_with_other_data(bench: Bench) -> None:
    post = blocks("read")
    bench.states |= {"file:site/d": "one", "file:site/one": "1", "file:site/two": "2"}
    bench.keep(post, [["file:site/d", "file:site/one"]], [result("1")])
    bench.states["file:site/d"] = "two"
    bench.keep(post, [["file:site/d", "file:site/two"]], [result("2")])

    bench.states["file:site/one"] = "changed"
    assert bench.find(post).results == (result("2"),)

    bench.states["file:site/d"] = "one"
    assert bench.find(post).results == ()


def test_the_last_eight_states_of_what_a_block_uses_are_known(bench: Bench) -> None:
    post = blocks("read")
    for value in map(str, range(10)):
        bench.states["file:site/d"] = value
        bench.keep(post, [["file:site/d"]], [result(value)])

    known = []
    for value in map(str, range(10)):
        bench.states["file:site/d"] = value
        known += [r.outputs for r in bench.find(post).results]

    assert known == [result(value).outputs for value in "23456789"]


def test_a_later_run_with_the_same_dependencies_takes_the_place_of_the_first(bench: Bench) -> None:
    post = blocks("clock")
    bench.keep(post, results=[result("1")])
    bench.keep(post, results=[result("2")])

    assert bench.find(post).results == (result("2"),)


@pytest.mark.parametrize("post", ["posts/q.md", "posts/p/index.md"])
def test_another_post_has_another_key(bench: Bench, post: str) -> None:
    bench.keep(blocks("a"))

    assert bench.cache().find(post, blocks("a")).results == ()


def test_how_a_block_is_shown_and_where_is_no_part_of_its_key(bench: Bench) -> None:
    bench.keep(blocks("a"))
    shown = BlockOptions(
        label="l",
        echo=False,
        output=False,
        include=False,
        timeout_s=1.0,
        memory_mb=1,
        processes=1,
        fig_alt=("x",),
    )

    (block,) = blocks("a", options=shown)

    assert bench.find([block]).reason is None


@pytest.mark.parametrize("options", [BlockOptions(depends=("d",)), BlockOptions(output_limit=9)])
def test_options_that_change_what_is_kept_are_part_of_the_key(
    bench: Bench, options: BlockOptions
) -> None:
    bench.keep(blocks("a"))

    assert bench.find(blocks("a", options=options)).results == ()


@pytest.mark.parametrize("kind", ["results", "variants"])
def test_a_damaged_entry_is_never_shown(bench: Bench, kind: str) -> None:
    post = blocks("a", "b")
    bench.keep(post)
    for path in (bench.store.folder / kind).rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1] + b"?")

    known = bench.find(post)

    assert known.results == ()
    assert known.reason == (
        "block 1 (line 10) has no result that could be read, or ran no further last time"
    )
    bench.keep(post)
    assert bench.find(post).reason is None


def test_a_file_that_changes_during_a_build_holds_for_no_later_one(bench: Bench) -> None:
    cache = bench.cache()
    state = cache.start(POST)
    (first, second) = blocks("a", "b")

    for value, block in (("1", first), ("2", second)):
        state = cache.keep(state, block, result(), {"file:site/d": value})

    assert cache.dependencies == {"file:site/d": "changed meanwhile"}


# ---- reasons


def _reason(bench: Bench, post: Sequence[CodeBlock]) -> str | None:
    return bench.find(post).reason


def test_a_post_without_blocks_has_nothing_to_run(bench: Bench) -> None:
    assert _reason(bench, ()) is None


def test_reason_never_run(bench: Bench) -> None:
    assert _reason(bench, blocks("a")) == "it has not run before"


def test_reason_block_added_or_taken_away(bench: Bench) -> None:
    bench.keep(blocks("a", "b", "c"))

    assert _reason(bench, blocks("a", "b", "c", "d")) == "block 4 (line 40) is new or was edited"
    assert _reason(bench, blocks("b", "c")) == "block 1 (line 10) is new or was edited"
    assert _reason(bench, blocks("a", "c")) == "block 2 (line 20) is new or was edited"
    assert _reason(bench, blocks("a", "b")) is None


def test_reason_cache_false(bench: Bench) -> None:
    bench.keep(blocks("a"))

    assert (
        _reason(bench, blocks("a", options=BlockOptions(is_kept=False)))
        == "block 1 (line 10) says 'cache: false'"
    )


@pytest.mark.parametrize(
    ("uses", "changed", "reason"),
    [
        (["file:site/posts/d"], 1, "the file posts/d, which has changed"),
        (["file:project/builder/x.py"], 1, "the file builder/x.py, which has changed"),
        (["file:/data/d"], 1, "the file /data/d, which has changed"),
        (["folder:site/f"], 1, "the folder f, which has changed"),
        (["variable:HOME"], 1, "the variable HOME, which has changed"),
        (["variable:*"], 1, "the names of all variables, which have changed"),
        (["package:scipy"], 1, "the package scipy, which has changed"),
        (["file:site/a", "file:site/b"], 1, "the file a, which has changed"),
        (["file:site/a", "file:site/b"], 2, "the file a, which has changed, and 1 more"),
    ],
)
def test_reason_dependency(bench: Bench, uses: list[str], changed: int, reason: str) -> None:
    bench.keep(blocks("a", "b"), ([], uses))

    bench.states |= dict.fromkeys(uses[:changed], "changed")

    assert _reason(bench, blocks("a", "b")) == f"block 2 (line 20) uses {reason}"


def test_reason_package_that_every_post_uses(bench: Bench) -> None:
    bench.states["package:numpy"] = "1.0"
    bench.keep(blocks("a"))

    bench.states["package:numpy"] = "2.0"
    assert _reason(bench, blocks("a")) == "numpy was 1.0 and is 2.0"

    del bench.states["package:numpy"]
    assert _reason(bench, blocks("a")) == "numpy was 1.0 and is absent"


def test_reason_python(bench: Bench) -> None:
    bench.keep(blocks("a"))

    reason = bench.find(blocks("a"), _OtherPython).reason

    assert reason is not None
    assert reason.startswith("CPython was 3.")
    assert reason.endswith(" and is 4.0 on mars")


def test_reason_engine(bench: Bench) -> None:
    bench.keep(blocks("a"))

    reason = bench.find(blocks("a"), _OtherEngine).reason

    assert reason is not None
    assert reason.startswith("the engine was ")
    assert reason.endswith(" and is 0")


def test_a_history_tells_how_long_a_post_has_run(bench: Bench) -> None:
    assert bench.cache().history(POST) is None

    bench.keep(blocks("a", "b"))

    history = bench.cache().history(POST)
    assert history is not None
    assert (history.seconds, len(history.codes)) == (1.0, 2)


def test_what_each_known_block_uses_is_told(bench: Bench) -> None:
    post = blocks("a", "b", "c")
    bench.keep(post, ([], ["file:site/d", "variable:X"], []))

    assert bench.cache().uses(POST, post) == ((), ("file:site/d", "variable:X"), ())
    bench.states["variable:X"] = "changed"
    assert bench.cache().uses(POST, post) == ((),)
