"""`completion`: print the script by which a shell completes what is typed."""

from argparse import ArgumentParser, Namespace

from builder.completion.scripts import SHELLS, script_for
from builder.console import Console


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that is to read it")


def run(options: Namespace, _: Console) -> int:
    """Do it; the exit status."""
    print(script_for(options.shell), end="")
    return 0
