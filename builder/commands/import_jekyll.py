"""`import-jekyll`: bring a Jekyll blog over."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from builder.config import open_site
from builder.console import Console
from builder.errors import SettingsError
from builder.importing.jekyll.importer import import_jekyll
from builder.report import counted


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add("blog", metavar="DIR", type=Path, help="the folder of a Jekyll blog")
    add("--execute", action="store_true", help="let its Python run, and compare what it shows")


def run(options: Namespace, console: Console) -> int:
    """Do it; the exit status."""
    root = options.root.resolve()
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{root} cannot be made: {error.strerror}") from None
    site = open_site(root)
    today = site.config.today(datetime.now(UTC))
    done = import_jekyll(options.blog, root, today, executes=options.execute, listener=console)
    for path in done.posts:
        print(path)
    running = f"{counted(done.running, 'block')} run{'s' if done.running == 1 else ''}"
    for name, remark in done.remarks:
        console.say(f"{name}: {remark}")
    console.tell(done.problems, open_site(root))
    console.say(
        f"{options.blog}: {counted(len(done.posts), 'post')}, "
        f"{counted(done.written, 'file')} written into {root}, "
        f"{f'{running}, ' if options.execute else ''}"
        f"{counted(len(done.remarks) + len(done.problems), 'remark')}"
    )
    return 0
