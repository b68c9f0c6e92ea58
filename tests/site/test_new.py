"""`new` writes a post that builds at once."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from builder.config import PROJECT, open_site
from builder.errors import SettingsError
from builder.scaffold.post import NewPost, make_post
from tests.site.conftest import TODAY, Blog, told


def make(blog: Blog, title: str, **more: object) -> Path:
    post = NewPost(title=title, day=TODAY, **more)  # type: ignore[arg-type]
    return make_post(open_site(blog.root), post)


def test_a_new_post_builds_without_a_remark(blog: Blog) -> None:
    blog.post("2026-11-20-momentum.md", "Text.\n")

    path = make(
        blog, "Batch  normalisation", series="A: b", after=["momentum"], tags=["a, b", "no"]
    )

    assert path == blog.root / "posts/2026-11-23-batch-normalisation.md"
    head = path.read_text(encoding="utf-8").split("---\n")[1]
    assert head == (
        "title: Batch normalisation\nseries: 'A: b'\nafter: [momentum]\ntags: ['a, b', 'no']\n"
    )
    assert told(blog.build(is_strict=True)) == []
    page = blog.page("2026/11/23/batch-normalisation")
    assert "Builds on" in page
    assert 'class="plot"' in page


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("What's new: 100%?", "what-s-new-100"),
        ('"quoted" \\ # & {x} [y]', "quoted-x-y"),
        ("日本語", "日本語"),
        ("न्यूरल नेटवर्क", "न्यूरल-नेटवर्क"),
        ("โครงข่ายประสาทเทียม: ตอนที่ 1", "โครงข่ายประสาทเทียม-ตอนที่-1"),
        ("U\u0308bung", "übung"),
        ("word " * 60, "-".join(["word"] * 24)),
        ("C++ and C#", "c-and-c"),
        ("yes", "yes"),
        ("@title@ @tags@", "title-tags"),
    ],
)
def test_a_title_may_be_any_line(blog: Blog, title: str, slug: str) -> None:
    path = make(blog, title)

    assert path.name == f"2026-11-23-{slug}.md"
    assert told(blog.build(is_strict=True)) == []
    assert blog.page(f"2026/11/23/{slug}")


def test_posts_of_any_script_are_linked_by_their_slugs(blog: Blog) -> None:
    make(blog, "न्यूरल नेटवर्क")
    make(blog, "日本語")
    blog.post(
        "2026-01-01-p.md",
        "[[न्यूरल-नेटवर्क]], [[日本語#この-節|hier]], a[[0, 1]], a[[0]] and [[p]]\n\n"
        "## क्या है?\n\nText.\n",
    )

    assert told(blog.build(is_strict=True)) == []
    page = blog.page("2026/01/01/p")
    markdown = (blog.output / "2026/01/01/p/index.md").read_text(encoding="utf-8")
    assert '">न्यूरल नेटवर्क</a>, <a href="/2026/11/23/' in page
    assert "#この-節" in page
    assert "a[[0, 1]], a[[0]] and" in page
    assert 'id="क्या-है"' in page
    assert "[[न्यूरल" not in markdown


def test_a_post_that_is_there_is_kept(blog: Blog) -> None:
    path = make(blog, "A")
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(SettingsError, match=r"2026-11-23-a\.md is there already"):
        make(blog, "a!")

    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("title", "after", "message"),
    [
        ("?!", [], "must have letters"),
        ("_ \u0301", [], "must have letters"),
        ("A", ["momentm"], r"no post is called 'momentm' \(did you mean 'momentum'\?\)"),
    ],
)
def test_what_cannot_be_is_told(blog: Blog, title: str, after: list[str], message: str) -> None:
    blog.post("2026-11-20-momentum.md", "Text.\n")

    with pytest.raises(SettingsError, match=message):
        make(blog, title, after=after)


def test_a_site_may_have_a_template_of_its_own(blog: Blog) -> None:
    blog.write("templates/_new-post.md", "---\ntitle: @title@\n@belongs@---\n@date@ @other@\n")

    path = make(blog, "A", series="S")

    assert path.read_text(encoding="utf-8") == (
        "---\ntitle: A\nseries: S\n---\n2026-11-23 @other@\n"
    )


def run(blog: Blog, *arguments: str, editor: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "new", "--root", str(blog.root), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={n: v for n, v in os.environ.items() if n != "VISUAL"} | {"EDITOR": editor},
    )


def test_the_command_prints_the_path_and_opens_the_editor(blog: Blog) -> None:
    blog.settings('time_zone = "UTC"')

    done = run(blog, "A", "--date", "2026-01-02", "--tags", "x, y", "--open", editor="wc -l")

    path = blog.root / "posts/2026-01-02-a.md"
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == str(path)
    assert done.stdout.splitlines()[1].endswith(f" {path}")
    assert "tags: [x, y]\n" in path.read_text(encoding="utf-8")
    assert date.fromisoformat(path.name[:10]) == date(2026, 1, 2)


def test_without_an_editor_nothing_is_written(blog: Blog) -> None:
    done = run(blog, "A", "--open")

    assert (done.returncode, list((blog.root / "posts").iterdir())) == (2, [])
    assert "set EDITOR" in done.stderr


def test_an_editor_that_is_no_command_is_told_where_one_is_wanted(blog: Blog) -> None:
    opened = run(blog, "A", "--open", editor="my 'editor")
    written = run(blog, "A", "--date", "2026-01-02", editor="my 'editor")

    assert (opened.returncode, opened.stdout) == (2, "")
    assert opened.stderr == (
        'error: the editor "my \'editor": no closing quotation (set EDITOR, as in EDITOR=nano)\n'
    )
    assert (written.returncode, written.stderr) == (0, "")
