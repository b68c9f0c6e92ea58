"""Posts leave as notebooks and scripts, and notebooks come in, by command."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from builder.config import PROJECT

_nbformat: Any = nbformat
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c63f80f00010101001bb6ee560000000049454e44ae426082"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    posts = tmp_path / "blog" / "posts"
    posts.mkdir(parents=True)
    (posts / "2026-01-01-one.md").write_text(
        "---\ntitle: One\n---\nText $$x$$.\n\n```{python}\n#| echo: false\nprint(1 + 1)\n```\n"
    )
    (posts / "2026-01-02-broken.md").write_text("---\ntitle: B\n---\n```{python}\n1 / 0\n```\n")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), *arguments, "--root", str(folder / "blog")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_post_is_exported_as_a_notebook_with_its_outputs(site: Path) -> None:
    done = run(site, "export", "one", "--to", "ipynb")

    notebook = _nbformat.reads((site / "one.ipynb").read_text(), as_version=4)
    assert (done.returncode, done.stdout) == (0, "one.ipynb\n")
    assert [cell.source for cell in notebook.cells] == [
        "# One\n\n*1 January 2026*",
        "Text $x$.",
        "#| echo: false\nprint(1 + 1)",
    ]
    assert notebook.cells[2].outputs[0].text == "2\n"


def test_a_post_is_exported_as_a_script_to_where_it_is_asked_for(site: Path) -> None:
    shown = run(site, "export", "posts/2026-01-01-one.md", "--to", "py", "--output", "-")
    written = run(site, "export", "one", "--to", "py", "--output", "mine.py")

    assert shown.stdout.endswith("# %%\n#| echo: false\nprint(1 + 1)\n")
    assert written.stdout == "mine.py\n"
    assert (site / "mine.py").read_text() == shown.stdout


def test_a_file_that_is_there_is_kept_unless_it_is_said_otherwise(site: Path) -> None:
    (site / "one.py").write_text("mine")

    refused = run(site, "export", "one", "--to", "py")
    kept = (site / "one.py").read_text()
    forced = run(site, "export", "one", "--to", "py", "--force")

    assert (refused.returncode, kept) == (2, "mine")
    assert refused.stderr == "error: one.py is there already (write over it with --force)\n"
    assert forced.returncode == 0
    assert (site / "one.py").read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("onne", "--to", "py"), 2, "error: no post is called 'onne' (did you mean 'one'?)"),
        (("posts", "--to", "py"), 2, "error: several posts are called 'posts': name one of"),
        (
            ("broken", "--to", "py"),
            1,
            "posts/2026-01-02-broken.md:5: error[block-failed]: ZeroDivisionError",
        ),
        (("one", "--to", "pdf"), 2, "error: argument --to: invalid choice: 'pdf'"),
        (("one",), 2, "error: the following arguments are required: --to"),
        (("one", "--to", "py", "--output", "no/such"), 2, "error: no/such cannot be written: No "),
    ],
)
def test_what_cannot_be_exported_is_told_and_leaves_nothing(
    site: Path, arguments: tuple[str, ...], status: int, told: str
) -> None:
    done = run(site, "export", *arguments)

    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(told)
    assert [path.name for path in site.iterdir()] == ["blog"]


def _notebook(*cells: Any) -> str:
    return str(_nbformat.writes(_nbformat.v4.new_notebook(cells=list(cells))))


def test_a_notebook_becomes_a_post_with_its_pictures_that_builds(site: Path) -> None:
    (site / "img").mkdir()
    (site / "img" / "local.png").write_bytes(PNG)
    text = _nbformat.v4.new_markdown_cell(
        "# My notes\n\nA $x^2$ ![one](attachment:in.png) ![two](img/local.png) ![no](gone.png)"
    )
    text["attachments"] = {"in.png": {"image/png": "iVBORw0KGgo="}}
    code = _nbformat.v4.new_code_cell("%matplotlib inline\nprint('ran')")
    (site / "notes.ipynb").write_text(_notebook(text, code))

    done = run(site, "import", "notes.ipynb", "--date", "2026-01-03")

    folder = site / "blog" / "posts" / "2026-01-03-my-notes"
    assert done.returncode == 0
    assert done.stdout == f"{folder / 'index.md'}\n"
    assert done.stderr == (
        "notes.ipynb: note: there is no picture 'gone.png' beside the notebook\n"
    )
    assert (folder / "index.md").read_text() == (
        "---\ntitle: My notes\n---\n\n"
        "A $$x^2$$ ![one](in.png) ![two](img/local.png) ![no](gone.png)\n\n"
        "```{python}\n%matplotlib inline\nprint('ran')\n```\n"
    )
    assert (folder / "in.png").read_bytes() == b"\x89PNG\r\n\x1a\n"
    assert (folder / "img" / "local.png").read_bytes() == PNG
    assert sorted(p.name for p in folder.parent.iterdir()) == [
        "2026-01-01-one.md",
        "2026-01-02-broken.md",
        "2026-01-03-my-notes",
    ]


def test_a_notebook_without_pictures_becomes_one_file_and_overwrites_nothing(site: Path) -> None:
    (site / "a-b.ipynb").write_text(_notebook(_nbformat.v4.new_code_cell("1")))

    first = run(site, "import", "a-b.ipynb", "--date", "2026-01-03")
    second = run(site, "import", "a-b.ipynb", "--date", "2026-01-03")

    path = site / "blog" / "posts" / "2026-01-03-a-b.md"
    assert first.stdout == f"{path}\n"
    assert path.read_text() == "---\ntitle: A b\n---\n\n```{python}\n1\n```\n"
    assert second.returncode == 2
    assert second.stderr == f"error: {path} is there already (name another day with --date)\n"


def test_of_a_long_title_a_file_has_what_fits_into_its_name(site: Path) -> None:
    (site / "my.ipynb").write_text(_notebook(_nbformat.v4.new_markdown_cell(f"# {'学' * 80}")))

    done = run(site, "import", "my.ipynb", "--date", "2026-01-03")

    assert done.stdout == f"{site}/blog/posts/2026-01-03-{'学' * 39}.md\n"
    assert f"title: {'学' * 80}\n" in Path(done.stdout.strip()).read_text()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "error: my.ipynb cannot be read: No such file or directory\n"),
        ("{", "error: 'my.ipynb' is no notebook: it is not JSON\n"),
        ("{}", "error: 'my.ipynb' is no notebook: it is JSON without 'nbformat' and cells\n"),
    ],
)
def test_what_is_no_notebook_is_told(site: Path, content: str | None, told: str) -> None:
    if content is not None:
        (site / "my.ipynb").write_text(content)

    done = run(site, "import", "my.ipynb")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(told)
    assert len(list((site / "blog" / "posts").iterdir())) == 2


def test_a_day_that_is_none_is_told(site: Path) -> None:
    done = run(site, "import", "my.ipynb", "--date", "tomorrow")

    assert done.returncode == 2
    assert "'tomorrow' is no day such as 2026-11-23" in done.stderr
