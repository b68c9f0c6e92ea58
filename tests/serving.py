"""The writer's server as a process of its own, and a reader of what it tells open pages."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from builder.config import PROJECT

PATIENCE_S = 60.0


class Served:
    """A site that is served, and all bulletins so far."""

    def __init__(self, root: Path, process: subprocess.Popen[str], address: str) -> None:
        self.root = root
        self.process = process
        self.address = address
        parts = urlsplit(address)
        self.host, self.port = str(parts.hostname), parts.port or 0
        self.bulletins: list[dict[str, Any]] = []
        self._came = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        connection = http.client.HTTPConnection(self.host, self.port)
        try:
            connection.request("GET", "/.live/events")
            with connection.getresponse() as answer:
                for line in answer:
                    if line.startswith(b"data: "):
                        with self._came:
                            self.bulletins.append(json.loads(line[6:]))
                            self._came.notify_all()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    def wait_for(self, what: Callable[[dict[str, Any]], bool], since: int = 0) -> dict[str, Any]:
        """The first bulletin from the `since`-th on of which `what` is true."""
        end = time.monotonic() + PATIENCE_S
        with self._came:
            while True:
                for bulletin in self.bulletins[since:]:
                    if what(bulletin):
                        return bulletin
                if not self._came.wait(end - time.monotonic()):
                    raise AssertionError(f"not told: {self.bulletins[since:][-3:]}")

    def settled(self, since: int = 0) -> list[dict[str, Any]]:
        """Bulletins from the `since`-th on, once a build has ended and no other one follows."""
        builds = self.bulletins[since - 1]["builds"] if since else 0
        self.wait_for(lambda b: b["builds"] > builds, since)
        while True:
            count = len(self.bulletins)
            time.sleep(0.15)
            if len(self.bulletins) == count:
                return self.bulletins[since:]

    def after(self, change: Callable[[], object]) -> list[dict[str, Any]]:
        """What is told of a change until all is quiet again."""
        since = len(self.bulletins)
        change()
        return self.settled(since)

    def get(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET"
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask; the status, headers and body of the answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)
        try:
            connection.putrequest(method, path, skip_host="Host" in (headers or {}))
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def page(self, path: str) -> str:
        """A page without what the server puts into it."""
        status, _, body = self.get(path)
        assert status == 200, (path, status)
        return without_script(body).decode()


def without_script(page: bytes) -> bytes:
    """A page as it was published."""
    start = page.find(b'<link rel="stylesheet" href="/.live/live.css">')
    return page[:start] + page[page.index(b"</body>", start) :] if start >= 0 else page


def ran(bulletins: list[dict[str, Any]]) -> set[tuple[str, int]]:
    """The blocks that have run, each as the name of its post and its number."""
    told = (block for bulletin in bulletins for block in bulletin["ran"])
    return {(Path(block["post"]).stem, block["number"]) for block in told}


@contextmanager
def served(root: Path, *options: str, project: Path = PROJECT) -> Iterator[Served]:
    """Serve the site at `root`; afterwards the server must end as it is asked to."""
    command = [sys.executable, "build.py", "serve", "--root", str(root), "--port", "0", *options]
    log = root.parent / f"{root.name}.log"
    with (
        log.open("w") as told,
        subprocess.Popen(
            command,
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http"), log.read_text()
        site = Served(root, process, address)
        try:
            site.settled()
            yield site
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGINT)
            try:
                status = process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()  # or the end of this would be waited for without end
                raise
        assert status in (0, -signal.SIGKILL), log.read_text()
