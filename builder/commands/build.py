"""`build`: build the site and publish it."""

import time
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from builder.commands.common import (
    add_choice_of_posts,
    add_executor,
    add_format,
    add_jobs,
    add_loudness,
    add_sandbox,
    add_untrusted,
)
from builder.config import open_site
from builder.console import Console
from builder.hosting import read_address
from builder.options import BuildOptions
from builder.report import to_json
from builder.session import build


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add("--output", type=Path, metavar="DIR", help="where the site goes (default: ROOT/_site)")
    add("--url", help="where it will be published, instead of url and base_path of the settings")
    add_jobs(parser)
    add_choice_of_posts(parser)
    add("--keep-going", action="store_true", help="publish in spite of errors, each in its place")
    add("--strict", action="store_true", help="warnings fail the build")
    add("--fresh", action="store_true", help="run every block again")
    add("--frozen", action="store_true", help="run no block; a result that is missing is an error")
    add_executor(parser)
    add("--no-fork", action="store_true", help="run each post in an interpreter of its own")
    add_sandbox(parser)
    add_untrusted(parser)
    add_loudness(parser)
    add("--profile", action="store_true", help="say where the time went")
    add("--json", action="store_true", help="print a report as one JSON object")
    add_format(parser, "json")


def run(options: Namespace, _: Console) -> int:
    """Do it; the exit status."""
    start_s = time.process_time()  # since Python began
    site = open_site(options.root.resolve(), is_untrusted=options.untrusted)
    if options.url is not None:
        url, base_path = read_address(options.url)
        site = replace(site, config=replace(site.config, url=url, base_path=base_path))
    build_options = BuildOptions(
        output=options.output or site.root / "_site",
        today=site.config.today(datetime.now(UTC)),
        jobs=options.jobs,
        with_drafts=options.drafts,
        with_future=options.future,
        keeps_going=options.keep_going,
        is_strict=options.strict,
        is_fresh=options.fresh,
        is_frozen=options.frozen,
        is_forking=not options.no_fork,
        cluster=options.executor,
        is_sandboxed=options.sandbox,
    )
    console = Console(is_quiet=options.quiet, is_verbose=options.verbose, color=options.color)
    with console.watching():
        report = build(site, build_options, console)
    if options.json or options.output_format == "json":
        print(to_json(report))
    console.tell(report.problems, site, options.output_format)
    console.sum_up(report)
    if options.profile:
        console.say(console.timings.told(start_s, report.seconds))
    return 1 if report.errors else 0
