"""The line from the sources of posts to the published site; it alone knows every stage.

discover -> parse -> execute -> render -> compose -> write
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from itertools import zip_longest
from pathlib import Path, PurePosixPath

from builder.cache.dependencies import Surroundings
from builder.cache.memo import Memo
from builder.cache.results import ResultCache
from builder.cache.store import Store, digest
from builder.compose.pages import compose_site, page_path
from builder.compose.templates import Templates, layouts
from builder.config import PROJECT, BuildOptions, Site
from builder.errors import Location, Problem, Severity, warning
from builder.execute.environment import post_environment
from builder.execute.stage import Executor
from builder.export.kept import Downloads
from builder.model import (
    Display,
    ExecutedPost,
    FrontMatter,
    ParsedPost,
    RenderedPost,
    Source,
    Trial,
)
from builder.parse.post import Parsing, make_address, parse_post, try_parse
from builder.parse.snippets import parts_of
from builder.render.post import Renderer, Rendering
from builder.report import BuildReport
from builder.services import Notify, Services
from builder.write import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build gave, and what that depends on beside the files of the site."""

    report: BuildReport
    dependencies: Mapping[str, str]
    """Of all blocks."""

    keys: Sequence[str]
    """Of all results."""

    is_repeatable: bool
    """False where a block must run in every build."""

    due: date | None
    """The first day on which a post that is held back appears."""


_RESERVED = ("index.html", "feed.xml", "assets")
"""What stands at the root of every site."""


def build_site(
    site: Site,
    sources: Sequence[Source],
    problems: list[Problem],
    options: BuildOptions,
    services: Services,
    notify: Notify,
) -> Built:
    """Build the site and publish it, unless a post has failed.

    Args:
        site: what to build.
        sources: its posts.
        problems: those of posts that could not be read; more are added.
        options: how to build.
        services: what the stages work with.
        notify: told what runs.

    Raises:
        SiteError: the site as a whole cannot be built, as with a broken template.
    """
    folders = (site.root / "templates", PROJECT / "templates")
    parsed = _parse(sources, site, layouts(folders), options, services.parsed)
    problems += parsed.problems
    for path, reason in parsed.held_back:
        notify(f"{path} is held back: {reason}")
    posts = _with_own_address(parsed.posts, problems)
    results, executor = _executor(site, services, notify)
    rendered = _run_and_render(posts, site, options, services, executor, problems)
    results.note_files(map(str, rendered.looked_at))
    held_back = len(parsed.held_back)
    report = _report(problems, options, len(rendered.posts), rendered.executed, held_back)
    if report.is_published:
        stubs = [_stub(source, report.problems, site) for source in parsed.failed]
        files = compose_site(site, [*rendered.posts, *filter(None, stubs)], Templates(folders))
        changes = publish(files, options.output)
        report = replace(
            report, written=changes.written, unchanged=changes.unchanged, removed=changes.removed
        )
    services.end_build()
    return Built(
        report=report,
        dependencies=results.dependencies,
        keys=results.keys,
        is_repeatable=executor.is_repeatable,
        due=parsed.due,
    )


def explain_post(
    source: Source, site: Site, options: BuildOptions, store: Store, now: Surroundings
) -> Iterator[str]:
    """Say for each block whether it would run, why, and what it is known to use.

    Raises:
        PostError: the post cannot be parsed.
    """
    folders = (site.root / "templates", PROJECT / "templates")
    post = parse_post(source, site.config, layouts(folders), [])
    results, name = ResultCache(store, now, site.config.output_limit), str(source.path)
    known = results.find(name, post.steps)
    reason = "everything is to run afresh" if options.is_fresh else known.reason
    count = 0 if options.is_fresh else len(known.results)
    yield f"{name}: {f'would run: {reason}' if reason else 'every result is known'}"
    for index, (block, uses) in enumerate(
        zip_longest(post.steps, results.uses(name, post.steps), fillvalue=())
    ):
        assert not isinstance(block, tuple)
        verb = "is known" if index < count else "would run"
        told = f", {block.told}" if isinstance(block, Trial) else ""
        yield f"  block {index + 1} (line {block.line}{told}) {verb}"
        yield from (f"    uses {use.replace(':', ' ', 1)}" for use in uses)


@dataclass(frozen=True, slots=True)
class Exported:
    """A post in a form that runs elsewhere."""

    text: str
    problems: tuple[Problem, ...]


def export_post(
    source: Source, site: Site, form: str, services: Services, notify: Notify
) -> Exported:
    """Run what must run of a post, and give it in the form `ipynb` or `py`.

    Raises:
        PostError: the post cannot be parsed.
    """
    from builder.export.files import FORMS  # noqa: PLC0415  # nbformat, for this alone

    problems: list[Problem] = []
    folders = (site.root / "templates", PROJECT / "templates")
    post = parse_post(source, site.config, layouts(folders), problems)
    _, executor = _executor(site, services, notify)
    (execution,) = executor.execute([post], is_fresh=False, is_frozen=False)
    return Exported(FORMS[form](execution.post), (*problems, *execution.problems))


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What parsing gave."""

    posts: tuple[ParsedPost, ...]
    """Those to be published."""

    held_back: tuple[tuple[PurePosixPath, str], ...]
    """The others, and why."""

    due: date | None
    failed: tuple[Source, ...]
    problems: tuple[Problem, ...]


def _parse(
    sources: Sequence[Source],
    site: Site,
    known_layouts: frozenset[str],
    options: BuildOptions,
    memo: Memo[Parsing],
) -> _Parsed:
    posts, failed, held_back, days = [], [], [], []
    problems: list[Problem] = []
    for source in sources:
        key = digest(str(source.path), source.text, repr(site.config), *sorted(known_layouts))
        parsing = memo.get(key, lambda: try_parse(source, site.config, known_layouts))  # noqa: B023  # called at once
        if parsing.post is None:
            failed.append(source)
        elif _is_shown(parsing.post, options):
            posts.append(parsing.post)
        else:
            day = parsing.post.front.date
            is_early = day > options.today
            days += [day] if is_early else []
            held_back.append((source.path, f"its day is {day}" if is_early else "it is a draft"))
            continue
        problems += parsing.problems
    due = min(days, default=None)
    return _Parsed(tuple(posts), tuple(held_back), due, tuple(failed), tuple(problems))


def _is_shown(post: ParsedPost, options: BuildOptions) -> bool:
    is_ready = options.with_drafts or not post.front.is_draft
    return is_ready and (options.with_future or post.front.date <= options.today)


def _with_own_address(posts: Sequence[ParsedPost], problems: list[Problem]) -> list[ParsedPost]:
    """The posts without those whose address another one has already."""
    by_address: dict[str, ParsedPost] = {}
    for post in posts:
        page = page_path(post.address)
        if page.parts[0] in _RESERVED:
            problems.append(
                Problem(
                    message=f"the address {post.address!r} is taken: the site has /{page.parts[0]}",
                    location=Location(post.source.path),
                    hint="say another 'permalink'",
                )
            )
            continue
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


@dataclass(frozen=True, slots=True)
class _Rendered:
    """What running and rendering gave."""

    posts: Sequence[RenderedPost]
    executed: int
    """Posts that had to run."""

    looked_at: frozenset[Path]
    """Pictures and files, there or not."""


def _run_and_render(  # two stages as one loop, so that they overlap
    posts: Sequence[ParsedPost],
    site: Site,
    options: BuildOptions,
    services: Services,
    executor: Executor,
    problems: list[Problem],
) -> _Rendered:
    """The rendered posts, each made as soon as it has run."""
    rendered, executed = [], 0
    looked_at: set[Path] = set()
    targets = tuple(post.target for post in posts)
    renderer = Renderer(site, services.engine, services.formulas, targets, parts_of)
    known = digest(repr(targets))
    downloads = Downloads(services.store)
    for execution in executor.execute(
        posts, is_fresh=options.is_fresh, is_frozen=options.is_frozen
    ):
        executed += execution.has_run
        fingerprint = _fingerprint(execution.post, site, known)
        rendering = services.rendered.get(
            fingerprint,
            lambda: _rendered(execution.post, fingerprint, renderer, downloads),  # noqa: B023  # called at once
            Rendering.holds,
        )
        looked_at |= rendering.looked_at.keys()
        problems += (
            *execution.problems,
            *_missing_files(execution.post.parsed, site),
            *rendering.problems,
        )
        rendered.append(rendering.post)
    return _Rendered(rendered, executed, frozenset(looked_at))


def _rendered(
    executed: ExecutedPost, fingerprint: str, renderer: Renderer, downloads: Downloads
) -> Rendering:
    """A post as a page, and in the forms that readers take away."""
    rendering = renderer.render(executed)
    post = replace(rendering.post, downloads=downloads.of(executed, fingerprint))
    return replace(rendering, post=post)


def _missing_files(post: ParsedPost, site: Site) -> Iterator[Problem]:
    """A warning for each file that a block is said to depend on and that is not there."""
    folder = site.content_root / post.source.folder
    for block in post.blocks:
        for name in block.options.depends:
            if not (folder / name).exists():
                where = Location(post.source.path, block.line)
                yield warning(f"depends: there is no file {name!r}", where)


def _fingerprint(executed: ExecutedPost, site: Site, targets: str) -> str:
    """A digest of all that rendering reads, but for files beside the post."""
    source = executed.parsed.source
    parts: list[str | bytes] = [str(source.path), source.text, repr(site.config)]
    if ".m" in source.text or "[[" in source.text:  # it may link to another post
        parts.append(targets)
    for result in executed.results:
        for output in result.outputs:
            match output:
                case Display(content, alt):
                    parts += [alt, *content.keys(), *content.values()]
                case _:
                    parts.append(repr(output))
        parts.append("end")
    return digest(*parts)


def _executor(site: Site, services: Services, notify: Notify) -> tuple[ResultCache, Executor]:
    roots = {"site": site.content_root, "project": PROJECT}
    surroundings = Surroundings(roots, post_environment(os.environ))
    results = ResultCache(services.store, surroundings, site.config.output_limit)
    return results, Executor(site, services.pool, results, surroundings, notify)


def _report(
    problems: Sequence[Problem], options: BuildOptions, posts: int, executed: int, held_back: int
) -> BuildReport:
    """What is known before anything is published; in a strict build a warning is an error."""
    if options.is_strict:
        problems = [_strictly(problem) for problem in problems]
    is_well = not any(problem.severity is Severity.ERROR for problem in problems)
    return BuildReport(
        output=options.output,
        posts=posts,
        executed=executed,
        held_back=held_back,
        is_published=is_well or options.keeps_going,
        problems=tuple(sorted(problems, key=_place)),
    )


def _strictly(problem: Problem) -> Problem:
    """A problem as a strict build takes it."""
    is_note = problem.severity is Severity.NOTE
    return problem if is_note else replace(problem, severity=Severity.ERROR)


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
        title=escape(source.slug),
        article="".join(f'<p class="problem">{escape(line)}</p>' for line in told),
        glyphs={},
        excerpt="This post could not be built.",
        files=(),
    )
