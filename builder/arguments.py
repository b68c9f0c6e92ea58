"""What the command line understands: commands, and the options of each."""

import argparse
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import NoReturn

from builder.config import PROJECT, SiteConfig
from builder.errors import SettingsError, did_you_mean

_WITH_VALUE = (
    *("--root", "--output", "--jobs", "--days", "--to", "--date", "--output-format"),
    *("--title", "--url", "--series", "--after", "--tags"),
)
_EXAMPLES = """\
commands: build (the default), new, init, explain, export, import, import-jekyll, clean;
each has a --help

examples:
  python build.py                        build posts/ into _site/
  python build.py --drafts --future      with drafts and the posts of days to come
  python build.py --root ~/blog          build another site's folder
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
"""


TRY = "try: python build.py --help"


def take_command(arguments: list[str]) -> str:
    """Take the command out of the arguments: the first word that is no option or its value."""
    before = ""
    for index, word in enumerate(arguments):
        if not word.startswith("-") and before not in _WITH_VALUE:
            return arguments.pop(index)
        before = word
    return "build"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Tell what is wrong, and the nearest option to an unknown one."""
        word = message.rpartition(" ")[2]
        known = [o for action in self._actions for o in action.option_strings]
        near = did_you_mean(word, known) if "unrecognized" in message else None
        raise SettingsError(f"{message}{f' ({near})' if near else ''}\n{TRY}")


def parser_of(command: str) -> argparse.ArgumentParser:
    """What reads the arguments of a command."""
    usage = {
        "build": "[build] [options]",
        "new": "new TITLE [options]",
        "init": "init DIR [options]",
        "explain": "explain POST [options]",
        "export": "export POST --to ipynb|py [options]",
        "import": "import FILE.ipynb [options]",
        "import-jekyll": "import-jekyll DIR [options]",
    }
    parser = _Parser(
        prog="build.py",
        usage=f"python build.py {usage.get(command, f'{command} [options]')}",
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
    return _OPTIONS[command](parser)


def _build_options(parser: _Parser) -> _Parser:
    add = parser.add_argument
    add("--output", type=Path, metavar="DIR", help="where the site goes (default: ROOT/_site)")
    add("--jobs", type=_positive, metavar="N", help="posts that run at once (default: all cores)")
    add("--drafts", action="store_true", help="build drafts, too")
    add("--future", action="store_true", help="build posts of days to come, too")
    add("--keep-going", action="store_true", help="publish in spite of errors, each in its place")
    add("--strict", action="store_true", help="warnings fail the build")
    add("--fresh", action="store_true", help="run every block again")
    add("--frozen", action="store_true", help="run no block; a result that is missing is an error")
    add("--no-fork", action="store_true", help="run each post in an interpreter of its own")
    add("-q", "--quiet", action="store_true", help="say errors only")
    add("-v", "--verbose", action="store_true", help="say what runs, and why")
    add("--json", action="store_true", help="print a report as one JSON object")
    add(
        "--output-format",
        choices=("full", "concise", "github", "json"),
        default="full",
        help="how problems are told: with their lines (default), in one line each, as GitHub's "
        "annotations, or within the JSON report alone",
    )
    return parser


def _new_options(parser: _Parser) -> _Parser:
    add = parser.add_argument
    add("title", metavar="TITLE", help="the post's title, from which its address is made")
    add("--date", type=_day, metavar="DAY", help="of the post (default: today)")
    add("--series", metavar="NAME", help="the series that it belongs to")
    add("--after", type=_words, metavar="SLUGS", default=(), help="posts that it builds on: a,b")
    add("--tags", type=_words, metavar="TAGS", default=(), help="its tags: a,b")
    add("--open", action="store_true", help="open it in the editor that EDITOR names")
    return parser


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _init_options(parser: _Parser) -> _Parser:
    add = parser.add_argument
    add("folder", metavar="DIR", type=Path, help="the new site's folder")
    add("--title", default=SiteConfig().title, help="the site's title")
    add("--url", help="where it will be published, with the path below which it lies, if any")
    return parser


def _explain_options(parser: _Parser) -> _Parser:
    parser.add_argument("post", metavar="POST", help="a post's file, or its slug")
    return parser


def _export_options(parser: _Parser) -> _Parser:
    add = parser.add_argument
    add("post", metavar="POST", help="a post's file, or its slug")
    add("--to", choices=("ipynb", "py"), required=True, help="a notebook, or a script")
    add("--output", metavar="FILE", help="where it goes (default: SLUG.ipynb or .py here; - shows)")
    add("--force", action="store_true", help="write over a file that is there")
    return parser


def _import_options(parser: _Parser) -> _Parser:
    parser.add_argument("notebook", metavar="FILE.ipynb", type=Path, help="a Jupyter notebook")
    parser.add_argument("--date", type=_day, metavar="DAY", help="of the post (default: today)")
    return parser


def _import_jekyll_options(parser: _Parser) -> _Parser:
    add = parser.add_argument
    add("blog", metavar="DIR", type=Path, help="the folder of a Jekyll blog")
    add("--execute", action="store_true", help="let its Python run, and compare what it shows")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-23") from None


def _clean_options(parser: _Parser) -> _Parser:
    parser.add_argument("--all", action="store_true", help="remove every result")
    parser.add_argument(
        "--days",
        type=_positive,
        default=30,
        metavar="N",
        help="keep what a build has used in the last N days (default: 30)",
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


_OPTIONS: Mapping[str, Callable[[_Parser], _Parser]] = {
    "build": _build_options,
    "new": _new_options,
    "init": _init_options,
    "explain": _explain_options,
    "export": _export_options,
    "import": _import_options,
    "import-jekyll": _import_jekyll_options,
    "clean": _clean_options,
}
COMMANDS = tuple(_OPTIONS)
"""What `build.py` can be told to do."""
