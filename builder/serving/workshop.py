"""Builds at every save, for as long as the writer writes."""

import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from builder.config import CACHE, PROJECT, Site, open_site
from builder.discover import find_posts
from builder.errors import Severity, SiteError, refusal
from builder.execute.interrupt import Interrupt, InterruptedBuildError
from builder.listening import Listener
from builder.options import BuildOptions, Running
from builder.report import BuildReport, describe, line_reader
from builder.serving.live import Live
from builder.serving.news import News
from builder.serving.saves import Saves
from builder.serving.server import Server
from builder.serving.showcase import Showcase
from builder.serving.watching import Places, Watch, folders_of

if TYPE_CHECKING:
    from builder.services import Services

_LOOK_AT_THE_CLOCK_S = 60.0
_PROGRAM = PROJECT / "builder"
_PROGRAM_ENDINGS = (".py", ".js", ".css")


class ProgramChangedError(Exception):
    """The builder itself was edited: it must be started again, at the same port."""

    def __init__(self, path: Path, port: int) -> None:
        super().__init__(f"{path} was edited")
        self.port = port


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """How to serve."""

    host: str = "127.0.0.1"
    port: int | None = None
    """The first free one from 8000 on where None."""

    output: Path | None = None
    """`_site/`, or a folder in the cache where it holds what is not to be published, where None."""

    jobs: int | None = None
    with_drafts: bool = False
    with_future: bool = False
    is_forking: bool = True
    is_sandboxed: bool = False
    is_untrusted: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Where what happens is said."""

    console: Listener
    address: Callable[[str], None]
    """Takes the address, once pages can be asked for there."""

    report: Callable[[BuildReport, Site], None]
    """Takes what each build gave."""

    failure: Callable[[str], None]
    """Takes why a build gave nothing."""

    watching: Callable[[], AbstractContextManager[None]]
    """Accompanies each build, to show what goes on."""


def serve(root: Path, options: ServeOptions, told: Told) -> NoReturn:
    """Serve a site and build it at every save, until the process is interrupted.

    Args:
        root: the site's folder.
        options: how.
        told: takes what is to be said.

    Raises:
        SettingsError: the site's settings are wrong when it begins, or the port is taken.
        ProgramChangedError: the builder was edited.
    """
    site = open_site(root, is_untrusted=options.is_untrusted)
    output = (options.output or _output_of(site, options)).resolve()
    saves = Saves(interrupt := Interrupt())
    showcase, news = Showcase(output, site.config.base_path), News()
    server = Server(showcase, news, options.host, options.port)
    with closing(Watch(saves.add)) as watch, server:
        watch.watch(_places(site, ()), passed_over=(output,))
        told.address(server.address)
        from builder.services import open_services  # noqa: PLC0415  # pages can be seen already

        running = Running(
            jobs=options.jobs, is_forking=options.is_forking, is_sandboxed=options.is_sandboxed
        )
        opened = open_services(site, running, is_resident=True, interrupt=interrupt)
        with opened as services:
            workshop = _Workshop(
                root, site.posts.parent == root, options, output, told, showcase, news
            )
            is_second = False
            used: Collection[Path] = ()
            while True:
                _look_at_the_program(saves.take(), told, server.port)
                done = workshop.build(services)
                used = used if done.used is None else done.used
                watch.watch(_places(site, used), passed_over=(output,))
                services.pool.warm()
                is_second = done.is_stale and not is_second
                if is_second:
                    continue
                day = workshop.today
                while not saves.wait(_LOOK_AT_THE_CLOCK_S) and workshop.today == day:
                    pass


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of a build."""

    used: Collection[Path] | None = None
    """The files and folders that blocks are known to use; None where it did not come to its end."""

    is_stale: bool = False
    """Whether one of them has changed after a block had read it."""


@dataclass(frozen=True)
class _Workshop:
    """Builds one site again and again."""

    root: Path
    has_posts: bool
    """Whether the site had posts of its own when it was first served."""

    options: ServeOptions
    output: Path
    told: Told
    showcase: Showcase
    news: News

    @property
    def today(self) -> date:
        """By the site's own time zone."""
        with suppress(SiteError):
            return open_site(self.root).config.today(datetime.now(UTC))
        return datetime.now(UTC).date()

    def build(self, services: "Services") -> _Done:
        """Build once."""
        from builder.session import paths_used, rebuild  # noqa: PLC0415  # as above

        self.news.tell(lambda b: replace(b, running=(), ran=()))
        try:
            site = open_site(self.root, is_untrusted=self.options.is_untrusted)
            if self.has_posts and site.posts.parent != self.root:
                raise SiteError(f"{self.root / 'posts'} is gone; what is published stays")
            self.showcase.base_path = site.config.base_path
            live = Live(self.told.console, self.showcase, self.news)
            with self.told.watching():
                built = rebuild(services, site, self._build_options(site), live)
        except InterruptedBuildError:
            return _Done()
        except SiteError as error:
            self._fail(f"error: {error}")
        except Exception as error:  # a fault of ours ends no writer's day
            refused = refusal(error)
            fault = f"a fault of the builder:\n{traceback.format_exc()}"
            self._fail(fault if refused is None else f"error: {refused}")
        else:
            self._report(built.report, site)
            return _Done(paths_used(site, built), built.is_stale)
        return _Done()

    def _build_options(self, site: Site) -> BuildOptions:
        return BuildOptions(
            output=self.output,
            today=site.config.today(datetime.now(UTC)),
            jobs=self.options.jobs,
            with_drafts=self.options.with_drafts,
            with_future=self.options.with_future,
            is_forking=self.options.is_forking,
            is_sandboxed=self.options.is_sandboxed,
        )

    def _report(self, report: BuildReport, site: Site) -> None:
        self.told.report(report, site)
        if not report.is_published:
            self._go_back()
        lines_of = line_reader(site.content_root)
        errors = (p for p in report.problems if p.severity is Severity.ERROR)
        problems = tuple(describe(problem, lines_of) for problem in errors)
        self._end(problems)

    def _fail(self, words: str) -> None:
        self.told.failure(words)
        self._go_back()
        self._end((words,))

    def _end(self, problems: tuple[str, ...]) -> None:
        self.news.tell(lambda b: replace(b, running=(), problems=problems, builds=b.builds + 1))

    def _go_back(self) -> None:
        """Show the last good version of what did not come to its end."""
        self.showcase.drop(only_parts=True)
        self.news.tell_version()


def _output_of(site: Site, options: ServeOptions) -> Path:
    """Where the site goes: what is not to be published yet never lies in what is."""
    is_for_readers = not (options.with_drafts or options.with_future)
    return site.root / "_site" if is_for_readers else site.root / CACHE / "preview"


def _places(site: Site, used: Collection[Path]) -> Places:
    """What is to be watched: the site, the program, and what posts use elsewhere."""
    deep = {*folders_of(site.root), site.posts.resolve()}
    alone = {site.root}
    if site.root != PROJECT:
        deep |= {_PROGRAM, PROJECT / "templates", PROJECT / "assets"}
        alone.add(PROJECT)
    for path in (*used, *_behind_links(site, used)):
        if not any(path.is_relative_to(folder) for folder in deep):
            alone.add(path if path.is_dir() else path.parent)
    return Places(frozenset(deep), frozenset(alone))


def _behind_links(site: Site, used: Collection[Path]) -> Iterator[Path]:
    """Where the posts and files lie that are links."""
    with suppress(OSError, RuntimeError):  # the last of a link that leads to itself
        posts = (site.content_root / path for path in find_posts(site.posts))
        yield from (path.resolve() for path in (*used, *posts) if path.is_symlink())


def _look_at_the_program(saved: Collection[Path], told: Told, port: int) -> None:
    """See whether the builder itself was edited, and can be started again.

    Raises:
        ProgramChangedError: it was.
    """
    edited = [
        path
        for path in saved
        if path.suffix in _PROGRAM_ENDINGS
        and path.is_relative_to(_PROGRAM)
        and not path.is_relative_to(_PROGRAM / "network")
    ]
    for path in edited:
        try:
            compile(path.read_bytes() if path.suffix == ".py" else b"", path, "exec")
        except (OSError, SyntaxError, ValueError) as error:
            told.failure(f"{path} was edited and cannot be run: {error}")
            return
    if edited:
        raise ProgramChangedError(edited[0], port)
