"""What the command says to the writer; standard output is left to data."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath

from builder.config import Site
from builder.console.progress import Progress
from builder.console.ticking import can_tick, ticking
from builder.console.timings import Timings
from builder.errors import Problem
from builder.listening import BlockPlace, Listener
from builder.report import BuildReport, annotation, describe, in_one_line, line_reader, summary
from builder.terminal import can_be_controlled, cut, painter, visible

_REDRAWN_EVERY_S = 0.1
_LOOKED_AT_EVERY_S = 1.0
_COLUMNS = 80
"""Of a terminal that does not say how many it has."""

_CLEARED = "\r\x1b[K"


class Console(Listener):
    """Says on standard error what happens."""

    def __init__(
        self, *, is_quiet: bool = False, is_verbose: bool = False, color: str = "auto"
    ) -> None:
        self._is_quiet = is_quiet
        self._is_verbose = is_verbose
        self._paint = painter(color, sys.stderr, os.environ)
        self._progress = Progress()
        self.timings = Timings()
        self._is_watching = False
        self._is_live = False
        self._is_drawn = False
        self._is_sending = False
        """While it is true, as before a terminal that is held up, a tick may not send, too."""

    def say(self, text: str) -> None:
        """Say it in any case."""
        self._write(visible(text))

    def fail(self, text: str) -> None:
        """Say why nothing came of it."""
        self._write(f"{self._paint('error', 'error')}: {visible(text)}")

    def announce(self, text: str) -> None:
        """Say it, unless errors alone are wanted."""
        if not self._is_quiet:
            self.say(text)

    def note(self, text: str) -> None:
        """Say it where all is wanted."""
        if self._is_verbose:
            self.say(text)

    def tell(self, problems: Iterable[Problem], site: Site, form: str = "full") -> None:
        """Tell problems.

        Args:
            problems: those to tell; where errors alone are wanted, only these are.
            site: whose files they are in.
            form: `full` with their lines, `concise` in one line each, or `github` as annotations,
                on standard output.
        """
        told = (p for p in problems if not self._is_quiet or p.severity == "error")
        match form:
            case "full":
                lines_of = line_reader(site.content_root)
                for problem in told:
                    self._write(describe(problem, lines_of, self._paint))
            case "concise":
                for problem in told:
                    self._write(in_one_line(problem, self._paint))
            case "github":
                folder = PurePosixPath(os.path.relpath(site.content_root).replace(os.sep, "/"))
                for problem in told:
                    print(annotation(problem, folder))

    def sum_up(self, report: BuildReport) -> None:
        """Say in a line what a build did, unless errors alone are wanted."""
        if not self._is_quiet:
            self._write(summary(report, self._paint))

    def _write(self, text: str) -> None:
        """Write lines, in the place of the one that is drawn if there is one."""
        self._send(f"{_CLEARED if self._is_live else ''}{text}\n")

    def _send(self, text: str) -> None:
        self._is_sending = True
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except BrokenPipeError:
            raise
        except OSError:  # a log on a full disk is no reason to build nothing
            pass
        finally:
            self._is_sending = False

    # ---- what goes on

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Show what a build does meanwhile: in a line on a terminal, elsewhere as posts end."""
        if self._is_quiet:
            yield
            return
        self._progress = Progress()
        is_terminal = can_be_controlled(sys.stderr, os.environ)
        self._is_watching = True
        self._is_live = is_terminal and can_tick() and not _is_unattended()
        every_s = _REDRAWN_EVERY_S if self._is_live else _LOOKED_AT_EVERY_S
        try:
            with ticking(self._tick, every_s):
                yield
        finally:
            self._is_watching = False
            self._clear()
            self._is_live = False

    def _tick(self) -> None:
        if self._is_sending:
            return
        with suppress(OSError):  # the terminal may be gone
            if self._is_live:
                self._draw()
            else:
                for line in self._progress.overdue():
                    self.say(line)

    def _draw(self) -> None:
        # The last column stays free: a terminal may begin a new line after it.
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
        line = cut(visible(self._progress.line()), columns - 1)
        if line or self._is_drawn:
            self._is_drawn = True
            self._send(f"\r{line}\x1b[K")

    def _clear(self) -> None:
        if self._is_drawn:
            self._is_drawn = False
            with suppress(OSError):
                self._send(_CLEARED)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Accompany a part of the build, such as `render`."""
        with self.timings.stage(name), self._progress.stage(name):
            yield

    def posts_begin(self, count: int) -> None:
        """Know that so many posts will run."""
        self._progress.posts_begin(count)

    def block_begins(self, block: BlockPlace) -> None:
        """Know that a block runs now."""
        self._progress.block_begins(block)

    def block_ended(self, block: BlockPlace, seconds: float) -> None:
        """Know that a block has run."""
        self._progress.block_ended(block, seconds)
        self.timings.block_ended(block, seconds)

    def post_ended(self, post: PurePosixPath) -> None:
        """Say how long a post has run, where no line shows it."""
        told = self._progress.post_ended(post)
        if told and self._is_watching and not self._is_live:
            self.announce(told)


def _is_unattended() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")
