"""A new site: what is written, what is kept, and that all of it works at once."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from builder.config import PROJECT, open_site
from builder.errors import SettingsError
from builder.scaffold.origin import read_repository
from builder.scaffold.site import Made, make_site

DAY = date(2024, 2, 29)
FILES = [
    ".github/workflows/pages.yml",
    ".gitignore",
    ".vscode/extensions.json",
    ".vscode/posts.code-snippets",
    ".vscode/pyproject.schema.json",
    ".vscode/settings.json",
    "README.md",
    "posts/2024-02-29-first-topic.md",
    "pyproject.toml",
]
WORKFLOW = ".github/workflows/pages.yml"


def _git(folder: Path, *arguments: str) -> str:
    environment = {name: v for name, v in os.environ.items() if not name.startswith("GIT_")}
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    return subprocess.run(
        ["git", *who, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A builder's folder that is no clone of anything."""
    folder = tmp_path / "builder"
    folder.mkdir()
    return folder


def _clone(project: Path, remote: str) -> str:
    """Make a clone of the folder; its commit."""
    _git(project, "init", "--quiet")
    _git(project, "commit", "--quiet", "--allow-empty", "--message", "First")
    _git(project, "remote", "add", "origin", remote)
    return _git(project, "rev-parse", "HEAD")


def _make(folder: Path, project: Path, title: str = "A blog", url: str | None = None) -> Made:
    return make_site(folder, title, url, DAY, project)


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def _steps(folder: Path, job: str = "build") -> list[Mapping[str, object]]:
    workflow = yaml.safe_load((folder / WORKFLOW).read_text(encoding="utf-8"))
    steps = workflow["jobs"][job]["steps"]
    assert isinstance(steps, list)
    return steps


def test_a_new_site_builds_at_once_without_a_remark(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "blog"

    made = make_site(folder, 'Ada\'s "ML" \\ blog', "https://ada.github.io/blog", DAY)
    done = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(folder), "--strict"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert sorted(made.written) == sorted(folder / name for name in FILES)
    assert made.kept == ()
    assert done.returncode == 0, done.stderr
    ran, told = done.stderr.splitlines()
    assert ran.startswith("posts/2024-02-29-first-topic.md: 2 blocks ran in ")
    assert told.startswith(f"{folder}/_site: 1 post, 1 run, ")
    assert not re.search("error|warning", told)
    page = (folder / "_site/2024/02/29/first-topic/index.html").read_text(encoding="utf-8")
    assert "Ada&#39;s &#34;ML&#34; \\ blog" in page
    assert 'href="/blog/' in page


def test_the_command_says_what_it_wrote_what_it_left_and_how_to_build(tmp_path: Path) -> None:
    def run(title: str) -> "subprocess.CompletedProcess[str]":
        build = str(PROJECT / "build.py")
        return subprocess.run(
            [sys.executable, build, "init", "blog", "--title", title, "--url", "https://a.org/b"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    first, second = run("A blog"), run("Another")

    assert (first.returncode, second.returncode) == (0, 0)
    assert "blog/README.md" in first.stdout.splitlines()
    assert first.stderr.splitlines()[-1].endswith("build.py --root blog")
    assert second.stdout == ""
    assert "blog/README.md: is there already and stays as it is" in second.stderr
    assert 'title = "A blog"' in (tmp_path / "blog/pyproject.toml").read_text(encoding="utf-8")


def test_the_first_post_shows_what_posts_can_do(tmp_path: Path, project: Path) -> None:
    _make(tmp_path / "blog", project)

    post = (tmp_path / "blog" / "posts/2024-02-29-first-topic.md").read_text(encoding="utf-8")
    told = ["tags:", "series:", "{#eq-slope}", "@eq-slope", "`{python} ", "[^rounding]:"]
    assert [
        word for word in (*told, "#| label: fig-", "#| fig-cap:", "#| fig-alt:") if word not in post
    ] == []
    assert len(post.splitlines()) <= 60


def test_editors_know_the_settings_and_snippets_of_posts(tmp_path: Path, project: Path) -> None:
    _make(tmp_path / "blog", project)

    folder = tmp_path / "blog/.vscode"
    settings = tmp_path / "blog/pyproject.toml"
    schema = json.loads((folder / "pyproject.schema.json").read_text(encoding="utf-8"))
    first, *_ = settings.read_text(encoding="utf-8").splitlines()
    assert first == "#:schema ./.vscode/pyproject.schema.json"
    jsonschema.validate(tomllib.loads(settings.read_text(encoding="utf-8")), schema)
    assert "Figure" in json.loads((folder / "posts.code-snippets").read_text(encoding="utf-8"))
    assert json.loads((folder / "extensions.json").read_text(encoding="utf-8")) == {
        "recommendations": ["tamasfe.even-better-toml"]
    }


def test_what_builds_write_is_left_out_of_the_repository(tmp_path: Path, project: Path) -> None:
    _make(tmp_path / "blog", project)

    assert (tmp_path / "blog/.gitignore").read_text(encoding="utf-8") == "_site/\n.cache/\n"


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ('"quoted" and \'\'\'more"""', '"quoted" and \'\'\'more"""'),
        ("back\\slash \\n \\", "back\\slash \\n \\"),
        ("two\n[tool.site]\r\n lines\t", "two [tool.site] lines"),
        ("@title@ @url@ @repository@ $x ${{ x }}", "@title@ @url@ @repository@ $x ${{ x }}"),
        ("# - {a: [b]} *c* <d> & %", "# - {a: [b]} *c* <d> & %"),
        ("Übung 数学 👩‍🔬", "Übung 数学 👩‍🔬"),
    ],
)
def test_a_title_may_hold_anything_that_is_a_line(
    tmp_path: Path, project: Path, title: str, read: str
) -> None:
    folder = tmp_path / "blog"

    _make(folder, project, title)

    assert open_site(folder).config.title == read
    assert len(_steps(folder)) == 10


def test_a_title_is_plain_text_in_the_readme(tmp_path: Path, project: Path) -> None:
    _make(tmp_path / "blog", project, "a *b* [c](d) <e>")

    readme = (tmp_path / "blog/README.md").read_text(encoding="utf-8").splitlines()
    assert readme[0] == r"# a \*b\* \[c\]\(d\) \<e\>"
    assert len(readme) <= 12


@pytest.mark.parametrize("title", ["", " \n", "a\x07b", "a\udcffb"])
def test_a_title_that_is_no_text_is_refused(tmp_path: Path, project: Path, title: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _make(tmp_path / "blog", project, title)

    assert str(caught.value) == (f"title {title!r}: must be a line of text (name one with --title)")
    assert not (tmp_path / "blog").exists()


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        (None, ("https://example.org", "")),
        ("https://ada.github.io", ("https://ada.github.io", "")),
        ("https://ada.github.io/", ("https://ada.github.io", "")),
        ("http://localhost:8000/ml/blog/", ("http://localhost:8000", "/ml/blog")),
    ],
)
def test_an_address_becomes_url_and_base_path(
    tmp_path: Path, project: Path, url: str | None, settings: tuple[str, str]
) -> None:
    _make(tmp_path / "blog", project, url=url)

    config = open_site(tmp_path / "blog").config
    assert (config.url, config.base_path) == settings


@pytest.mark.parametrize(
    "url",
    [
        *("", "ada.github.io", "ftp://ada.github.io", "https://a b", "https://a/?q", "https://a/ü"),
        *("https://a/../b", "https://ada:secret@a", "https://a\n"),
    ],
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, project: Path, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _make(tmp_path / "blog", project, url=url)

    assert str(caught.value) == (
        f"url {url!r}: must be an address such as 'https://name.github.io' "
        "or 'https://name.github.io/repository'"
    )
    assert not (tmp_path / "blog").exists()


def test_nothing_that_is_there_is_written_over(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "blog"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine", encoding="utf-8")

    made = _make(folder, project)

    assert made.written == ()
    assert sorted(made.kept) == sorted(
        folder / name for name in ({*FILES, "posts"} - {"posts/2024-02-29-first-topic.md"})
    )
    assert {(folder / name).read_text(encoding="utf-8") for name in FILES} == {"mine"}
    assert _files(folder) == FILES


def test_a_second_time_changes_nothing(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "blog"
    _make(folder, project)
    before = {name: (folder / name).read_bytes() for name in _files(folder)}

    made = make_site(folder, "Another", None, date(2024, 3, 1), project)

    assert made.written == ()
    assert made.remarks == ()
    assert {name: (folder / name).read_bytes() for name in _files(folder)} == before


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "blog"
    folder.mkdir()
    (folder / "README.md").symlink_to(tmp_path / "elsewhere")

    made = _make(folder, project)

    assert made.kept == (folder / "README.md",)
    assert not (tmp_path / "elsewhere").exists()


def test_what_kept_files_lack_is_said(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "blog"
    folder.mkdir()
    _clone(project, "https://github.com/ada/engine")
    _git(project, "update-ref", "refs/remotes/origin/main", "HEAD")
    (folder / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (folder / ".gitignore").write_text("/_site\n", encoding="utf-8")

    made = _make(folder, project)

    assert made.kept == (folder / "pyproject.toml", folder / ".gitignore")
    assert made.remarks == (
        f"{folder}/pyproject.toml: there is no [tool.site] in it, so the builder's own settings "
        "hold (add one, with a title and a url)",
        f"{folder}/.gitignore: add .cache/, which builds write",
    )


@pytest.mark.parametrize("name", ["", "blog", "posts/blog"])
def test_a_site_does_not_lie_in_the_builders_folder(project: Path, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _make(project / name, project)

    assert str(caught.value) == (
        f"{project / name} lies in the builder's own folder (name one beside it, as in ../blog)"
    )
    assert _files(project) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("file", "{folder} is a file (name a folder for the new site)"),
        ("file/blog", "{folder} cannot be made: Not a directory"),
    ],
)
def test_a_file_is_no_place_for_a_site(
    tmp_path: Path, project: Path, name: str, message: str
) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    folder = tmp_path / name

    with pytest.raises(SettingsError) as caught:
        _make(folder, project)

    assert str(caught.value) == message.format(folder=folder)


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/ada/engine.git",
        "https://github.com/ada/engine",
        "https://github.com/ada/engine/",
        "https://ghp_secret@github.com/ada/engine.git",
        "https://ada:p@ss@GitHub.com/ada/engine.git",
        "git@github.com:ada/engine.git",
        "github.com:ada/engine",
        "ssh://git@github.com/ada/engine.git",
        "ssh://git@ssh.github.com:443/ada/engine.git",
    ],
)
def test_a_remote_on_github_is_known_without_what_is_secret(remote: str) -> None:
    assert read_repository(remote) == "ada/engine"


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/srv/git/engine.git",
        "https://gitlab.com/ada/engine.git",
        "https://github.com.evil.example/ada/engine",
        "https://evil.example/github.com/ada/engine",
        "git@gitlab.com:github.com/engine.git",
        "https://github.com/ada",
        "https://github.com/ada/engine/tree/main",
        'https://github.com/ada/"engine',
    ],
)
def test_a_remote_elsewhere_is_not_known(remote: str) -> None:
    assert read_repository(remote) is None


def test_the_workflow_gets_the_builder_as_it_is(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "blog"
    commit = _clone(project, "https://x-access-token:ghs_secret@github.com/ada/engine.git")

    made = _make(folder, project)

    assert _steps(folder)[1]["with"] == {
        "repository": "ada/engine",
        "ref": commit,
        "path": "builder",
        "persist-credentials": False,
    }
    assert "git clone https://github.com/ada/engine ../builder" in (folder / "README.md").read_text(
        encoding="utf-8"
    )
    assert not any("secret" in (folder / name).read_text(encoding="utf-8") for name in FILES)
    assert made.remarks == (
        f"{folder}/{WORKFLOW}: push the builder's commit {commit[:12]}, which it names, "
        "to ada/engine",
    )


def test_a_commit_that_is_pushed_needs_no_remark(tmp_path: Path, project: Path) -> None:
    _clone(project, "git@github.com:ada/engine.git")
    _git(project, "update-ref", "refs/remotes/origin/main", "HEAD")

    assert _make(tmp_path / "blog", project).remarks == ()


@pytest.mark.parametrize("remote", [None, "https://gitlab.com/ada/engine.git"])
def test_where_the_builder_is_unknown_the_workflow_has_a_place_to_say_it(
    tmp_path: Path, project: Path, remote: str | None
) -> None:
    folder = tmp_path / "blog"
    if remote is not None:
        _clone(project, remote)

    made = _make(folder, project)

    workflow = (folder / WORKFLOW).read_text(encoding="utf-8")
    assert "          # Say here where the builder is: owner/name\n" in workflow
    assert _steps(folder)[1]["with"] == {
        "repository": "OWNER/NAME",
        "path": "builder",
        "persist-credentials": False,
    }
    assert made.remarks == tuple(
        f"{folder}/{name}: say where the builder is, in place of OWNER/NAME "
        "(its folder is no clone of a repository on GitHub)"
        for name in ("README.md", WORKFLOW)
    )


def test_a_builder_within_another_repository_has_not_its_origin(tmp_path: Path) -> None:
    _clone(tmp_path, "https://github.com/ada/blog.git")
    project = tmp_path / "engine"
    project.mkdir()

    _make(tmp_path, project)

    assert "repository: OWNER/NAME" in (tmp_path / WORKFLOW).read_text(encoding="utf-8")


def test_the_workflow_builds_and_publishes(tmp_path: Path, project: Path) -> None:
    _make(tmp_path / "blog", project)

    workflow = yaml.safe_load((tmp_path / "blog" / WORKFLOW).read_text(encoding="utf-8"))
    steps = _steps(tmp_path / "blog")
    # YAML 1.1, as PyYAML reads it, has "on" as a word for true.
    assert set(workflow[True]) == {"push", "schedule", "workflow_dispatch"}
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"] == {"group": "pages", "cancel-in-progress": False}
    assert workflow["jobs"]["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert [str(s.get("uses", s.get("run"))).partition("@")[0] for s in steps] == [
        "actions/checkout",
        "actions/checkout",
        "actions/setup-python",
        "pip install --require-hashes -r builder/requirements.txt",
        "if [ -f site/requirements.txt ]; then pip install -r site/requirements.txt; fi",
        "actions/cache/restore",
        "actions/configure-pages",
        'python builder/build.py --root site --strict --url "$SITE_URL"',
        "actions/cache/save",
        "actions/upload-pages-artifact",
    ]
    assert [s["uses"] for s in _steps(tmp_path / "blog", "deploy")] == ["actions/deploy-pages@v5"]


def test_settings_that_are_left_out_can_be_taken_as_they_stand(
    tmp_path: Path, project: Path
) -> None:
    path = tmp_path / "blog/pyproject.toml"
    _make(tmp_path / "blog", project)
    text = path.read_text(encoding="utf-8")

    path.write_text(
        "".join(
            line.removeprefix("# ") if " = " in line else line
            for line in text.splitlines(keepends=True)
        ),
        encoding="utf-8",
    )

    assert len(tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["site"]) == 12
    assert open_site(tmp_path / "blog").config.smart_quotes
