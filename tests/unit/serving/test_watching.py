"""What is noticed of what is saved."""

import shutil
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from builder.serving.watching import Places, Watch, folders_of, is_passed_over

PATIENCE_S = 20


class Ears:
    """Keeps what it is told, and waits for more."""

    def __init__(self) -> None:
        self._came = threading.Condition()
        self.names: set[str] = set()

    def hear(self, paths: Collection[Path]) -> None:
        with self._came:
            self.names |= {path.name for path in paths}
            self._came.notify_all()

    def wait_for(self, name: str) -> None:
        with self._came:
            assert self._came.wait_for(lambda: name in self.names, PATIENCE_S), self.names


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def watch(ears: Ears, tmp_path: Path) -> Iterator[Watch]:
    (tmp_path / "deep/inner").mkdir(parents=True)
    (tmp_path / "_site").mkdir()
    places = Places(frozenset({tmp_path / "deep"}), frozenset({tmp_path}))
    with closing(Watch(ears.hear)) as opened:
        opened.watch(places, passed_over=(tmp_path / "_site",))
        _wake(tmp_path, ears)
        yield opened


WAKING = {"wake", "wake-too"}


def _wake(folder: Path, ears: Ears) -> None:
    """Write until it is noticed: from then on, all is, and these may be told once more."""
    for path in (folder / "wake", folder / "deep/wake-too"):
        end = 200
        while path.name not in ears.names and end:
            path.write_text(str(end))
            threading.Event().wait(0.05)
            end -= 1


WAYS: dict[str, Callable[[Path], object]] = {
    "written": lambda path: path.write_text("new"),
    "renamed": lambda path: path.with_name(".scratch").replace(path),
    "removed": lambda path: path.unlink(),
    "made longer": lambda path: path.write_text("older"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("folder", ["deep/inner", "."])
def test_a_file_is_noticed(watch: Watch, ears: Ears, tmp_path: Path, way: str, folder: str) -> None:
    path = tmp_path / folder / "x.md"
    path.write_text("old")
    ears.wait_for("x.md")
    ears.names.clear()
    path.with_name(".scratch").write_text("new")

    WAYS[way](path)

    ears.wait_for("x.md")


def test_folders_that_come_later_are_watched(watch: Watch, ears: Ears, tmp_path: Path) -> None:
    folder = tmp_path / "deep/new"
    folder.mkdir()
    ears.wait_for("new")

    (folder / "y.md").write_text("y")

    ears.wait_for("y.md")


def test_what_is_no_ones_work_is_passed_over(watch: Watch, ears: Ears, tmp_path: Path) -> None:
    ears.names.clear()
    for name in ("_site/index.html", "deep/.x.md.swp", "deep/x.md~", "deep/4913", "deep/#x#"):
        (tmp_path / name).write_text("x")
    cache = tmp_path / "deep/__pycache__"
    cache.mkdir()
    (cache / "x.pyc").write_text("x")

    (tmp_path / "deep/last.md").write_text("x")

    ears.wait_for("last.md")
    assert ears.names - WAKING == {"last.md"}


@pytest.mark.parametrize("name", [".blog", "env/blog", "blog.bak", "node_modules"])
def test_the_names_of_the_folders_above_do_not_matter(
    ears: Ears, tmp_path: Path, name: str
) -> None:
    root = tmp_path / name
    (root / "deep").mkdir(parents=True)
    with closing(Watch(ears.hear)) as watch:
        watch.watch(Places(frozenset({root / "deep"}), frozenset({root})), passed_over=())
        _wake(root, ears)

        (root / "deep/x.md").write_text("x")
        (root / "y.md").write_text("y")

        ears.wait_for("x.md")
        ears.wait_for("y.md")


def test_places_can_be_changed(watch: Watch, ears: Ears, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    watch.watch(Places(frozenset({other})), passed_over=())
    end = 200
    while "z.md" not in ears.names and end:
        (other / "z.md").write_text(str(end))
        threading.Event().wait(0.05)
        end -= 1
    ears.names.clear()

    (tmp_path / "deep/unseen.md").write_text("x")
    (other / "seen.md").write_text("x")

    ears.wait_for("seen.md")
    assert "unseen.md" not in ears.names


def test_nothing_is_missed_while_other_places_come_and_go(
    watch: Watch, ears: Ears, tmp_path: Path
) -> None:
    for number in range(5):
        other = tmp_path / f"other-{number}"
        other.mkdir()

        places = Places(frozenset({tmp_path / "deep"}), frozenset({tmp_path, other}))
        (tmp_path / f"deep/before-{number}.md").write_text("x")
        watch.watch(places, passed_over=(tmp_path / "_site",))
        (tmp_path / f"deep/after-{number}.md").write_text("x")
        (tmp_path / f"beside-{number}.md").write_text("x")

        for place in ("before", "after", "beside"):
            ears.wait_for(f"{place}-{number}.md")


def test_a_folder_that_takes_the_place_of_another_is_watched(
    watch: Watch, ears: Ears, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "deep")
    (tmp_path / "deep").mkdir()
    ears.wait_for("deep")
    places = Places(frozenset({tmp_path / "deep"}), frozenset({tmp_path}))
    end = 200
    while "again.md" not in ears.names and end:
        watch.watch(places, passed_over=(tmp_path / "_site",))
        (tmp_path / "deep/again.md").write_text(str(end))
        threading.Event().wait(0.05)
        end -= 1

    assert "again.md" in ears.names


def test_the_folders_of_a_site_are_those_of_its_writer(tmp_path: Path) -> None:
    for name in ("posts", "data", "_site", "_site-old", ".git", ".cache", "venv", "_includes"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")

    assert {path.name for path in folders_of(tmp_path)} == {"posts", "data", "_includes"}


@pytest.mark.parametrize(
    "name", [".git", "a.swp", "a~", "__pycache__", "4913", "#a#", ".#a", "a.tmp"]
)
def test_editors_and_tools_are_passed_over(name: str) -> None:
    assert is_passed_over(name)


@pytest.mark.parametrize("name", ["a.md", "data.csv", "_includes", "a#b.md", "temp.md", "x.swp.md"])
def test_a_writers_files_are_not(name: str) -> None:
    assert not is_passed_over(name)
