"""`init`: make a new site."""

import os
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from builder.config import PROJECT, SiteConfig
from builder.console import Console
from builder.scaffold.site import make_site


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add("folder", metavar="DIR", type=Path, help="the new site's folder")
    add("--title", default=SiteConfig().title, help="the site's title")
    add("--url", help="where it will be published, with the path below which it lies, if any")


def run(options: Namespace, console: Console) -> int:
    """Do it; the exit status."""
    # A new site's time zone is UTC; by another one its first post might lie in the future.
    today = SiteConfig().today(datetime.now(UTC))
    made = make_site(options.folder, options.title, options.url, today)
    for path in made.written:
        print(path)
    for path in made.kept:
        console.say(f"{path}: is there already and stays as it is")
    for remark in made.remarks:
        console.say(remark)
    console.say(f"build it with: {_command()} --root {options.folder}")
    return 0


def _command() -> str:
    """What runs this builder from here."""
    return " ".join(
        os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else str(path)
        for path in (sys.executable, PROJECT / "build.py")
    )
