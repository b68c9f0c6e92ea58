"""A site on a port of this machine, with the headers that its own `_headers` asks for.

By hand: `python -m tests.browser.server _site`.
"""

import argparse
import re
import time
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from builder.serving.headers import headers_for, read_headers

DELAY = "X-Delay-Ms"
"""A header of a request: how long pictures and scripts that wait are to take, so that the page is
painted before it has them, as it is on a slow line."""

_LATE_SCRIPT = re.compile(r"<script(?=[^>]*\b(?:defer|async)\b)[^>]*\bsrc=\"([^\"]+)\"")


def late_scripts(folder: Path) -> frozenset[str]:
    """Paths of the scripts for which no page waits."""
    pages = (path.read_text(encoding="utf-8") for path in folder.rglob("*.html"))
    return frozenset(name for text in pages for name in _LATE_SCRIPT.findall(text))


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves files as a static host does: `404.html` for what is not there."""

    protocol_version = "HTTP/1.1"
    rules: tuple[tuple[str, dict[str, str]], ...] = ()
    late: frozenset[str] = frozenset()

    def do_GET(self) -> None:
        if self.path in self.late or self.path.endswith((".svg", ".png", ".webp", ".jpg")):
            time.sleep(int(self.headers.get(DELAY, "0")) / 1000)
        super().do_GET()

    def end_headers(self) -> None:
        for name, value in headers_for(self.path.partition("?")[0], self.rules).items():
            self.send_header(name, value)
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        lost = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not lost.is_file():
            super().send_error(code, message, explain)
            return
        content = lost.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a built site with its own headers.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    headers = options.folder / "_headers"
    if headers.is_file():
        SiteHandler.rules = read_headers(headers.read_text(encoding="utf-8"))
    SiteHandler.late = late_scripts(options.folder)
    handler = partial(SiteHandler, directory=str(options.folder))
    with ThreadingHTTPServer(("127.0.0.1", options.port), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
