"""Keep what posts show as their records, where it is theirs to change."""

import platform
from dataclasses import replace

from builder.cache.dependencies import Surroundings
from builder.cache.records import Record, RecordedStep, Records
from builder.cache.results import ALWAYS_LOADED, ENGINE, ResultCache, code_of
from builder.comparison.posts import changed_versions, compare_post
from builder.errors import Problem, note
from builder.execute.execution import Execution
from builder.model import PYTHON, Failure, tell_versions

_PACKAGE = "package:"


class Recorder:
    """Makes the records of posts that have run.

    Args:
        records: where they are kept.
        results: knows what each block has used.
        now: knows what that is.
    """

    def __init__(self, records: Records, results: ResultCache, now: Surroundings) -> None:
        self._records = records
        self._results = results
        self._now = now

    def record_of(self, execution: Execution) -> Record:
        """What a post shows now, as far as it has run."""
        parsed = execution.post.parsed
        uses = self._results.uses(str(parsed.source.path), parsed.steps)
        names = sorted({name for of_step in uses for name in of_step})
        packages = {
            *(f"{_PACKAGE}{version.name}" for version in execution.post.versions[1:]),
            *(f"{_PACKAGE}{name}" for name in ALWAYS_LOADED),
            *(name for name in names if name.startswith(_PACKAGE)),
        }
        versions = {name.removeprefix(_PACKAGE): self._now.state(name) for name in packages}
        files = {n: self._now.state(n) for n in names if not n.startswith(_PACKAGE)}
        return Record(
            versions={PYTHON: platform.python_version(), **dict(sorted(versions.items()))},
            packages=tuple(version.name for version in execution.post.versions),
            uses={**files, "the engine": ENGINE},
            steps=tuple(
                RecordedStep(code_of(step), result.outputs)
                for step, result in zip(parsed.steps, execution.kept, strict=False)
            ),
        )

    def with_all_versions(self, new: Record, old: Record) -> Record:
        """A record with what the packages of an older one are now.

        A block that fails has not told what it uses.
        """
        missing = old.versions.keys() - new.versions.keys()
        now = {name: self._now.state(f"{_PACKAGE}{name}") for name in sorted(missing)}
        return replace(new, versions={**new.versions, **now})

    def accept(self, execution: Execution) -> None:
        """Take what a post shows now as its record."""
        self._records.keep(_name(execution), self.record_of(execution))

    def take(self, execution: Execution) -> Problem | None:
        """Take what a published post shows, unless nothing but versions can have changed it.

        Where it then shows what a reader would take for the same, the record stays but for the
        versions. Where it does not, all of it stays, and the problem given back says so.
        """
        if not is_whole(execution):
            return None
        new, old = self.record_of(execution), self._records.find(_name(execution))
        if old == new:
            return None
        if old is None or not _have_versions_alone_changed(old, new):
            self._records.keep(_name(execution), new)
            return None
        post = execution.post.parsed
        first = next(compare_post(old, post, execution.kept), None)
        if first is None:
            same = replace(new, steps=old.steps)
            self._records.keep(_name(execution), same)
            return None
        were, _ = changed_versions(old, new)
        slug = post.source.slug
        return note(
            "other-result",
            f"shows other results than with {tell_versions(were)}",
            first.where,
            f"'python build.py recheck {slug}' shows where, and with --accept takes them",
        )


def is_whole(execution: Execution) -> bool:
    """Whether every block of a post has run as it should."""
    outputs = (output for result in execution.post.results for output in result.outputs)
    is_complete = len(execution.kept) == len(execution.post.parsed.steps)
    return is_complete and not any(isinstance(output, Failure) for output in outputs)


def changed_uses(old: Record, new: Record) -> tuple[str, ...]:
    """What both have used and is not what it was, as `file:site/posts/x.csv`.

    What one of them alone has used was found by something else that has changed.
    """
    return tuple(n for n in old.uses if n in new.uses and old.uses[n] != new.uses[n])


def _have_versions_alone_changed(old: Record, new: Record) -> bool:
    has_same_code = [step.code for step in old.steps] == [step.code for step in new.steps]
    return has_same_code and old.versions != new.versions and not changed_uses(old, new)


def _name(execution: Execution) -> str:
    return str(execution.post.parsed.source.path)
