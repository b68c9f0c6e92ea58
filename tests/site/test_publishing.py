"""Publishing takes the place of the old site at once, or leaves it as it was."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.errors import PublishError
from tests.site.conftest import Blog

EXECUTABLE = (
    "```{{python}}\nimport matplotlib.pyplot as plt\nplt.plot([1, {0}])\nplt.show()\n"
    "print({0})\n```\n"
)


def test_unchanged_files_keep_their_times_and_unmade_ones_disappear(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n")
    gone = blog.post("2026-01-02-b.md", "Text.\n")
    blog.build()
    kept = blog.output / "2026/01/01/a/index.html"
    os.utime(kept, (1e9, 1e9))
    sheet = next(blog.output.glob("assets/*.css"))
    os.utime(sheet, (1e9, 1e9))
    gone.unlink()

    report = blog.build()

    assert report.removed > 1
    assert not (blog.output / "2026/01/02").exists()
    assert sheet.stat().st_mtime == 1e9
    assert kept.stat().st_mtime != 1e9  # it had a link to the post that has gone


def test_a_build_that_changes_nothing_writes_nothing(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n")
    blog.build()
    inode = blog.output.stat().st_ino

    report = blog.build()

    assert (report.written, report.removed) == (0, 0)
    assert blog.output.stat().st_ino == inode


@pytest.mark.parametrize("name", ["notes.txt", ".nojekyll"])
def test_a_folder_that_no_build_has_made_is_never_replaced(blog: Blog, name: str) -> None:
    mine = blog.write(f"_site/{name}", "mine")

    with pytest.raises(PublishError) as caught:
        blog.build()

    assert str(caught.value) == (
        f"{blog.output} holds files that no build has made: "
        "empty it, or name another folder with --output"
    )
    assert mine.read_text() == "mine"


def test_an_output_that_is_a_file_is_refused(blog: Blog) -> None:
    blog.write("_site", "mine")

    with pytest.raises(PublishError, match="is a file: name a folder with --output"):
        blog.build()


def test_an_output_that_lies_below_a_file_is_refused(blog: Blog) -> None:
    file = blog.write("mine", "mine")

    with pytest.raises(PublishError) as caught:
        blog.build(output=file / "deep" / "site")

    assert str(caught.value) == f"{file} is a file: name a folder with --output"


def test_what_a_killed_build_has_left_is_removed(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n")
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        check=True,
        text=True,
    )
    leftover = blog.write(f"._site.{int(ended.stdout)}.new/index.html", "half")

    blog.build()

    assert not leftover.parent.exists()


def _start(blog: Blog, *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(blog.root), *options],
        env={**os.environ, "SITE_OF_THIS_TEST": str(blog.root)},
        stderr=subprocess.PIPE,
        text=True,
    )


def _processes_naming(text: str) -> list[str]:
    """Living processes whose command, working folder or variables contain `text`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_text().replace("\0", " ")
            told += os.readlink(folder / "cwd")
            told += (folder / "environ").read_text(errors="replace")
        except OSError:
            continue
        if text in told:
            found.append(told)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_a_build_that_another_one_has_overtaken_says_so(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(output: Path, *_: object) -> None:
        output.mkdir()
        (output / "index.html").write_text("the other's")

    monkeypatch.setattr("builder.write._replace", replace)
    blog.post("2026-01-01-a.md", "A.\n")

    with pytest.raises(PublishError, match="another build has published there at the same time"):
        blog.build()


def test_a_folder_of_the_writers_stays_whatever_its_name(blog: Blog) -> None:
    kept = blog.output.with_name(f".{blog.output.name}.old") / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("kept")

    blog.post("2026-01-01-a.md", "A.\n")
    blog.build()

    assert kept.read_text() == "kept"


def test_a_build_killed_at_any_moment_leaves_the_old_site_or_the_new_one(blog: Blog) -> None:
    for number in range(3):
        blog.post(f"2026-01-0{number + 1}-p.md", EXECUTABLE.format(number))
    blog.build(has_cards=True)
    states = [blog.files()]
    for attempt in range(12):
        for number in range(3):
            blog.post(f"2026-01-0{number + 1}-p.md", EXECUTABLE.format(f"{attempt + 2}{number}"))

        build = _start(blog)
        time.sleep(0.25 + 0.15 * attempt)
        build.send_signal(signal.SIGKILL)
        build.communicate()

        left = blog.files()
        report = blog.build(has_cards=True)
        states.append(blog.files())
        assert report.errors == 0
        assert left in states
    time.sleep(0.3)
    assert _processes_naming(str(blog.root)) == []
    assert [p.name for p in blog.root.iterdir() if p.name.startswith("._site")] == []


def test_an_interrupted_build_ends_what_it_started_and_leaves_the_site(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "Text.\n")
    blog.build()
    before = blog.files()
    blog.post(
        "2026-01-02-slow.md",
        "```{python}\nimport subprocess\nsubprocess.run(['sleep', '60'])\n```\n",
    )
    build = _start(blog, "-v")
    time.sleep(2.5)

    build.send_signal(signal.SIGINT)
    _, messages = build.communicate(timeout=10)

    assert build.returncode == 130
    assert messages.splitlines()[-1] == "interrupted; the published site is whole"
    assert blog.files() == before
    time.sleep(0.3)
    assert _processes_naming(str(blog.root)) == []


def test_of_two_builds_at_once_the_second_waits_and_says_so(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\nimport time\ntime.sleep(2)\n```\n")
    first = _start(blog)
    time.sleep(1)

    second = _start(blog, "-v")
    _, told_first = first.communicate(timeout=30)
    _, told_second = second.communicate(timeout=30)

    assert (first.returncode, second.returncode) == (0, 0), told_first + told_second
    assert "another build of this site is running; waiting for it to end" in told_second
    assert "0 run" in told_second
