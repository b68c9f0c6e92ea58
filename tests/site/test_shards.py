"""Posts run by themselves, by shares of several machines, and results brought together."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.cache.store import Store
from builder.config import PROJECT

PARTS = 3


def command(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), *arguments, "--root", str(root)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )


def write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    write(root, "pyproject.toml", '[tool.site]\ntitle = "Ours"\nsocial_cards = false\n')
    for day in range(1, 8):
        block = f"```{{python}}\nprint({day} * 111)\n```\n"
        write(root, f"posts/2026-01-0{day}-post-{day}.md", f"---\ntitle: Post {day}\n---\n{block}")
    write(root, "posts/2026-01-09-words.md", "---\ntitle: Words\n---\nOnly words.\n")
    write(root, "posts/2026-01-10-draft.md", "---\ntitle: Draft\ndraft: true\n---\n" + block)
    return root


def copies(site: Path) -> Iterator[Path]:
    """The site's folder on several machines."""
    for number in range(1, PARTS + 1):
        yield Path(shutil.copytree(site, site.parent / f"machine-{number}"))


def test_shares_are_all_posts_and_their_results_one_site(site: Path) -> None:
    counts = []
    for number, machine in enumerate(copies(site), 1):
        done = command(machine, "run", "--shard", f"{number}/{PARTS}")
        assert done.returncode == 0, done.stderr
        counts.append(int(done.stderr.rpartition(" post")[0].rpartition("\n")[2]))
        assert not (machine / "_site").exists()
    assert sorted(counts) == [2, 2, 3]
    caches = [str(site.parent / f"machine-{number}/.cache") for number in range(1, PARTS + 1)]
    merged = command(site, "merge", *caches)
    assert merged.returncode == 0, merged.stderr
    assert [int(line.split()[-3]) for line in merged.stderr.splitlines()] == counts
    built = command(site, "build", "--frozen")  # nothing has to run, and nothing may
    assert built.returncode == 0, built.stderr
    assert "777" in (site / "_site/2026/01/07/post-7/index.html").read_text()


def test_what_is_damaged_is_left_out(site: Path) -> None:
    (machine, *_) = copies(site)
    assert command(machine, "run").returncode == 0
    folder = Store(machine / ".cache").folder
    for damaged in (
        next((folder / "results").glob("??/*")),
        next((folder / "variants").glob("??/*")),
    ):
        damaged.write_bytes(damaged.read_bytes()[:-1])
    assert command(site, "merge", str(machine / ".cache")).returncode == 0
    built = command(site, "build")
    assert built.returncode == 0, built.stderr
    assert "7 run" not in built.stderr
    assert "0 run" not in built.stderr


def test_a_post_can_be_run_by_itself(site: Path) -> None:
    done = command(site, "run", "post-3", "-v")
    assert done.returncode == 0, done.stderr
    assert "posts/2026-01-03-post-3.md runs: it has not run before" in done.stderr
    assert "1 post, 1 run" in done.stderr
    assert "1 post, 0 run" in command(site, "run", "post-3").stderr
    assert "1 post, 1 run" in command(site, "run", "post-3", "--fresh").stderr
    assert "1 post, 1 run" in command(site, "run", "draft").stderr
    assert "6 run" in command(site, "build").stderr


def test_what_cannot_be_run_is_told(site: Path, tmp_path: Path) -> None:
    write(site, "posts/2026-01-11-bad.md", "---\ntitle: Bad\n---\n```{python}\n1 / 0\n```\n")
    done = command(site, "run", "bad", "words", "--output-format", "concise")
    assert done.returncode == 1
    assert "2026-01-11-bad.md:5: error[block-failed]: ZeroDivisionError" in done.stderr
    assert "2026-01-09-words.md: note[nothing-runs]: nothing in it runs" in done.stderr
    nobody = command(site, "run", "past-3")
    assert nobody.returncode == 2
    assert "no post is called 'past-3' (did you mean 'post-3'?)" in nobody.stderr
    for wrong in ("0/3", "4/3", "2", "a/b"):
        assert f"{wrong!r} is no share such as 2/5" in command(site, "run", "--shard", wrong).stderr
    empty = command(site, "merge", str(tmp_path))
    assert empty.returncode == 2
    assert f"{tmp_path} holds no results" in empty.stderr


def test_the_longest_posts_go_to_different_machines(site: Path) -> None:
    for day in (1, 2):
        slow = f"---\ntitle: Post {day}\n---\n```{{python}}\nimport time; time.sleep(0.6)\n```\n"
        write(site, f"posts/2026-01-0{day}-post-{day}.md", slow)
    assert command(site, "run").returncode == 0
    for post in (site / "posts").glob("*.md"):  # all are to run again, and took what they took
        post.write_text(post.read_text().replace("```{python}\n", "```{python}\n\n#\n"))
    for number, machine in enumerate(copies(site), 1):
        told = command(machine, "run", "--shard", f"{number}/{PARTS}", "-v").stderr
        found = [day for day in (1, 2) if f"post-{day}.md runs" in told]
        assert len(found) == (0 if number == PARTS else 1)
