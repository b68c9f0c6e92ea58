"""Old posts are held against what they showed: with other versions of a package that they use."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest
from lxml import html

from builder.cache.formulas import FormulaStore
from builder.cache.records import Records
from builder.cache.store import Store
from builder.config import PROJECT, open_site
from builder.errors import SettingsError
from builder.execute.pool import Pool
from builder.listening import Listener
from builder.mathjax.engine import Engine
from builder.rechecking.page import report_page, tell_sum
from builder.rechecking.recheck import Recheck, Request, recheck_with
from builder.services import Services
from builder.social.cards import Drawers
from tests.site.conftest import TODAY, Blog, told

POST = "posts/2026-01-01-p.md"


@dataclass(frozen=True)
class Package:
    """A package that posts import, in a folder of packages."""

    folder: Path

    def install(self, version: str, code: str) -> None:
        """Put it there, in place of any other version."""
        for old in self.folder.glob("small-*"):
            shutil.rmtree(old)
        info = self.folder / f"small-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: small\nVersion: {version}\n")
        (info / "RECORD").write_text("small.py,,\n")
        (self.folder / "small.py").write_text(code)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("python") / "site-packages"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def own_pool(folder: Path) -> Iterator[Pool]:
    """One whose posts find the package."""
    with Pool(f"{PROJECT}{os.pathsep}{folder}", 2) as opened:
        yield opened


@pytest.fixture
def small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    monkeypatch.syspath_prepend(str(folder))
    package = Package(folder)
    package.install("1.0", "value = 0.5\n")
    return package


@pytest.fixture
def blog(tmp_path: Path, own_pool: Pool, engine: Engine, small: Package) -> Blog:
    (tmp_path / "posts").mkdir()
    return Blog(tmp_path, own_pool, engine)


def block(code: str, options: str = "") -> str:
    return f"```{{python}}\n{options}{code}\n```\n"


PRINTS = block("import small\nprint('loss', small.value)")


def recheck(blog: Blog, *names: str, accepts: bool = False, **options: object) -> Recheck:
    site = open_site(blog.root)
    request = replace(
        Request(today=TODAY, names=names, accepts=accepts),
        **options,  # type: ignore[arg-type]
    )
    store = blog.root / ".cache"
    with Drawers() as drawers:
        formulas = FormulaStore(store)
        services = Services(blog.pool, blog.engine, Store(store), formulas, drawers)
        return recheck_with(services, site, request, Listener())


def lines(found: Recheck) -> list[str]:
    return [f"{p.location}: {p.severity}: {p.message}" for p in found.problems]


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# ---- what holds, and what does not


def test_a_post_that_shows_the_same_holds(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", PRINTS)
    blog.build()

    found = recheck(blog)

    assert (found.holds, lines(found)) == (True, [])
    assert tell_sum(found) == "1 post run afresh: 1 shows what it did"


def test_another_result_is_told_with_its_line_and_the_versions(blog: Blog, small: Package) -> None:
    blog.post("2026-01-01-p.md", f"Text.\n\n{block('print(1)')}\n{PRINTS}")
    blog.build()
    small.install("2.0", "value = 0.75\n")

    found = recheck(blog)

    (problem,) = found.problems
    assert not found.holds
    assert lines(found) == [f"{POST}:11: error: prints 'loss 0.75' where it was 'loss 0.5'"]
    assert problem.detail == "- loss 0.5\n+ loss 0.75"
    assert problem.hint == "made with small 1.0, run with small 2.0"


def test_a_recheck_changes_nothing(blog: Blog, small: Package) -> None:
    blog.post("2026-01-01-p.md", PRINTS)
    blog.build()
    before = bytes_below(blog.root)
    small.install("2.0", "value = 0.75\n")

    recheck(blog)

    assert bytes_below(blog.root) == before


@pytest.mark.parametrize(
    ("option", "value", "holds"),
    [
        ("", "0.50000001", True),
        ("", "0.5001", False),
        ("#| expect: 0.01\n", "0.502", True),
        ("#| expect: 0.01\n", "0.51", False),
        ("#| expect: {relative: 1e-9, absolute: 0.02}\n", "0.51", True),
        ("#| expect: {relative: 1e-9, absolute: 0.02}\n", "0.53", False),
        ("#| expect: exact\n", "0.50000001", False),
        ("#| expect: anything\n", "'nothing like it'", True),
    ],
)
def test_a_block_says_how_far_its_numbers_may_differ(
    blog: Blog, small: Package, option: str, value: str, holds: bool
) -> None:
    blog.post("2026-01-01-p.md", block("import small\nprint('loss', small.value)", option))
    blog.build()
    small.install("2.0", f"value = {value}\n")

    assert recheck(blog).holds is holds


@pytest.mark.parametrize("place", ["front matter", "settings"])
def test_what_is_expected_of_all_blocks_and_values_is_said_once(
    blog: Blog, small: Package, place: str
) -> None:
    head = "title: A post"
    if place == "settings":
        blog.settings("execute = { expect = 0.1 }")
    else:
        head += "\nexecute:\n  expect: 0.1"
    blog.post("2026-01-01-p.md", f"{PRINTS}\nIt is `{{python}} small.value`.\n", head)
    blog.build()
    small.install("2.0", "value = 0.51\n")

    assert recheck(blog).holds


def test_a_value_in_the_text_is_told_with_its_column(blog: Blog, small: Package) -> None:
    blog.post("2026-01-01-p.md", f"{PRINTS}\nIt is `{{python}} 1` or `{{python}} small.value`.\n")
    blog.build()
    small.install("2.0", "value = 0.75\n")

    assert lines(recheck(blog))[1:] == [f"{POST}:9:33: error: gives '0.75' where it was '0.5'"]


def test_a_figure_that_looks_otherwise_is_told(blog: Blog, small: Package) -> None:
    code = (
        "import small\nimport matplotlib.pyplot as plt\n"
        "plt.plot([0, 1, small.value])\nplt.title('t')\nplt.show()"
    )
    blog.post("2026-01-01-p.md", block(code))
    blog.build()
    small.install("1.1", "value = 0.5000001\n")
    same = recheck(blog)
    small.install("2.0", "value = 0.75\n")

    found = recheck(blog)

    assert same.holds
    (line,) = lines(found)
    assert re.fullmatch(
        rf"{POST}:5: error: shows another picture: [\d.]+ % of its dots differ", line
    )
    (difference,) = found.checks[0].differences
    assert [p.theme for p in difference.difference.pictures] == ["light", "dark"]


def test_runs_of_a_sweep_are_told_with_their_values(blog: Blog, small: Package) -> None:
    code = "import small\nprint(lr if lr < 0.4 else lr * small.value)"
    blog.post("2026-01-01-p.md", block(code, "#| sweep: {lr: [0.1, 0.5]}\n"))
    blog.build()
    small.install("2.0", "value = 1\n")

    assert lines(recheck(blog)) == [f"{POST}:6: error: prints '0.5' where it was '0.25' (lr = 0.5)"]


def test_what_a_reader_is_not_shown_does_not_count(blog: Blog, small: Package) -> None:
    blog.post(
        "2026-01-01-p.md",
        block("import small\nprint(small.value)", "#| output: false\n")
        + block("import sys\nprint(small.value, file=sys.stderr)", "#| warning: false\n"),
    )
    blog.build()
    small.install("2.0", "value = 0.75\n")

    assert recheck(blog).holds


def test_a_block_that_fails_now_is_told(blog: Blog, small: Package) -> None:
    blog.post("2026-01-01-p.md", block("print('ok')") + PRINTS + block("print('after')"))
    blog.build()
    small.install("2.0", "pass\n")

    found = recheck(blog)

    assert not found.holds
    assert lines(found) == [
        f"{POST}:9: error: fails now: AttributeError: module 'small' has no attribute 'value'"
    ]
    assert found.problems[0].hint == "made with small 1.0, run with small 2.0"


def test_a_block_that_no_longer_fails_as_expected_is_told(blog: Blog, small: Package) -> None:
    small.install("1.0", "def f():\n    raise ValueError('no')\n")
    blog.post("2026-01-01-p.md", block("import small\nsmall.f()", "#| error: ValueError\n"))
    assert told(blog.build()) == []
    small.install("2.0", "def f():\n    pass\n")

    (line,) = lines(recheck(blog))

    assert line.startswith(f"{POST}:6: error: fails now: ")


def test_prose_above_a_block_is_no_difference(blog: Blog) -> None:
    code = block("import warnings\nwarnings.warn('careful')")
    blog.post("2026-01-01-p.md", code)
    blog.build()
    blog.post("2026-01-01-p.md", f"Much\n\nmore\n\ntext.\n\n{code}")

    assert lines(recheck(blog)) == []


# ---- what cannot be compared


def test_a_post_without_a_record_is_noted(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", PRINTS)

    found = recheck(blog)

    assert found.holds
    assert lines(found) == [f"{POST}: note: has no record of what it showed"]
    assert tell_sum(found) == "1 post run afresh: 0 show what they did, 1 has no record"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            block("print('ok')") + block("print('other')"),
            ":8: note: block 2 is new or was edited: it and what follows are not compared",
        ),
        (
            block("print('ok')") + PRINTS + block("print('new')"),
            ":12: note: block 3 is new or was edited: it and what follows are not compared",
        ),
        (block("print('ok')"), ": note: blocks at its end are gone"),
    ],
)
def test_blocks_that_are_others_than_recorded_are_noted(
    blog: Blog, body: str, message: str
) -> None:
    blog.post("2026-01-01-p.md", block("print('ok')") + PRINTS)
    blog.build()
    blog.post("2026-01-01-p.md", body)

    found = recheck(blog)

    assert (found.holds, lines(found)) == (True, [f"{POST}{message}"])


def test_data_that_has_changed_since_is_noted(blog: Blog) -> None:
    blog.write("posts/d.txt", "one")
    blog.post("2026-01-01-p.md", block("print(open('d.txt').read())"))
    blog.build()
    blog.write("posts/d.txt", "two")

    assert lines(recheck(blog)) == [
        f"{POST}: note: uses the file posts/d.txt, which has changed since",
        f"{POST}:5: error: prints 'two' where it was 'one'",
    ]


def test_a_reason_is_asked_for_only_where_none_is_known(blog: Blog) -> None:
    blog.write("posts/d.txt", "one")
    blog.post("2026-01-01-p.md", block("print(open('d.txt').read())"))
    blog.post("2026-01-02-q.md", block("import secrets\nprint(secrets.token_hex(16))"))
    blog.build()
    blog.write("posts/d.txt", "two")

    data, machine = (problem for problem in recheck(blog).problems if problem.detail)

    assert data.hint is None
    assert machine.hint == (
        "no version has changed: does it depend on a clock, the network or the machine?"
    )


# ---- which posts


def test_posts_are_chosen_by_name_and_by_day(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", PRINTS)
    blog.post("2026-01-02-q.md", PRINTS)
    blog.post("2026-01-03-draft.md", PRINTS, "draft: true")
    blog.post("2026-01-04-plain.md", "Text.\n")
    blog.build()

    def checked(*names: str, since: date | None = None) -> list[str]:
        found = recheck(blog, *names, since=since)
        return [check.post.source.slug for check in found.checks]

    assert checked() == ["p", "q"]
    assert checked(since=date(2026, 1, 2)) == ["q"]
    assert checked("q", POST) == ["q", "p"]
    assert checked("draft") == ["draft"]
    assert lines(recheck(blog, "plain")) == ["posts/2026-01-04-plain.md: note: nothing in it runs"]
    with pytest.raises(SettingsError, match="no post is called 'pp'"):
        recheck(blog, "pp")


def test_a_post_that_cannot_be_read_is_told(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", PRINTS, "layout: nothing")

    found = recheck(blog)

    assert not found.holds
    assert lines(found)[0].startswith(f"{POST}:2: error: ")


# ---- what is accepted


def test_what_is_accepted_is_published_by_the_next_build_without_running(
    blog: Blog, small: Package
) -> None:
    blog.post("2026-01-01-p.md", PRINTS)
    blog.build()
    small.install("2.0", "value = 0.75\n")
    before = blog.files()

    accepted = recheck(blog, accepts=True)
    untouched = blog.files() == before
    report = blog.build()

    assert (accepted.holds, lines(accepted), untouched) == (True, [], True)
    assert (report.executed, told(report)) == (0, [])
    assert "loss 0.75" in blog.page("2026/01/01/p")
    assert lines(recheck(blog)) == []


def test_a_post_that_fails_is_not_accepted(blog: Blog, small: Package) -> None:
    blog.post("2026-01-01-p.md", PRINTS)
    blog.build()
    record = Records(Store(blog.root / ".cache")).find(POST)
    small.install("2.0", "pass\n")

    found = recheck(blog, accepts=True)

    assert not found.holds
    assert Records(Store(blog.root / ".cache")).find(POST) == record


def test_a_build_says_where_new_versions_show_something_else(blog: Blog, small: Package) -> None:
    note = (
        f"{POST}:5: shows other results than with small 1.0 "
        "('python build.py recheck p' shows where, and with --accept takes them)"
    )
    blog.post("2026-01-01-p.md", PRINTS)
    blog.build()
    small.install("2.0", "value = 0.75\n")

    assert told(blog.build()) == [note]
    assert told(blog.build()) == [note]
    assert told(blog.build(is_fresh=True)) == [note]
    recheck(blog, accepts=True)
    assert told(blog.build()) == []
    assert told(blog.build(is_fresh=True)) == []


def test_new_versions_that_show_the_same_are_taken_in_silence(blog: Blog, small: Package) -> None:
    blog.post("2026-01-01-p.md", PRINTS)
    blog.build()
    small.install("2.0", "value = 0.5000000001\n")

    assert told(blog.build()) == []
    record = Records(Store(blog.root / ".cache")).find(POST)
    assert record is not None
    assert record.versions["small"] == "2.0"


@pytest.mark.parametrize("change", ["code", "data", "module"])
def test_what_the_author_changes_replaces_the_record(
    blog: Blog, small: Package, change: str
) -> None:
    body = block("import small, own\nprint(small.value, open('d.txt').read(), own.x)")
    blog.write("posts/d.txt", "one")
    blog.write("posts/own.py", "x = 1\n")
    blog.post("2026-01-01-p.md", body)
    blog.build()
    small.install("2.0", "value = 0.75\n")
    if change == "code":
        blog.post("2026-01-01-p.md", body.replace("print(", "print('now', "))
    elif change == "data":
        blog.write("posts/d.txt", "two")
    else:
        blog.write("posts/own.py", "x = 22\n")

    assert told(blog.build()) == []
    assert lines(recheck(blog)) == []


def test_going_back_to_an_earlier_text_brings_its_record_back(blog: Blog) -> None:
    for value in "aba":
        blog.post("2026-01-01-p.md", block(f"print('{value}')"))
        blog.build()

    assert lines(recheck(blog)) == []


def test_a_build_that_publishes_nothing_records_nothing(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", PRINTS)
    broken = blog.post("2026-01-02-q.md", block("1 / 0"))
    blog.build()
    records = Records(Store(blog.root / ".cache"))
    assert records.find(POST) is None

    broken.unlink()
    report = blog.build()

    assert (report.executed, records.find(POST) is None) == (0, False)


def test_records_are_written_only_where_they_change(blog: Blog) -> None:
    blog.post("2026-01-01-p.md", f"{PRINTS}\nText.\n")
    blog.build()
    (path,) = (p for p in (blog.root / ".cache/v1/records").rglob("*") if p.is_file())
    before = path.stat().st_mtime_ns, path.stat().st_ino

    blog.post("2026-01-01-p.md", f"{PRINTS}\nOther text.\n")
    blog.build()
    blog.build(is_fresh=True)

    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


# ---- what readers see of it


def test_the_page_and_the_notebook_say_what_they_were_made_with(blog: Blog, small: Package) -> None:
    python = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    blog.write("posts/own.py", "import numpy\n")
    blog.post("2026-01-01-p.md", block("import json, own\nimport small"))
    blog.post("2026-01-02-q.md", block("print(1)"))
    blog.post("2026-01-03-r.md", "Text.\n")
    blog.build()

    def made_with(address: str) -> list[str]:
        tree = html.fromstring(blog.page(address))
        return [e.text_content() for e in tree.xpath("//p[@class='made-with']")]

    numpy = version("numpy")
    assert made_with("2026/01/01/p") == [f"Made with {python}, small 1.0, NumPy {numpy}"]
    assert made_with("2026/01/02/q") == [f"Made with {python}"]
    assert made_with("2026/01/03/r") == []
    assert b'"small": "1.0"' in blog.files()["2026/01/01/p/p.ipynb"]

    small.install("1.1", "value = 0.5\n")
    blog.build()
    assert made_with("2026/01/01/p") == [f"Made with {python}, small 1.1, NumPy {numpy}"]


def test_the_report_shows_what_differs_and_needs_nothing_else(blog: Blog, small: Package) -> None:
    code = (
        "import small\nimport matplotlib.pyplot as plt\nprint('<b>', small.value)\n"
        "plt.plot([0, 1, small.value])\nplt.title('t')\nplt.show()"
    )
    blog.post("2026-01-01-p.md", block(code), "title: One & <two>")
    blog.post("2026-01-02-q.md", block("print(1)"), "title: Holds")
    blog.build()
    small.install("2.0", "value = 0.75\n")

    page = report_page("A & B", recheck(blog))

    tree = html.document_fromstring(page)
    assert tree.xpath("//script") == []
    assert not re.search(r'(?:src|href|srcset)="(?!data:)', page)
    assert [e.text_content() for e in tree.xpath("//h2")] == ["One & <two>", "What holds"]
    assert [e.text_content() for e in tree.xpath("//del | //ins")] == ["<b> 0.5", "<b> 0.75"]
    assert [e.text_content() for e in tree.xpath("//mark")] == ["0.5", "0.75"]
    assert [e.text for e in tree.xpath("//figcaption")] == ["Before", "Now", "What differs"]
    assert len(tree.xpath("//picture/source[@media='(prefers-color-scheme: dark)']")) == 3


def test_of_long_texts_the_report_shows_what_is_near_to_a_difference(
    blog: Blog, small: Package
) -> None:
    many = "for n in range(40):\n    print(n, small.value if n == 20 else '')"
    more = "print('\\n'.join('a' * round(small.value * 4)))"
    most = "for n in range(200):\n    print('even' if n % 2 else small.value * n)"
    codes = (f"import small\n{many}", more, most)
    value = "The value is `{python} small.value`.\n"
    blog.post("2026-01-01-p.md", "\n".join(map(block, codes)) + value)
    blog.build()
    small.install("2.0", "value = 0.75\n")

    tree = html.document_fromstring(report_page("", recheck(blog)))

    first, second, third = tree.xpath("//pre[@class='lines']")[:3]
    assert first.text_content().split("\n") == [
        *("… 17 equal lines", "17", "18", "19"),
        *("20 0.5", "20 0.75"),
        *("21", "22", "23", "… 16 equal lines"),
    ]
    assert [e.text_content() for e in second.xpath(".//ins")] == ["a"]
    assert third.text_content().endswith("… and more")
    values = [e.text for e in tree.xpath("//details/pre")]
    assert "small.value" in values


# ---- the command


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), *arguments, "--root", str(root)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "VALUE": os.environ.get("VALUE", "one")},
    )


def test_the_command_prints_its_report_and_fails_where_something_differs(
    make_blog: Callable[[str], Blog], monkeypatch: pytest.MonkeyPatch
) -> None:
    blog = make_blog("command")
    blog.settings("social_cards = false")
    blog.post("2026-01-01-p.md", block("import os\nprint(os.environ['VALUE'])"))
    assert _run(blog.root, "build").returncode == 0

    def said(done: subprocess.CompletedProcess[str]) -> list[str]:
        """All but how long a post has run."""
        return [line for line in done.stderr.splitlines() if " ran in " not in line]

    same = _run(blog.root, "recheck")
    monkeypatch.setenv("VALUE", "two")
    other = _run(blog.root, "recheck", "p", "--report", "r/x.html", "--output-format", "concise")
    accepted = _run(blog.root, "recheck", "--accept")
    built = _run(blog.root, "build", "-v")

    assert (same.returncode, same.stdout) == (0, f"{blog.root}/.cache/recheck/index.html\n")
    assert said(same) == ["1 post run afresh: 1 shows what it did"]
    assert (other.returncode, other.stdout) == (1, "r/x.html\n")
    assert said(other) == [
        f"{POST}: note[changed-since]: uses the variable VALUE, which has changed since "
        "(build first: a build remembers what posts show)",
        f"{POST}:5: error[other-result]: prints 'two' where it was 'one'",
        "1 post run afresh: 0 show what they did, 1 does not",
        "what is right as it is now: python build.py recheck --accept POST",
    ]
    assert (blog.root / "r/x.html").read_text().startswith("<!doctype html>")
    assert (accepted.returncode, accepted.stdout) == (0, "")
    assert said(accepted) == [
        "accepted what 1 post shows, 1 of them something else; the next build publishes it"
    ]
    assert (built.returncode, " runs: " in built.stderr) == (0, False)
    assert "two" in blog.page("2026/01/01/p")
