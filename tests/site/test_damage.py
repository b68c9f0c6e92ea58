"""What has happened to the cache reaches no reader: each damage costs time at most."""

import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from builder.hosting import MARKER
from tests.site.conftest import Blog

BLOCK = "```{{python}}\nprint({0})\n```\n"


def _flip(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    if content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def _cut(path: Path, rng: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: rng.randrange(len(content) or 1)])


def _zero(path: Path, _: random.Random) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _make_folder(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()
    (path / "x").write_text("x")


def _lead_nowhere(path: Path, _: random.Random) -> None:
    path.unlink()
    path.symlink_to(path.parent / "nowhere")


DAMAGES: Mapping[str, Callable[[Path, random.Random], None]] = {
    "a bit flipped": _flip,
    "cut short": _cut,
    "zeros": _zero,
    "a folder in its place": _make_folder,
    "a link that leads nowhere": _lead_nowhere,
}


def _write(blog: Blog, version: int) -> None:
    blog.post("2026-01-01-a.md", f"Words, $$x^{version}$$.\n\n{BLOCK.format(version)}", "title: A")
    blog.post("2026-01-02-b.md", f"Other words.\n\n{BLOCK.format(0)}", "title: B")


def _entries(blog: Blog) -> Iterator[list[Path]]:
    """The files of the cache, by kind.

    Those of the spare site are the published one's, too; without its mark, that would be nobody's.
    """
    for kind in sorted((blog.root / ".cache/v1").iterdir()):
        yield sorted(path for path in kind.rglob("*") if path.is_file())
    yield [blog.root / ".cache/formulas.sqlite"]
    spare = (path for path in (blog.root / ".cache/spare").rglob("*") if path.is_file())
    yield sorted(path for path in spare if path.name != MARKER)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_entries_of_each_kind_reaches_no_reader(
    make_blog: Callable[[str], Blog], damage: str
) -> None:
    blog, rng = make_blog("blog"), random.Random(damage)
    clean = {}
    for version in (1, 2):
        other = make_blog(f"clean-{version}")
        _write(other, version)
        other.build()
        clean[version] = other.files()
    for version in (1, 2, 1, 2):
        _write(blog, version)
        blog.build()
        assert blog.files() == clean[version]

        for entries in filter(None, _entries(blog)):
            DAMAGES[damage](rng.choice(entries), rng)

        report = blog.build()
        assert (report.errors, blog.files()) == (0, clean[version])


def test_a_cache_that_is_gone_or_a_file_is_no_loss_of_pages(
    make_blog: Callable[[str], Blog],
) -> None:
    blog = make_blog("blog")
    _write(blog, 1)
    blog.build()
    files = blog.files()

    shutil.rmtree(blog.root / ".cache")
    blog.build()

    assert blog.files() == files
