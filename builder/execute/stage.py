"""Stage 3: run the blocks of posts, except those whose results are known."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from builder.cache.dependencies import SANDBOX, Surroundings
from builder.cache.results import Basis, Known, ResultCache
from builder.config import Site
from builder.execute.confinement import needed_folders, reading
from builder.execute.execution import Execution, executed, refused
from builder.execute.imports import packages_used
from builder.execute.pool import Runner
from builder.execute.protocol import (
    OF_EACH_RUN,
    BlockDone,
    BlockJob,
    Checkpoints,
    Fault,
    FigureOptions,
    FileState,
    Job,
    PostDone,
    Report,
    Resumed,
    Trace,
)
from builder.listening import BlockPlace, Listener
from builder.model import (
    PYTHON,
    BlockResult,
    ParsedPost,
    Pending,
    Step,
    Trial,
    ValueGroup,
    Version,
)


class Executor:
    """Runs posts on a pool, with what earlier runs have given.

    Args:
        site: gives the limits and the folder that posts lie in.
        pool: runs what must run.
        results: keeps what each block gave.
        surroundings: knows what blocks depend on.
        listener: told of each post that will run, and why, and of each block.
    """

    def __init__(
        self,
        site: Site,
        pool: Runner,
        results: ResultCache,
        surroundings: Surroundings,
        listener: Listener,
    ) -> None:
        self._site = site
        self._pool = pool
        self._results = results
        self._surroundings = surroundings
        self.listener = listener
        self._may_read = reading(needed_folders(str(site.content_root.resolve())))
        self.is_repeatable = True
        """Whether every result would be known in a build of the same posts."""

        self.is_stale = False
        """Whether a file has changed after a block had read it."""

    def execute(
        self, posts: Iterable[ParsedPost], *, is_fresh: bool, is_frozen: bool
    ) -> Iterator[Execution]:
        """Yield the posts as they are done: the known ones first, the others as they end.

        For a listener that wants previews, also what is known of a post while it runs.
        """
        done: list[Execution] = []
        to_run: list[tuple[ParsedPost, Known]] = []
        for post in posts:
            known = self._known(post, is_fresh=is_fresh)
            if known.reason is None:
                ended = self.ended(post, known.results, None, has_run=False)
                done.append(replace(ended, basis=known.basis))
            elif is_frozen:
                done.append(refused(post, known))
            else:
                to_run.append((post, known))
                self._pool.warm()
                self.listener.note(f"{post.source.path} runs: {known.reason}")
        self.listener.posts_begin(len(to_run))
        yield from done
        yield from self._run(sorted(to_run, key=self._expected_s, reverse=True))

    def _known(self, post: ParsedPost, *, is_fresh: bool) -> Known:
        name = str(post.source.path)
        if is_fresh and post.steps:
            return Known((), (self._results.start(name),), "everything is to run afresh")
        return self._results.find(name, post.steps)

    def rests_on(self, post: str, basis: Basis) -> bool:
        """Whether a post need not come here, for its results rest on what still holds."""
        return self._results.rests_on(post, basis)

    def _expected_s(self, item: tuple[ParsedPost, Known]) -> float:
        """How long a post took the last time; one that never ran may be the longest."""
        history = self._results.history(str(item[0].source.path))
        return history.seconds if history else float("inf")

    def _run(self, posts: Sequence[tuple[ParsedPost, Known]]) -> Iterator[Execution]:
        jobs = [self._job(post, known) for post, known in posts]
        runs = {
            job.name: _Run(post, known, job, self)
            for (post, known), job in zip(posts, jobs, strict=True)
        }
        for job, report in self._pool.run(jobs):
            execution = runs[job.name].take(report)
            if execution is not None:
                yield execution
            elif self.listener.wants_previews:
                yield runs[job.name].so_far()

    def _job(self, post: ParsedPost, known: Known) -> Job:
        root, config = self._site.content_root.resolve(), self._site.config
        checkpoints = Checkpoints(
            count=config.checkpoints, memory_bytes=config.checkpoint_memory * 1_000_000
        )
        return Job(
            name=str(post.source.path),
            root=str(root),
            folder=str(root / post.source.folder),
            blocks=tuple(self._block_job(post, block) for block in post.steps),
            known=self._blocks_to_resume(str(post.source.path), known),
            skipped=frozenset(_known_branches(post, known)),
            checkpoints=checkpoints if self._pool.is_resident else None,
            is_sandboxed=self._pool.is_sandboxed,
        )

    def _blocks_to_resume(self, name: str, known: Known) -> int:
        """So many blocks of a post are known, and were the same when it ran last.

        What is known may be of an earlier time: a file has changed, and changed back.
        """
        last = self._pool.states.get(name, ())
        pairs = zip(known.states, last, strict=False)
        same = next((n for n, (now, was) in enumerate(pairs) if now != was), None)
        count = min(len(known.states), len(last)) if same is None else same
        return max(0, count - 1)

    def _block_job(self, post: ParsedPost, block: Step) -> BlockJob:
        config, options = self._site.config, block.options
        processes = config.processes if options.processes is None else options.processes
        return BlockJob(
            code=block.code,
            timeout_s=options.timeout_s or config.timeout,
            memory_bytes=(options.memory_mb or config.memory) * 1_000_000,
            output_bytes=options.output_limit or config.output_limit,
            processes=processes,
            seed=options.seed,
            expected_error=options.expected_error,
            is_values=isinstance(block, ValueGroup),
            figures=FigureOptions(
                options.fig_width_in,
                options.fig_height_in,
                f"image/{options.fig_format}" if options.fig_format else None,
                options.fig_dpi,
            ),
            setting=block.setting if isinstance(block, Trial) else (),
            is_branch=isinstance(block, Trial) and block.is_branch,
            declared=self._declared(post, block),
        )

    def ended(
        self,
        post: ParsedPost,
        results: Sequence[BlockResult],
        fault: Fault | None,
        *,
        has_run: bool,
    ) -> Execution:
        """A post with its results, and with what they were made with."""
        return executed(post, results, fault, self._versions(post, results), has_run=has_run)

    def _versions(self, post: ParsedPost, results: Sequence[BlockResult]) -> tuple[Version, ...]:
        """Python first, then packages in the order in which the post uses them."""
        if not post.steps:
            return ()
        names = dict.fromkeys(name for result in results for name in result.packages)
        packages = (Version(n, self._surroundings.state(f"package:{n}")) for n in names)
        return (Version(PYTHON, platform.python_version()), *packages)

    # ---- for the posts that run

    def packages(self, post: ParsedPost, done: BlockDone) -> tuple[str, ...]:
        """The distributions that a block uses by itself."""
        steps = post.steps[: done.block + 1]
        codes = [step.code for step in steps if not isinstance(step, ValueGroup)]
        return packages_used(codes, done, self._surroundings.packages_of)

    def keep(
        self, state: str | None, block: Step, asked: BlockJob, done: BlockDone, result: BlockResult
    ) -> str | None:
        """Keep a block's result; the state after it, or None where it cannot be known again."""
        is_kept = block.options.is_kept
        uses = self._uses(done.trace, asked.declared) if done.trace and is_kept else None
        self.is_stale |= bool(done.trace) and is_kept and uses is None
        if state is None or uses is None:
            self.is_repeatable = False
            return state if asked.is_branch else None
        return self._results.keep(state, block, result, uses)

    def note_states(self, post: ParsedPost, states: Sequence[str | None]) -> None:
        """Know in which states a post is that may be gone on with."""
        self._pool.states[str(post.source.path)] = tuple(states)

    def _declared(self, post: ParsedPost, step: Step) -> dict[str, FileState | None]:
        """The files that a block is said to depend on, as they are now."""
        folder = self._site.content_root.resolve() / post.source.folder
        paths = [os.path.realpath(folder / name) for name in step.options.depends]
        return {path: _state_of(path) for path in paths}

    def remember(self, post: ParsedPost, results: Sequence[BlockResult]) -> None:
        """Know how long the post has run."""
        seconds = sum(result.seconds for result in results)
        self._results.remember(str(post.source.path), post.steps, seconds)

    def tell_not_frozen(self, post: ParsedPost, reasons: Mapping[int, str]) -> None:
        """Say where an edit cannot go on from, and why."""
        for block, reason in reasons.items():
            line = post.steps[block].line
            self.listener.note(
                f"{post.source.path}:{line}: no checkpoint after this block, for {reason}: "
                "an edit below runs again from the last one above"
            )

    def _is_open(self, path: str) -> bool:
        """Whether a post may know of a file: of what it may not read, not even a digest is kept."""
        return not self._pool.is_sandboxed or self._may_read(os.path.realpath(path))

    def _uses(
        self, trace: Trace, declared: Mapping[str, FileState | None]
    ) -> Mapping[str, str] | None:
        """What a block depends on, as it is; None where a file has changed since it was read."""
        now = self._surroundings
        paths = dict.fromkeys((*trace.files, *declared), "file") | dict.fromkeys(
            trace.folders, "folder"
        )
        seen = {path: kind for path, kind in paths.items() if self._is_open(path)}
        names = [
            *(now.name(kind, path) for path, kind in seen.items()),
            *(f"variable:{name}" for name in trace.variables if name not in OF_EACH_RUN),
            *now.packages(trace.packages),
            *([SANDBOX] if trace.reaches_out or len(seen) < len(paths) else []),
        ]
        # Read first, and once: what is then as it was has been read as it was.
        uses = {name: now.state_now(name) for name in names}
        files = (*trace.files.items(), *declared.items())
        return uses if all(_state_of(path) == state for path, state in files) else None


class _Run:
    """One post while it runs: keeps its results as they come."""

    def __init__(self, post: ParsedPost, known: Known, job: Job, executor: Executor) -> None:
        self._post = post
        self._job = job
        self._known = known
        self._executor = executor
        self._results = list(known.results)
        self._states: list[str | None] = list(known.states)
        """Before the first block, and after each of `_results`."""

    def take(self, report: Report) -> Execution | None:
        """Take a report; the post, when it was the last."""
        match report:
            case Resumed(blocks):
                del self._results[blocks:]
                del self._states[blocks + 1 :]
                self._executor.note_states(self._post, self._states)
                self._tell_next()
            case BlockDone(block, outputs, seconds, processor_s, trace):
                self._take_known_branches(block)
                untraceable = tuple(trace.untraceable.items()) if trace else ()
                packages = self._executor.packages(self._post, report)
                result = BlockResult(outputs, seconds, untraceable, packages, processor_s)
                step, asked = self._post.steps[block], self._job.blocks[block]
                state = self._executor.keep(self._states[-1], step, asked, report, result)
                self._add(result, state)
                if not isinstance(step, ValueGroup):
                    self._executor.listener.block_ended(self._place(step), seconds)
                self._tell_next()
            case PostDone(fault, not_frozen):
                self._take_known_branches(fault.block if fault else 0)
                self._executor.listener.post_ended(self._post.source.path)
                self._executor.remember(self._post, self._results)
                self._executor.tell_not_frozen(self._post, not_frozen or {})
                return self._executor.ended(self._post, self._results, fault, has_run=True)
        return None

    def _tell_next(self) -> None:
        """Say which block runs now."""
        branches = _known_branches(self._post, self._known)
        left = (n for n in range(len(self._results), len(self._post.steps)) if n not in branches)
        step = next((self._post.steps[n] for n in left), None)
        if step is not None and not isinstance(step, ValueGroup):
            self._executor.listener.block_begins(self._place(step))

    def _place(self, step: Step) -> BlockPlace:
        """Where a block stands among the others: all runs of a sweep are one."""
        ids = map(_block_id, self._post.steps)
        blocks = list(dict.fromkeys(block for block in ids if block))
        number = blocks.index(_block_id(step)) + 1
        return BlockPlace(self._post.source.path, number, len(blocks), step.line)

    def _take_known_branches(self, block: int) -> None:
        """Take the results of what need not run before `block` runs."""
        branches = _known_branches(self._post, self._known)
        while len(self._results) < block:
            self._add(branches[len(self._results)], self._states[-1])

    def _add(self, result: BlockResult, state: str | None) -> None:
        self._results.append(result)
        self._states.append(state)
        self._executor.note_states(self._post, self._states)

    def so_far(self) -> Execution:
        """The post with what is known of it, and `Pending` for what is not."""
        count = len(self._post.steps) - len(self._results)
        waiting = (BlockResult((Pending(place == 0),), 0.0) for place in range(count))
        done = self._executor.ended(self._post, self._results, None, has_run=True)
        post = replace(done.post, results=(*done.post.results, *waiting))
        return replace(done, post=post, problems=(), is_whole=False)


def _block_id(step: Step) -> int:
    """Tells blocks apart; 0 for values in the text, which are none."""
    match step:
        case ValueGroup():
            return 0
        case Trial(block):
            return id(block)
        case _:
            return id(step)


def _known_branches(post: ParsedPost, known: Known) -> dict[int, BlockResult]:
    """What is known of the runs that leave no state, by their places."""
    found = {**dict(enumerate(known.results)), **known.branches}
    return {
        place: result
        for place, result in found.items()
        if isinstance(step := post.steps[place], Trial) and step.is_branch
    }


def _state_of(path: str) -> FileState | None:
    try:
        state = os.stat(path)
    except (OSError, ValueError):  # such a path may be what a post says, but not what a file has
        return None
    return FileState(state.st_mtime_ns, state.st_size)
