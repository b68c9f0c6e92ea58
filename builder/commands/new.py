"""`new`: write today's post from a template."""

import os
import shlex
import subprocess
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from builder.arguments import read_day, read_words
from builder.config import open_site
from builder.console import Console
from builder.errors import SettingsError
from builder.scaffold.post import NewPost, make_post


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    add = parser.add_argument
    add("title", metavar="TITLE", help="the post's title, from which its address is made")
    add("--date", type=read_day, metavar="DAY", help="of the post (default: today)")
    add("--series", metavar="NAME", help="the series that it belongs to")
    add(
        "--after", type=read_words, metavar="SLUGS", default=(), help="posts that it builds on: a,b"
    )
    add("--tags", type=read_words, metavar="TAGS", default=(), help="its tags: a,b")
    add("--open", action="store_true", help="open it in the editor that EDITOR names")


def run(options: Namespace, _: Console) -> int:
    """Do it; the exit status."""
    site = open_site(options.root.resolve())
    editor = _editor() if options.open else []
    post = NewPost(
        title=options.title,
        day=options.date or site.config.today(datetime.now(UTC)),
        series=options.series,
        after=options.after,
        tags=options.tags,
    )
    path = make_post(site, post)
    print(path, flush=True)  # before what the editor prints
    if not options.open:
        return 0
    try:
        return subprocess.run([*editor, str(path)], check=False).returncode
    except OSError as error:
        raise SettingsError(f"the editor {editor[0]!r} cannot be started: {error}") from None


def _editor() -> list[str]:
    """The command of the editor that the environment names.

    Raises:
        SettingsError: it names none.
    """
    told = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    hint = "set EDITOR, as in EDITOR=nano"
    try:
        editor = shlex.split(told)
    except ValueError as error:
        raise SettingsError(f"the editor {told!r}: {str(error).lower()} ({hint})") from None
    if not editor:
        raise SettingsError(f"no editor is named ({hint})")
    return editor
