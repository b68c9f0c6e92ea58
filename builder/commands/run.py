"""`run`: run the blocks of posts, and publish nothing."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from builder.arguments import read_cluster, read_positive, read_share
from builder.config import BuildOptions, open_site
from builder.console import Console
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
    add("--jobs", type=read_positive, metavar="N", help="posts that run at once")
    add("--drafts", action="store_true", help="run drafts, too")
    add("--future", action="store_true", help="run posts of days to come, too")
    add("--fresh", action="store_true", help="run every block again")
    add(
        "--executor",
        type=read_cluster,
        metavar="dask://HOST:PORT",
        help="run posts on the workers of a Dask scheduler",
    )
    add(
        "--output-format",
        choices=("full", "concise", "github"),
        default="full",
        help="how problems are told: with their lines (default), in one line each, or as "
        "GitHub's annotations",
    )
    add("-q", "--quiet", action="store_true", help="say errors only")
    add("-v", "--verbose", action="store_true", help="say what runs, and why")


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
        cluster=options.executor,
    )
    console = Console(is_quiet=options.quiet, is_verbose=options.verbose, color=options.color)
    with console.watching():
        report = run_posts(site, build_options, options.posts, Share(*options.shard), console)
    console.tell(report.problems, site, options.output_format)
    told = f"{counted(report.posts, 'post')}, {report.executed} run, {report.seconds:.2f} s"
    console.announce(f"{told}; the next build publishes what they give")
    return 1 if report.errors else 0
