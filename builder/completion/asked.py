"""What may follow what is typed, for a shell that asks: commands, options, their values, posts."""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import argcomplete
from argcomplete.completers import DirectoriesCompleter, FilesCompleter

from builder.arguments import COMMANDS, parser_of
from builder.config import PROJECT, Site, SiteConfig
from builder.discover import find_posts
from builder.model import post_names


def answer() -> None:
    """Answer the shell, and end."""
    argcomplete.autocomplete(
        _parser(os.environ.get("COMP_LINE", "")), always_complete_options=False
    )


def _parser(line: str) -> argparse.ArgumentParser:
    """Reads any command: `build` without its name, too.

    Args:
        line: what is typed; commands that it does not name need not say their options.
    """
    parser = _with_completers(parser_of("build"))
    commands = parser.add_subparsers()
    words = line.split()
    for name in COMMANDS:
        if name not in words:
            commands.add_parser(name, add_help=False)
            continue
        told = _with_completers(parser_of(name))
        for action in told._actions:  # noqa: SLF001  # argparse has no other way to them
            if action.dest == "root":  # which may stand before the command
                action.default = argparse.SUPPRESS
        commands.add_parser(name, parents=[told], add_help=False)
    return parser


def _with_completers(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    for action in parser._actions:  # noqa: SLF001  # as above
        if action.choices is None:
            metavar = action.metavar if isinstance(action.metavar, str) else ""
            action.completer = _COMPLETERS.get(metavar, _nothing)  # type: ignore[attr-defined]
    return parser


def _nothing(**_: object) -> tuple[str, ...]:
    """What a title, a day or a number may be."""
    return ()


def _posts(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """What posts may be called; one that shares its slug, by its day, too."""
    root = getattr(parsed_args, "root", None) or PROJECT
    site = Site(root=Path(root).expanduser(), config=SiteConfig())
    names = [post_names(path) for path in find_posts(site.posts)]
    slugs = [slug for slug, *_ in names]
    return [each[0] if slugs.count(each[0]) == 1 else each[-1] for each in names]


def _several_posts(prefix: str, **more: object) -> Iterator[str]:
    """Posts behind those that are named already: `momentum,sch…`."""
    before = prefix.rpartition(",")[0]
    for name in _posts(**more):  # type: ignore[arg-type]
        yield f"{before},{name}" if before else name


_COMPLETERS: Mapping[str, Callable[..., object]] = {
    "POST": _posts,
    "SLUGS": _several_posts,
    "DIR": DirectoriesCompleter(),
    "FILE": FilesCompleter(),
    "FILE.ipynb": FilesCompleter(("ipynb",)),
}
"""By what help calls an argument."""
