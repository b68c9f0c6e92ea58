"""What hosts are told to do can be done: the workflow, and what the README says of others."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from builder.config import PROJECT
from tests.site.conftest import Blog

OWN = PROJECT / ".github/workflows/pages.yml"
STARTER = PROJECT / "builder/scaffold/starter/pages.yml"
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def workflow(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8").replace("@builder@", "repository: ada/builder")
    # YAML 1.1, as PyYAML reads it, has "on" as a word for true.
    return {str(key): value for key, value in yaml.safe_load(text).items()}


def commands(path: Path) -> list[str]:
    jobs = workflow(path)["jobs"].values()
    return [line for job in jobs for s in job["steps"] for line in s.get("run", "").splitlines()]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project as a host gets it, with a small post in place of its own."""
    told = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    names = [n for n in told.stdout.split("\0") if n and not n.startswith(("tests/", "posts/"))]
    if not names:
        pytest.skip("this is no clone")
    for name in names:
        target = tmp_path / "copy" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, target)
    post = tmp_path / "copy/posts/2026-01-01-p.md"
    post.parent.mkdir()
    post.write_text("---\ntitle: A post\n---\nText, long enough.\n", encoding="utf-8")
    return tmp_path / "copy"


def run(command: str, folder: Path, **variables: str) -> None:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_the_workflow_runs_works_in_a_fresh_copy(copy: Path) -> None:
    install, build = commands(OWN)

    assert shlex.split(install) == ["pip", "install", "--require-hashes", "-r", "requirements.txt"]
    assert "--hash=sha256:" in (copy / "requirements.txt").read_text(encoding="utf-8")
    run(build, copy, SITE_URL="https://ada.github.io/ml")
    page = (copy / "_site/index.html").read_text(encoding="utf-8")
    assert 'href="https://ada.github.io/ml/"' in page
    assert '"/ml/2026/01/01/p/"' in page


def test_the_workflow_does_what_that_of_a_new_site_does() -> None:
    own, starter = workflow(OWN), workflow(STARTER)
    site, builder = [s for s in starter["jobs"]["build"]["steps"] if "checkout" in str(s)]
    (packages,) = [s for s in starter["jobs"]["build"]["steps"] if "site/requirements" in str(s)]
    for of_a_site_alone in (builder, packages):
        starter["jobs"]["build"]["steps"].remove(of_a_site_alone)
    del site["with"]["path"]
    starter["True"]["push"]["branches"].remove("master")

    here = str(starter).replace("builder/", "").replace("--root site ", "").replace("site/", "")
    assert str(own) == here


@pytest.mark.parametrize("path", [OWN, STARTER], ids=["own", "starter"])
def test_the_workflow_may_do_no_more_than_it_must(path: Path) -> None:
    told = workflow(path)
    build, deploy = told["jobs"]["build"], told["jobs"]["deploy"]
    steps: list[Mapping[str, Any]] = build["steps"]
    kept = [s["with"] for s in steps if "actions/cache" in s.get("uses", "")]

    assert told["permissions"] == {"contents": "read"}
    assert build["permissions"] == {"contents": "read", "pages": "read"}
    assert deploy["permissions"] == {"pages": "write", "id-token": "write"}
    assert set(told["True"]) == {"push", "schedule", "workflow_dispatch"}
    assert told["concurrency"] == {"group": "pages", "cancel-in-progress": False}
    assert all(re.fullmatch(r"actions/[a-z/-]+@v\d+", s["uses"]) for s in steps if "uses" in s)
    assert {k: kept[0][k] for k in ("path", "key")} == kept[1]
    # What a step says of a run is no part of its script.
    assert not any("${{" in line for line in commands(path))


def test_what_netlify_is_told_builds(copy: Path) -> None:
    (block,) = re.findall(r"```toml\n# netlify.toml\n(.*?)```", README, re.DOTALL)
    told = tomllib.loads(block)["build"]

    run(told["command"], copy, URL="https://ada.netlify.app")

    assert (copy / told["publish"] / "404.html").is_file()


def test_what_nginx_is_told_says_what_the_headers_file_says(blog: Blog) -> None:
    blog.post(
        "2026-01-01-p.md",
        "$$x$$ \n\n```{python}\n#| fig-alt: A line.\nimport matplotlib.pyplot as plt\n"
        "plt.plot([1, 2])\n```\n[data](data-2026.csv)\n",
    )
    blog.write("posts/data-2026.csv", "1\n")
    blog.build(has_cards=True)
    (block,) = re.findall(r"```nginx\n(.*?)```", README, re.DOTALL)
    (pattern,) = re.findall(r'"~(.*?)" "public, max-age=31536000, immutable";', block)
    files = blog.files()
    headers = files["_headers"].decode()

    kept = {f"/{name}" for name in files if re.search(pattern, f"/{name}")}

    assert kept >= set(re.findall(r"(?m)^(/assets/.*)$", headers))
    assert {Path(name).name.partition("-")[0] for name in kept if "/2026/" in name} == {
        "card",
        "figure",
    }
    assert all(Path(name).suffix not in (".html", ".json", ".xml", ".csv") for name in kept)
    for line in headers.splitlines()[1:4]:
        name, _, value = line.strip().partition(": ")
        assert re.search(rf'add_header {name} "?{re.escape(value)}"? always;', block)


def test_an_address_of_the_command_takes_the_place_of_the_settings(blog: Blog) -> None:
    blog.settings('url = "https://ada.example"\nbase_path = "/old"')
    blog.post("2026-01-01-p.md", "Text.\n")
    build = [sys.executable, str(PROJECT / "build.py"), "--root", str(blog.root)]

    subprocess.run([*build, "--url", "https://new.example/sub/"], check=True, capture_output=True)

    page = blog.page("2026/01/01/p")
    assert 'href="https://new.example/sub/2026/01/01/p/"' in page
    assert "/old" not in page

    done = subprocess.run(
        [*build, "--url", "new.example"], check=False, capture_output=True, text=True
    )

    assert done.returncode == 2
    assert done.stderr.startswith("error: url 'new.example': must be an address such as")
