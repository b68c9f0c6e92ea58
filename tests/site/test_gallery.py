"""The gallery: a post that uses every option and shows every kind of result."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbclient
import nbformat
import pytest
from lxml import html

from builder.config import PROJECT
from builder.parse.options import BLOCK_OPTIONS
from tests.site.conftest import Blog, told

GALLERY = PROJECT / "tests" / "gallery"
POST = GALLERY / "posts" / "2026-11-23-gallery"
ADDRESS = "2026/11/23/gallery"
_RAN_IN = re.compile(rb'ran in (?:less than )?[\d.]+ s|"version":"\w+"')
"""The version of the search index stands for the pages that it leads to."""


def _build(blog: Blog) -> Blog:
    shutil.copytree(GALLERY, blog.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("_site"))
    report = blog.build(is_strict=True)
    assert told(report) == [
        "posts/2026-11-23-gallery/index.md:28:1: %matplotlib is ignored (it is not needed)"
    ]
    assert report.errors == report.warnings == 0
    return blog


@pytest.fixture
def gallery(blog: Blog) -> Blog:
    return _build(blog)


def test_the_gallery_uses_every_option() -> None:
    text = (POST / "index.md").read_text(encoding="utf-8")

    assert [key for key in BLOCK_OPTIONS if f"#| {key}: " not in text] == []


def test_its_page_keeps_the_policy_and_leads_nowhere_wrong(gallery: Blog) -> None:
    page = html.fromstring(gallery.page(ADDRESS))

    files = gallery.files()
    ids = page.xpath("//@id")
    assert page.xpath("//*[@style] | //style | //script[not(@src) and not(@type)]") == []
    assert [n for n in page.xpath("//@*") if n.attrname.startswith("on")] == []
    assert len(ids) == len(set(ids))
    for href in page.xpath("//a/@href[starts-with(., '#')]"):
        assert href[1:] in ids
    for address in page.xpath("//img/@src | //script/@src | //a[@download]/@href"):
        assert address.lstrip("/") in files
    for image in page.xpath("//img"):
        assert image.get("alt")
        assert image.get("width")
        assert image.get("height")
    looked_at = gallery.check()
    # It shows wide results, too.
    others = tuple(p for p in looked_at.problems if p.code != "wide-output")
    assert told(replace(looked_at, problems=others)) == told(gallery.build())


def test_it_shows_every_kind_of_result(gallery: Blog) -> None:
    page = html.fromstring(gallery.page(ADDRESS))

    endings = {Path(name).suffix for name in gallery.files() if name.startswith(ADDRESS)}
    assert endings == {".html", ".svg", ".png", ".webp", ".ipynb", ".py", ".md"}
    for kind in (
        *("stdout", "stderr", "value", "expected", "html", "markdown", "math-display", "plot"),
        *("plots", "animation", "sweep", "sweep-row", "filename", "emphasized", "note", "notes"),
        *("ran-in", "fold", "caption", "reference"),
    ):
        assert page.find_class(kind), kind
    assert len(page.xpath("//div[@class='sweep-results']/div")) == 4 + 3
    assert len(page.xpath("//div[@class='sweep-row']/div")) == 6
    assert page.findtext(".//h1") == "All that a block can show, in 6 kinds"
    assert page.xpath("//meta[@name='description']/@content") == [
        "The largest of the values is 2.72."
    ]
    assert page.xpath("//a[@download]/text()") == ["Jupyter notebook", "Python file"]


def test_two_builds_differ_in_running_times_alone(make_blog: Callable[[str], Blog]) -> None:
    first, second = (_build(make_blog(name)).files() for name in ("a", "another-folder"))

    assert {n: _RAN_IN.sub(b"", c) for n, c in first.items()} == {
        n: _RAN_IN.sub(b"", c) for n, c in second.items()
    }


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Jupyter's own
@pytest.mark.filterwarnings("ignore::RuntimeWarning:zmq")
def test_its_notebook_is_valid_and_runs_in_jupyters_own_client(
    gallery: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    text = (gallery.output / ADDRESS / "gallery.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    kept = json.loads(text)

    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(POST)}}
    ).execute()

    def shown(cells: list[dict[str, object]]) -> list[str]:
        return [str(cell["outputs"]) for cell in cells if cell["cell_type"] == "code"]

    was, ran = shown(kept["cells"]), shown(notebook.cells)
    assert len(was) == len(ran)
    assert [text for text in ran if "'ename'" in text] == [t for t in ran if "ZeroDivision" in t]


def test_its_script_runs_by_itself(gallery: Blog) -> None:
    script = gallery.output / ADDRESS / "gallery.py"

    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=POST,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, "ZeroDivisionError" in done.stderr) == (0, True)
    assert "it ends at 0.1216" in done.stdout
