"""`explain`: say which blocks of a post would run, and why."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from builder.config import open_site
from builder.console import Console
from builder.options import BuildOptions
from builder.session import explain
from builder.terminal import visible


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    parser.add_argument("post", metavar="POST", help="a post's file, or its slug")


def run(options: Namespace, _: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve())
    today = site.config.today(datetime.now(UTC))
    for line in explain(site, BuildOptions(output=Path(), today=today), options.post):
        print(visible(line))
    return 0
