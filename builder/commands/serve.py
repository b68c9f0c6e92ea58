"""`serve`: show the site in the browser, and build it at every save."""

import os
import sys
import webbrowser
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path

from builder.arguments import read_port
from builder.commands.common import (
    add_choice_of_posts,
    add_jobs,
    add_loudness,
    add_sandbox,
    add_untrusted,
)
from builder.config import Site
from builder.console import Console
from builder.report import BuildReport
from builder.serving.gate import is_loopback
from builder.serving.workshop import ProgramChangedError, ServeOptions, Told, serve


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add("--port", type=read_port, metavar="N", help="where to listen (default: 8000, or above)")
    add("--host", default="127.0.0.1", help="at which address (default: 127.0.0.1)")
    add("--open", action="store_true", help="open the browser")
    add_choice_of_posts(parser)
    add("--output", type=Path, metavar="DIR", help="where the site goes (default: ROOT/_site)")
    add_jobs(parser)
    add("--no-fork", action="store_true", help="run each post in an interpreter of its own")
    add_sandbox(parser)
    add_untrusted(parser)
    add_loudness(parser)


def run(options: Namespace, _: Console) -> int:
    """Do it until it is interrupted; the exit status."""
    console = Console(is_quiet=options.quiet, is_verbose=options.verbose, color=options.color)
    wanted = ServeOptions(
        host=options.host,
        port=options.port,
        output=options.output,
        jobs=options.jobs,
        with_drafts=options.drafts,
        with_future=options.future,
        is_forking=not options.no_fork,
        is_sandboxed=options.sandbox,
        is_untrusted=options.untrusted,
    )
    told = Told(
        console=console,
        address=partial(_tell_address, options, console),
        report=partial(_report, console),
        failure=console.say,
        watching=console.watching,
    )
    try:
        serve(options.root.resolve(), wanted, told)
    except KeyboardInterrupt:
        console.announce("stopped")
        return 0
    except ProgramChangedError as error:
        console.say(f"{error}: starting again")
        sys.stdout.flush()
        again = [sys.executable, *sys.orig_argv[1:], "--port", str(error.port)]
        os.execv(sys.executable, again)


def _tell_address(options: Namespace, console: Console, address: str) -> None:
    print(address, flush=True)
    if not is_loopback(options.host):
        console.say(f"every machine that reaches {options.host} can see these pages")
    console.announce("each save is shown at once; Ctrl-C ends it")
    if options.open:
        webbrowser.open(address)


def _report(console: Console, report: BuildReport, site: Site) -> None:
    console.tell(report.problems, site)
    console.sum_up(report)
