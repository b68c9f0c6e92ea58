"""Run posts afresh, and compare what they show now with what was accepted."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from builder.cache.manifest import forget_manifests
from builder.cache.records import Record, Records
from builder.cache.results import ResultCache
from builder.cache.store import Store
from builder.comparison.posts import (
    PostDifference,
    changed_versions,
    compare_post,
    first_edited,
)
from builder.comparison.recording import Recorder, changed_uses, is_whole
from builder.config import BuildOptions, Site
from builder.errors import Location, Problem, Severity, note
from builder.execute.execution import Execution
from builder.execute.stage import Executor
from builder.listening import Listener
from builder.model import BlockResult, ParsedPost, Version, tell_versions
from builder.services import Services, only_build, open_services
from builder.session import posts_that_run, surroundings_of

_DETAIL_LINES = 20
_NO_RECORD = "has no record of what it showed"
_BUILD = "build first: a build remembers what posts show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which posts to recheck, and whether what they show is accepted."""

    today: date
    names: tuple[str, ...] = ()
    """Slugs, files or paths; all posts that a build publishes where there are none."""

    since: date | None = None
    """Posts of earlier days are left out."""

    accepts: bool = False
    jobs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCheck:
    """What was found out about one post."""

    post: ParsedPost
    differences: tuple[PostDifference, ...]
    failures: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    """Why it could not be compared, or not all of it."""

    changed: tuple[tuple[Version, ...], tuple[Version, ...]]
    """What was another version when it was accepted, and what it is now."""

    has_record: bool
    is_accepted: bool

    @property
    def holds(self) -> bool:
        """Whether it shows what it did."""
        return not (self.failures or self.differences)

    @property
    def reason(self) -> str | None:
        """Why it may show something else; None where its notes tell what has changed."""
        old, new = self.changed
        if old:
            return f"made with {tell_versions(old)}, run with {tell_versions(new)}"
        if any(told.code == "changed-since" for told in self.notes):
            return None
        return "no version has changed: does it depend on a clock, the network or the machine?"

    @property
    def problems(self) -> Iterator[Problem]:
        """All that there is to tell."""
        yield from self.notes
        for problem in self.failures:
            told = filter(None, (problem.hint, self.reason))
            yield replace(problem, hint="; ".join(told)) if self.has_record else problem
        yield from () if self.is_accepted else map(self._told, self.differences)

    def _told(self, found: PostDifference) -> Problem:
        lines = [
            line
            for hunk in found.difference.hunks
            if not hunk.is_same
            for line in (*(f"- {old}" for old in hunk.old), *(f"+ {new}" for new in hunk.new))
        ]
        if len(lines) > _DETAIL_LINES:
            lines[_DETAIL_LINES:] = [f"… {len(lines) - _DETAIL_LINES} more lines in the report"]
        return Problem(
            code="other-result",
            message=found.message,
            location=found.where,
            hint=self.reason,
            detail="\n".join(lines) or None,
        )


@dataclass(frozen=True, slots=True)
class Recheck:
    """What was found out."""

    checks: tuple[PostCheck, ...]
    problems: tuple[Problem, ...]
    """Posts that could not be read, and all that is told of the others."""

    @property
    def holds(self) -> bool:
        """Whether everything shows what it did."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def recheck(site: Site, request: Request, listener: Listener) -> Recheck:
    """Recheck posts with services of their own, while no build of the site runs.

    Raises:
        SettingsError: no post has one of the names.
        SiteError: the folder for results cannot be written.
    """
    with only_build(site, listener), open_services(site, request.jobs) as services:
        return recheck_with(services, site, request, listener)


def recheck_with(services: Services, site: Site, request: Request, listener: Listener) -> Recheck:
    """Recheck posts with services that are open already.

    Nothing is changed, unless the new results are accepted: then they are kept as those of a
    build, so that the next one publishes them without running anything.

    Raises:
        SettingsError: no post has one of the names.
    """
    problems: list[Problem] = []
    posts = _wanted(site, request, problems)
    with tempfile.TemporaryDirectory(prefix="recheck-") as scratch:
        store = services.store if request.accepts else Store(Path(scratch))
        checker = _Checker(site, services, store, request, listener)
        found = {str(check.post.source.path): check for check in checker.check(posts)}
    checks = tuple(found[str(post.source.path)] for post in posts)
    if any(check.is_accepted for check in checks):
        forget_manifests(store)
    problems += (problem for check in checks for problem in check.problems)
    return Recheck(checks, tuple(problems))


def _wanted(site: Site, request: Request, problems: list[Problem]) -> list[ParsedPost]:
    """The posts to recheck, of which each has something to run."""
    options = BuildOptions(output=Path(), today=request.today)
    posts = posts_that_run(site, request.names, options, problems)
    since = request.since or date.min
    return [post for post in posts if post.front.date >= since]


class _Checker:
    """Runs posts and looks at what they give."""

    def __init__(
        self, site: Site, services: Services, store: Store, request: Request, listener: Listener
    ) -> None:
        now = surroundings_of(site)
        results = ResultCache(store, now, site.config.output_limit)
        self._records = Records(services.store)
        self._recorder = Recorder(self._records, results, now)
        self._executor = Executor(site, services.pool, results, now, listener)
        self._accepts = request.accepts

    def check(self, posts: Sequence[ParsedPost]) -> Iterator[PostCheck]:
        """What is found out of each, as they end."""
        for execution in self._executor.execute(posts, is_fresh=True, is_frozen=False):
            yield self._check(execution)

    def _check(self, execution: Execution) -> PostCheck:
        post = execution.post.parsed
        record = self._records.find(str(post.source.path))
        failures = [
            replace(problem, message=f"fails{' now' * bool(record)}: {problem.message}")
            for problem in execution.problems
            if problem.severity is Severity.ERROR
        ]
        is_accepted = self._accepts and is_whole(execution)
        if is_accepted:
            self._recorder.accept(execution)
        if record is None:
            differences, doubts = (
                [],
                [note("no-record", _NO_RECORD, Location(post.source.path), _BUILD)],
            )
            changed: tuple[tuple[Version, ...], tuple[Version, ...]] = ((), ())
        else:
            new = self._recorder.with_all_versions(self._recorder.record_of(execution), record)
            differences = list(compare_post(record, post, _ended(execution)))
            doubts = list(_doubts(record, new, post))
            changed = changed_versions(record, new)
        return PostCheck(
            post=post,
            differences=tuple(differences),
            failures=tuple(failures),
            notes=() if is_accepted else tuple(doubts),
            changed=changed,
            has_record=record is not None,
            is_accepted=is_accepted,
        )


def _ended(execution: Execution) -> Sequence[BlockResult]:
    """What each block gave that has run to its end."""
    return execution.kept if is_whole(execution) else execution.kept[:-1]


def _doubts(record: Record, new: Record, post: ParsedPost) -> Iterator[Problem]:
    """Why a difference may be the post's own."""
    path, edited = post.source.path, first_edited(record, post)
    for name in changed_uses(record, new):
        kind, _, what = name.partition(":")
        told = what.removeprefix("site/").removeprefix("project/")
        message = f"uses {f'the {kind} {told}' if what else name}, which has changed since"
        yield note("changed-since", message, Location(path), _BUILD)
    if edited is not None and edited < len(post.steps):
        told = f"block {edited + 1} is new or was edited: it and what follows are not compared"
        yield note("changed-since", told, Location(path, post.steps[edited].line), _BUILD)
    elif edited is not None:
        yield note("changed-since", "blocks at its end are gone", Location(path), _BUILD)
