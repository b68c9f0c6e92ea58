"""Compare what a post shows with its record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from builder.cache.records import Record
from builder.cache.results import code_of
from builder.comparison.outputs import Difference, compare_outputs, shown_outputs
from builder.errors import Location
from builder.execute.execution import in_lines_of
from builder.model import (
    BlockResult,
    Output,
    ParsedPost,
    Step,
    Trial,
    ValueGroup,
    Version,
)


@dataclass(frozen=True, slots=True)
class PostDifference:
    """A difference, and where in the post it is."""

    step: Step
    where: Location
    difference: Difference

    @property
    def message(self) -> str:
        """What differs; of which run, where a block runs for each value of a sweep."""
        setting = f" ({self.step.told})" if isinstance(self.step, Trial) else ""
        return f"{self.difference.message}{setting}"


def first_edited(record: Record, post: ParsedPost) -> int | None:
    """The first step whose code is not that of the record; None where all are the same.

    It may be one behind the last: the record has more steps then.
    """
    now, was = [code_of(step) for step in post.steps], [step.code for step in record.steps]
    same = next((n for n, pair in enumerate(zip(now, was, strict=False)) if pair[0] != pair[1]), -1)
    if same >= 0:
        return same
    return None if len(now) == len(was) else min(len(now), len(was))


def compare_post(
    record: Record, post: ParsedPost, results: Sequence[BlockResult]
) -> Iterator[PostDifference]:
    """What a reader would see otherwise than the record has it.

    Args:
        record: of the post.
        post: the post, of which the steps up to the first edited one are compared.
        results: what its steps gave, in lines of their own; fewer where one has failed.
    """
    edited = first_edited(record, post)
    steps = zip(post.steps[:edited], record.steps, results, strict=False)
    for step, recorded, result in steps:
        old, new = (
            shown_outputs(in_lines_of(post, BlockResult(outputs, 0.0)).outputs, step.options)
            for outputs in (recorded.outputs, result.outputs)
        )
        expect = post.expect if isinstance(step, ValueGroup) else step.options.expect
        for difference in compare_outputs(old, new, expect):
            yield PostDifference(step, _place(post, step, difference, new), difference)


def _place(
    post: ParsedPost, step: Step, difference: Difference, outputs: Sequence[Output]
) -> Location:
    """Of a block its first line, of values that of the one that differs."""
    if isinstance(step, ValueGroup) and len(outputs) == len(step.values):
        return Location(post.source.path, *step.place(difference.place + 1))
    return Location(post.source.path, step.line)


def versions_of(record: Record) -> tuple[Version, ...]:
    """What a recorded post was made with, as its page has told."""
    return tuple(Version(name, record.versions[name]) for name in record.packages)


def changed_versions(old: Record, new: Record) -> tuple[tuple[Version, ...], tuple[Version, ...]]:
    """What was another version then, and what it is now.

    Packages that the post uses by itself are told alone, where one of them has changed.
    """
    names = [n for n in {**old.versions, **new.versions} if _of(old, n) != _of(new, n)]
    own = {*old.packages, *new.packages}
    told = [name for name in names if name in own] or names
    return tuple(_of(old, n) for n in told), tuple(_of(new, n) for n in told)


def _of(record: Record, name: str) -> Version:
    return Version(name, record.versions.get(name, "absent"))
