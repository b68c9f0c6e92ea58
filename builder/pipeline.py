"""The line from the sources of posts to the published site; it alone knows every stage.

discover -> parse -> execute -> render -> compose -> write
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from itertools import zip_longest
from pathlib import PurePosixPath

from builder.cache.cards import Cards
from builder.cache.dependencies import Surroundings
from builder.cache.program import made_by
from builder.cache.records import Records
from builder.cache.results import ResultCache
from builder.cache.store import Store
from builder.comparison.recording import Recorder
from builder.compose.addresses import page_path
from builder.compose.site import Composer
from builder.compose.templates import Templates, digest_of
from builder.config import Site
from builder.errors import PostError, Problem, Severity
from builder.execute.execution import Execution
from builder.execute.stage import Executor
from builder.execute.surroundings import surroundings_of
from builder.listening import Listener
from builder.model import (
    FrontMatter,
    LateFile,
    OutputFile,
    PostPage,
    PostTarget,
    RenderedPost,
    Source,
    Trial,
)
from builder.options import BuildOptions
from builder.parse.post import make_address
from builder.reading import Entry, Parsed, Reader, tell_wrong_order, with_own_address
from builder.rendering import Rendered, Rendition, card_of
from builder.report import BuildReport, in_order, strictly
from builder.services import Services
from builder.social.posts import social_cards
from builder.write import publish

_DRAFT = re.compile(r"^(?:draft:[ \t]*true|published:[ \t]*false)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build gave, and what that depends on beside the files of the site."""

    report: BuildReport
    dependencies: Mapping[str, str]
    """Of all blocks."""

    used_in_vain: Sequence[str]
    """Absolute paths of what blocks have used that failed: no result depends on it."""

    keys: Sequence[str]
    """Of all results and social cards."""

    is_repeatable: bool
    """False where a block must run in every build."""

    is_stale: bool
    """Whether a file has changed after a block had read it: another build will give more."""

    due: date | None
    """The first day on which a post that is held back appears."""


def build_site(
    site: Site,
    sources: Sequence[Source],
    problems: list[Problem],
    options: BuildOptions,
    services: Services,
    listener: Listener,
) -> Built:
    """Build the site and publish it, unless a post has failed.

    Args:
        site: what to build.
        sources: its posts.
        problems: those of posts that could not be read; more are added.
        options: how to build.
        services: what the stages work with.
        listener: told what happens.

    Raises:
        SiteError: the site as a whole cannot be built, as with a broken template.
    """
    reader = Reader(site, sources, options, services.parsed)
    surroundings = surroundings_of(site, is_sandboxed=services.pool.is_sandboxed)
    program = made_by(surroundings.installed)
    cards = Cards(services.store, program, is_fresh=options.is_fresh)
    with listener.stage("parse"):
        parsed = reader.parse_all(cards)
    problems += parsed.problems
    for path, reason in parsed.held_back:
        listener.note(f"{path} is held back: {reason}")
    entries = with_own_address(parsed.entries, problems)
    tell_wrong_order(entries, sources, problems)
    if site.config.social_cards and any(map(_needs_card, entries)):
        services.drawers.warm()
    results, executor = _executor(site, services, surroundings, listener)
    composer = Composer(site, _templates(reader, services), services.store, program)
    rendition = Rendition(
        site, reader, services, cards, executor, _targets(entries), composer, listener
    )
    rendered = rendition.run(entries, is_fresh=options.is_fresh, is_frozen=options.is_frozen)
    problems += rendered.problems
    results.note_files(map(str, rendered.looked_at))
    report = _report(problems, options, rendered, parsed)
    drawn: tuple[str, ...] = ()
    if report.is_published:
        pages = _with_stubs(rendered.pages, _failed(parsed, options), report.problems, site)
        report, drawn = _publish(pages, composer, options, services, report, listener)
    if report.is_published:
        recorder = Recorder(Records(services.store), results, surroundings)
        with listener.stage("compare with records"):
            report = _keep_records(rendered.executions, cards, recorder, report)
    cards.end_build()
    services.end_build()
    return Built(
        report=report,
        dependencies=results.dependencies,
        used_in_vain=[path for done in rendered.executions for path in done.used_in_vain],
        keys=(*results.keys, *drawn),
        is_repeatable=executor.is_repeatable,
        is_stale=executor.is_stale,
        due=parsed.due,
    )


def _publish(
    pages: Sequence[PostPage],
    composer: Composer,
    options: BuildOptions,
    services: Services,
    report: BuildReport,
    listener: Listener,
) -> tuple[BuildReport, tuple[str, ...]]:
    """Publish the site that posts make; what has changed, and the keys of their social cards.

    Nothing is published where two files have one address, and the report says so.
    """
    config, store = composer.site.config, services.store
    drawn: Mapping[PurePosixPath, LateFile] = {}
    if config.social_cards:
        with listener.stage("draw social cards"):
            drawn = social_cards(pages, config, store, services.jobs, services.drawers)
    keys = tuple(card.key for card in drawn.values())
    try:
        with listener.stage("compose"):
            files = composer.compose(pages, drawn)
    except PostError as error:
        problems = in_order((*report.problems, error.problem))
        return replace(report, is_published=False, problems=problems), keys
    with listener.stage("publish"):
        changes = publish(files, options.output, store)
    told = replace(
        report,
        written=changes.written,
        unchanged=changes.unchanged,
        removed=changes.removed,
        written_bytes=changes.written_bytes,
        removed_bytes=changes.removed_bytes,
        site_bytes=changes.site_bytes,
    )
    return told, keys


def _templates(reader: Reader, services: Services) -> Templates:
    """The templates of a site, which take long to be read."""
    folders = reader.template_folders
    return services.templates.get(digest_of(folders), lambda: Templates(folders))


def _keep_records(
    executions: Sequence[Execution], cards: Cards, recorder: Recorder, report: BuildReport
) -> BuildReport:
    """Remember what posts show; the report, with a note on each that new versions have changed."""
    notes = []
    for execution in executions:
        path = str(execution.post.parsed.source.path)
        if cards.is_recorded(path):
            continue
        problem = recorder.take(execution)
        if problem is None:
            cards.know_recorded(path)
        else:
            notes.append(problem)
    return replace(report, problems=in_order((*report.problems, *notes)))


def _targets(entries: Sequence[Entry]) -> tuple[PostTarget, ...]:
    """What links between posts may lead to."""
    return tuple(entry.target for entry in entries)


def _needs_card(entry: Entry) -> bool:
    """Whether what stands on a post's social card is likely to be new."""
    if entry.post is None or entry.card is None:
        return entry.card is None
    now, was = entry.post.front, entry.card.post.front
    return (now.title, now.date, now.series) != (was.title, was.date, was.series)


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
    source: Source, reader: Reader, services: Services, listener: Listener, problems: list[Problem]
) -> Execution:
    """Run what must run of a post.

    Raises:
        PostError: the post cannot be parsed.
    """
    post = reader.parse(source, problems)
    now = surroundings_of(reader.site, is_sandboxed=services.pool.is_sandboxed)
    _, executor = _executor(reader.site, services, now, listener)
    (execution,) = executor.execute([post], is_fresh=False, is_frozen=False)
    return execution


@dataclass(frozen=True, slots=True)
class Exported:
    """A post in a form that runs elsewhere."""

    text: str
    problems: tuple[Problem, ...]


def export_post(
    source: Source, reader: Reader, form: str, services: Services, listener: Listener
) -> Exported:
    """Run what must run of a post, and give it in the form `ipynb` or `py`.

    Raises:
        PostError: the post cannot be parsed.
    """
    from builder.export.files import FORMS  # noqa: PLC0415  # nbformat, for this alone

    problems: list[Problem] = []
    execution = run_post(source, reader, services, listener, problems)
    return Exported(FORMS[form](execution.post), (*problems, *execution.problems))


def _executor(
    site: Site, services: Services, surroundings: Surroundings, listener: Listener
) -> tuple[ResultCache, Executor]:
    results = ResultCache(services.store, surroundings, site.config.output_limit)
    return results, Executor(site, services.pool, results, surroundings, listener)


def _report(
    problems: Sequence[Problem], options: BuildOptions, rendered: Rendered, parsed: Parsed
) -> BuildReport:
    """What is known before anything is published; in a strict build a warning is an error."""
    if options.is_strict:
        problems = [strictly(problem) for problem in problems]
    is_well = not any(problem.severity is Severity.ERROR for problem in problems)
    return BuildReport(
        output=options.output,
        posts=len(rendered.pages),
        executed=rendered.executed,
        held_back=tuple(f"{path}: {reason}" for path, reason in parsed.held_back),
        is_published=is_well or options.keeps_going,
        problems=in_order(problems),
    )


def _failed(parsed: Parsed, options: BuildOptions) -> list[Source]:
    """Posts that cannot be read and would be published."""
    return [source for source in parsed.failed if not _is_held_back(source, options)]


def _is_held_back(source: Source, options: BuildOptions) -> bool:
    """Whether a post that cannot be read would not be published if it could."""
    is_early = source.named_date is not None and source.named_date > options.today
    is_draft = _DRAFT.search(source.text) is not None
    return (is_early and not options.with_future) or (is_draft and not options.with_drafts)


def _with_stubs(
    pages: Sequence[PostPage], failed: Sequence[Source], problems: Sequence[Problem], site: Site
) -> list[PostPage]:
    """The pages of posts, and stubs of those that failed, where no other page stands."""
    taken = {page_path(page.card.address): page for page in pages}
    for source in failed:
        stub = _stub(source, problems, site)
        if stub is not None:
            taken.setdefault(page_path(stub.card.address), stub)
    return list(taken.values())


def _stub(source: Source, problems: Sequence[Problem], site: Site) -> PostPage | None:
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
        is_draft=True,  # no feed should carry it
        permalink=None,
        variables={},
    )
    address = make_address(front, source.slug, site.config)
    text = OutputFile(page_path(address).with_suffix(".md"), "\n\n".join((*told, "")).encode())
    post = RenderedPost(
        path=source.path,
        front=front,
        address=address,
        title=escape(source.slug),
        article="".join(f'<p class="problem">{escape(line)}</p>' for line in told),
        glyphs={},
        excerpt="This post could not be built.",
        words=0,
        plot=None,
        files=(text,),
    )
    return PostPage(card_of(post), lambda: post)
