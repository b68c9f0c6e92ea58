"""What the command line understands: which commands there are, and what all of them share."""

import argparse
from collections.abc import Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, NoReturn, Protocol, cast

from builder.config import PROJECT
from builder.console import Console
from builder.errors import SettingsError, did_you_mean

_TRY = "try: python build.py --help"
_WITH_VALUE = (
    *("--root", "--output", "--jobs", "--days", "--to", "--date", "--output-format"),
    *("--title", "--url", "--port", "--host", "--series", "--after", "--tags", "--slow"),
)
_EXAMPLES = """\
commands: build (the default), serve, check, new, init, explain, export, import, import-jekyll,
clean, schema, completion; each has a --help

examples:
  python build.py                        build posts/ into _site/
  python build.py serve --open           show the site in the browser; each save at once
  python build.py --drafts --future      with drafts and the posts of days to come
  python build.py --root ~/blog          build another site's folder
  python build.py check                  look for broken links and what else no build tells
  python build.py new "Momentum"         write today's post from a template
  python build.py init ~/blog            make a new site of your own
  python build.py --keep-going           publish what can be, problems shown in place
  python build.py --fresh                run every block again
  python build.py explain momentum       say which blocks would run, and why
  python build.py export momentum --to ipynb
                                         write a post as a notebook, or with --to py as a script
  python build.py import my.ipynb        make a post of a notebook
  python build.py import-jekyll ~/old-blog
                                         bring a Jekyll blog over; with --execute its Python runs
  python build.py clean                  remove results that no build uses any more
  python build.py schema front-matter    print a JSON Schema, for editors
  eval "$(python build.py completion bash)"
                                         complete commands, options and posts in this shell
"""


class Command(Protocol):
    """What a module in `commands` has."""

    @staticmethod
    def add_options(parser: argparse.ArgumentParser) -> None:
        """Say what it understands."""

    @staticmethod
    def run(options: argparse.Namespace, console: Console, /) -> int:
        """Do it; the exit status."""


class _Told(NamedTuple):
    module: str
    usage: str


COMMANDS: Mapping[str, _Told] = {
    "build": _Told("build", "[build] [options]"),
    "serve": _Told("serve", "serve [options]"),
    "check": _Told("check", "check [options]"),
    "new": _Told("new", "new TITLE [options]"),
    "init": _Told("init", "init DIR [options]"),
    "explain": _Told("explain", "explain POST [options]"),
    "export": _Told("export", "export POST --to ipynb|py [options]"),
    "import": _Told("import_notebook", "import FILE.ipynb [options]"),
    "import-jekyll": _Told("import_jekyll", "import-jekyll DIR [options]"),
    "clean": _Told("clean", "clean [options]"),
    "schema": _Told("schema", "schema front-matter|block-options|settings"),
    "completion": _Told("completion", "completion bash|zsh|fish"),
}


def take_command(arguments: list[str]) -> str:
    """Take the command out of the arguments: the first word that is no option or its value."""
    before = ""
    for index, word in enumerate(arguments):
        if not word.startswith("-") and before not in _WITH_VALUE:
            return arguments.pop(index)
        before = word
    return "build"


def command_named(name: str) -> Command:
    """What does a command.

    Raises:
        SettingsError: there is none of this name.
    """
    if name not in COMMANDS:
        near = did_you_mean(name, COMMANDS)
        raise SettingsError(f"unknown command {name!r}{f' ({near})' if near else ''}\n{_TRY}")
    return cast(Command, import_module(f"builder.commands.{COMMANDS[name].module}"))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Tell what is wrong, and the nearest option to an unknown one."""
        word = message.rpartition(" ")[2]
        known = [o for action in self._actions for o in action.option_strings]
        near = did_you_mean(word, known) if "unrecognized" in message else None
        raise SettingsError(f"{message}{f' ({near})' if near else ''}\n{_TRY}")


def parser_of(name: str) -> argparse.ArgumentParser:
    """What reads the arguments of a command."""
    parser = _Parser(
        prog="build.py",
        usage=f"python build.py {COMMANDS[name].usage}",
        description="Build a blog whose posts run: Markdown, Python and MathJax into plain HTML.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        default=PROJECT,
        help="the site's folder (default: the project's)",
    )
    command_named(name).add_options(parser)
    return parser


def read_words(text: str) -> tuple[str, ...]:
    """Words between commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def read_day(text: str) -> date:
    """A day as ISO writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-23") from None


def read_port(text: str) -> int:
    """The number of a port."""
    if not text.isdigit() or not 0 <= int(text) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 0 to 65535")
    return int(text)


def read_seconds(text: str) -> float:
    """A number of seconds, of at least 0."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds


def read_positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)
