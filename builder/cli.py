"""The command line: arguments to calls, problems to messages, errors to exit statuses.

Standard output carries data only; everything else goes to standard error.

Exit status: 0 all is well, 1 a post or the site has failed, 2 wrong usage or
settings, 3 a fault of the builder's own, 130 interrupted.
"""

import argparse
import gc
import os
import shlex
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NoReturn

from builder.arguments import COMMANDS, TRY, parser_of, take_command
from builder.cache.clean import clean
from builder.cache.store import Store
from builder.config import CACHE, BuildOptions, Site, SiteConfig, open_site
from builder.errors import Problem, SettingsError, SiteError, did_you_mean
from builder.listening import Listener
from builder.report import annotation, counted, describe, in_one_line, summary, to_json
from builder.session import build, explain, export


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit with its status."""
    # A build makes much and drops little: looking for garbage so often takes a tenth of its time.
    gc.set_threshold(100_000, 50, 50)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit status."""
    given = list(arguments)
    command = take_command(given)
    try:
        if command not in COMMANDS:
            near = did_you_mean(command, COMMANDS)
            raise SettingsError(f"unknown command {command!r}{f' ({near})' if near else ''}\n{TRY}")
        options = parser_of(command).parse_args(given)
        # A build that is asked to end takes its processes with it, as when interrupted.
        signal.signal(signal.SIGTERM, _interrupt)
        return _WORK[command](options)
    except KeyboardInterrupt:
        _say("interrupted; the published site is whole")
        return 130
    except SettingsError as error:
        _say(f"error: {error}")
        return 2
    except SiteError as error:
        _say(f"error: {error}")
        return 1
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except Exception:  # a fault of ours: told apart from the writer's by its status
        traceback.print_exc()
        _say("this is a fault of the builder, not of the posts; the published site is whole")
        return 3


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _build(options: argparse.Namespace) -> int:
    site = open_site(options.root.resolve())
    build_options = BuildOptions(
        output=options.output or site.root / "_site",
        today=site.config.today(datetime.now(UTC)),
        jobs=options.jobs,
        with_drafts=options.drafts,
        with_future=options.future,
        keeps_going=options.keep_going,
        is_strict=options.strict,
        is_fresh=options.fresh,
        is_frozen=options.frozen,
        is_forking=not options.no_fork,
    )
    console = _Console(is_quiet=options.quiet, is_verbose=options.verbose)
    report = build(site, build_options, console)
    if options.json or options.output_format == "json":
        print(to_json(report))
    told = (p for p in report.problems if not options.quiet or p.severity == "error")
    match options.output_format:
        case "full":
            _say_problems(told, site)
        case "concise":
            for problem in told:
                _say(in_one_line(problem))
        case "github":
            folder = PurePosixPath(os.path.relpath(site.content_root).replace(os.sep, "/"))
            for problem in told:
                print(annotation(problem, folder))
    if not options.quiet:
        _say(summary(report))
    return 1 if report.errors else 0


def _new(options: argparse.Namespace) -> int:
    from builder.scaffold.post import NewPost, make_post  # noqa: PLC0415  # loads YAML

    site = open_site(options.root.resolve())
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if options.open and not editor:
        raise SettingsError("no editor is named (set EDITOR, as in EDITOR=nano)")
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


def _init(options: argparse.Namespace) -> int:
    from builder.scaffold.site import make_site  # noqa: PLC0415  # loads tomlkit

    # A new site's time zone is UTC; by another one its first post might lie in the future.
    today = SiteConfig().today(datetime.now(UTC))
    made = make_site(options.folder, options.title, options.url, today)
    for path in made.written:
        print(path)
    for path in made.kept:
        _say(f"{path}: is there already and stays as it is")
    for remark in made.remarks:
        _say(remark)
    _say(f"build it with: python build.py --root {options.folder}")
    return 0


def _explain(options: argparse.Namespace) -> int:
    site = open_site(options.root.resolve())
    today = site.config.today(datetime.now(UTC))
    for line in explain(site, BuildOptions(output=Path(), today=today), options.post):
        print(line)
    return 0


def _export(options: argparse.Namespace) -> int:
    site = open_site(options.root.resolve())
    today = site.config.today(datetime.now(UTC))
    build_options = BuildOptions(output=Path(), today=today)
    source, exported = export(site, build_options, options.post, options.to, Listener())
    _say_problems(exported.problems, site)
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


def _import(options: argparse.Namespace) -> int:
    from builder.importing.writing import import_notebook  # noqa: PLC0415  # loads nbformat

    site = open_site(options.root.resolve())
    day = options.date or site.config.today(datetime.now(UTC))
    written = import_notebook(options.notebook, site.root / "posts", day)
    for remark in written.notes:
        _say(f"{options.notebook}: note: {remark}")
    print(written.path)
    return 0


def _import_jekyll(options: argparse.Namespace) -> int:
    from builder.importing.jekyll.importer import import_jekyll  # noqa: PLC0415  # loads the stages

    root = options.root.resolve()
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{root} cannot be made: {error.strerror}") from None
    site = open_site(root)
    today = site.config.today(datetime.now(UTC))
    done = import_jekyll(options.blog, root, today, executes=options.execute, listener=_Console())
    for path in done.posts:
        print(path)
    running = f"{counted(done.running, 'block')} run{'s' if done.running == 1 else ''}"
    for name, remark in done.remarks:
        _say(f"{name}: {remark}")
    _say_problems(done.problems, open_site(root))
    _say(
        f"{options.blog}: {counted(len(done.posts), 'post')}, "
        f"{counted(done.written, 'file')} written into {root}, "
        f"{f'{running}, ' if options.execute else ''}"
        f"{counted(len(done.remarks) + len(done.problems), 'remark')}"
    )
    return 0


def _clean(options: argparse.Namespace) -> int:
    from builder.services import only_build  # noqa: PLC0415  # loads what a build needs

    site = open_site(options.root.resolve())
    folder = site.root / CACHE
    if not folder.exists():
        _say(f"{folder}: there is nothing to remove")
        return 0
    if options.all:
        with only_build(site, _Console()):
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != "lock":
                    path.unlink()
        _say(f"{folder}: every result is removed")
        return 0
    limit = site.config.cache_size * 1_000_000
    done = clean(Store(folder), limit, max_age_s=options.days * 86_400)
    sizes = [f"{size / 1e6:.1f} MB" for size in (done.removed_bytes, done.left_bytes)]
    _say(f"{folder}: {done.removed} files removed ({sizes[0]}), {sizes[1]} left")
    return 0


_WORK: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "build": _build,
    "new": _new,
    "init": _init,
    "explain": _explain,
    "export": _export,
    "import": _import,
    "import-jekyll": _import_jekyll,
    "clean": _clean,
}


def _say_problems(problems: Iterable[Problem], site: Site) -> None:
    lines_of = _line_reader(site)
    for problem in problems:
        _say(describe(problem, lines_of))


def _line_reader(site: Site) -> Callable[[PurePosixPath], list[str]]:
    @cache
    def lines_of(path: PurePosixPath) -> list[str]:
        try:
            text = (site.content_root / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.split("\n")

    return lines_of


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class _Console(Listener):
    """Says what happens on standard error."""

    is_quiet: bool = False
    is_verbose: bool = False

    def announce(self, text: str) -> None:
        if not self.is_quiet:
            _say(text)

    def note(self, text: str) -> None:
        if self.is_verbose:
            _say(text)
