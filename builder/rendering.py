"""From parsed posts to pages: runs what must run, and renders what is not known."""

import os
import pickle
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import NoReturn, TypeVar

from builder.cache.cards import Card, Cards
from builder.cache.formulas import BorrowedFormulas
from builder.cache.results import Basis
from builder.cache.store import digest
from builder.compose.site import Composer
from builder.config import Site
from builder.errors import Location, Problem, Severity, SiteError, warning
from builder.execute.execution import Execution
from builder.execute.pool import usable_cores
from builder.execute.stage import Executor
from builder.export.kept import Downloads
from builder.export.text import text_of
from builder.forking import copy_of_this_process
from builder.listening import Listener, Preview
from builder.mathjax.typeset import FormulaCache
from builder.model import (
    Display,
    ExecutedPost,
    Failure,
    ParsedPost,
    PostCard,
    PostPage,
    PostTarget,
    RenderedPost,
)
from builder.parse.snippets import parts_of
from builder.reading import Entry, Reader
from builder.render.links import POST_ENDINGS
from builder.render.post import Renderer, Rendering
from builder.services import Services

T = TypeVar("T")

_SHOWN_BEFORE_ALL = 20
"""More pages than a writer waits for: showing each takes time from publishing all."""

_AT_ONCE = 500
"""Posts that are rendered together: what both halves hold until they are done stays small."""

_WORTH_A_PROCESS = 24
"""So many posts take longer to render than a second process takes to start."""


@dataclass
class Rendered:
    """What running and rendering gave."""

    pages: list[PostPage] = field(default_factory=list)
    executed: int = 0
    """Posts that had to run."""

    looked_at: set[Path] = field(default_factory=set)
    """Pictures and files, there or not."""

    problems: list[Problem] = field(default_factory=list)
    shown: int = 0
    """Pages that were shown before all are published."""

    executions: list[Execution] = field(default_factory=list)
    """Of posts that have something to run."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A post to be rendered."""

    entry: Entry
    execution: Execution
    fingerprint: str

    @property
    def executed(self) -> ExecutedPost:
        """The post with its results."""
        return self.execution.post


@dataclass(frozen=True)
class Rendition:
    """Runs and renders the posts of one build."""

    site: Site
    reader: Reader
    services: Services
    cards: Cards
    executor: Executor
    targets: tuple[PostTarget, ...]
    """All posts, for links between them."""

    composer: Composer
    """Makes pages before the site is published."""

    listener: Listener

    def run(self, entries: Sequence[Entry], *, is_fresh: bool, is_frozen: bool) -> Rendered:
        """The pages of all posts; one that runs is rendered as soon as it has run."""
        done = Rendered()
        todo: dict[str, Entry] = {}
        for entry in entries:
            if entry.post is None and self._holds(entry):
                self._take_known(entry, done, is_frozen=is_frozen)
            else:
                todo[str(entry.source.path)] = self.reader.parsed(entry)
        posts = [entry.post for entry in todo.values() if entry.post is not None]
        waiting: list[_Job] = []
        executions = self.executor.execute(posts, is_fresh=is_fresh, is_frozen=is_frozen)
        for execution in self._listened_to(executions):
            entry = todo[str(execution.post.parsed.source.path)]
            if not execution.is_whole:
                self._show(self._renderer.render(execution.post), entries, done, is_whole=False)
                continue
            job = self._take_executed(entry, execution, done)
            waiting += [job] if job else []
            # The others come one by one, while the pool is busy.
            if done.executed or self.listener.wants_previews:
                self._render(waiting, self._alone, entries, done)
                waiting = []
        for start in range(0, len(waiting), _AT_ONCE):
            self._render(waiting[start : start + _AT_ONCE], self._in_two, entries, done)
        return done

    def _listened_to(self, executions: Iterator[Execution]) -> Iterator[Execution]:
        """The same, the time until each told as that of running."""
        while True:
            with self.listener.stage("run"):
                execution = next(executions, None)
            if execution is None:
                return
            yield execution

    def _holds(self, entry: Entry) -> bool:
        """Whether a post with the same text would be rendered as it was."""
        card = entry.card
        if card is None or card.targets not in (None, self._targets) or not card.holds():
            return False
        return card.basis is None or self.executor.rests_on(str(entry.source.path), card.basis)

    def _take_known(self, entry: Entry, done: Rendered, *, is_frozen: bool) -> None:
        card = entry.card
        assert card is not None

        def load() -> RenderedPost:
            post = self.reader.parsed(entry).post
            assert post is not None  # it was, in the last build
            *_, execution = self.executor.execute([post], is_fresh=False, is_frozen=is_frozen)
            if execution.problems:  # its results were there, and could not be read
                raise SiteError(str(execution.problems[0]))
            return self._rendering(self._renderer, execution.post, card.fingerprint).post

        self._take(entry, card.settled(), cache(lambda: _packed(load())), done)

    def _take_executed(self, entry: Entry, execution: Execution, done: Rendered) -> _Job | None:
        """Take what is known of a post that has run, or say what is to be rendered."""
        executed, card = execution.post, entry.card
        done.executed += execution.has_run
        done.executions += [execution] if executed.parsed.steps else []
        done.problems += (*execution.problems, *_missing_files(executed.parsed, self.site))
        fingerprint = _fingerprint(executed, self.site, self._targets)
        if card is None or card.fingerprint != fingerprint or not card.holds():
            return _Job(entry, execution, fingerprint)

        def load() -> RenderedPost:
            return self._rendering(self._renderer, executed, fingerprint).post

        told, basis = entry.problems, _basis(execution, self.site)
        fresh = replace(card, source=entry.key, parsing_problems=told, basis=basis)
        self._take(entry, fresh.settled(), cache(lambda: _packed(load())), done)
        return None

    def _take(self, entry: Entry, card: Card, packed: Callable[[], bytes], done: Rendered) -> None:
        self.cards.keep(str(entry.source.path), card)
        done.pages.append(PostPage(card.post, lambda: _unpacked(packed())))
        done.looked_at |= card.looked_at.keys()
        done.problems += (*card.parsing_problems, *card.problems)

    def _render(
        self,
        jobs: Sequence[_Job],
        render: Callable[[Sequence[_Job]], Sequence[Rendering]],
        entries: Sequence[Entry],
        done: Rendered,
    ) -> None:
        with self.listener.stage("render"):
            renderings = render(jobs)
        for job, rendering in zip(jobs, renderings, strict=True):
            packed = _given(_packed(rendering.post))
            self._take(job.entry, self._card(job, rendering), packed, done)
            if self.listener.wants_previews and _is_well(job.executed, rendering):
                self._show(rendering, entries, done, is_whole=True)

    def _show(
        self, rendering: Rendering, entries: Sequence[Entry], done: Rendered, *, is_whole: bool
    ) -> None:
        """Show the page of a post among what is known of the others, unless there are many."""
        if done.shown >= _SHOWN_BEFORE_ALL:
            return
        done.shown += is_whole
        post = rendering.post
        page = PostPage(card_of(post), _given(post))
        pages = {e.source.path: PostPage(e.card.post, _not_needed) for e in entries if e.card}
        pages |= {known.card.path: known for known in done.pages}
        pages[post.path] = page
        files = self.composer.preview(tuple(pages.values()), page)
        self.listener.shows(Preview(post.path, files, is_whole=is_whole))

    def _card(self, job: _Job, rendering: Rendering) -> Card:
        parsed, post = job.executed.parsed, rendering.post
        return Card(
            source=job.entry.key,
            runs=bool(parsed.steps),
            basis=_basis(job.execution, self.site),
            fingerprint=job.fingerprint,
            targets=self._targets if _may_link(parsed) else None,
            target=parsed.target,
            post=card_of(post),
            parsing_problems=job.entry.problems,
            problems=rendering.problems,
            looked_at=rendering.looked_at,
        )

    @cached_property
    def _targets(self) -> str:
        return digest(repr(self.targets))

    @cached_property
    def _targets_by_path(self) -> dict[str, PostTarget]:
        return {target.path: target for target in self.targets}

    @cached_property
    def _renderer(self) -> Renderer:
        return self._new_renderer(self.services.formulas)

    def _new_renderer(self, formulas: FormulaCache) -> Renderer:
        return Renderer(self.site, self.services.engine, formulas, self.targets, parts_of)

    def _rendering(self, renderer: Renderer, executed: ExecutedPost, fingerprint: str) -> Rendering:
        """A post as a page, and in the forms that readers take away."""
        rendering = renderer.render(executed)
        downloads = Downloads(self.services.store).of(executed, fingerprint)
        base_path = self.site.config.base_path
        text = text_of(executed, self._targets_by_path, rendering.references, base_path)
        files = (*rendering.post.files, text)
        return replace(rendering, post=replace(rendering.post, files=files, downloads=downloads))

    def _alone(self, jobs: Sequence[_Job]) -> list[Rendering]:
        return [self._rendering(self._renderer, job.executed, job.fingerprint) for job in jobs]

    def _in_two(self, jobs: Sequence[_Job]) -> list[Rendering]:
        """Render one half in a copy of this process, where there is a core for it."""
        is_alone = threading.active_count() == 1 and sys.platform.startswith("linux")
        is_worth_it = len(jobs) >= _WORTH_A_PROCESS and min(usable_cores(), self.services.jobs) > 1
        if not (is_alone and is_worth_it):
            return self._alone(jobs)
        # The other one has its start and its answer to carry besides.
        cut = len(jobs) * 11 // 20
        here, there = jobs[:cut], jobs[cut:]
        with copy_of_this_process(lambda: self._half(there)) as answer:
            first = self._alone(here)
            told = answer()
        if told is None:  # what went wrong there shows itself here
            second = self._alone(there)
        else:
            second, new = told
            for key, value in new.items():
                self.services.formulas.put(key, value)
        return [*first, *second]

    def _half(self, jobs: Sequence[_Job]) -> tuple[list[Rendering], dict[str, str]]:
        formulas = BorrowedFormulas(self.services.formulas.folder)
        renderer = self._new_renderer(formulas)
        return [self._rendering(renderer, j.executed, j.fingerprint) for j in jobs], formulas.new


def _basis(execution: Execution, site: Site) -> Basis | None:
    """What the results of a post rest on, if there is nothing to tell of it in each build."""
    parsed = execution.post.parsed
    is_told = bool(execution.problems) or any(_missing_files(parsed, site))
    return execution.basis if parsed.steps and not is_told else None


def card_of(post: RenderedPost) -> PostCard:
    """What lists say of a post, with a digest of all that it consists of."""
    files = tuple((f.path, digest(f.content)) for f in (*post.files, *post.downloads))
    told = (repr(post.front), repr(post.versions))
    key = digest(post.title, post.article, *told, *post.glyphs, repr(files))
    return PostCard(
        path=post.path,
        front=post.front,
        address=post.address,
        excerpt=post.excerpt,
        words=post.words,
        plot=post.plot,
        key=key,
        files=files,
    )


def _not_needed() -> NoReturn:
    raise AssertionError("a page says of other posts what their cards say")


def _is_well(executed: ExecutedPost, rendering: Rendering) -> bool:
    """Whether a page shows what the author wants to be seen."""
    outputs = (output for result in executed.results for output in result.outputs)
    return not any(isinstance(output, Failure) for output in outputs) and not any(
        problem.severity is Severity.ERROR for problem in rendering.problems
    )


def _given(value: T) -> Callable[[], T]:
    return lambda: value


def _packed(post: RenderedPost) -> bytes:
    """A post in little room, for a build of thousands holds them all until it is published."""
    return zlib.compress(pickle.dumps(post, 5), 1)


def _unpacked(packed: bytes) -> RenderedPost:
    post: RenderedPost = pickle.loads(zlib.decompress(packed))
    return post


def _missing_files(post: ParsedPost, site: Site) -> Iterator[Problem]:
    """A warning for each file that a block is said to depend on and that is not there."""
    for block in post.blocks:
        for name in block.options.depends:
            # Unlike a Path's, says no of a name that is too long to be one.
            if not os.path.exists(site.content_root / post.source.folder / name):
                where = Location(post.source.path, block.line)
                yield warning("missing-file", f"depends: there is no file {name!r}", where)


def _fingerprint(executed: ExecutedPost, site: Site, targets: str) -> str:
    """A digest of all that rendering reads, but for files beside the post."""
    source = executed.parsed.source
    parts: list[str | bytes] = [str(source.path), source.text, repr(site.config)]
    parts.append(repr(executed.versions))
    if _may_link(executed.parsed):
        parts.append(targets)
    for result in executed.results:
        for output in result.outputs:
            match output:
                case Display(content, alt):
                    parts += [alt, *(part for form in sorted(content.items()) for part in form)]
                case _:
                    parts.append(repr(output))
        parts.append("end")
    return digest(*parts)


def _may_link(post: ParsedPost) -> bool:
    """Whether a post may link to another one."""
    return any(sign in post.source.text for sign in (*POST_ENDINGS, "[["))
