"""What a build may leave out, and what it may not: on whole sites, with the real command."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest

from builder.config import PROJECT, BuildOptions, open_site
from builder.listening import Listener
from builder.report import BuildReport
from builder.session import _inputs, build, surroundings_of, unchanged
from tests.listeners import Notes
from tests.site.conftest import TODAY, Blog, told

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c63f80f00010101001bb6ee560000000049454e44ae426082"
)

# ---- what runs nothing

BODY = (
    "Text.\n\n```{python}\nimport time\nprint(time.perf_counter_ns())\n```\n\n"
    "Between.\n\n```{python}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
    "plt.xlabel('x')\nplt.show()\n```\n"
)


def _edit(old: str, new: str) -> Callable[[Blog], object]:
    def edit(blog: Blog) -> None:
        path = blog.root / "posts/2026-01-01-p.md"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return edit


def _write(name: str, content: str) -> Callable[[Blog], object]:
    return lambda blog: blog.write(name, content)


PRESENTATION: Mapping[str, Callable[[Blog], object]] = {
    "prose above": _edit("Text.", "Other text,\n\nin more lines.\n\n$$x$$"),
    "prose between": _edit("Between.", "> Quoted.\n"),
    "prose below": lambda blog: blog.write(
        "posts/2026-01-01-p.md", (blog.root / "posts/2026-01-01-p.md").read_text() + "\nBelow.\n"
    ),
    "the title": _edit("title: A post", "title: Another\ntags: [a, b]\ndescription: x"),
    "a permalink": _edit("title: A post", "permalink: /elsewhere/"),
    "echo": _edit("import time", "#| echo: false\nimport time"),
    "fig-alt": _edit("import matplotlib", "#| fig-alt: words\nimport matplotlib"),
    "captions": _edit("import matplotlib", "#| fig-cap: c\n#| lst-cap: c\nimport matplotlib"),
    "a fold": _edit("import time", "#| code-fold: show\n#| code-summary: s\nimport time"),
    "a file name": _edit("import time", "#| filename: a.py\n#| classes: wide\nimport time"),
    "lines pointed at": _edit("import time", "#| emphasize-lines: 2\nimport time"),
    "the running time": _edit("import time", "#| running-time: true\nimport time"),
    "a hidden line": _edit("import time", "import time  # hide"),
    "a note": _edit("plt.show()\n```", "plt.show()  # <1>\n```\n\n1. A note."),
    "columns": _edit("import matplotlib", "#| layout-ncol: 2\nimport matplotlib"),
    "label": _edit("import matplotlib", "#| label: here\nimport matplotlib"),
    "expect": _edit("import time", "#| expect: anything\nimport time"),
    "timeout": _edit("import time", "#| timeout: 9\nimport time"),
    "the site's limits": lambda blog: blog.settings("timeout = 9\nmemory = 1000"),
    "the site's title": lambda blog: blog.settings('title = "Other"'),
    "a block that is not run": _edit("Text.", "```{python}\n#| eval: false\n1 / 0\n```"),
    "another post": _write("posts/2026-01-02-q.md", "---\ntitle: Q\n---\nText.\n"),
    "a module beside it": _write("posts/matplotlib_helper.py", "1 / 0\n"),
    "a template": _write("templates/post.html", "<p>{{ entry.title }}</p>"),
    "a style sheet": _write("assets/css/1.css", "p { margin: 0 }"),
    "line ends": lambda blog: blog.write(
        "posts/2026-01-01-p.md",
        (blog.root / "posts/2026-01-01-p.md").read_bytes().replace(b"\n", b"\r\n"),
    ),
}


@pytest.mark.parametrize("change", PRESENTATION.values(), ids=PRESENTATION.keys())
def test_how_a_post_is_shown_runs_nothing(blog: Blog, change: Callable[[Blog], object]) -> None:
    blog.post("2026-01-01-p.md", BODY)
    assert blog.build().executed == 1

    change(blog)
    notes = Notes()
    report = blog.build(notes)

    assert (told(report), report.executed, notes.lines) == ([], 0, [])


def test_another_post_that_goes_or_changes_runs_nothing_here(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", BODY)
    other = blog.post("2026-01-02-q.md", "```{python}\nprint(1)\n```\n")
    assert blog.build().executed == 2

    blog.post("2026-01-02-q.md", "```{python}\nprint(2)\n```\n")
    assert blog.build().executed == 1
    other.unlink()
    assert blog.build().executed == 0


def test_prose_that_moves_a_block_moves_the_lines_that_it_names(blog: Blog) -> None:
    block = "```{python}\n#| error: ValueError\nraise ValueError\n```\n"
    for prose, line in (("", 6), ("One.\n\nTwo.\n\n", 10)):
        blog.post("2026-01-01-p.md", prose + block)
        blog.build()

        assert f'File "posts/2026-01-01-p.md", line {line}, in' in blog.page("2026/01/01/p")


def test_going_back_to_an_earlier_text_publishes_the_earlier_page(blog: Blog) -> None:
    pages = []
    for value in "aba":
        blog.post(
            "2026-01-01-p.md", f"```{{python}}\nimport time\ntime.time_ns(), '{value}'\n```\n"
        )
        executed = blog.build().executed
        pages.append(blog.page("2026/01/01/p"))

    assert executed == 0
    assert pages[0] == pages[2] != pages[1]


def test_posts_with_equal_code_show_their_own_data(blog: Blog) -> None:
    for name in "ab":
        blog.write(f"posts/2026-01-01-{name}/d.txt", f"data of {name}")
        blog.post(f"2026-01-01-{name}/index.md", "```{python}\nprint(open('d.txt').read())\n```\n")
    blog.build()

    assert all(f"data of {name}" in blog.page(f"2026/01/01/{name}") for name in "ab")


def test_a_frozen_build_says_what_is_missing_and_publishes_nothing(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", "```{python}\nprint(open('d').read())\n```\n")
    blog.write("posts/d", "1")
    blog.build()
    blog.write("posts/d", "2")
    blog.post("2026-01-02-q.md", "```{python}\nprint(1)\n```\n")

    report = blog.build(is_frozen=True)

    hint = "(build without --frozen, and keep .cache/)"
    assert told(report) == [
        "posts/2026-01-01-p.md:5: the result of a block is missing: block 1 (line 5) uses "
        f"the file posts/d, which has changed {hint}",
        f"posts/2026-01-02-q.md:5: the result of a block is missing: it has not run before {hint}",
    ]
    assert (report.executed, report.is_published) == (0, False)
    assert not (blog.output / "2026/01/02").exists()


# ---- what a build with nothing to do must look at


@dataclass(frozen=True)
class BuiltSite:
    """A site that has been built by the command's own services."""

    root: Path

    def options(self, **changes: object) -> BuildOptions:
        options = BuildOptions(output=self.root / "_site", today=TODAY)
        return replace(options, **changes)  # type: ignore[arg-type]

    def again(self, **changes: object) -> BuildReport | None:
        """What the last build told, if another one would give just the same."""
        return unchanged(open_site(self.root), self.options(**changes))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    root = tmp_path_factory.mktemp("built")
    (root / "site").mkdir()
    site = Blog(root / "site", None, None)  # type: ignore[arg-type]  # it builds with its own
    (root / "outside.txt").write_text("outside")
    site.post(
        "2026-01-01-p/index.md",
        "![x](x.png) ![y](/images/y.png)\n\n```{python}\nimport os\n"
        "os.system('true')\nprint(os.getenv('MY_VARIABLE'), open('../../../outside.txt').read())"
        "\n```\n",
    )
    for name in ("posts/2026-01-01-p/x.png", "images/y.png"):
        site.write(name, PNG)
    site.post("2026-01-02-q.md", "Text.\n")
    site.post("2026-12-24-r.md", "Later.\n")
    site.post("2026-01-03-s.md", "Draft.\n", "draft: true")
    site.settings('title = "Site"')
    site.write("templates/post.html", (PROJECT / "templates/post.html").read_text())
    site.write("assets/css/site.css", "p { margin: 0 }")
    result = BuiltSite(site.root)
    report = build(open_site(site.root), result.options(), Listener())
    assert (report.errors, report.executed, len(report.held_back)) == (0, 1, 2)
    return result


def test_a_build_with_nothing_to_do_tells_the_same_with_its_warnings(built: BuiltSite) -> None:
    report = built.again()

    assert report is not None
    assert (report.posts, report.executed, len(report.held_back), report.written) == (2, 0, 2, 0)
    assert told(report) == [
        "posts/2026-01-01-p/index.md:8: the block starts a process: what it reads there is not "
        "seen, and a change of it will not run the block again "
        "(name files with '#| depends: [FILE]', or say '#| cache: false')"
    ]


@contextmanager
def _content(path: Path, content: bytes) -> Iterator[None]:
    """Another content, size and time left as they are where they can be."""
    before, state = path.read_bytes(), path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    try:
        yield
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


@contextmanager
def _moved(path: Path, to: Path) -> Iterator[None]:
    path.rename(to)
    try:
        yield
    finally:
        to.rename(path)


@contextmanager
def _added(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    try:
        yield
    finally:
        path.unlink()


EDITED = {
    "a post": "posts/2026-01-02-q.md",
    "a post that is held back": "posts/2026-12-24-r.md",
    "a picture": "posts/2026-01-01-p/x.png",
    "a picture for all posts": "images/y.png",
    "a template": "templates/post.html",
    "a style sheet": "assets/css/site.css",
    "the settings": "pyproject.toml",
    "data outside the site": "../outside.txt",
}


@pytest.mark.parametrize("name", EDITED.values(), ids=EDITED.keys())
def test_an_edit_of_the_same_size_and_time_is_noticed(built: BuiltSite, name: str) -> None:
    path = built.root / name
    changed = path.read_bytes().swapcase()
    assert changed != path.read_bytes() or name.endswith("png")

    if name == "pyproject.toml":
        changed = path.read_bytes().replace(b"Site", b"Sits")
    if name.endswith("png"):
        changed = path.read_bytes()[:-1] + b"x"
    with _content(path, changed):
        assert built.again() is None

    assert built.again() is not None


@pytest.mark.parametrize("name", [*EDITED.values(), "_site/index.html", "_site/.nojekyll", "_site"])
def test_what_disappears_is_noticed(built: BuiltSite, name: str) -> None:
    with _moved(built.root / name, built.root.parent / "aside"):
        assert built.again() is None

    assert built.again() is not None


@pytest.mark.parametrize(
    "name",
    [
        "posts/2026-01-04-t.md",
        "posts/2026-01-01-p/y.png",
        "templates/base.html",
        "templates/mine.html",
        "assets/css/2.css",
        "assets/fonts/x.woff",
        "_site/mine.html",
        "_site/2026/.mine",
    ],
)
def test_what_appears_is_noticed(built: BuiltSite, name: str) -> None:
    with _added(built.root / name):
        assert built.again() is None

    assert built.again() is not None


def test_a_published_file_edited_by_hand_is_noticed(built: BuiltSite) -> None:
    path = built.root / "_site/index.html"
    content, state = path.read_bytes(), path.stat()

    path.write_bytes(content.swapcase())
    assert built.again() is None

    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert built.again() is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"with_drafts": True},
        {"with_future": True},
        {"is_strict": True},
        {"keeps_going": True},
        {"is_frozen": True},
        {"is_fresh": True},
        {"today": date(2026, 12, 24)},
        {"today": date(2026, 11, 22)},
    ],
    ids=str,
)
def test_another_command_or_day_is_another_build(
    built: BuiltSite, changes: Mapping[str, object]
) -> None:
    assert built.again(**changes) is None


@pytest.mark.parametrize(
    "changes", [{"jobs": 1}, {"is_forking": False}, {"today": date(2026, 12, 23)}], ids=str
)
def test_what_changes_no_page_is_the_same_build(
    built: BuiltSite, changes: Mapping[str, object]
) -> None:
    assert built.again(**changes) is not None


def test_python_and_every_package_are_part_of_a_build(built: BuiltSite) -> None:
    site = open_site(built.root)

    options = _inputs(site, built.options(), surroundings_of(site)).options

    assert sys.version in options
    assert {f"{name}=={version(name)}" for name in ("numpy", "jinja2")} <= set(options.split())


def test_a_variable_that_a_block_has_read_is_noticed(
    built: BuiltSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNREAD_VARIABLE", "1")
    assert built.again() is not None

    monkeypatch.setenv("MY_VARIABLE", "1")
    assert built.again() is None


# ---- the command, in a copy of the project


@dataclass(frozen=True)
class Project:
    """A copy of the whole project, whose own files may be edited."""

    root: Path

    def write(self, name: str, content: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "build.py", *arguments],
            cwd=self.root,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def page(self, address: str) -> str:
        return (self.root / "_site" / address / "index.html").read_text()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("project") / "project"
    root.mkdir()
    for name in ("builder", "templates", "assets"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / name, root / name, ignore=ignore)
    for name in ("build.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, root)
    project = Project(root)
    head = "---\ntitle: P\n---\n```{python}\nfrom builder import network as nn\n"
    project.write(
        "posts/2026-01-01-dense.md", f"{head}print('dense', nn.Dense(2).__class__.__name__)\n```\n"
    )
    project.write(
        "posts/2026-01-02-tanh.md",
        f"{head}import os\nprint('tanh', getattr(nn.Tanh, 'added', 0), os.getenv('MINE'))\n```\n",
    )
    done = project.run()
    assert (done.returncode, "2 posts, 2 run" in done.stderr) == (0, True), done.stderr
    return project


def _ran(done: "subprocess.CompletedProcess[str]") -> list[str]:
    return [line for line in done.stderr.splitlines() if " runs: " in line]


def test_a_build_with_nothing_to_do_loads_nothing_heavy(project: Project) -> None:
    project.run()
    code = (
        "import sys\nfrom builder.cli import run\nassert run(['-q']) == 0\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.root, capture_output=True, text=True, check=True
    )

    heavy = {
        "jinja2",
        "markdown",
        "pygments",
        "yaml",
        "numpy",
        "matplotlib",
        "PIL",
        "quickjs",
        "sqlite3",
        "multiprocessing",
    }
    assert "builder" in done.stdout.split()
    assert heavy & set(done.stdout.split()) == set()


def test_a_variable_of_the_command_is_shown_as_it_is_now(project: Project) -> None:
    done = project.run("-v", MINE="set")

    assert _ran(done) == [
        "posts/2026-01-02-tanh.md runs: block 1 (line 5) uses the variable MINE, which has changed"
    ]
    assert "tanh 0 set" in project.page("2026/01/02/tanh")
    assert _ran(project.run("-v")) == []
    assert "tanh 0 None" in project.page("2026/01/02/tanh")


def test_an_edit_of_the_network_runs_the_posts_that_use_what_was_edited(project: Project) -> None:
    layer = project.root / "builder/network/layers/activations.py"
    before = layer.read_text()

    layer.write_text(before + "\nTanh.added = 7\n")
    done = project.run("-v")

    assert _ran(done) == [
        "posts/2026-01-02-tanh.md runs: block 1 (line 5) uses the file "
        "builder/network/layers/activations.py, which has changed"
    ]
    assert "tanh 7 None" in project.page("2026/01/02/tanh")
    layer.write_text(before)
    assert _ran(project.run("-v")) == []
    assert "tanh 0 None" in project.page("2026/01/02/tanh")


def test_an_edit_of_a_template_or_a_style_of_the_project_is_published(project: Project) -> None:
    for name, old, new in (
        ("templates/base.html", "<body", "<body data-edited"),
        ("assets/css/1-tokens.css", ":root", "/*!*/ :root"),
    ):
        path = project.root / name
        before, page = path.read_text(), project.page("2026/01/02/tanh")
        assert old in before

        path.write_text(before.replace(old, new, 1))
        assert _ran(project.run("-v")) == []

        assert project.page("2026/01/02/tanh") != page
        path.write_text(before)
        project.run()
        assert project.page("2026/01/02/tanh") == page


def test_a_frozen_build_needs_nothing_but_the_cache_wherever_it_lies(
    project: Project, tmp_path: Path
) -> None:
    project.run()
    shutil.copytree(project.root, tmp_path / "copy", ignore=shutil.ignore_patterns("_site"))
    copy = Project(tmp_path / "copy")

    done = copy.run("--frozen", "-v")

    assert (done.returncode, _ran(done)) == (0, []), done.stderr
    assert copy.page("2026/01/02/tanh") == project.page("2026/01/02/tanh")
    shutil.rmtree(copy.root / ".cache")
    done = copy.run("--frozen")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        "posts/2026-01-01-dense.md:5: error[missing-result]: the result of a block is missing: "
        "it has not run before"
    )


def test_explain_says_what_would_run_and_what_it_uses(project: Project) -> None:
    project.run()

    known = project.run("explain", "tanh")
    changed = project.run("explain", "2026-01-02-tanh.md", MINE="new")

    assert known.stdout.splitlines()[:2] == [
        "posts/2026-01-02-tanh.md: every result is known",
        "  block 1 (line 5) is known",
    ]
    assert {
        "    uses variable MINE",
        "    uses file site/builder/network/layers/activations.py",
    } <= set(known.stdout.splitlines())
    assert changed.stdout.splitlines() == [
        "posts/2026-01-02-tanh.md: would run: "
        "block 1 (line 5) uses the variable MINE, which has changed",
        "  block 1 (line 5) would run",
    ]


def test_clean_keeps_what_the_last_build_has_used(project: Project) -> None:
    project.run()
    folder = project.root / ".cache"
    for path in folder.rglob("*"):
        if path.is_file() and "manifests" not in path.parts:
            os.utime(path, (1e9, 1e9))

    done = project.run("clean")

    assert done.returncode == 0
    assert done.stderr.startswith(f"{folder}: ")
    assert any(path.is_file() for path in (folder / "v1/social").rglob("*"))
    assert _ran(project.run("-v", "--output", "other")) == []


def test_damaged_formulas_are_set_again(project: Project) -> None:
    project.write("posts/2026-01-03-formula.md", "---\ntitle: P\n---\n$$x^2$$\n")
    project.run()
    page = project.page("2026/01/03/formula")
    for damage in (b"", b"no database at all" * 100):
        (project.root / ".cache/formulas.sqlite").write_bytes(damage)
        shutil.rmtree(project.root / "_site")

        done = project.run()

        assert (done.returncode, project.page("2026/01/03/formula")) == (0, page)


def test_a_cache_that_cannot_be_written_fails_the_build_and_says_so(
    project: Project, tmp_path: Path
) -> None:
    site = Blog(tmp_path, None, None)  # type: ignore[arg-type]  # the command builds it
    site.post("2026-01-01-p.md", "```{python}\nprint(1)\n```\n")
    site.write(".cache/v1/results", "in the way")

    done = project.run("--root", str(tmp_path))

    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [
            f"error: {tmp_path}/.cache cannot be written: Not a directory; "
            "it holds the results of blocks, and may be removed at any time"
        ],
    )
    assert not (tmp_path / "_site").exists()


def test_clean_all_removes_everything(project: Project) -> None:
    done = project.run("clean", "--all")

    assert (done.returncode, done.stderr) == (
        0,
        f"{project.root}/.cache: every result is removed\n",
    )
    assert not any((project.root / ".cache").glob("v*"))
