"""`check`: look for what is wrong with a site and no build tells."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from builder.arguments import read_positive, read_seconds
from builder.checking.check import CheckOptions, check, summary
from builder.checking.external import Asker, fetch
from builder.checking.links import checked_folder
from builder.config import BuildOptions, open_site
from builder.console import Console
from builder.errors import Severity
from builder.session import build


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add(
        "--jobs",
        type=read_positive,
        metavar="N",
        help="posts that run at once (default: all cores)",
    )
    add("--drafts", action="store_true", help="check drafts, too")
    add("--future", action="store_true", help="check posts of days to come, too")
    add("--external", action="store_true", help="ask other hosts for what is linked to, too")
    add(
        "--slow",
        type=read_seconds,
        default=10.0,
        metavar="SECONDS",
        help="note blocks that computed for longer (default: 10)",
    )
    add("--phone", action="store_true", help="note code that is wider than a phone, too")
    add("--strict", action="store_true", help="warnings count as errors")
    add(
        "--output-format",
        choices=("full", "concise", "github"),
        default="full",
        help="how findings are told: with their lines (default), in one line each, or as GitHub's "
        "annotations",
    )


def run(options: Namespace, console: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve())
    build_options = BuildOptions(
        output=checked_folder(site),
        today=site.config.today(datetime.now(UTC)),
        jobs=options.jobs,
        with_drafts=options.drafts,
        with_future=options.future,
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
