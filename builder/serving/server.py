"""Answers browsers, on a thread of its own, while the builder builds."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from types import TracebackType
from typing import Any, Self

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

from builder.errors import SettingsError
from builder.serving.gate import is_own_name, is_own_origin
from builder.serving.headers import headers_for, read_headers
from builder.serving.news import News
from builder.serving.showcase import Found, Moved, Showcase

_CLIENT = Path(__file__).parent / "client"
_PORTS_TRIED = 20
_HEADER_BYTES, _BODY_BYTES = 32_768, 1_024
_PATIENCE_S = 20
_BEAT_S = 15
"""After so long a silence, an open page is told that the server lives."""

_LISTENERS = 200
_SCRIPT = (
    '<link rel="stylesheet" href="/.live/live.css">'
    '<script src="/.live/live.js" data-version="{server}-{version}" defer></script>'
)
_WAITING = (
    b'<!doctype html><html lang="en"><head><meta charset="utf-8">'
    b'<meta name="viewport" content="width=device-width, initial-scale=1">'
    b'<meta name="color-scheme" content="light dark"><title>Not there yet</title></head>'
    b"<body><main><p>The site is being built for the first time. "
    b"Its pages are shown here once they are there.</p></main></body></html>"
)


class Server:
    """Serves a showcase until it is closed.

    Args:
        showcase: finds what is asked for.
        news: what open pages are told.
        host: where to listen.
        port: there; where None, the first free one from 8000 on.

    Raises:
        SettingsError: the port is taken, or the host is none of this machine's.
    """

    def __init__(self, showcase: Showcase, news: News, host: str, port: int | None) -> None:
        self._sockets = _bind(host, port)
        self.port: int = self._sockets[0].getsockname()[1]
        told = f"[{host}]" if ":" in host else host
        self.address = f"http://{told}:{self.port}{showcase.home}"
        shared = {"shared": _Shared(showcase, news, host)}
        self._application = Application(
            [
                (r"/\.live/events", _Events, shared),
                (r"/\.live/(live\.(?:js|css))", _Client, shared),
                (r"(.*)", _Page, {**shared, "path": str(showcase.output)}),
            ],
            log_function=lambda _: None,
        )
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._end: Callable[[], object] = lambda: None
        self._is_up = threading.Event()

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._thread.start()
        self._is_up.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Answer no more."""
        self._end()
        self._thread.join(_PATIENCE_S)

    async def _serve(self) -> None:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        self._end = lambda: loop.call_soon_threadsafe(end.set)
        for name in ("tornado.access", "tornado.general"):  # what strangers send is no news
            logging.getLogger(name).setLevel(logging.CRITICAL)
        server = HTTPServer(
            self._application,
            max_header_size=_HEADER_BYTES,
            max_body_size=_BODY_BYTES,
            idle_connection_timeout=_PATIENCE_S,
            body_timeout=_PATIENCE_S,
        )
        server.add_sockets(self._sockets)
        self._is_up.set()
        await end.wait()
        server.stop()  # what is answered now is given up with the loop


def _bind(host: str, port: int | None) -> list[socket]:
    """Sockets that listen."""
    wanted = range(8000, 8000 + _PORTS_TRIED) if port is None else (port,)
    for number in wanted:
        try:
            return bind_sockets(number, host)
        except OSError as error:
            told = error.strerror or str(error)
            if port is None and number != wanted[-1]:
                continue
            raise SettingsError(
                f"cannot listen at {host}, port {number}: {told} (say another --port or --host)"
            ) from None
    raise AssertionError("there is at least one port")


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all handlers know."""

    showcase: Showcase
    news: News
    host: str
    listening: "set[_Events]" = field(default_factory=set)


class _Guarded(RequestHandler):
    """Answers only who may ask, and only questions."""

    SUPPORTED_METHODS = ("GET", "HEAD")

    def initialize(self, shared: _Shared) -> None:
        """Know what all handlers know."""
        self.shared = shared

    def prepare(self) -> None:
        """Refuse strangers.

        Raises:
            HTTPError: the request comes from another site's page, or asks for another's name.
        """
        asked = self.request.headers.get("Host", "")
        if not is_own_name(asked, self.shared.host):
            raise HTTPError(421, reason="This server is not the one that is asked for")
        if not is_own_origin(self.request.headers.get("Origin"), asked):
            raise HTTPError(403, reason="Pages of other sites may not ask")

    def set_default_headers(self) -> None:
        """Say nothing of what answers, and let nothing be kept unasked."""
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")

    def write_error(self, status_code: int, **_: Any) -> None:
        """A line of text."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")


class _Client(_Guarded):
    """What is put into pages that are served."""

    def get(self, name: str) -> None:
        """The script or its style sheet."""
        kind = "text/javascript" if name.endswith(".js") else "text/css"
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.finish((_CLIENT / name).read_bytes())

    head = get


class _Events(_Guarded):
    """Tells an open page what is new, for as long as it is open."""

    async def get(self) -> None:
        """Send each bulletin as an event."""
        listening, news = self.shared.listening, self.shared.news
        if len(listening) >= _LISTENERS:
            raise HTTPError(503)
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        unsubscribe = news.subscribe(lambda: loop.call_soon_threadsafe(self._wake.set))
        listening.add(self)
        told = None
        try:
            while True:  # until the page is closed, which writing to it then tells
                latest = news.latest
                self.write(
                    ": still here\n\n" if latest is told else _event(latest.to_json(news.server))
                )
                told = latest
                await self.flush()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _BEAT_S)
                self._wake.clear()
        except StreamClosedError:
            pass
        finally:
            listening.discard(self)
            unsubscribe()

    def on_connection_close(self) -> None:
        """See at once that nobody listens any more."""
        self._wake.set()


def _event(text: str) -> str:
    return f"data: {text}\n\n"


class _Page(_Guarded, StaticFileHandler):
    """A file of the site."""

    def initialize(self, shared: _Shared, path: str) -> None:  # type: ignore[override]
        """Know what all handlers know, and where files lie."""
        _Guarded.initialize(self, shared)
        StaticFileHandler.initialize(self, path)
        self._is_at_hand = False

    async def get(self, _address: str, include_body: bool = True) -> None:
        """The file at an address, or what leads there."""
        version = self.shared.news.latest.version  # before the page that it is said of
        match self.shared.showcase.find(self.request.path):
            case Moved(address):
                self.redirect(address + (f"?{self.request.query}" if self.request.query else ""))
            case Found(path, None):
                self._set_own_headers()
                await StaticFileHandler.get(self, str(path), include_body)
            case Found(path, content) if content is not None:
                self._set_own_headers()
                self._finish(str(path), content, version)
            case _:
                self.set_status(404)
                self._finish("404.html", self.shared.showcase.lost() or _WAITING, version)

    async def head(self, address: str) -> None:
        """What `get` says without what it gives."""
        await self.get(address, include_body=False)

    def get_content_type(self) -> str:
        """By the name of the file; text is UTF-8."""
        kind = super().get_content_type()
        is_text = kind.startswith("text/") or kind in ("application/json", "application/xml")
        return f"{kind}; charset=utf-8" if is_text else kind

    def compute_etag(self) -> str | None:
        """A digest of what is given, where that does not lie on disk as it is."""
        if self._is_at_hand:
            return RequestHandler.compute_etag(self)
        return StaticFileHandler.compute_etag(self)

    def _finish(self, path: str, content: bytes, version: int) -> None:
        """Give content that is at hand; a page with the script that keeps it new."""
        self.absolute_path, self._is_at_hand = path, True
        self.set_header("Content-Type", self.get_content_type())
        if path.endswith(".html"):
            before, end, after = content.rpartition(b"</body>")
            script = _SCRIPT.format(server=self.shared.news.server, version=version).encode()
            content = before + script + end + after if end else content + script
        self.finish(content)

    def _set_own_headers(self) -> None:
        """Say what the site asks its host to say, but for how long things may be kept."""
        with suppress(OSError, UnicodeDecodeError):
            text = (self.shared.showcase.output / "_headers").read_text(encoding="utf-8")
            for name, value in headers_for(self.request.path, read_headers(text)).items():
                if name.lower() != "cache-control":
                    self.set_header(name, value)
