"""A build is told again only while nothing that it was made from has changed."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from builder.cache.dependencies import Surroundings
from builder.cache.manifest import Inputs, Outcome, find_manifest, keep_manifest, look_at
from builder.cache.store import Store

LONG_AGO = 1_700_000_000.0


@dataclass
class Bench:
    """A site's folder, data elsewhere, and builds that do nothing but remember."""

    root: Path
    inputs: Inputs
    variables: dict[str, str]

    def write(self, name: str, content: str, *, is_old: bool = True) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        if is_old:
            os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    def now(self) -> Surroundings:
        return Surroundings({"site": self.root / "site"}, self.variables)

    def build(
        self,
        uses: tuple[str, ...] = (),
        meanwhile: Callable[[], object] = lambda: None,
        valid_until: str = "9999-12-31",
    ) -> None:
        """Remember a build; something may happen once its blocks have run."""
        before, now = look_at(self.inputs), self.now()
        dependencies = {name: now.state(name) for name in uses}
        self.write("out/index.html", "page")
        meanwhile()
        outcome = Outcome(
            dependencies=dependencies, keys=["k"], valid_until=valid_until, report="told"
        )
        keep_manifest(self.store, self.inputs, before, now, outcome)

    def again(self, **changes: object) -> str | None:
        """What is told again."""
        inputs = replace(self.inputs, **changes)  # type: ignore[arg-type]
        return find_manifest(self.store, inputs, self.now())

    @property
    def store(self) -> Store:
        return Store(self.root / ".cache")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return _make_bench(tmp_path)


def _make_bench(root: Path) -> Bench:
    site = root / "site"
    inputs = Inputs(
        options="options",
        folders=(site / "posts", site / "settings", site / "missing"),
        output=root / "out",
        today="2026-01-10",
    )
    bench = Bench(root, inputs, {"X": "1"})
    bench.write("site/posts/p.md", "post")
    bench.write("site/posts/deep/down/picture.png", "picture")
    bench.write("site/settings", "settings")
    bench.write("data/d", "data")
    bench.write("data/f/a", "")
    return bench


def _uses(bench: Bench) -> tuple[str, ...]:
    data = bench.root / "data"
    return (f"file:{data}/d", f"file:{data}/none", f"folder:{data}/f", "variable:X")


def test_nothing_is_told_before_the_first_build(bench: Bench) -> None:
    assert bench.again() is None


def test_an_unchanged_build_is_told_again_and_again(bench: Bench) -> None:
    bench.build(_uses(bench))

    assert [bench.again() for _ in range(3)] == ["told"] * 3


def test_a_file_with_another_time_and_the_same_content_changes_nothing(bench: Bench) -> None:
    bench.build(_uses(bench))

    for name in ("site/posts/p.md", "site/settings", "data/d"):
        os.utime(bench.root / name)

    assert bench.again() == "told"
    assert bench.again() == "told"


def _set(name: str, content: str) -> Callable[[Bench], object]:
    return lambda bench: bench.write(name, content)


def _remove(name: str) -> Callable[[Bench], object]:
    return lambda bench: (bench.root / name).unlink()


def _move(name: str, to: str) -> Callable[[Bench], object]:
    return lambda bench: (bench.root / name).rename(bench.root / to)


CHANGES: Mapping[str, Callable[[Bench], object]] = {
    "edited": _set("site/posts/p.md", "other text"),
    "edited with the same size and time": _set("site/posts/p.md", "psot"),
    "a file added": _set("site/posts/q.md", ""),
    "a file added far down": _set("site/posts/deep/down/further/q", ""),
    "a file removed": _remove("site/posts/p.md"),
    "a file renamed": _move("site/posts/p.md", "site/posts/q.md"),
    "a folder renamed": _move("site/posts/deep", "site/posts/deeper"),
    "a single file edited": _set("site/settings", "Settings"),
    "a single file removed": _remove("site/settings"),
    "a folder that was missing": _set("site/missing/x", ""),
    "a file that was a folder": _set("site/missing", ""),
    "data edited": _set("data/d", "dataa"),
    "data edited with the same size and time": _set("data/d", "atad"),
    "data removed": _remove("data/d"),
    "data that was missing": _set("data/none", ""),
    "a listed folder": _set("data/f/b", ""),
    "a variable": lambda bench: bench.variables.update(X="2"),
    "a variable gone": lambda bench: bench.variables.clear(),
    "output edited": lambda bench: bench.write("out/index.html", "edit", is_old=False),
    "output removed": _remove("out/index.html"),
    "output added": _set("out/mine", ""),
    "hidden output added": _set("out/.mine", ""),
    "a folder added with a file": _set("out/a/b", ""),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_is_noticed(bench: Bench, change: Callable[[Bench], object]) -> None:
    bench.build(_uses(bench))
    assert bench.again() == "told"

    change(bench)

    assert bench.again() is None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_right_after_a_build_of_fresh_files_is_noticed(
    bench: Bench, change: Callable[[Bench], object]
) -> None:
    for path in bench.root.rglob("*"):
        os.utime(path)
    bench.build(_uses(bench))

    change(bench)

    assert bench.again() is None


def test_files_that_have_been_left_alone_are_known_by_their_times(tmp_path: Path) -> None:
    benches = {name: _make_bench(tmp_path / str(n)) for n, name in enumerate(CHANGES)}
    time.sleep(2.1)  # times of change cannot be set
    for name, bench in benches.items():
        fresh = bench.write("site/posts/fresh.md", "", is_old=False)
        looks = look_at(bench.inputs)
        assert [path for path, look in looks.items() if look.content is not None] == [str(fresh)]
        bench.build(_uses(bench))
        assert bench.again() == "told"

        CHANGES[name](bench)

        assert (name, bench.again()) == (name, None)


def test_an_edit_within_the_tick_of_a_clock_is_noticed_later(bench: Bench) -> None:
    path = bench.write("site/posts/p.md", "one", is_old=False)
    bench.build()
    seen = path.stat()

    # What a second edit within the tick leaves: other content, equal in all else.
    path.write_text("two")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))

    assert bench.again() is None


@pytest.mark.parametrize("name", ["data/d", "data/f/b", "data/none"])
def test_data_that_changes_after_its_block_has_run_is_noticed(bench: Bench, name: str) -> None:
    bench.build(_uses(bench), meanwhile=lambda: bench.write(name, "changed"))

    assert bench.again() is None


def test_data_that_goes_after_its_block_has_run_is_noticed(bench: Bench) -> None:
    bench.build(_uses(bench), meanwhile=(bench.root / "data/d").unlink)

    assert bench.again() is None


@pytest.mark.parametrize("is_old", [True, False])
@pytest.mark.parametrize("name", ["site/posts/p.md", "site/posts/new.md", "site/settings"])
def test_a_build_during_which_its_input_changes_is_not_remembered(
    bench: Bench, name: str, is_old: bool
) -> None:
    bench.build(meanwhile=lambda: bench.write(name, "edited", is_old=is_old))

    assert bench.again() is None


def test_a_file_edited_just_before_a_build_is_trusted_once_it_is_older(bench: Bench) -> None:
    path = bench.write("site/posts/p.md", "fresh", is_old=False)
    bench.build()
    os.utime(path, (LONG_AGO, LONG_AGO))

    assert bench.again() == "told"
    path.write_text("later")
    assert bench.again() is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "told"),
        ({"options": "others"}, None),
        ({"today": "2026-01-09"}, None),
        ({"today": "2026-01-11"}, "told"),
        ({"today": "2026-01-12"}, None),
        ({"folders": ()}, None),
    ],
)
def test_options_and_the_day_count(
    bench: Bench, changes: Mapping[str, object], told: str | None
) -> None:
    bench.build(valid_until="2026-01-11")

    assert bench.again(**changes) == told


def test_each_output_folder_has_a_build_of_its_own(bench: Bench) -> None:
    bench.build()

    assert bench.again(output=bench.root / "elsewhere") is None
    assert bench.again() == "told"


@pytest.mark.parametrize("name", [".hidden", "__pycache__/x.pyc", ".git/x"])
def test_what_no_page_is_made_from_is_passed_over(bench: Bench, name: str) -> None:
    bench.build()

    bench.write(f"site/posts/{name}", "")

    assert bench.again() == "told"


def test_a_link_that_leads_nowhere_is_a_file_like_any_other(bench: Bench) -> None:
    link = bench.root / "site/posts/link"
    link.symlink_to("nowhere")
    bench.build()
    assert bench.again() == "told"

    bench.write("site/posts/nowhere", "")

    assert bench.again() is None


def test_a_link_that_leads_elsewhere_is_noticed(bench: Bench) -> None:
    link = bench.root / "site/posts/link"
    link.symlink_to("../../data/d")
    bench.write("data/other", "other")
    bench.build()
    assert bench.again() == "told"

    link.unlink()
    link.symlink_to("../../data/other")

    assert bench.again() is None


def test_a_damaged_manifest_is_no_manifest(bench: Bench) -> None:
    bench.build()
    for path in bench.store.folder.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-2])

    assert bench.again() is None
