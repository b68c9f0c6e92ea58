"""The line from post files to the published site; the only module that knows every stage.

discover -> parse -> execute -> render -> compose -> write
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from builder.cache.dependencies import Surroundings
from builder.cache.formulas import FormulaStore
from builder.cache.results import ResultCache
from builder.cache.store import Store
from builder.compose.pages import compose_site
from builder.compose.templates import Templates, layouts
from builder.config import PROJECT, Site
from builder.discover import find_posts, read_source
from builder.errors import Location, PostError, Problem, Severity, SiteError
from builder.execute.pool import Pool
from builder.execute.stage import Executor
from builder.execute.zygote import post_environment
from builder.mathjax.engine import Engine
from builder.model import FrontMatter, ParsedPost, RenderedPost, Source
from builder.parse.post import make_address, parse_post
from builder.render.post import Renderer
from builder.report import BuildReport
from builder.write import check_output, publish

CACHE = ".cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """How to build."""

    output: Path
    jobs: int | None = None
    """Posts that run at once; as many as there are cores where None."""

    with_drafts: bool = False
    with_future: bool = False
    keeps_going: bool = False
    """Publish what can be, with each problem shown in its place."""

    is_strict: bool = False
    """Warnings fail the build."""

    is_fresh: bool = False
    """Run every block, whatever is known."""


@dataclass(frozen=True, slots=True)
class Services:
    """What lives longer than a stage."""

    pool: Pool
    engine: Engine
    store: Store
    formulas: FormulaStore


Notify = Callable[[str], None]


@contextmanager
def open_services(site: Site, jobs: int | None = None) -> Iterator[Services]:
    """Open what a build needs, and close it with every process that it has started."""
    folder = site.root / CACHE
    formulas = FormulaStore(folder)
    with Pool(str(PROJECT), jobs) as pool:
        try:
            yield Services(pool, Engine(), Store(folder), formulas)
        finally:
            formulas.close()


@contextmanager
def only_build(site: Site, notify: Notify) -> Iterator[None]:
    """Wait until no other build of this site runs.

    Raises:
        SiteError: the folder for results cannot be written.
    """
    folder = site.root / CACHE
    try:
        folder.mkdir(exist_ok=True)
        lock = FileLock(folder / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            notify("another build of this site is running; waiting for it to end")
            lock.acquire()
    except OSError as error:
        raise SiteError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def build_site(
    site: Site, options: BuildOptions, services: Services, today: date, notify: Notify
) -> BuildReport:
    """Build the site and publish it, unless a post has failed.

    Raises:
        SiteError: the site as a whole cannot be built, as with a broken template.
    """
    started = time.perf_counter()
    check_output(options.output.resolve())
    folders = (site.root / "templates", PROJECT / "templates")
    problems: list[Problem] = []
    failed, parsed = _parse_all(site, layouts(folders), problems)
    shown = [post for post in parsed if _is_shown(post, options, today)]
    problems = [p for p in problems if p.location.path not in _hidden(parsed, shown)]
    shown = _with_own_address(shown, problems)
    executed, rendered = 0, []
    renderer = Renderer(site, services.engine, services.formulas)
    for execution in _executor(site, services, notify).execute(shown, is_fresh=options.is_fresh):
        executed += execution.has_run
        found = [execution.problem] if execution.problem else []
        rendered.append(renderer.render(execution.post, found))
        problems += found
    problems = _judged(problems, options)
    is_well = not any(p.severity is Severity.ERROR for p in problems)
    report = BuildReport(
        output=options.output,
        posts=len(rendered),
        executed=executed,
        held_back=len(parsed) - len(shown),
        written=0,
        unchanged=0,
        removed=0,
        seconds=0.0,
        is_published=is_well or options.keeps_going,
        problems=tuple(sorted(problems, key=_place)),
    )
    if report.is_published:
        stubs = [_stub(source, report.problems, site) for source in failed]
        files = compose_site(site, [*rendered, *filter(None, stubs)], Templates(folders))
        changes = publish(files, options.output)
        report = replace(
            report, written=changes.written, unchanged=changes.unchanged, removed=changes.removed
        )
    return replace(report, seconds=time.perf_counter() - started)


def _parse_all(
    site: Site, known_layouts: frozenset[str], problems: list[Problem]
) -> tuple[list[Source], list[ParsedPost]]:
    """The posts that could not be parsed, and those that could."""
    failed, parsed = [], []
    for path in find_posts(site.posts):
        source = None
        try:
            source = read_source(site.content_root, path)
            parsed.append(parse_post(source, site.config, known_layouts, problems))
        except PostError as error:
            problems.append(error.problem)
            if source is not None:
                failed.append(source)
    return failed, parsed


def _is_shown(post: ParsedPost, options: BuildOptions, today: date) -> bool:
    is_ready = options.with_drafts or not post.front.is_draft
    return is_ready and (options.with_future or post.front.date <= today)


def _hidden(parsed: Sequence[ParsedPost], shown: Sequence[ParsedPost]) -> set[PurePosixPath]:
    return {post.source.path for post in parsed} - {post.source.path for post in shown}


def _with_own_address(posts: Sequence[ParsedPost], problems: list[Problem]) -> list[ParsedPost]:
    """The posts without those whose address another one has already."""
    by_address: dict[str, ParsedPost] = {}
    for post in posts:
        first = by_address.setdefault(post.address, post)
        if first is not post:
            problems.append(
                Problem(
                    message=f"{first.source.path} has the address {post.address!r} already",
                    location=Location(post.source.path),
                    hint="change the file name or say another 'permalink'",
                )
            )
    return list(by_address.values())


def _executor(site: Site, services: Services, notify: Notify) -> Executor:
    roots = {"site": site.content_root, "project": PROJECT}
    surroundings = Surroundings(roots, post_environment(os.environ))
    return Executor(
        site,
        services.pool,
        ResultCache(services.store, surroundings),
        surroundings,
        lambda post: notify(f"running {post.source.path}"),
    )


def _judged(problems: list[Problem], options: BuildOptions) -> list[Problem]:
    """The problems, all of them errors in a strict build."""
    if not options.is_strict:
        return problems
    return [replace(problem, severity=Severity.ERROR) for problem in problems]


def _place(problem: Problem) -> tuple[str, int, int, str]:
    where = problem.location
    return str(where.path), where.line or 0, where.column or 0, problem.message


def _stub(source: Source, problems: Sequence[Problem], site: Site) -> RenderedPost | None:
    """A page for a post that could not be read, where its file name tells its address."""
    if source.named_date is None:
        return None
    told = [str(p) for p in problems if p.location.path == source.path]
    front = FrontMatter(
        title=source.slug,
        date=source.named_date,
        layout="post",
        description=None,
        tags=(),
        categories=(),
        is_draft=False,
        permalink=None,
        variables={},
    )
    return RenderedPost(
        path=source.path,
        front=front,
        address=make_address(front, source.slug, site.config),
        article="".join(f'<p class="problem">{escape(line)}</p>' for line in told),
        glyphs={},
        excerpt="This post could not be built.",
        files=(),
    )
