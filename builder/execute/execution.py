"""A post that has run, told in the lines that it has now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from builder.cache.results import Basis, Known
from builder.errors import Location, Problem, warning
from builder.execute.places import in_post_lines
from builder.execute.protocol import Fault
from builder.model import (
    TRACEBACK,
    BlockResult,
    Display,
    ExecutedPost,
    Failure,
    Output,
    ParsedPost,
    Step,
    Stream,
    Trial,
    ValueGroup,
    Version,
)


@dataclass(frozen=True, slots=True)
class Execution:
    """A post that has come through this stage."""

    post: ExecutedPost
    has_run: bool
    """False where every result was known."""

    problems: tuple[Problem, ...]
    kept: tuple[BlockResult, ...]
    """What its blocks gave, in lines of their own."""

    is_whole: bool = True
    """False while blocks still run: what they give is `Pending`."""

    used_in_vain: tuple[str, ...] = ()
    """Absolute paths of the files and folders that the block has used that failed."""

    basis: Basis | None = None
    """What its results rest on, where all were known."""


def executed(
    post: ParsedPost,
    results: Sequence[BlockResult],
    fault: Fault | None,
    versions: tuple[Version, ...],
    *,
    has_run: bool,
) -> Execution:
    """A post with its results in the lines that it has now."""
    lines = [step.line for step in post.steps]
    placed = [in_lines_of(post, result) for result in results]
    warnings = [
        warning(
            "unseen-input",
            f"the block {what}: what it reads there is not seen, "
            "and a change of it will not run the block again",
            Location(post.source.path, block.line + line - 1),
            "name files with '#| depends: [FILE]', or say '#| cache: false'",
        )
        for block, result in zip(post.steps, results, strict=False)
        if block.options.is_kept and not block.options.depends
        for what, line in result.untraceable
    ]
    problems = list(dict.fromkeys(warnings))  # of each run of a sweep they are the same
    if fault is not None:
        failure = _failure(fault, post, lines)
        problems.append(
            Problem(
                code="block-failed",
                message=failure.message + _with_setting(post.steps[fault.block]),
                location=Location(post.source.path, failure.line, failure.column),
                hint=failure.hint,
                detail=f"{failure.traceback}{failure.shapes}" or None,
            )
        )
        # A block that the post's end has cut short has told nothing.
        last = placed.pop() if fault.block < len(placed) else BlockResult((), 0.0)
        placed.append(replace(last, outputs=(*last.outputs, failure)))
    done = ExecutedPost(post, tuple(placed), versions)
    used = fault.used if fault is not None else ()
    return Execution(done, has_run, tuple(problems), tuple(results), used_in_vain=used)


def in_lines_of(post: ParsedPost, result: BlockResult) -> BlockResult:
    """What a block gave, told in the lines that the post has now."""
    name, lines = str(post.source.path), [step.line for step in post.steps]

    def place(output: Output) -> Output:
        match output:
            case Stream(stream, text):
                return Stream(stream, in_post_lines(text, name, lines))
            case Display(content) if TRACEBACK in content:
                told = in_post_lines(content[TRACEBACK].decode(), name, lines)
                return Display({TRACEBACK: told.encode()})
            case _:
                return output

    return replace(result, outputs=tuple(map(place, result.outputs)))


def _failure(fault: Fault, post: ParsedPost, lines: Sequence[int]) -> Failure:
    step = post.steps[fault.block]
    line, column = step.place(fault.line)
    is_value = isinstance(step, ValueGroup)
    name = str(post.source.path)
    traceback = in_post_lines(fault.traceback, name, lines)
    return Failure(
        message=fault.message,
        hint=fault.hint,
        line=line,
        column=column,
        traceback="" if is_value else traceback,
        shapes=in_post_lines(fault.shapes, name, lines),
    )


def _with_setting(step: Step) -> str:
    """` (lr = 0.1)`, for a run of a sweep."""
    return f" ({step.told})" if isinstance(step, Trial) else ""


def refused(post: ParsedPost, known: Known) -> Execution:
    """A post that would have to run, in a build that runs nothing."""
    problem = Problem(
        code="missing-result",
        message=f"the result of a block is missing: {known.reason}",
        location=Location(post.source.path, post.steps[len(known.results)].line),
        hint="build without --frozen, and keep .cache/",
    )
    return Execution(ExecutedPost(post, known.results), False, (problem,), known.results)
