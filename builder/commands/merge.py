"""`merge`: take over the results that other machines have kept."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from builder.cache.merge import merge
from builder.cache.store import Store
from builder.config import CACHE, open_site
from builder.console import Console
from builder.errors import SettingsError
from builder.execute.surroundings import surroundings_of
from builder.report import counted
from builder.services import only_build


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    parser.add_argument(
        "folders", type=Path, metavar="DIR", nargs="+", help="the .cache/ of another machine"
    )


def run(options: Namespace, console: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve())
    others = {folder: Store(folder) for folder in options.folders}
    for folder, other in others.items():
        if other.is_empty:
            raise SettingsError(f"{folder} holds no results: name the .cache/ of another machine")
    now = surroundings_of(site)
    with only_build(site, console):
        for folder, other in others.items():
            new = merge(Store(site.root / CACHE), other, now)
            console.say(f"{folder}: {counted(new, 'new result')}")
    return 0
