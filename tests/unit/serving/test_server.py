"""What a browser is answered, and who is not answered at all."""

import errno
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from tornado.netutil import bind_sockets

from builder.errors import SettingsError
from builder.serving import server as servers
from builder.serving.news import News
from builder.serving.server import Server
from builder.serving.showcase import Showcase
from tests.unit.serving.conftest import Publish

FILES = {
    "index.html": b"<body>home</body>",
    "bare.html": b"bare",
    "404.html": b"<body>lost</body>",
    "a/index.html": b"<body>a</body>",
    "data.csv": b"1,2\n3,4\n",
    "feed.json": b"{}",
    "plot.png": b"PNG",
    "_headers": b"/*\n  Content-Security-Policy: default-src 'none'\n  Cache-Control: max-age=9\n",
}

Ask = Callable[..., HTTPResponse]


@pytest.fixture
def output(publish: Publish) -> Path:
    return publish(FILES)


@pytest.fixture
def news() -> News:
    return News()


@pytest.fixture
def server(output: Path, news: News) -> Iterator[Server]:
    with Server(Showcase(output, "/blog"), news, "127.0.0.1", 0) as server:
        yield server


@pytest.fixture
def ask(server: Server) -> Iterator[Ask]:
    opened = []

    def ask(path: str, method: str = "GET", **headers: str) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        opened.append(connection)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        return connection.getresponse()

    yield ask
    for connection in opened:
        connection.close()


@pytest.mark.parametrize(
    ("path", "status", "kind", "content"),
    [
        ("/blog/", 200, "text/html", b"home"),
        ("/blog/a/", 200, "text/html", b"a"),
        ("/blog/bare", 200, "text/html", b"bare"),
        ("/blog/data.csv", 200, "text/csv", b"1,2\n3,4\n"),
        ("/blog/feed.json", 200, "application/json", b"{}"),
        ("/blog/gone", 404, "text/html", b"lost"),
        ("/elsewhere", 404, "text/html", b"lost"),
        ("/blog/%ff", 400, "text/plain", b"400 Bad Request"),
    ],
)
def test_what_lies_at_an_address_is_given(
    ask: Ask, path: str, status: int, kind: str, content: bytes
) -> None:
    answer = ask(path)

    assert (answer.status, answer.headers["Content-Type"]) == (status, f"{kind}; charset=utf-8")
    assert content in answer.read()
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Server" not in answer.headers
    is_of_the_site = status == 200
    assert (answer.headers["Content-Security-Policy"] is not None) is is_of_the_site


def test_only_pages_get_the_script(ask: Ask, news: News) -> None:
    news.tell_version()

    page, bare, data = (ask(f"/blog/{name}").read() for name in ("", "bare", "data.csv"))

    script = f'data-version="{news.server}-1" defer></script>'.encode()
    assert page.endswith(script + b"</body>")
    assert bare.startswith(b"bare<link")
    assert bare.endswith(script)
    assert data == FILES["data.csv"]
    assert ask("/blog/plot.png").headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    ("path", "to"),
    [("/", "/blog/"), ("/blog/a", "/blog/a/"), ("/blog/a?q=1&r=2", "/blog/a/?q=1&r=2")],
)
def test_what_has_another_address_is_led_there(ask: Ask, path: str, to: str) -> None:
    answer = ask(path)

    assert (answer.status, answer.headers["Location"]) == (302, to)


@pytest.mark.parametrize("path", ["/blog/", "/blog/data.csv"])
def test_what_a_browser_has_is_not_given_again(ask: Ask, path: str) -> None:
    first = ask(path)
    tag, length = first.headers["Etag"], len(first.read())

    head = ask(path, "HEAD")
    assert (head.status, head.read(), int(head.headers["Content-Length"])) == (200, b"", length)
    same = ask(path, If_None_Match=tag)
    assert (same.status, same.read()) == (304, b"")
    assert ask(path, If_None_Match='"another"').status == 200


def test_a_part_of_a_file_is_given(ask: Ask) -> None:
    part = ask("/blog/data.csv", Range="bytes=2-3")

    assert (part.status, part.read()) == (206, b"2\n")


def test_what_is_put_into_pages_is_there(ask: Ask) -> None:
    script, sheet = ask("/.live/live.js"), ask("/.live/live.css")

    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert b"EventSource" in script.read()
    assert ask("/.live/other.js").status == 404


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"Host": "evil.example"}, 421),
        ("GET", {"Host": "["}, 421),
        ("GET", {"Origin": "https://evil.example"}, 403),
        ("GET", {"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
        ("POST", {}, 405),
        ("DELETE", {"Host": "evil.example"}, 405),
    ],
)
def test_strangers_and_orders_are_refused(
    ask: Ask, method: str, headers: dict[str, str], status: int
) -> None:
    answer = ask("/blog/", method, **headers)

    assert answer.status == status
    if status != 200:
        text = answer.read().decode()
        assert text.startswith(f"{status} ")
        assert "home" not in text


def test_before_the_first_build_a_page_waits_for_it(tmp_path: Path) -> None:
    with Server(Showcase(tmp_path / "_site", ""), News(), "127.0.0.1", 0) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", "/")
        answer = connection.getresponse()
        text = answer.read()
        connection.close()

    assert answer.status == 404
    assert b"being built for the first time" in text
    assert b"/.live/live.js" in text


# ---- news


def _event(answer: HTTPResponse) -> dict[str, object] | None:
    """The next event; None for a sign of life."""
    lines = []
    while (line := answer.readline()) not in (b"\n", b""):
        lines.append(line)
    (told,) = lines
    event: dict[str, object] | None
    event = json.loads(told.removeprefix(b"data: ")) if told.startswith(b"data: ") else None
    return event


def test_an_open_page_is_told_what_is_new(
    ask: Ask, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ask("/.live/events")
    first = _event(answer)
    news.tell_version()
    second = _event(answer)
    monkeypatch.setattr(servers, "_BEAT_S", 0.01)
    news.tell_version()
    third, *silence = (_event(answer) for _ in range(3))

    told = [event and (event["server"], event["version"]) for event in (first, second, third)]
    assert told == [(news.server, 0), (news.server, 1), (news.server, 2)]
    assert silence == [None, None]


def test_a_page_that_is_closed_makes_room_for_another(
    ask: Ask, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_LISTENERS", 1)
    first = HTTPConnection("127.0.0.1", server.port, timeout=20)
    first.request("GET", "/.live/events")
    told = first.getresponse()
    assert told.status == 200

    assert ask("/.live/events").status == 503
    first.sock.shutdown(socket.SHUT_RDWR)
    told.close()
    first.close()
    end = time.monotonic() + 20
    while (answer := ask("/.live/events")).status == 503 and time.monotonic() < end:
        time.sleep(0.01)
    assert answer.status == 200


# ---- where it listens


@pytest.mark.parametrize(
    ("port", "free", "told"),
    [
        (8123, 9000, "cannot listen at localhost, port 8123: Address already in use (say another"),
        (None, 9000, "cannot listen at localhost, port 8019: Address already in use (say another"),
        (None, 8019, None),
        (None, 8000, None),
    ],
)
def test_a_port_is_the_one_that_is_wanted_or_the_first_that_is_free(
    output: Path, monkeypatch: pytest.MonkeyPatch, port: int | None, free: int, told: str | None
) -> None:
    asked = []

    def bind_if_free(number: int, host: str) -> list[socket.socket]:
        asked.append(number)
        if number < free:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        return bind_sockets(0, host)

    monkeypatch.setattr(servers, "bind_sockets", bind_if_free)
    showcase = Showcase(output, "")

    if told is None:
        with Server(showcase, News(), "localhost", port) as server:
            assert server.address == f"http://localhost:{server.port}/"
        assert asked == list(range(8000, free + 1))
    else:
        with pytest.raises(SettingsError) as caught:
            Server(showcase, News(), "localhost", port)
        assert str(caught.value).startswith(told)
