"""Asks other hosts whether what a site links to is still there.

Politely: each address once a day, one request at a time for each host with a pause
between, and no more than the head of a page where that will do.
"""

import json
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Event, Lock
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener, getproxies

from builder.cache.store import Store, digest
from builder.config import Site
from builder.errors import Location, Problem, note, warning

USER_AGENT = "daily-ml-blog link check"
_KIND = "reached"
_DAY_S = 86_400
_TIMEOUT_S = 10
_LONGEST_WAIT_S = 30
_MAX_REDIRECTS = 5
_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_BUSY = (429, 503)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a host has said."""

    status: int
    location: str | None = None
    """Where it sends on to."""

    retry_after: str | None = None


class UnreachableError(Exception):
    """A host has said nothing; the message tells why."""


class UnknownHostError(UnreachableError):
    """There is no such host."""


Fetch = Callable[[str, str], Reply]
"""Sends a request by its method and address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told of an address."""

    trouble: str | None
    """Why it cannot be reached; None where it can."""

    is_gone: bool = False
    moved: str | None = None
    """Where it is for good now."""


@dataclass(frozen=True, slots=True)
class _Gate:
    """Lets one request at a time through to a host."""

    lock: Lock = field(default_factory=Lock)
    asked_at: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Asker:
    """Asks for addresses.

    Args:
        fetch: sends a request; nothing of an answer's body is read.
        now: the time, in seconds.
        sleep: waits.
        pause_s: between two requests to a host.
        hosts_at_once: hosts that are asked side by side.
    """

    fetch: Fetch
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    pause_s: float = 1.0
    hosts_at_once: int = 8
    _gates: dict[str, _Gate] = field(default_factory=lambda: defaultdict(_Gate))
    _is_over: Event = field(default_factory=Event)

    def ask(self, urls: Sequence[str], *, allows_private: bool) -> Mapping[str, Answer]:
        """What hosts say of these addresses.

        Args:
            urls: each is asked for once.
            allows_private: whether hosts of a private network are asked, too.
        """
        self._is_over.clear()
        by_host: dict[str, list[str]] = defaultdict(list)
        for url in urls:
            by_host[urlsplit(url).netloc].append(url)
        for host in by_host:
            self._gates[host]  # made here, before threads look for it
        workers = ThreadPoolExecutor(self.hosts_at_once)
        try:
            told = workers.map(
                lambda of_host: [(url, self._answer(url, allows_private)) for url in of_host],
                by_host.values(),
            )
            return dict(pair for pairs in told for pair in pairs)
        finally:  # an impatient writer waits for what is under way, and for no more
            self._is_over.set()
            workers.shutdown(cancel_futures=True)

    def _answer(self, url: str, allows_private: bool) -> Answer:
        if self._is_over.is_set():
            return Answer("nobody waits for the answer")
        try:
            return self._follow(url, allows_private)
        except UnreachableError as error:
            return Answer(str(error), isinstance(error, UnknownHostError))

    def _follow(self, url: str, allows_private: bool) -> Answer:
        moved, is_for_good = None, True
        for _ in range(_MAX_REDIRECTS + 1):
            if not allows_private and _is_private(url):
                return Answer(f"{urlsplit(url).netloc} is on a private network")
            reply = self._reply(url)
            if reply.status not in _REDIRECTS or not reply.location:
                return _judged(reply, moved)
            try:
                url = urljoin(url, reply.location)
            except ValueError:  # such as `http://[x`
                return Answer(f"it sends on to {reply.location!r}, which is no address")
            if urlsplit(url).scheme not in ("http", "https"):
                return Answer(f"it sends on to {url!r}")
            is_for_good = is_for_good and reply.status in _PERMANENT
            moved = url if is_for_good else moved
        return Answer(f"it sends on more than {_MAX_REDIRECTS} times")

    def _reply(self, url: str) -> Reply:
        """The answer to HEAD, or to GET where a host may not like HEAD."""
        reply = self._patiently("HEAD", url)
        is_refused = reply.status >= 400 and reply.status not in _BUSY  # errors
        return self._patiently("GET", url) if is_refused else reply

    def _patiently(self, method: str, url: str) -> Reply:
        """The answer, or the second one where a host asks for patience."""
        reply = self._politely(method, url)
        if reply.status in _BUSY and reply.retry_after is not None:
            wait_s = int(reply.retry_after) if reply.retry_after.isdigit() else _LONGEST_WAIT_S
            self.sleep(min(wait_s, _LONGEST_WAIT_S))
            return self._politely(method, url)
        return reply

    def _politely(self, method: str, url: str) -> Reply:
        gate = self._gates[urlsplit(url).netloc]
        with gate.lock:
            if gate.asked_at:
                self.sleep(max(0.0, gate.asked_at[-1] + self.pause_s - self.now()))
            try:
                return self.fetch(method, url)
            finally:
                gate.asked_at[:] = [self.now()]


def tell_outside(
    outside: Mapping[str, Sequence[Location]], site: Site, store: Store, asker: Asker
) -> Iterator[Problem]:
    """What is wrong with links to other hosts; answers that were good are remembered for a day.

    Args:
        outside: where each address is named.
        site: a private network is asked only where the site itself lies in one.
        store: remembers.
        asker: asks.
    """
    known = {url: answer for url in outside if (answer := _remembered(url, store, asker.now()))}
    new = [url for url in sorted(outside) if url not in known]
    answers = {**known, **asker.ask(new, allows_private=_is_private(site.config.url))}
    for url in new:
        if answers[url].trouble is None:
            told = {"at": asker.now(), "moved": answers[url].moved}
            store.put(_KIND, digest(url), json.dumps(told).encode())
    for url, places in sorted(outside.items()):
        for where in dict.fromkeys(places):
            problem = _problem(url, answers[url], where)
            if problem is not None:
                yield problem


def fetch(method: str, url: str) -> Reply:
    """Send a request, and read the head of the answer.

    Raises:
        UnreachableError: there is no answer.
    """
    try:
        request = Request(_quoted(url), method=method, headers={"User-Agent": USER_AGENT})
        with build_opener(_StayHere).open(request, timeout=_TIMEOUT_S) as answer:
            return Reply(answer.status)
    except HTTPError as error:
        with error:
            head = error.headers
            return Reply(error.code, head.get("Location"), head.get("Retry-After"))
    except URLError as error:
        raise _reason(error.reason) from None
    except Exception as error:  # what other hosts send raises anything
        raise _reason(error) from None


class _StayHere(HTTPRedirectHandler):
    """Follows no redirect: whether it is for good must be seen."""

    def http_error_302(self, *_: Any, **__: Any) -> None:
        """Follow none, and read none: what it says may be no address."""

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _reason(reason: object) -> UnreachableError:
    if isinstance(reason, socket.gaierror) and reason.errno != socket.EAI_AGAIN:
        return UnknownHostError("there is no such host")
    if isinstance(reason, TimeoutError):
        return UnreachableError(f"there is no answer within {_TIMEOUT_S} s")
    words = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
    return UnreachableError(words or type(reason).__name__)


def _quoted(url: str) -> str:
    """An address as a request has it: letters of all the world's alphabets are encoded."""
    parts = urlsplit(url)
    host = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    path, query = (
        quote(parts.path, safe="/%:@!$&'()*+,;=~"),
        quote(parts.query, safe="/%:@!$&'()*+,;=~?"),
    )
    return parts._replace(netloc=host, path=path, query=query, fragment="").geturl()


def _is_private(url: str) -> bool:
    """Whether a host lies in a private network, or on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        pass
    if host == "localhost" or getproxies():  # a proxy knows names that are not known here
        return host == "localhost"
    try:
        found = socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):  # told by the request
        return False
    return any(not ip_address(str(address[0]).partition("%")[0]).is_global for *_, address in found)


def _judged(reply: Reply, moved: str | None) -> Answer:
    if reply.status < 400:  # where errors begin
        return Answer(None, moved=moved)
    return Answer(f"the answer is {reply.status}", reply.status in _GONE)


def _remembered(url: str, store: Store, now: float) -> Answer | None:
    body = store.get(_KIND, digest(url))
    told = json.loads(body) if body is not None else None
    return Answer(None, moved=told["moved"]) if told and told["at"] > now - _DAY_S else None


def _problem(url: str, answer: Answer, where: Location) -> Problem | None:
    if answer.is_gone:
        hint = "link to where it is now, or to a copy of it at https://web.archive.org/"
        message = f"{url!r}: {answer.trouble}"
        return Problem(code="broken-link", message=message, location=where, hint=hint)
    if answer.trouble is not None:
        hint = "look whether readers can reach it"
        return warning("unsure-link", f"{url!r}: {answer.trouble}", where, hint)
    if answer.moved is not None:
        hint = f"link to {answer.moved!r}"
        return note("moved-link", f"{url!r} has moved for good", where, hint)
    return None
