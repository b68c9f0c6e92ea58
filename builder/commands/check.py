"""`check`: look for what is wrong with a site and no build tells."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from builder.arguments import read_seconds
from builder.checking.check import CheckOptions, check, summary
from builder.checking.external import Asker, fetch
from builder.checking.links import checked_folder
from builder.commands.common import (
    add_choice_of_posts,
    add_format,
    add_jobs,
    add_sandbox,
    add_untrusted,
)
from builder.config import open_site
from builder.console import Console
from builder.errors import Severity
from builder.options import BuildOptions
from builder.session import build


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add_jobs(parser)
    add_choice_of_posts(parser)
    add("--external", action="store_true", help="ask other hosts for what is linked to, too")
    add(
        "--slow",
        type=read_seconds,
        default=10.0,
        metavar="SECONDS",
        help="note blocks that computed for longer (default: 10)",
    )
    add("--phone", action="store_true", help="note code that is wider than a phone, too")
    add_sandbox(parser)
    add_untrusted(parser)
    add("--strict", action="store_true", help="warnings count as errors")
    add_format(parser)


def run(options: Namespace, console: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve(), is_untrusted=options.untrusted)
    build_options = BuildOptions(
        output=checked_folder(site),
        today=site.config.today(datetime.now(UTC)),
        jobs=options.jobs,
        with_drafts=options.drafts,
        with_future=options.future,
        is_sandboxed=options.sandbox,
    )
    wanted = CheckOptions(
        slow_s=options.slow,
        is_for_phones=options.phone,
        is_strict=options.strict,
        asker=Asker(fetch) if options.external else None,
    )
    report = check(site, build_options, wanted, lambda told: build(site, told, console), console)
    console.tell(report.problems, site, options.output_format)
    console.say(summary(report))
    return 1 if report.count(Severity.ERROR) else 0
