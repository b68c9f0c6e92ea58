"""Social cards of posts: drawn in processes beside the builder's, and kept in the store.

A card costs about as much as a page, and Matplotlib half a second before the first. So none
is drawn that is known, and where none is missing, no process starts.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from builder.cache.store import Store, digest
from builder.config import PROJECT
from builder.errors import SiteError
from builder.execute.environment import post_environment

DRAW = (sys.executable, "-P", "-m", "builder.social.draw")
"""The program that draws."""

_DRAWN_BY = "2"
"""Another number where the same card would look different."""

_KIND = "social"
_PATIENCE_S = 60.0
_WORTH_A_PROCESS = 16
"""So many cards take as long as a process does to start."""

_AHEAD = 2
"""Cards that wait for each process, with their figures in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardJob:
    """What stands on a card."""

    site_title: str
    title: str
    """Plain text, like all that is written on it."""

    day: str
    """As readers are told it: `26 November 2026`."""

    series: str | None
    figure: tuple[str, str] | None
    """Media type and a digest of the post's first plot, in light colours."""

    load_figure: Callable[[], bytes]
    """Its content; asked for in the thread that draws cards, where a card is missing."""

    @property
    def key(self) -> str:
        """Another one where anything on the card is another."""
        said = (self.site_title, self.title, self.day, self.series, self.figure)
        return digest(_DRAWN_BY, repr(said))


def draw_cards(jobs: Sequence[CardJob], store: Store, processes: int, drawers: "Drawers") -> None:
    """Draw the cards that are not in the store, and put them there.

    A figure that cannot be drawn is left out.

    Args:
        jobs: the cards of a site.
        store: where they are kept.
        processes: how many may draw at once.
        drawers: these.

    Raises:
        SiteError: a card cannot be drawn, not even without its figure.
    """
    missing = {job.key: job for job in _missing(jobs, store)}
    if not missing:
        return
    count = max(1, min(processes, -(-len(missing) // _WORTH_A_PROCESS)))
    waiting: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(count) as threads:
        try:
            for key, job in missing.items():
                if len(waiting) >= count * _AHEAD:
                    waiting.popleft().result()
                content = job.load_figure() if job.figure else None
                waiting.append(threads.submit(_draw_into, store, key, job, content, drawers))
            while waiting:
                waiting.popleft().result()
        except BaseException:
            for future in waiting:
                future.cancel()
            drawers.close()  # then no thread waits for an answer any more
            raise


def card_png(job: CardJob, store: Store, drawers: "Drawers") -> bytes:
    """A card from the store; drawn now if it has gone from there.

    Raises:
        SiteError: it cannot be drawn, not even without its figure.
    """
    key = job.key
    known = store.get(_KIND, key)
    if known is not None:
        return known
    content = job.load_figure() if job.figure else None
    return _draw_into(store, key, job, content, drawers)


def _missing(jobs: Sequence[CardJob], store: Store) -> list[CardJob]:
    """Those without a file in the store; a damaged one is noticed when it is read."""
    folder = f"{store.folder}{os.sep}{_KIND}{os.sep}"
    found = []
    for job in jobs:
        key = job.key
        if not os.path.isfile(f"{folder}{key[:2]}{os.sep}{key[2:]}"):
            found.append(job)
    return found


class _NotDrawnError(Exception):
    """A card could not be drawn; the text says why."""


def _draw_into(
    store: Store, key: str, job: CardJob, content: bytes | None, drawers: "Drawers"
) -> bytes:
    try:
        png = drawers.draw(_line(job, content))
    except _NotDrawnError:
        try:
            png = drawers.draw(_line(job, None))
        except _NotDrawnError as error:
            raise SiteError(
                f"the social card of the post {job.title!r} could not be drawn: {error} "
                "(social_cards = false in [tool.site] builds without them)"
            ) from None
    store.put(_KIND, key, png)
    return png


def _line(job: CardJob, content: bytes | None) -> bytes:
    """A job as `builder.social.draw` reads it."""
    figure = content if job.figure else None
    said = {
        "site_title": job.site_title,
        "title": job.title,
        "day": job.day,
        "series": job.series,
        "media_type": job.figure[0] if job.figure else None,
        "figure": None if figure is None else base64.b64encode(figure).decode("ascii"),
    }
    return json.dumps(said).encode("ascii") + b"\n"


class Drawers:
    """Processes that draw, as many as are asked at once.

    Args:
        program: draws; speaks as `builder.social.draw` does.
    """

    def __init__(self, program: Sequence[str] | None = None) -> None:
        self._program = program
        self._lock = threading.Lock()
        self._idle: list[_Drawer] = []
        self._all: list[_Drawer] = []
        self._is_closed = False

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every process."""
        self.close()

    def close(self) -> None:
        """End every process; what they were at is not drawn."""
        with self._lock:
            self._is_closed = True
            left, self._all, self._idle = tuple(self._all), [], []
        for drawer in left:
            drawer.end()

    def warm(self) -> None:
        """Start a process, which takes longer than much else that can go on meanwhile."""
        with self._lock, suppress(_NotDrawnError):  # which is told when a card is asked for
            if not self._all and not self._is_closed:
                self._idle.append(self._start())

    def draw(self, line: bytes) -> bytes:
        """Have a card drawn by a process that has nothing to do, or a new one.

        Raises:
            _NotDrawnError: the card is refused, or the process has ended over it.
        """
        with self._lock:
            if self._is_closed:
                raise _NotDrawnError("the build was broken off")
            drawer = self._idle.pop() if self._idle else self._start()
        try:
            return drawer.draw(line)
        finally:
            with self._lock:
                if not drawer.has_ended:
                    self._idle.append(drawer)
                elif drawer in self._all:
                    self._all.remove(drawer)
                    drawer.end()

    def _start(self) -> "_Drawer":
        drawer = _Drawer(self._program or DRAW)
        self._all.append(drawer)
        return drawer


class _Drawer:
    """One process that draws."""

    def __init__(self, program: Sequence[str]) -> None:
        try:
            self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed in end()
        except OSError as error:
            raise _NotDrawnError(f"no temporary file could be made: {error.strerror}") from None
        try:
            self._process = subprocess.Popen(
                program,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                cwd=PROJECT,
                env={**post_environment(os.environ), "PYTHONPATH": str(PROJECT)},
            )
        except OSError as error:
            self._said.close()
            raise _NotDrawnError(f"no process could be started: {error.strerror}") from None

    @property
    def has_ended(self) -> bool:
        """Whether it draws nothing any more."""
        return self._process.poll() is not None

    def draw(self, line: bytes) -> bytes:
        """Send a job and read the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        watch = threading.Timer(_PATIENCE_S, self._process.kill)
        watch.daemon = True
        watch.start()
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
            told, _, rest = self._process.stdout.readline().decode("utf-8").partition(" ")
            png = self._process.stdout.read(int(rest)) if told == "ok" else b""
        except (OSError, ValueError):  # it has ended, or another thread has closed the pipes
            told, png = "", b""
        finally:
            watch.cancel()
        if told == "ok" and len(png) == int(rest):
            return png
        if told == "error":
            raise _NotDrawnError(rest.strip())
        raise _NotDrawnError(self._ending())

    def _ending(self) -> str:
        """How the process has ended, and the last thing that it said."""
        self._process.kill()
        status = self._process.wait()
        try:
            self._said.seek(0)
            lines = self._said.read().decode("utf-8", "replace").split("\n")
        except ValueError:  # closed by another thread
            lines = []
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"its process has ended (status {status}){f': {last}' if last else ''}"

    def end(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._said):
            assert pipe is not None
            with suppress(OSError):  # what is left to write has no reader
                pipe.close()
