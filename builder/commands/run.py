"""`run`: run the blocks of posts, and publish nothing."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from builder.arguments import read_share
from builder.commands.common import (
    add_choice_of_posts,
    add_executor,
    add_format,
    add_jobs,
    add_loudness,
    add_sandbox,
)
from builder.config import open_site
from builder.console import Console
from builder.options import BuildOptions
from builder.report import counted
from builder.running import Share
from builder.running import run as run_posts


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add("posts", metavar="POST", nargs="*", help="slugs or files of posts (default: all that run)")
    add(
        "--shard",
        type=read_share,
        default=(1, 1),
        metavar="K/N",
        help="only the K-th of N shares that take about as long, for N machines",
    )
    add_jobs(parser)
    add_choice_of_posts(parser)
    add("--fresh", action="store_true", help="run every block again")
    add_executor(parser)
    add_sandbox(parser)
    add_format(parser)
    add_loudness(parser)


def run(options: Namespace, _: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve())
    build_options = BuildOptions(
        output=site.root / "_site",
        today=site.config.today(datetime.now(UTC)),
        jobs=options.jobs,
        with_drafts=options.drafts,
        with_future=options.future,
        is_fresh=options.fresh,
        is_sandboxed=options.sandbox,
        cluster=options.executor,
    )
    console = Console(is_quiet=options.quiet, is_verbose=options.verbose, color=options.color)
    with console.watching():
        report = run_posts(site, build_options, options.posts, Share(*options.shard), console)
    console.tell(report.problems, site, options.output_format)
    told = f"{counted(report.posts, 'post')}, {report.executed} run, {report.seconds:.2f} s"
    console.announce(f"{told}; the next build publishes what they give")
    return 1 if report.errors else 0
