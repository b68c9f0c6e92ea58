"""`import`: make a post of a notebook."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from builder.arguments import read_day
from builder.config import open_site
from builder.console import Console
from builder.importing.writing import import_notebook


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    parser.add_argument("notebook", metavar="FILE.ipynb", type=Path, help="a Jupyter notebook")
    parser.add_argument("--date", type=read_day, metavar="DAY", help="of the post (default: today)")


def run(options: Namespace, console: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve())
    day = options.date or site.config.today(datetime.now(UTC))
    written = import_notebook(options.notebook, site.root / "posts", day)
    for remark in written.notes:
        console.say(f"{options.notebook}: note: {remark}")
    print(written.path)
    return 0
