"""Links to other hosts: what is asked, how often, and what is made of the answers."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath

import pytest

from builder.cache.store import Store
from builder.checking.external import USER_AGENT, Asker, Reply, fetch, tell_outside
from builder.config import Site, SiteConfig
from builder.errors import Location
from builder.report import in_one_line

HERE = Location(PurePosixPath("posts/a.md"), 4, 5)


@dataclass
class Server:
    """What hosts of the test answer, by method and path, and what they were asked."""

    root: str = ""
    answers: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def answer(self, method: str, path: str) -> Reply:
        self.asked.append(f"{method} {path}")
        replies = self.answers.get(f"{method} {path}") or self.answers.get(path) or [Reply(200)]
        return replies.pop(0) if len(replies) > 1 else replies[0]


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            reply = told.answer(self.command, self.path)
            told.agents.add(self.headers["User-Agent"])
            self.send_response(reply.status)
            for name, value in (("Location", reply.location), ("Retry-After", reply.retry_after)):
                if value is not None:
                    self.send_header(name, value)
            self.end_headers()

        do_GET = do_HEAD  # noqa: N815  # names of the standard library

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        told.root = f"http://127.0.0.1:{running.server_port}"
        yield told
        running.shutdown()
        thread.join()


@dataclass
class Clock:
    """A clock that sleeping alone moves."""

    time: float = 1e9
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.time += seconds


def _told(
    folder: Path,
    urls: Mapping[str, int] | list[str],
    clock: Clock | None = None,
    own: str = "http://127.0.0.1",
) -> list[str]:
    clock = clock or Clock()
    site = Site(root=folder, config=SiteConfig(url=own))
    asker = Asker(fetch, now=clock.now, sleep=clock.sleep)
    outside = {url: [HERE] for url in urls}
    return [in_one_line(p) for p in tell_outside(outside, site, Store(folder), asker)]


def test_a_page_that_is_there_is_asked_for_once_a_day(server: Server, tmp_path: Path) -> None:
    clock, url = Clock(), f"{server.root}/x?q=ü"

    assert [_told(tmp_path, [url], clock) for _ in range(2)] == [[], []]
    assert server.asked == ["HEAD /x?q=%C3%BC"]
    assert server.agents == {USER_AGENT}

    clock.time += 86_401
    assert _told(tmp_path, [url], clock) == []
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_an_error_each_time(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.answers["/x"] = [Reply(status)]

    for _ in range(2):
        assert _told(tmp_path, [f"{server.root}/x"]) == [
            f"posts/a.md:4:5: error[broken-link]: '{server.root}/x': the answer is {status} "
            "(link to where it is now, or to a copy of it at https://web.archive.org/)"
        ]
    assert server.asked == ["HEAD /x", "GET /x"] * 2


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_other_refusals_are_warnings(server: Server, tmp_path: Path, status: int) -> None:
    server.answers["/x"] = [Reply(status)]

    assert _told(tmp_path, [f"{server.root}/x"]) == [
        f"posts/a.md:4:5: warning[unsure-link]: '{server.root}/x': the answer is {status} "
        "(look whether readers can reach it)"
    ]


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_a_host_that_dislikes_head_is_asked_by_get(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.answers["HEAD /x"] = [Reply(status)]

    assert _told(tmp_path, [f"{server.root}/x"]) == []
    assert server.asked == ["HEAD /x", "GET /x"]


def test_a_move_for_good_is_noted_with_the_new_address(server: Server, tmp_path: Path) -> None:
    server.answers |= {
        "/a": [Reply(301, "/b")],
        "/b": [Reply(308, f"{server.root}/c")],
        "/c": [Reply(302, "/d")],
    }

    for _ in range(2):  # the second time it is remembered
        assert _told(tmp_path, [f"{server.root}/a"]) == [
            f"posts/a.md:4:5: note[moved-link]: '{server.root}/a' has moved for good "
            f"(link to '{server.root}/c')"
        ]
    assert server.asked == [f"HEAD /{name}" for name in "abcd"]


def test_a_move_for_now_is_none(server: Server, tmp_path: Path) -> None:
    server.answers |= {"/a": [Reply(302, "/b")], "/b": [Reply(301, "/c")]}

    assert _told(tmp_path, [f"{server.root}/a"]) == []


def test_a_circle_of_redirects_ends(server: Server, tmp_path: Path) -> None:
    server.answers["/a"] = [Reply(302, "/a")]

    (told,) = _told(tmp_path, [f"{server.root}/a"])

    assert "warning" in told
    assert "it sends on more than 5 times" in told
    assert len(server.asked) == 6


def test_a_host_is_given_time_between_requests(server: Server, tmp_path: Path) -> None:
    clock = Clock()

    _told(tmp_path, [f"{server.root}/{n}" for n in range(3)], clock)

    assert clock.slept == [1.0, 1.0]


@pytest.mark.parametrize(("wanted", "waited"), [("7", 7), ("9000", 30), ("Fri, 1 Jan 2027", 30)])
def test_retry_after_is_respected_once(
    server: Server, tmp_path: Path, wanted: str, waited: int
) -> None:
    clock = Clock()
    server.answers["/x"] = [Reply(429, retry_after=wanted), Reply(200)]
    server.answers["/y"] = [Reply(503, retry_after="1")]

    (told,) = _told(tmp_path, [f"{server.root}/x", f"{server.root}/y"], clock)

    assert "/y': the answer is 503" in told
    assert server.asked == ["HEAD /x", "HEAD /x", "HEAD /y", "HEAD /y"]
    assert waited in clock.slept


@pytest.mark.parametrize("url", ["http://localhost:1/", "https://10.0.0.1/x", "http://[::1]/"])
def test_private_networks_are_asked_by_sites_in_one_alone(tmp_path: Path, url: str) -> None:
    (told,) = _told(tmp_path, [url], own="https://8.8.8.8")
    (asked,) = _told(tmp_path, ["http://127.0.0.1:1/"])

    assert "is on a private network" in told
    assert "Connection refused" in asked


def test_nor_are_they_by_a_redirect(server: Server, tmp_path: Path) -> None:
    def sends_on(method: str, url: str) -> Reply:
        server.asked.append(url)
        return Reply(302, "http://169.254.169.254/latest/")

    site = Site(root=tmp_path, config=SiteConfig(url="https://8.8.8.8"))
    asker = Asker(sends_on, pause_s=0)

    (told,) = tell_outside({"https://1.1.1.1/": [HERE]}, site, Store(tmp_path), asker)

    assert told.message == "'https://1.1.1.1/': 169.254.169.254 is on a private network"
    assert server.asked == ["https://1.1.1.1/"]


def test_no_other_kind_of_address_is_followed(server: Server, tmp_path: Path) -> None:
    server.answers["/a"] = [Reply(302, "file:///etc/passwd")]

    (told,) = _told(tmp_path, [f"{server.root}/a"])

    assert "it sends on to 'file:///etc/passwd'" in told


def test_nor_is_what_is_no_address(server: Server, tmp_path: Path) -> None:
    server.answers["/a"] = [Reply(302, "http://[x")]

    assert _told(tmp_path, [f"{server.root}/a"]) == [
        f"posts/a.md:4:5: warning[unsure-link]: '{server.root}/a': it sends on to 'http://[x', "
        "which is no address (look whether readers can reach it)"
    ]
