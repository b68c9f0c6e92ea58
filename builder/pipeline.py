"""The line from the sources of posts to the published site; it alone knows every stage.

discover -> parse -> execute -> render -> compose -> write
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from itertools import zip_longest
from pathlib import Path

from builder.cache.dependencies import Surroundings
from builder.cache.results import ResultCache
from builder.cache.store import Store, digest
from builder.compose.pages import compose_site
from builder.compose.templates import Templates
from builder.config import PROJECT, BuildOptions, Site
from builder.errors import Location, Problem, Severity, warning
from builder.execute.environment import post_environment
from builder.execute.stage import Execution, Executor
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
from builder.parse.post import make_address
from builder.parse.snippets import parts_of
from builder.reading import Reader, with_own_address
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
    reader = Reader(site, sources, options, services.parsed)
    parsed = reader.parse_all()
    problems += parsed.problems
    for path, reason in parsed.held_back:
        notify(f"{path} is held back: {reason}")
    posts = with_own_address(parsed.posts, problems)
    results, executor = _executor(site, services, notify)
    rendered = _run_and_render(posts, site, options, services, executor, problems)
    results.note_files(map(str, rendered.looked_at))
    held_back = len(parsed.held_back)
    report = _report(problems, options, len(rendered.posts), rendered.executed, held_back)
    if report.is_published:
        stubs = [_stub(source, report.problems, site) for source in parsed.failed]
        files = compose_site(
            site, [*rendered.posts, *filter(None, stubs)], Templates(reader.template_folders)
        )
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


def explain_post(source: Source, reader: Reader, store: Store, now: Surroundings) -> Iterator[str]:
    """Say for each block whether it would run, why, and what it is known to use.

    Raises:
        PostError: the post cannot be parsed.
    """
    post = reader.parse(source, [])
    results, name = ResultCache(store, now, reader.site.config.output_limit), str(source.path)
    known = results.find(name, post.steps)
    reason = "everything is to run afresh" if reader.options.is_fresh else known.reason
    count = 0 if reader.options.is_fresh else len(known.results)
    yield f"{name}: {f'would run: {reason}' if reason else 'every result is known'}"
    for index, (block, uses) in enumerate(
        zip_longest(post.steps, results.uses(name, post.steps), fillvalue=())
    ):
        assert not isinstance(block, tuple)
        verb = "is known" if index < count else "would run"
        told = f", {block.told}" if isinstance(block, Trial) else ""
        yield f"  block {index + 1} (line {block.line}{told}) {verb}"
        yield from (f"    uses {use.replace(':', ' ', 1)}" for use in uses)


def run_post(
    source: Source, reader: Reader, services: Services, notify: Notify, problems: list[Problem]
) -> Execution:
    """Run what must run of a post.

    Raises:
        PostError: the post cannot be parsed.
    """
    post = reader.parse(source, problems)
    _, executor = _executor(reader.site, services, notify)
    (execution,) = executor.execute([post], is_fresh=False, is_frozen=False)
    return execution


@dataclass(frozen=True, slots=True)
class Exported:
    """A post in a form that runs elsewhere."""

    text: str
    problems: tuple[Problem, ...]


def export_post(
    source: Source, reader: Reader, form: str, services: Services, notify: Notify
) -> Exported:
    """Run what must run of a post, and give it in the form `ipynb` or `py`.

    Raises:
        PostError: the post cannot be parsed.
    """
    from builder.export.files import FORMS  # noqa: PLC0415  # nbformat, for this alone

    problems: list[Problem] = []
    execution = run_post(source, reader, services, notify, problems)
    return Exported(FORMS[form](execution.post), (*problems, *execution.problems))


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
