"""`clean`: remove results that no build uses."""

import shutil
from argparse import ArgumentParser, Namespace

from builder.arguments import read_positive
from builder.cache.clean import clean
from builder.cache.store import Store
from builder.config import CACHE, open_site
from builder.console import Console
from builder.services import only_build


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    parser.add_argument(
        "--all", action="store_true", help="remove every result, and what recheck compares with"
    )
    parser.add_argument(
        "--days",
        type=read_positive,
        default=30,
        metavar="N",
        help="keep what a build has used in the last N days (default: 30)",
    )


def run(options: Namespace, console: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve())
    folder = site.root / CACHE
    if not folder.exists():
        console.say(f"{folder}: there is nothing to remove")
        return 0
    if options.all:
        with only_build(site, console):
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != "lock":
                    path.unlink()
        console.say(f"{folder}: every result is removed")
        return 0
    limit = site.config.cache_size * 1_000_000
    done = clean(Store(folder), limit, max_age_s=options.days * 86_400)
    sizes = [f"{size / 1e6:.1f} MB" for size in (done.removed_bytes, done.left_bytes)]
    console.say(f"{folder}: {done.removed} files removed ({sizes[0]}), {sizes[1]} left")
    return 0
