"""`export`: write a post as a notebook or a script."""

import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from builder.commands.common import add_sandbox
from builder.config import open_site
from builder.console import Console
from builder.errors import SettingsError
from builder.options import BuildOptions
from builder.session import export


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add("post", metavar="POST", help="a post's file, or its slug")
    add("--to", choices=("ipynb", "py"), required=True, help="a notebook, or a script")
    add("--output", metavar="FILE", help="where it goes (default: SLUG.ipynb or .py here; - shows)")
    add_sandbox(parser)
    add("--force", action="store_true", help="write over a file that is there")


def run(options: Namespace, console: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve())
    today = site.config.today(datetime.now(UTC))
    build_options = BuildOptions(output=Path(), today=today, is_sandboxed=options.sandbox)
    source, exported = export(site, build_options, options.post, options.to, console)
    console.tell(exported.problems, site)
    if any(problem.severity == "error" for problem in exported.problems):
        return 1
    if options.output == "-":
        sys.stdout.write(exported.text)
        return 0
    path = Path(options.output or f"{source.slug}.{options.to}")
    try:
        with path.open("w" if options.force else "x", encoding="utf-8", newline="\n") as file:
            file.write(exported.text)
    except FileExistsError:
        raise SettingsError(f"{path} is there already (write over it with --force)") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
    print(path)
    return 0
