"""What the command line understands: which commands there are, and what all of them share."""

import argparse
import re
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, NoReturn, Protocol, cast

from builder.config import PROJECT
from builder.console import Console
from builder.errors import SettingsError, did_you_mean
from builder.terminal import COLOR_CHOICES

_WITH_VALUE = (
    *("--root", "--output", "--jobs", "--days", "--to", "--date", "--output-format", "--color"),
    *("--title", "--url", "--port", "--host", "--series", "--after", "--tags", "--slow"),
    *("--since", "--report", "--executor", "--shard"),
)


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
    purpose: str
    examples: Sequence[tuple[str, str]]
    """Arguments, and what they do; the first ones stand in the general help, too."""


COMMANDS: Mapping[str, _Told] = {
    "build": _Told(
        "build",
        "[build] [options]",
        "build the site and publish it",
        [
            ("", "build posts/ into _site/"),
            ("--drafts --future", "with drafts and the posts of days to come"),
            ("--root ~/blog", "build another site's folder"),
            ("--keep-going", "publish what can be, problems shown in place"),
            ("--fresh --profile", "run every block again, and say where the time went"),
        ],
    ),
    "serve": _Told(
        "serve",
        "serve [options]",
        "show the site in the browser while you write",
        [
            ("serve --open", "show the site in the browser; each save at once"),
            ("serve --port 8080 --drafts", "at another port, with drafts"),
        ],
    ),
    "check": _Told(
        "check",
        "check [options]",
        "look for what is wrong with a site and no build tells",
        [
            ("check", "look for broken links and what else no build tells"),
            ("check --external", "ask other hosts for what is linked to, too"),
        ],
    ),
    "run": _Told(
        "run",
        "run [POST…] [options]",
        "run the blocks of posts, and publish nothing",
        [
            ("run momentum", "run what must run of a post; the next build has its results"),
            ("run --shard 2/5", "the second of five machines' shares of all posts"),
        ],
    ),
    "merge": _Told(
        "merge",
        "merge DIR… [options]",
        "take over the results that other machines have kept",
        [("merge shard-1/.cache shard-2/.cache", "take over the results of two machines")],
    ),
    "new": _Told(
        "new",
        "new TITLE [options]",
        "write today's post from a template",
        [
            ('new "Momentum"', "write posts/YYYY-MM-DD-momentum.md"),
            ('new "Adam" --after momentum --open', "say what it builds on, and edit it"),
        ],
    ),
    "init": _Told(
        "init",
        "init DIR [options]",
        "make a new site",
        [
            ("init ~/blog", "make a new site of your own"),
            ('init ~/blog --title "My topics"', "with its title"),
        ],
    ),
    "explain": _Told(
        "explain",
        "explain POST [options]",
        "say which blocks of a post would run, and why",
        [
            ("explain momentum", "say which blocks would run, and why"),
            ("explain posts/2026-11-23-momentum.md", "the post of this file"),
        ],
    ),
    "export": _Told(
        "export",
        "export POST --to ipynb|py [options]",
        "write a post as a notebook or a script",
        [
            ("export momentum --to ipynb", "write a post as a notebook"),
            ("export momentum --to py --output -", "show it as a script"),
        ],
    ),
    "import": _Told(
        "import_notebook",
        "import FILE.ipynb [options]",
        "make a post of a notebook",
        [
            ("import my.ipynb", "make today's post of a notebook"),
            ("import my.ipynb --date 2026-11-23", "the post of another day"),
        ],
    ),
    "import-jekyll": _Told(
        "import_jekyll",
        "import-jekyll DIR [options]",
        "bring a Jekyll blog over",
        [
            ("import-jekyll ~/old-blog", "bring a Jekyll blog over"),
            ("import-jekyll ~/old-blog --root ~/blog --execute", "into that site; its Python runs"),
        ],
    ),
    "recheck": _Told(
        "recheck",
        "recheck [POST ...] [options]",
        "say which posts would show something else today",
        [
            ("recheck", "run all posts afresh, and say which show something else"),
            ("recheck --accept momentum", "take what a post shows now"),
        ],
    ),
    "clean": _Told(
        "clean",
        "clean [options]",
        "remove results that no build uses",
        [
            ("clean", "remove what no build has used for 30 days"),
            ("clean --all", "remove every result, and what recheck compares with"),
        ],
    ),
    "codes": _Told(
        "codes",
        "codes [CODE]",
        "list the codes of problems, or explain one",
        [
            ("codes", "list the codes of problems"),
            ("codes unknown-option", "explain one, and say what to do"),
        ],
    ),
    "schema": _Told(
        "schema",
        "schema front-matter|block-options|settings",
        "print a JSON Schema, for editors",
        [
            ("schema front-matter", "print a JSON Schema, for editors"),
            ("schema block-options", "of the options of blocks"),
        ],
    ),
    "completion": _Told(
        "completion",
        "completion bash|zsh|fish",
        "print what completes commands, options and posts in a shell",
        [
            ("completion bash", "print what completes commands in bash"),
            ("completion fish > ~/.config/fish/completions/build.fish", "and keep it, for fish"),
        ],
    ),
}
_COMMAND = "build.py"
_HELP = "help"


def take_command(arguments: list[str]) -> str | None:
    """Take the command out of the arguments: the first word that is no option or its value.

    `help NAME` becomes `NAME --help`. None where no command is given.
    """
    before = ""
    for index, word in enumerate(arguments):
        is_value = before in _WITH_VALUE
        # What follows an unknown option may be its value.
        if not word.startswith("-") and not is_value and (word in COMMANDS or before[:1] != "-"):
            del arguments[index]
            if word != _HELP:
                return word
            arguments.append("--help")
            return take_command(arguments)
        before = word
    return None


def color_in(arguments: Sequence[str]) -> str:
    """What arguments say of colours, whatever else is wrong with them."""
    said = "auto"
    for before, word in pairwise(("", *arguments)):
        choice = word if before == "--color" else word.partition("--color=")[2]
        if choice in COLOR_CHOICES:
            said = choice
    return said


def command_named(name: str) -> Command:
    """What does a command.

    Raises:
        SettingsError: there is none of this name.
    """
    if name not in COMMANDS:
        near = did_you_mean(name, (*COMMANDS, _HELP))
        raise SettingsError(
            f"unknown command {name!r}{f' ({near})' if near else ''}\n"
            f"commands: {', '.join(COMMANDS)}; try: python {_COMMAND} --help"
        )
    return cast(Command, import_module(f"builder.commands.{COMMANDS[name].module}"))


class _Parser(argparse.ArgumentParser):
    """Reads the arguments of a command, and says what is near to those that it does not know."""

    def error(self, message: str) -> NoReturn:
        """Tell what is wrong, the nearest that there is, and how the command is used."""
        near = self._nearest(message)
        if near:
            # The nearest says more than a list of all.
            message = f"{message.partition(' (choose from')[0]} ({near})"
        raise SettingsError(f"{message}\n{self.format_usage().strip()} (--help tells more)")

    def _nearest(self, message: str) -> str | None:
        if unknown := re.match(r"unrecognized arguments: (.*)", message):
            words = unknown[1].split()
            known = [o for action in self._actions for o in action.option_strings]
            options = (did_you_mean(w.partition("=")[0], known) for w in words if w[0] == "-")
            commands = (did_you_mean(w, COMMANDS) for w in words if w[0] != "-")
            return next(filter(None, (*options, *commands)), None)
        choice = re.match(r"argument (\S+): invalid choice: '(.*?)'", message)
        for action in self._actions if choice else ():
            if choice and choice[1] in action.option_strings:
                return did_you_mean(choice[2], map(str, action.choices or ()))
        return None


class _Version(argparse.Action):
    """Tells the version, which is read only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """Tell it, and end."""
        import tomllib  # noqa: PLC0415  # as few calls need it
        from platform import python_version  # noqa: PLC0415  # as above

        told = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        print(f"{told['name']} {told['version']}, Python {python_version()}")
        parser.exit()


def parser_of(name: str | None) -> argparse.ArgumentParser:
    """What reads the arguments of a command; None is a build, with the help on all commands."""
    told = COMMANDS[name or "build"]
    parser = _Parser(
        prog=_COMMAND,
        usage=f"python {_COMMAND} {told.usage}",
        description=_general() if name is None else _about(told),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--root",
        type=Path,
        metavar="DIR",
        default=PROJECT,
        help="the site's folder (default: the project's)",
    )
    add(
        "--color",
        choices=COLOR_CHOICES,
        default="auto",
        help="whether messages have colours (default: auto, on terminals)",
    )
    add("--version", action=_Version, nargs=0, help="tell the version, and Python's")
    command_named(name or "build").add_options(parser)
    return parser


def _about(told: _Told) -> str:
    return f"{told.purpose}\n\nexamples:\n{_in_columns(told.examples)}"


def _general() -> str:
    """Examples of all commands, and the list of these."""
    build, *others = COMMANDS.values()
    examples = [*build.examples, *(told.examples[0] for told in others)]
    purposes = [(name, told.purpose) for name, told in COMMANDS.items()]
    return (
        "Build a blog whose posts run: Markdown, Python and MathJax into plain HTML.\n\n"
        f"examples:\n{_in_columns(examples)}\n\n"
        f"commands (python {_COMMAND} help COMMAND tells more):\n"
        + "\n".join(f"  {name:15}{purpose}" for name, purpose in purposes)
        + "\n\nThe options below are those of build."
    )


def _in_columns(examples: Sequence[tuple[str, str]]) -> str:
    lines = [(f"python {_COMMAND} {arguments}".strip(), told) for arguments, told in examples]
    width = max(len(line) for line, _ in lines)
    return "\n".join(f"  {line:{width}}  {told}" for line, told in lines)


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


def read_cluster(text: str) -> str:
    """Where a Dask scheduler is, as Dask names it: `dask://HOST:PORT`, or `dask+tls://…`."""
    found = re.fullmatch(r"dask(\+tls)?://([^/\s:]+|\[[0-9a-fA-F:]+\]):(\d{1,5})/?", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not dask://HOST:PORT")
    return f"{'tls' if found[1] else 'tcp'}://{found[2]}:{found[3]}"


def read_share(text: str) -> tuple[int, int]:
    """Which of several shares: `2/5`."""
    number, _, of = text.partition("/")
    if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text!r} is no share such as 2/5")
    return int(number), int(of)
