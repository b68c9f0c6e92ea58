"""What `clean` removes, and what it says."""

import os
import subprocess
import sys
from pathlib import Path

from builder.config import PROJECT
from tests.site.conftest import Blog


def clean(blog: Blog, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "clean", "--root", str(blog.root), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.replace(f"{blog.root}/", "").strip()


def results(blog: Blog) -> list[Path]:
    return sorted((blog.root / ".cache").glob("*/variants/*/*"))


def test_where_no_build_was_there_is_nothing_to_remove(blog: Blog) -> None:
    assert clean(blog) == (0, ".cache: there is nothing to remove")


def test_what_no_build_has_used_for_so_many_days_goes(blog: Blog) -> None:
    post = blog.post("2026-01-01-p.md", "```{python}\n1\n```\n")
    blog.build()
    (old,) = results(blog)
    post.write_text("---\ntitle: A post\n---\n```{python}\n2\n```\n", encoding="utf-8")
    blog.build()
    used = os.stat(old).st_mtime - 3 * 86_400
    os.utime(old, (used, used))

    kept = clean(blog)
    all_are_kept = len(results(blog))
    removed = clean(blog, "--days", "2")

    assert (kept[0], all_are_kept) == (0, 2)
    assert kept[1].startswith(".cache: 0 files removed (0.0 MB), ")
    assert removed[0] == 0
    assert ".cache: 0 files" not in removed[1]
    assert old not in results(blog)
    assert len(results(blog)) == 1


def test_all_goes_but_what_another_build_waits_for(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\n1\n```\n")
    blog.build()
    (blog.root / ".cache/a-file").write_text("of another version", encoding="utf-8")

    told = clean(blog, "--all")

    assert told == (0, ".cache: every result is removed")
    assert [path.name for path in (blog.root / ".cache").iterdir()] == ["lock"]
    assert blog.build().executed == 1


def test_a_number_of_days_that_is_none_is_refused(blog: Blog) -> None:
    status, told = clean(blog, "--days", "0")

    assert status == 2
    assert "--days" in told
