"""Stage 3: run the blocks of posts, except those whose results are known."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from builder.cache.dependencies import Surroundings
from builder.cache.results import ResultCache
from builder.config import Site
from builder.errors import Location, Problem
from builder.execute.pool import Pool
from builder.execute.protocol import BlockDone, BlockJob, FileState, Job, PostDone, Trace
from builder.model import BlockResult, CodeBlock, ExecutedPost, Failure, ParsedPost

_OF_EACH_RUN = frozenset({"TMPDIR"})


@dataclass(frozen=True, slots=True)
class Execution:
    """A post that has come through this stage."""

    post: ExecutedPost
    has_run: bool
    """False where every result was known."""

    problem: Problem | None


class Executor:
    """Runs posts on a pool, with what earlier runs have given.

    Args:
        site: gives the limits and the folder that posts lie in.
        pool: runs what must run.
        results: keeps what each block gave.
        surroundings: knows what blocks depend on.
        on_run: told of each post that will run.
    """

    def __init__(
        self,
        site: Site,
        pool: Pool,
        results: ResultCache,
        surroundings: Surroundings,
        on_run: Callable[[ParsedPost], None],
    ) -> None:
        self._site = site
        self._pool = pool
        self._results = results
        self._surroundings = surroundings
        self._on_run = on_run

    def execute(self, posts: Iterable[ParsedPost], *, is_fresh: bool) -> Iterator[Execution]:
        """Yield the posts as they are done: the known ones first, the others as they end."""
        known: list[Execution] = []
        to_run: dict[str, ParsedPost] = {}
        for post in posts:
            results = () if is_fresh else self._results.find(str(post.source.path), post.blocks)
            if len(results) == len(post.blocks):
                known.append(Execution(ExecutedPost(post, results), False, None))
            else:
                to_run[str(post.source.path)] = post
                self._pool.warm()
                self._on_run(post)
        yield from known
        yield from self._run(to_run)

    def _run(self, posts: dict[str, ParsedPost]) -> Iterator[Execution]:
        runs = {name: _Run(post, self._results, self._surroundings) for name, post in posts.items()}
        for job, report in self._pool.run([self._job(post) for post in posts.values()]):
            run = runs[job.name]
            match report:
                case BlockDone():
                    run.add(report)
                case PostDone(failure):
                    yield Execution(
                        ExecutedPost(run.post, tuple(run.done)),
                        True,
                        _problem(failure, run.post) if failure else None,
                    )

    def _job(self, post: ParsedPost) -> Job:
        config, root = self._site.config, self._site.content_root.resolve()
        return Job(
            name=str(post.source.path),
            root=str(root),
            folder=str(root / post.source.folder),
            blocks=tuple(
                BlockJob(
                    code=block.code,
                    line=block.line,
                    timeout_s=block.options.timeout_s or config.timeout,
                )
                for block in post.blocks
            ),
            memory_bytes=config.memory * 1_000_000,
            output_bytes=config.output_limit,
        )


class _Run:
    """One post while it runs: keeps its results as they come."""

    def __init__(self, post: ParsedPost, results: ResultCache, now: Surroundings) -> None:
        self.post = post
        self.done: list[BlockResult] = []
        self._blocks: Sequence[CodeBlock] = post.blocks
        self._results = results
        self._now = now
        self._state: str | None = results.start(str(post.source.path))

    def add(self, report: BlockDone) -> None:
        self.done.append(report.result)
        uses = _uses(report.trace, self._now) if report.trace else None
        if self._state is None or uses is None:
            self._state = None  # what follows depends on a result that is not kept
            return
        block = self._blocks[report.block]
        self._state = self._results.keep(self._state, block, report.result, uses)


def _uses(trace: Trace, now: Surroundings) -> list[str] | None:
    """The dependencies of a block; None where a file has changed since the block read it."""
    if any(_state_of(path) != state for path, state in trace.files.items()):
        return None
    return [
        *(now.name("file", path) for path in trace.files),
        *(now.name("folder", path) for path in trace.folders),
        *(f"variable:{name}" for name in trace.variables if name not in _OF_EACH_RUN),
        *now.packages(trace.packages),
    ]


def _state_of(path: str) -> FileState | None:
    try:
        state = os.stat(path)
    except OSError:
        return None
    return FileState(state.st_mtime_ns, state.st_size)


def _problem(failure: Failure, post: ParsedPost) -> Problem:
    return Problem(
        message=failure.message,
        location=Location(post.source.path, failure.line),
        hint=failure.hint,
        detail=failure.traceback or None,
    )
