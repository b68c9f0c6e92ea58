"""The writer's server, as the process that it is: what runs after which change, who may ask, and
that nothing is left."""

import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builder.config import PROJECT
from tests.faults.runs import processes_naming
from tests.serving import PATIENCE_S, Served, ran, served

POST = """---
title: A post
---
Words.

```{python}
import helper
x = helper.value
print("x is", x)
```

Between.

```{python}
print(open("data.txt").read(), x)
```

The value is `{python} x`.
"""
SETTINGS = '[tool.site]\ntitle = "Ours"\nsocial_cards = false\n'


def write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def make_site(root: Path) -> Path:
    write(root, "pyproject.toml", SETTINGS)
    write(root, "posts/2026-01-01-a.md", POST)
    write(root, "posts/2026-01-02-b.md", "---\ntitle: B\n---\n```{python}\nprint('b')\n```\n")
    write(root, "posts/2026-01-03-c.md", "---\ntitle: C\n---\nOnly words.\n")
    write(root, "posts/helper.py", "value = 1\n")
    write(root, "posts/data.txt", "data")
    return root


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(make_site(tmp_path_factory.mktemp("served") / "site")) as opened:
        yield opened


A, B = "/2026/01/01/a/", "/2026/01/02/b/"


def edit(root: Path, name: str, old: str, new: str) -> Callable[[], object]:
    path = root / name
    return lambda: path.write_text(path.read_text().replace(old, new))


def by_rename(root: Path, name: str, old: str, new: str) -> Callable[[], object]:
    """Saved as Vim, Emacs and PyCharm do: a new file takes the place of the old one."""

    def save() -> None:
        path = root / name
        scratch = path.with_name(f".{path.name}.tmp")
        scratch.write_text(path.read_text().replace(old, new))
        scratch.replace(path)

    return save


# ---- what runs after which change: each change, what a page shows then, and which blocks ran

CHANGES: dict[str, tuple[Callable[[Path], Callable[[], object]], str, set[tuple[str, int]]]] = {
    "words": (
        lambda root: edit(root, "posts/2026-01-01-a.md", "Words.", "Other words."),
        "Other words.",
        set(),
    ),
    "words, saved by rename": (
        lambda root: by_rename(root, "posts/2026-01-01-a.md", "Between.", "In the middle."),
        "In the middle.",
        set(),
    ),
    "the last block": (
        lambda root: edit(root, "posts/2026-01-01-a.md", ".read(), x)", ".read(), -x)"),
        "data -1",
        {("2026-01-01-a", 2)},
    ),
    "the first block": (
        lambda root: edit(root, "posts/2026-01-01-a.md", '"x is"', '"x was"'),
        "x was 1",
        {("2026-01-01-a", 1), ("2026-01-01-a", 2)},
    ),
    "a data file": (
        lambda root: lambda: write(root, "posts/data.txt", "new data"),
        "new data -1",
        {("2026-01-01-a", 2)},
    ),
    "a module": (
        lambda root: lambda: write(root, "posts/helper.py", "value = 22\n"),
        "x was 22",
        {("2026-01-01-a", 1), ("2026-01-01-a", 2)},
    ),
    "a module, saved by rename": (
        lambda root: by_rename(root, "posts/helper.py", "22", "333"),
        "x was 333",
        {("2026-01-01-a", 1), ("2026-01-01-a", 2)},
    ),
    "a template": (
        lambda root: (
            lambda: write(
                root,
                "templates/base.html",
                '{% extends "project/base.html" %}\n{% block footer %}Own footer{% endblock %}',
            )
        ),
        "Own footer",
        set(),
    ),
    "a style sheet": (
        lambda root: lambda: write(root, "assets/css/9-own.css", ".own { color: red; }"),
        "/assets/site.",
        set(),
    ),
    "settings": (
        lambda root: edit(root, "pyproject.toml", '"Ours"', '"Theirs"'),
        "Theirs",
        set(),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_just_what_a_change_concerns_runs_again(
    site: Served,
    change: tuple[Callable[[Path], Callable[[], object]], str, set[tuple[str, int]]],
) -> None:
    make, expected, blocks = change

    told = site.after(make(site.root))

    assert expected in site.page(A)
    assert ran(told) == blocks
    assert told[-1]["problems"] == []


def test_an_error_is_told_over_the_last_good_version_and_heals(site: Served) -> None:
    before = site.page(B)
    path = site.root / "posts/2026-01-02-b.md"
    good = path.read_text()

    (problem,) = site.after(lambda: path.write_text(good.replace("print(", "print(1 +")))[-1][
        "problems"
    ]

    assert problem.startswith("posts/2026-01-02-b.md:5: error[block-failed]: TypeError")
    assert "    | print(1 +'b')" in problem
    assert site.page(B) == before

    assert site.after(lambda: path.write_text(good + "\nHealed.\n"))[-1]["problems"] == []
    assert "Healed." in site.page(B)


def test_a_post_with_an_error_does_not_hide_what_is_saved_in_another(site: Served) -> None:
    path = site.root / "posts/2026-01-02-b.md"
    good = path.read_text()
    site.after(lambda: path.write_text(good.replace("print(", "print((")))

    told = site.after(edit(site.root, "posts/2026-01-03-c.md", "Only words.", "More words."))

    assert len(told[-1]["problems"]) == 1
    assert "More words." in site.page("/2026/01/03/c/")
    site.after(lambda: path.write_text(good))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("pyproject.toml", "[tool.site]\ntitel = 'x'\n", "did you mean 'title'?"),
        ("pyproject.toml", "[tool.site\n", "pyproject.toml"),
        ("templates/index.html", "{% for %}", "templates/index.html:1"),
    ],
)
def test_what_breaks_the_whole_site_is_told_and_heals(
    site: Served, name: str, text: str, told: str
) -> None:
    path = site.root / name
    good = path.read_text() if path.exists() else None

    broken = site.after(lambda: path.write_text(text))[-1]

    assert told in broken["problems"][0]
    assert site.get("/")[0] == 200
    mended = site.after(lambda: path.unlink() if good is None else path.write_text(good))[-1]
    assert mended["problems"] == []


def test_posts_come_and_go(site: Served) -> None:
    path = site.root / "posts/2026-01-09-new.md"

    site.after(lambda: path.write_text("---\ntitle: New\n---\nHere.\n"))
    assert "Here." in site.page("/2026/01/09/new/")
    assert "New" in site.page("/")

    site.after(path.unlink)
    assert site.get("/2026/01/09/new/")[0] == 404


def test_an_editors_own_files_build_nothing(site: Served) -> None:
    before = site.bulletins[-1]["builds"]

    for name in ("4913", ".2026-01-01-a.md.swp", "2026-01-01-a.md~", "#a.md#", ".#a.md"):
        write(site.root, f"posts/{name}", "x")
    site.after(edit(site.root, "posts/2026-01-03-c.md", "words.", "words!"))

    assert site.bulletins[-1]["builds"] == before + 1


def test_a_page_of_a_post_is_there_while_its_blocks_run(tmp_path: Path) -> None:
    root = make_site(tmp_path / "site")
    with served(root) as site:
        path, go = root / "posts/2026-01-02-b.md", tmp_path / "go"
        since = len(site.bulletins)
        wait = f"import os\nos.system('until [ -e {go} ]; do sleep 0.02; done')\nprint('end')"
        blocks = f"```{{python}}\nprint('first')\n```\n\n```{{python}}\n{wait}\n```\n"
        path.write_text(f"---\ntitle: B\n---\nNew words.\n\n{blocks}")

        before = site.bulletins[since - 1]["version"]
        # A preview when the post begins, and one after its first block.
        site.wait_for(lambda b: b["version"] >= before + 2 and b["running"], since)
        page = site.page(B)

        assert "New words." in page
        assert "<samp>first</samp>" in page
        assert "runs …" in page
        assert "ran in" in page
        go.touch()
        site.wait_for(lambda b: not b["running"] and not b["problems"] and len(b["ran"]) > 1, since)
        site.settled(since)
        assert "<samp>end</samp>" in site.page(B)
        assert "runs …" not in site.page(B)


# ---- who may ask, and for what


def test_foreign_names_and_origins_are_refused(site: Served) -> None:
    own = f"127.0.0.1:{site.port}"
    asked = {
        "own": ({"Host": own}, 200),
        "localhost": ({"Host": f"localhost:{site.port}"}, 200),
        "IPv6": ({"Host": f"[::1]:{site.port}"}, 200),
        "another name": ({"Host": "evil.example"}, 421),
        "a name that only begins so": ({"Host": f"127.0.0.1.evil.example:{site.port}"}, 421),
        "another address": ({"Host": "192.168.1.4:8000"}, 421),
        "a user": ({"Host": "localhost@evil.example"}, 400),
        "own origin": ({"Origin": f"http://{own}"}, 200),
        "foreign origin": ({"Origin": "https://evil.example"}, 403),
        "no origin at all": ({"Origin": "null"}, 403),
        "another port": ({"Origin": "http://127.0.0.1:1"}, 403),
    }

    for path in ("/", "/.live/live.js"):
        told = {name: site.get(path, headers)[0] for name, (headers, _) in asked.items()}
        assert told == {name: status for name, (_, status) in asked.items()}
    assert site.get("/.live/events", {"Origin": "https://evil.example"})[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/%2e%2e/pyproject.toml",
        "/%2e%2e%2fpyproject.toml",
        "/..%2fpyproject.toml",
        "/2026/%2e%2e/%2e%2e/pyproject.toml",
        "/..%5cpyproject.toml",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/%00",
        "/a%00.html",
        "/%ff%fe",
        "/assets/..%252f..%252fpyproject.toml",
        "/out.txt",
        "/out/pyproject.toml",
        "/.live/../../pyproject.toml",
        "/.live/%2e%2e/server.py",
        "/.live/server.py",
    ],
)
def test_nothing_outside_the_site_is_given(site: Served, path: str) -> None:
    output = site.root / "_site"
    for link, target in (("out.txt", "pyproject.toml"), ("out", "")):
        if not (output / link).is_symlink():
            (output / link).symlink_to(site.root / target)

    status, _, body = site.get(path)

    assert status in (400, 404)
    assert b"tool.site" not in body
    assert b"root:" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_can_be_changed(site: Served, method: str) -> None:
    assert site.get("/", method=method)[0] in (400, 405)


def test_a_head_has_no_body(site: Served) -> None:
    status, headers, body = site.get("/", method="HEAD")

    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 1000


def test_a_page_that_was_not_changed_is_not_sent_again(site: Served) -> None:
    for path in ("/", "/feed.xml", "/2026/01/01/a/index.md"):
        tag = site.get(path)[1]["etag"]
        assert site.get(path, {"If-None-Match": tag})[0] == 304


def test_pages_have_the_policy_of_the_published_site(site: Served) -> None:
    headers = site.get("/")[1]

    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-cache"
    assert "server" not in headers


def test_huge_and_slow_requests_disturb_no_one(site: Served) -> None:
    with socket.create_connection((site.host, site.port)) as huge:
        with_header = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000
        try:
            huge.sendall(with_header)
            answer = huge.recv(100)
        except OSError:
            answer = b""
        assert not answer.startswith(b"HTTP/1.1 200")
    with socket.create_connection((site.host, site.port)) as long:
        long.sendall(b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert long.recv(20).split()[1] in (b"404", b"414", b"400")
    slow = [socket.create_connection((site.host, site.port)) for _ in range(150)]
    try:
        for client in slow:
            client.sendall(b"GET / HTTP/1.1\r\nHost: ")
        body = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\nx"
        slow[0].sendall(b"localhost\r\n\r\n")
        with socket.create_connection((site.host, site.port)) as large:
            large.sendall(body)
            assert site.get("/")[0] == 200
    finally:
        for client in slow:
            client.close()
    assert "More" in site.page("/2026/01/03/c/") or "words" in site.page("/2026/01/03/c/")


def test_open_pages_beyond_a_number_are_refused_and_others_still_served(site: Served) -> None:
    question = b"GET /.live/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    clients = [socket.create_connection((site.host, site.port)) for _ in range(205)]
    for client in clients:
        client.sendall(question)
    answers = [client.recv(15) for client in clients]
    for client in clients:
        client.close()

    assert answers.count(b"HTTP/1.1 503 Se") >= 5
    assert site.get("/")[0] == 200


# ---- how it begins and ends


def test_a_port_that_is_taken_is_told(site: Served, tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match=f"port {site.port}: "),
        served(make_site(tmp_path / "other"), "--port", str(site.port)),
    ):
        pass


def test_a_site_below_a_path_is_served_there(tmp_path: Path) -> None:
    root = make_site(tmp_path / "site")
    write(root, "pyproject.toml", SETTINGS + 'base_path = "/blog"\n')

    with served(root) as site:
        assert site.address.endswith("/blog/")
        assert site.get("/")[:1] == (302,)
        assert site.get("/blog/")[0] == 200
        assert site.get("/blog" + A)[0] == 200
        assert site.get(A)[0] == 404


def test_drafts_are_shown_and_never_published(tmp_path: Path) -> None:
    root = make_site(tmp_path / "site")
    write(root, "posts/2026-01-04-d.md", "---\ntitle: D\ndraft: true\n---\nNot yet.\n")

    with served(root, "--drafts") as site:
        assert "Not yet." in site.page("/2026/01/04/d/")

    assert not (root / "_site").exists()


def test_before_anything_is_published_a_page_says_so(tmp_path: Path) -> None:
    root = make_site(tmp_path / "site")
    write(root, "posts/2026-01-02-b.md", "---\ntitle: B\n---\n```{python}\n1 / 0\n```\n")

    with served(root) as site:
        status, _, body = site.get("/")
        (problem,) = site.bulletins[-1]["problems"]

    assert status == 404
    assert b"built for the first time" in body
    assert b"/.live/live.js" in body
    assert "ZeroDivisionError" in problem


LONG = "---\ntitle: B\n---\n```{python}\nimport os\nos.system('sleep 283')\n```\n"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_server_that_ends_while_a_block_runs(
    tmp_path: Path, ending: signal.Signals
) -> None:
    root = make_site(tmp_path / "site")
    with served(root) as site:
        since = len(site.bulletins)
        write(root, "posts/2026-01-02-b.md", LONG)
        site.wait_for(lambda b: bool(b["running"]), since)

        os.kill(site.process.pid, ending)
        site.process.wait(PATIENCE_S)

        end = time.monotonic() + PATIENCE_S
        while processes_naming(str(root), "sleep 283") and time.monotonic() < end:
            time.sleep(0.05)
        assert processes_naming(str(root), "sleep 283") == []


def test_rapid_saves_end_the_block_that_runs(tmp_path: Path) -> None:
    root = make_site(tmp_path / "site")
    with served(root) as site:
        since = len(site.bulletins)
        for number in range(8):
            write(root, "posts/2026-01-02-b.md", LONG.replace("283", f"283{number}"))
            site.wait_for(lambda b: bool(b["running"]), since)
        site.after(
            lambda: write(root, "posts/2026-01-02-b.md", "---\ntitle: B\n---\nDone at last.\n")
        )

        assert "Done at last." in site.page(B)
        assert processes_naming("sleep 283") == []


def test_an_edit_of_the_builder_starts_it_again(tmp_path: Path) -> None:
    clone = tmp_path / "project"
    ignored = shutil.ignore_patterns(".git", ".venv", ".cache", "_site", "__pycache__", "tests")
    shutil.copytree(PROJECT, clone, ignore=ignored)
    root = make_site(tmp_path / "site")
    with served(root, project=clone) as site:
        ours = clone / "builder/network/errors.py"
        assert ran(site.after(lambda: ours.write_text(ours.read_text() + "\n"))) == set()

        path = clone / "builder/compose/days.py"
        good = path.read_text()
        path.write_text(good + "\ndef (:\n")
        time.sleep(0.5)
        assert site.get("/")[0] == 200
        path.write_text(good + "\n# edited\n")

        assert site.process.stdout is not None
        assert site.process.stdout.readline().strip() == site.address


def test_a_file_that_changes_after_a_block_has_read_it_runs_the_block_again(
    tmp_path: Path,
) -> None:
    root, go = make_site(tmp_path / "site"), tmp_path / "go"
    with served(root) as site:
        since = len(site.bulletins)
        wait = f"import os\nos.system('until [ -e {go} ]; do sleep 0.02; done')"
        code = f"text = open('data.txt').read()\n{wait}\nprint('read', text)"
        write(root, "posts/2026-01-02-b.md", f"---\ntitle: B\n---\n```{{python}}\n{code}\n```\n")
        site.wait_for(lambda b: bool(b["running"]), since)

        write(root, "posts/data.txt", "newer")
        time.sleep(0.3)
        go.touch()
        site.settled(since)

        assert "read newer" in site.page(B)


def test_what_posts_link_to_outside_the_site_is_watched(tmp_path: Path) -> None:
    root, aside = make_site(tmp_path / "site"), tmp_path / "aside"
    aside.mkdir()
    (aside / "post.md").write_text("---\ntitle: Linked\n---\nFirst.\n")
    (root / "posts/2026-01-03-linked.md").symlink_to(aside / "post.md")
    with served(root) as site:
        site.after(lambda: (aside / "post.md").write_text("---\ntitle: Linked\n---\nSecond.\n"))

        assert "Second." in site.page("/2026/01/03/linked/")


READS = "---\ntitle: B\n---\n```{{python}}\nprint('one in', 60 // int(open({!r}).read()))\n```\n"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that a block reads, in a folder that is watched for its sake alone."""
    return write(tmp_path, "outside/number", "2")


def test_data_outside_the_site_is_watched_on_while_the_site_cannot_be_built(
    tmp_path: Path, outside: Path
) -> None:
    root = make_site(tmp_path / "site")
    write(root, "posts/2026-01-02-b.md", READS.format(str(outside)))
    with served(root) as site:
        assert "one in 30" in site.page(B)
        site.after(lambda: write(root, "pyproject.toml", "[tool.site\n"))

        # Another build, which finds the same: had it not been noticed, none would follow.
        (problem,) = site.after(lambda: outside.write_text("3"))[-1]["problems"]

        assert "pyproject.toml" in problem
        site.after(lambda: write(root, "pyproject.toml", SETTINGS))
        assert "one in 20" in site.page(B)


def test_a_block_that_fails_runs_again_once_its_data_outside_the_site_is_mended(
    tmp_path: Path, outside: Path
) -> None:
    root = make_site(tmp_path / "site")
    write(root, "posts/2026-01-02-b.md", READS.format(str(outside)))
    outside.write_text("none")
    with served(root) as site:
        assert "ValueError" in str(site.bulletins[-1]["problems"])

        told = site.after(lambda: outside.write_text("4"))

        assert told[-1]["problems"] == []
        assert "one in 15" in site.page(B)


def test_the_projects_own_posts_are_not_shown_where_those_of_the_site_are_gone(
    tmp_path: Path,
) -> None:
    root = make_site(tmp_path / "site")
    with served(root) as site:
        before = site.page("/")
        told = site.after(lambda: (root / "posts").rename(tmp_path / "away"))

        assert "posts is gone" in told[-1]["problems"][0]
        assert site.page("/") == before
        since = len(site.bulletins)
        (tmp_path / "away").rename(root / "posts")
        site.wait_for(lambda b: b["problems"] == [], since)
