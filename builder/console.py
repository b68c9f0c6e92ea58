"""What the command says to the writer; standard output is left to data."""

import os
import sys
from collections.abc import Iterable
from pathlib import PurePosixPath

from builder.config import Site
from builder.errors import Problem
from builder.listening import Listener
from builder.report import annotation, describe, in_one_line, line_reader


class Console(Listener):
    """Says on standard error what happens."""

    def __init__(self, *, is_quiet: bool = False, is_verbose: bool = False) -> None:
        self._is_quiet = is_quiet
        self._is_verbose = is_verbose

    def say(self, text: str) -> None:
        """Say it in any case."""
        print(text, file=sys.stderr, flush=True)

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
                    self.say(describe(problem, lines_of))
            case "concise":
                for problem in told:
                    self.say(in_one_line(problem))
            case "github":
                folder = PurePosixPath(os.path.relpath(site.content_root).replace(os.sep, "/"))
                for problem in told:
                    print(annotation(problem, folder))
