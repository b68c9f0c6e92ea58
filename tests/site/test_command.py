"""The command line: exit statuses, and what goes to which stream."""

import json
import os
import subprocess
import sys

import pytest

from builder.config import PROJECT
from tests.site.conftest import Blog


def _run(blog: Blog, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), *arguments, "--root", str(blog.root)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_good_build_exits_with_0_and_says_what_it_did(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "Text.\n")

    done = _run(blog, "build")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith(f"{blog.output}: 1 post, 0 run, ")


def test_a_failed_post_exits_with_1_and_shows_its_line(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\nx = 0\n1 / x\n```\n")

    done = _run(blog)

    assert done.returncode == 1
    assert done.stderr.splitlines()[:6] == [
        "posts/2026-01-01-p.md:6: error: ZeroDivisionError: division by zero",
        "    | 1 / x",
        "    | Traceback (most recent call last):",
        '    |   File "posts/2026-01-01-p.md", line 6, in <module>',
        "    |     1 / x",
        "    |     ~~^~~",
    ]


def test_the_shapes_in_a_line_that_failed_are_told_there_and_on_the_page(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md",
        "```{python}\nimport numpy as np\nX, W = np.ones((2, 3)), np.ones((2, 4), int)\n"
        "X @ W\n```\n",
    )
    shapes = "where X is (2, 3) float64, W is (2, 4) int64"

    done = _run(blog, "--keep-going")

    assert done.returncode == 1
    assert f"    | {shapes}\n" in done.stderr
    assert f"\n{shapes}</samp>" in blog.page("2026/01/01/p")


def test_a_tex_error_has_a_caret_at_its_column(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "Let $$a + \\fraq{1}{2}$$ be.\n")

    done = _run(blog)

    assert done.stderr.splitlines()[:3] == [
        "posts/2026-01-01-p.md:4:11: error: TeX: Undefined control sequence \\fraq",
        "    | Let $$a + \\fraq{1}{2}$$ be.",
        "    |           ^",
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('titel = "x"', "unknown key 'titel' in [tool.site] (did you mean 'title'?)"),
        ("feed_size = 0", "feed_size = 0: must be a whole number of at least 1"),
        ('time_zone = "Mars"', "time_zone = 'Mars': is not a known time zone"),
        ('url = "ftp://x"', "url = 'ftp://x': must be scheme and host"),
        ('permalink = "/:yaer/"', "there is no ':yaer' (did you mean 'year'?)"),
        ("title = ", "not valid TOML"),
    ],
)
def test_a_wrong_setting_exits_with_2_and_names_its_line(
    blog: Blog, settings: str, message: str
) -> None:
    blog.settings(settings)

    done = _run(blog)

    assert done.returncode == 2
    assert message in done.stderr
    assert f"{blog.root}/pyproject.toml" in done.stderr
    assert "pyproject.toml:2: " in done.stderr or "TOML" in message


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--drfats", "error: unrecognized arguments: --drfats (did you mean '--drafts'?)"),
        ("bulid", "error: unknown command 'bulid' (did you mean 'build'?)"),
        ("--jobs=0", "error: argument --jobs: '0' is not a whole number of at least 1"),
    ],
)
def test_a_wrong_argument_exits_with_2(blog: Blog, argument: str, message: str) -> None:
    done = _run(blog, argument)

    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == message


def test_a_root_that_does_not_exist_exits_with_2(blog: Blog) -> None:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(blog.root / "nowhere")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "there is no such folder" in done.stderr


def test_json_is_all_that_standard_output_carries(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "An unclosed $$ here.\n")

    done = _run(blog, "--json", "--quiet")

    report = json.loads(done.stdout)
    assert report["posts"] == 1
    assert report["problems"][0]["line"] == 4
    assert done.stderr == ""


def test_problems_are_told_in_one_line_each_where_that_is_asked_for(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "An unclosed $$ here, and 1:\n\n```{python}\n1 / 0\n```\n")

    done = _run(blog, "--output-format", "concise")

    assert done.stderr.splitlines()[:2] == [
        "posts/2026-01-01-p.md:4:13: warning: unclosed '$$' "
        "(close the formula before the paragraph ends)",
        "posts/2026-01-01-p.md:7: error: ZeroDivisionError: division by zero",
    ]


def test_github_shows_problems_beside_the_lines_of_a_pull_request(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "An unclosed $$ here: 100 %.\n")
    folder = os.path.relpath(blog.root)

    done = _run(blog, "--output-format", "github", "--quiet")
    told = _run(blog, "--output-format", "github")

    assert done.stdout == ""  # a warning, and only errors were asked for
    assert told.stdout == (
        f"::warning file={folder}/posts/2026-01-01-p.md,line=4,col=13::"
        "unclosed '$$'%0Aclose the formula before the paragraph ends\n"
    )


def test_the_json_report_may_be_all_that_is_told(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "An unclosed $$ here.\n")

    done = _run(blog, "--output-format", "json", "--quiet")

    assert json.loads(done.stdout)["problems"][0]["column"] == 13
    assert done.stderr == ""


def test_verbose_says_what_runs(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\n1\n```\n")

    assert "posts/2026-01-01-p.md runs: it has not run before" in _run(blog, "-v").stderr
    assert " runs: " not in _run(blog, "-v").stderr


def test_options_may_come_before_the_command(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "Text.\n")

    done = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(blog.root), "explain", "p"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "posts/2026-01-01-p.md: every result is known\n"


def test_a_style_sheet_or_a_template_that_is_broken_is_told(blog: Blog) -> None:
    blog.write("assets/css/a.css", "café".encode("latin-1"))

    assert (_run(blog).returncode, _run(blog).stderr) == (
        1,
        "error: assets/css/a.css: not UTF-8 at byte 3\n",
    )

    blog.write("assets/css/a.css", "")
    blog.write("templates/index.html", "\n{{ 1 / 0 }}")
    assert (_run(blog).returncode, _run(blog).stderr) == (
        1,
        "error: templates/index.html:2: ZeroDivisionError: division by zero\n",
    )


def test_verbose_names_what_is_held_back(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "Text.\n", "draft: true")
    blog.post("2099-01-01-q.md", "Text.\n")

    told = _run(blog, "-v").stderr

    assert "posts/2026-01-01-p.md is held back: it is a draft" in told
    assert "posts/2099-01-01-q.md is held back: its day is 2099-01-01" in told


def test_clean_removes_every_result_if_asked(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\n1\n```\n")
    _run(blog)

    assert _run(blog, "clean", "--all").returncode == 0
    assert "1 run" in _run(blog).stderr
