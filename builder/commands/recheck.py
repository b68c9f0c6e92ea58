"""`recheck`: say which posts would show something else today."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from builder.arguments import read_day
from builder.commands.common import add_format, add_jobs, add_loudness, add_sandbox
from builder.config import CACHE, open_site
from builder.console import Console
from builder.errors import SettingsError
from builder.rechecking.page import report_page, tell_sum
from builder.rechecking.recheck import Recheck, Request, recheck
from builder.report import counted


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add("posts", metavar="POST", nargs="*", help="slugs or files of posts (default: all that run)")
    add("--since", type=read_day, metavar="DATE", help="only posts of that day or later")
    add("--accept", action="store_true", help="take what they show now, for the next build, too")
    add(
        "--report",
        type=Path,
        metavar="FILE",
        help="the report (default: .cache/recheck/index.html)",
    )
    add_jobs(parser)
    add_sandbox(parser)
    add_format(parser)
    add_loudness(parser)


def run(options: Namespace, _: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve())
    console = Console(is_quiet=options.quiet, is_verbose=options.verbose, color=options.color)
    request = Request(
        today=site.config.today(datetime.now(UTC)),
        names=tuple(options.posts),
        since=options.since,
        accepts=options.accept,
        jobs=options.jobs,
        is_sandboxed=options.sandbox,
    )
    with console.watching():
        found = recheck(site, request, console)
    console.tell(found.problems, site, options.output_format)
    if options.accept:
        console.announce(_accepted(found))
    else:
        path = options.report or site.root / CACHE / "recheck" / "index.html"
        _write(path, report_page(site.config.title, found))
        print(path)
        console.announce(tell_sum(found))
        if any(check.differences for check in found.checks):
            console.announce("what is right as it is now: python build.py recheck --accept POST")
    return 0 if found.holds else 1


def _accepted(found: Recheck) -> str:
    taken = [check for check in found.checks if check.is_accepted]
    others = sum(bool(check.differences) for check in taken)
    told = f"accepted what {counted(len(taken), 'post')} show{'s' * (len(taken) == 1)}"
    if not others:
        return f"{told}: as before"
    return f"{told}, {others} of them something else; the next build publishes it"


def _write(path: Path, page: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
