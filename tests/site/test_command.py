"""The command line: exit statuses, and what goes to which stream."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from platform import python_version

import pytest

from builder.config import PROJECT
from tests.site.conftest import Blog

SAYS_HOW = ("CI", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM")
"""What the environment may say of how messages look."""


def _environment(**more: str) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in SAYS_HOW} | more


def _run(blog: Blog, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), *arguments, "--root", str(blog.root)],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(**environment),
    )


def _ask(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command where no site is needed."""
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )


def test_a_good_build_exits_with_0_and_says_what_it_did(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "Text.\n")

    done = _run(blog, "build")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith(f"{blog.output}: 1 post, 0 run, ")


@pytest.mark.parametrize("command", ["build", "serve", "check"])
def test_a_python_without_the_packages_is_told_what_to_do(blog: Blog, command: str) -> None:
    blog.post("2026-01-01-p.md", "Text.\n")

    done = subprocess.run(
        [sys.executable, "-S", str(PROJECT / "build.py"), command, "--root", str(blog.root)],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )

    assert done.returncode == 2
    assert re.fullmatch(
        rf"error: the package '\w+' is not installed for {re.escape(sys.executable)} "
        r"\(run 'make', and use '\.venv/bin/python build\.py'\)\n",
        done.stderr,
    )


def test_the_summary_tells_counts_and_sizes_also_where_nothing_has_changed(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\n1\n```\n")
    blog.post("2026-01-02-q.md", "Text.\n", "draft: true")
    lead = re.escape(f"{blog.output}: ")
    draft = re.escape(" (posts/2026-01-02-q.md: it is a draft)")

    first = _run(blog).stderr.splitlines()
    size = sum(len(content) for content in blog.files().values())
    second = _run(blog).stderr
    blog.post("2026-01-01-p.md", "Text $$x.\n")
    third = _run(blog).stderr.splitlines()[-1]

    assert re.fullmatch(r"posts/2026-01-01-p.md: 1 block ran in \d+\.\d\d s", first[0])
    assert re.fullmatch(
        rf"{lead}1 post, 1 run, 1 held back{draft}, \d+ files written \({size / 1000:.1f} KB\), "
        rf"{size / 1000:.1f} KB in all, \d+\.\d\d s",
        first[1],
    )
    assert re.fullmatch(
        rf"{lead}1 post, 0 run, 1 held back{draft}, 0 files written, "
        rf"{size / 1000:.1f} KB in all, \d+\.\d\d s\n",
        second,
    )
    assert re.fullmatch(
        rf"{lead}1 post, 0 run, 1 held back{draft}, \d+ files written \(\d+\.\d KB\), "
        r"\d+ removed \(\d+(\.\d KB| bytes)\), \d+\.\d KB in all, 1 warning, \d+\.\d\d s",
        third,
    )


def test_a_failed_post_exits_with_1_and_shows_its_line(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\nx = 0\n1 / x\n```\n")

    done = _run(blog)

    assert done.returncode == 1
    assert done.stderr.splitlines()[1:7] == [
        "posts/2026-01-01-p.md:6: error[block-failed]: ZeroDivisionError: division by zero",
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
        "posts/2026-01-01-p.md:4:11: error[tex-error]: TeX: Undefined control sequence \\fraq",
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

    assert done.stderr.splitlines()[1:3] == [
        "posts/2026-01-01-p.md:4:13: warning[unclosed-formula]: unclosed '$$' "
        "(close the formula before the paragraph ends)",
        "posts/2026-01-01-p.md:7: error[block-failed]: ZeroDivisionError: division by zero",
    ]


def test_github_shows_problems_beside_the_lines_of_a_pull_request(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "An unclosed $$ here: 100 %.\n")
    folder = os.path.relpath(blog.root)

    done = _run(blog, "--output-format", "github", "--quiet")
    told = _run(blog, "--output-format", "github")

    assert done.stdout == ""  # a warning, and only errors were asked for
    assert told.stdout == (
        f"::warning file={folder}/posts/2026-01-01-p.md,line=4,col=13,title=unclosed-formula::"
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


def test_wrong_usage_shows_how_the_command_is_used() -> None:
    told = _ask("export", "one", "--to", "ipnb")

    assert (told.returncode, told.stderr) == (
        2,
        "error: argument --to: invalid choice: 'ipnb' (did you mean 'ipynb'?)\n"
        "usage: python build.py export POST --to ipynb|py [options] (--help tells more)\n",
    )


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("--output-format", "githb"), "github"),
        (("--output-format=githb",), "github"),
        (("--jbos", "2"), "--jobs"),
        (("--jbos=2",), "--jobs"),
        (("--drafst",), "--drafts"),
        (("--drafts", "buidl"), "build"),
        (("help", "exprot"), "export"),
        (("serve", "--prot", "8080"), "--port"),
        (("codes", "unknwon-option"), "unknown-option"),
    ],
)
def test_a_slip_is_met_with_the_nearest_word(arguments: tuple[str, ...], near: str) -> None:
    told = _ask(*arguments)

    assert told.returncode == 2
    assert told.stderr.splitlines()[0].endswith(f" (did you mean {near!r}?)")


def test_help_begins_with_examples_of_the_command_or_of_all() -> None:
    of_all, of_one, asked = _ask("--help"), _ask("export", "--help"), _ask("help", "export")

    assert of_all.stdout.index("python build.py new ") < of_all.stdout.index("--drafts  ")
    assert "\ncommands (" in of_all.stdout
    assert of_one.stdout == asked.stdout
    assert of_all.stdout == _ask("help").stdout
    assert of_one.stdout.splitlines()[:6] == [
        "usage: python build.py export POST --to ipynb|py [options]",
        "",
        "write a post as a notebook or a script",
        "",
        "examples:",
        "  python build.py export momentum --to ipynb          write a post as a notebook",
    ]
    assert "import-jekyll" not in of_one.stdout


def test_the_version_is_the_projects_and_pythons() -> None:
    told = _ask("--version")

    assert re.fullmatch(rf"daily-ml-blog [\d.]+, Python {python_version()}\n", told.stdout)


def test_codes_are_listed_and_explained() -> None:
    listed, explained = _ask("codes").stdout.splitlines(), _ask("codes", "missing-picture").stdout

    assert "missing-picture       a picture is not where the post says" in listed
    assert explained == (
        "missing-picture: a picture is not where the post says\n"
        "Put it beside the post, or mend its name; large and small letters count.\n"
    )


def test_colours_are_added_and_nothing_else_is_changed(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "An unclosed $$ here.\n\n![](gone.png)\n")

    without = _run(blog, "--color", "never", FORCE_COLOR="1").stderr
    colored = _run(blog, "--color=always", NO_COLOR="1").stderr

    assert "\x1b" not in without
    assert "\x1b[1;35mwarning[unclosed-formula]\x1b[0m: unclosed '$$'" in colored
    assert "\x1b[1m1 post\x1b[0m" in colored
    plain = re.sub(r"\x1b\[[\d;]*m", "", colored)
    assert re.sub(r"[\d.]+ s\n", "", plain) == re.sub(r"[\d.]+ s\n", "", without)


def test_wrong_usage_has_the_colours_that_are_asked_for() -> None:
    assert _ask("--color=always", "--drfats").stderr.startswith("\x1b[1;31merror\x1b[0m: ")


def test_posts_send_nothing_to_the_terminal(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md",
        "![\x9b31m](\x1b[31mred.png)\n\n```{python}\nraise ValueError('\x1b]0;title\a')\n```\n",
        "title: A\ntitel\x1b[31m: B",
    )
    blog.post("2026-01-02-q.md", "Text.\n\n```{python}\nraise ValueError('\x1b[31m')\n```\n")

    for form in ("full", "concise", "github", "json"):
        done = _run(blog, "--output-format", form)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", done.stdout + done.stderr)
    assert "ValueError: ␛[31m" in _run(blog).stderr


def test_a_profile_tells_stages_and_blocks_also_of_a_build_with_nothing_to_do(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\n1\n```\n\n```{python}\n2\n```\n")

    told = _run(blog, "--profile").stderr.splitlines()
    again = _run(blog, "--profile").stderr.splitlines()

    begin = told.index("where the time went:")
    stages = [re.split(r"  +", line.strip())[0] for line in told[begin + 1 :] if line[-1] == "%"]
    assert stages[:3] == ["start-up", "compare", "load"]
    assert {"read", "parse", "run", "render", "compose", "publish", "keep"} <= {*stages}
    assert stages[-2:] == ["other", "all"]
    assert told[-3].endswith(" s  posts/2026-01-01-p.md")
    assert {line.partition(" s  ")[2] for line in told[-2:]} == {
        "line 5, block 1",
        "line 9, block 2",
    }
    assert [line.split()[0] for line in again[2:]] == ["start-up", "compare", "other", "all", "no"]


def _on_a_terminal(blog: Blog, *arguments: str, **environment: str) -> str:
    """What a build sends to a terminal of 60 columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    process = subprocess.Popen(
        [sys.executable, str(PROJECT / "build.py"), *arguments, "--root", str(blog.root)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
        env=_environment(**{"TERM": "xterm", **environment}),
    )
    os.close(slave)
    sent = b""
    try:
        while chunk := os.read(master, 65536):
            sent += chunk
    except OSError:  # nobody holds the other end any more
        pass
    os.close(master)
    out, _ = process.communicate()
    assert (process.returncode, out) == (0, b"")
    return sent.decode().replace("\r\n", "\n")


def test_a_line_on_a_terminal_tells_what_runs_and_is_gone_at_the_end(blog: Blog) -> None:
    blog.post(
        "2026-01-01-a-post.md",
        "```{python}\nimport signal, time\ntime.sleep(0.6)\n"
        "signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)\n```\n",
    )

    sent = _on_a_terminal(blog)

    *drawn, last = re.split(r"\r", sent)
    running = [line for line in drawn if "block 1 of 1, posts/2026-01" in line]
    assert running
    assert running[0].startswith("0 of 1 post done: ")
    assert {len(line) for line in running} == {59 + len("\x1b[K")}
    assert all(line.endswith("…\x1b[K") for line in running)
    assert last.startswith(f"\x1b[K{blog.output}: ")
    assert last.count("\n") == 1
    # What the post is born with is the system's own.
    assert "Handlers.SIG_DFL" in blog.page("/2026/01/01/a-post/")
    assert "(0.0, 0.0)" in blog.page("/2026/01/01/a-post/")


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [((), {"CI": "true"}), ((), {"TERM": "dumb"}), (("--quiet",), {})],
)
def test_where_nobody_looks_no_line_is_drawn(
    blog: Blog, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    blog.post("2026-01-01-p.md", "```{python}\nimport time\ntime.sleep(0.4)\n```\n")

    sent = _on_a_terminal(blog, *arguments, NO_COLOR="1", **environment)

    assert "\r" not in sent
    assert "\x1b" not in sent
    assert sent.count("1 block ran in 0.4") == (0 if arguments else 1)


def test_what_is_said_meanwhile_stands_in_the_place_of_the_line(blog: Blog) -> None:
    text = "```{python}\nimport time\ntime.sleep(0.4)\n```\n"
    blog.post("2026-01-01-p.md", text)

    sent = _on_a_terminal(blog, "-v", NO_COLOR="1")

    assert "\r\x1b[Kposts/2026-01-01-p.md runs: it has not run before\n" in sent


def test_a_reader_that_goes_ends_the_command_in_silence() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)

    done = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "schema", "settings"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=_environment(),
    )

    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, "")


BREAKS = """\
import sys
from builder import cli
from builder.commands import codes

def run(*_):
    raise BrokenPipeError("of another kind")

codes.run = run
sys.exit(cli.run(["codes"]))
"""


def test_a_pipe_of_another_kind_that_breaks_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BREAKS],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        env=_environment(),
    )

    assert done.returncode == 3
    assert "BrokenPipeError: of another kind" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--port", "70000"], "argument --port: '70000' is no port from 0 to 65535"),
        (["serve", "--port", "http"], "argument --port: 'http' is no port from 0 to 65535"),
        (["recheck", "--since", "2026"], "argument --since: '2026' is no day such as 2026-11-23"),
        (["--jobs", "none"], "argument --jobs: 'none' is not a whole number of at least 1"),
        (["check", "--slow", "-1"], "argument --slow: '-1' is not a number of seconds"),
        (["check", "--slow", "long"], "argument --slow: 'long' is not a number of seconds"),
    ],
)
def test_values_of_options_that_are_none_are_told(arguments: list[str], message: str) -> None:
    done = _ask(*arguments)

    assert done.returncode == 2
    assert message in done.stderr


def test_an_address_of_the_command_stands_in_place_of_the_settings(blog: Blog) -> None:
    blog.settings('url = "https://old.example"\nsocial_cards = false')
    blog.post("2026-01-01-p.md", "Text.\n")

    done = _run(blog, "--url", "https://new.example/path")

    assert done.returncode == 0
    assert "https://new.example/path/" in (blog.output / "feed.xml").read_text(encoding="utf-8")
    assert _run(blog, "--url", "new.example").returncode == 2


@pytest.mark.parametrize(
    "command", [["recheck", "--report", "file/r.html"], ["import-jekyll", "."]]
)
def test_a_place_that_cannot_be_written_is_told(blog: Blog, command: list[str]) -> None:
    blog.post("2026-01-01-p.md", "Text.\n")
    file = blog.write("file", "no folder")
    root = blog.root if command[0] == "recheck" else file / "site"

    done = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), *command, "--root", str(root)],
        cwd=blog.root,
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )

    assert done.returncode == 2
    assert re.search("file/.* cannot be (written|made): (Not a directory|File exists)", done.stderr)
