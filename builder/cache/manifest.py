"""What the last build of an output folder was made from, to see at once that nothing has changed.

Looks at the times and sizes of files, and reads those whose times have changed or
are too recent to be trusted. Loads nothing that a build with nothing to do does not need.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder.cache.dependencies import Surroundings
from builder.cache.store import Store, digest

_KIND = "manifests"
_TICK_NS = 2_000_000_000
"""A file changed so shortly before it was looked at may change again within its time stamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a build is made from."""

    options: str
    """All that is said in the command, the settings and the versions, in one text."""

    folders: tuple[Path, ...]
    """Files in them count, each with its content, and their names; so do single files."""

    output: Path
    today: str
    """As ISO writes it."""


def find_manifest(store: Store, inputs: Inputs, now: Surroundings) -> str | None:
    """What the last build told, if another one would give just the same."""
    body = store.get(_KIND, _key(inputs))
    told = json.loads(body) if body is not None else None
    if (
        told
        and told["options"] == inputs.options
        and told["valid"][0] <= inputs.today <= told["valid"][1]
        and _is_unchanged(told["inputs"], _files(inputs.folders))
        and _is_untouched(told["outputs"], _files([inputs.output]))
        and all(_is_as_it_was(path, was) for path, was in told["files"].items())
        and now.holds(told["dependencies"])
    ):
        store.touch(_KIND, _key(inputs))
        report: str = told["report"]
        return report
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is remembered of a build that has been published."""

    dependencies: Mapping[str, str]
    """Of all blocks, with what they were."""

    keys: Sequence[str]
    """Of all results."""

    valid_until: str
    """The last day for which it holds: on the next one, a post is due."""

    report: str
    """What is told again."""


def keep_manifest(
    store: Store, inputs: Inputs, before: Mapping[str, list[int]], now: Surroundings, told: Outcome
) -> None:
    """Remember a build.

    Args:
        store: where.
        inputs: what it was made from.
        before: the input files as they were when it began.
        now: knows where the dependencies are.
        told: what it gave.
    """
    if look_at(inputs) != before:
        return  # something has changed meanwhile: the next build must look again
    files = sorted({now.path(name) for name in told.dependencies if name.startswith("file:")})
    others = {k: v for k, v in told.dependencies.items() if not k.startswith("file:")}
    manifest = {
        "options": inputs.options,
        "valid": [inputs.today, told.valid_until],
        "inputs": {path: [*was, _content(path)] for path, was in before.items()},
        "outputs": {path: _signature(state) for path, state in _files([inputs.output])},
        "files": {path: [*_signature_of(path), _content(path)] for path in files},
        "dependencies": others,
        "keys": told.keys,
        "report": told.report,
    }
    store.put(_KIND, _key(inputs), json.dumps(manifest, sort_keys=True).encode())


def look_at(inputs: Inputs) -> dict[str, list[int]]:
    """The input files as they are now."""
    return {path: _signature(state) for path, state in _files(inputs.folders)}


def _key(inputs: Inputs) -> str:
    return digest(str(inputs.output.resolve()))


def _files(folders: Iterable[Path]) -> Iterator[tuple[str, os.stat_result]]:
    """Each file in the folders, by absolute path; names with a leading dot are passed over."""
    for folder in folders:
        todo = [str(folder)]
        while todo:
            current = todo.pop()
            try:
                entries = list(os.scandir(current))
            except NotADirectoryError:
                yield current, os.stat(current)
                continue
            except OSError:
                continue
            for entry in entries:
                if entry.name.startswith(".") or entry.name == "__pycache__":
                    continue
                if entry.is_dir():
                    todo.append(entry.path)
                else:
                    yield entry.path, entry.stat(follow_symlinks=True)


def _signature(state: os.stat_result) -> list[int]:
    return [state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino]


def _signature_of(path: str) -> list[int]:
    try:
        return _signature(os.stat(path))
    except OSError:
        return [0, 0, 0, 0]


def _is_unchanged(
    known: Mapping[str, list[object]], files: Iterator[tuple[str, os.stat_result]]
) -> bool:
    """Whether the same files are there with the same content."""
    count = 0
    for path, state in files:
        was = known.get(path)
        if was is None or not _is_as_it_was(path, was, state):
            return False
        count += 1
    return count == len(known)


def _is_as_it_was(path: str, was: list[object], state: os.stat_result | None = None) -> bool:
    """Whether a file has the content it had; it is read only where its times leave a doubt."""
    signature = _signature(state) if state else _signature_of(path)
    is_sure = signature == was[:4] and signature[0] < time.time_ns() - _TICK_NS
    return is_sure or _content(path) == was[4]


def _is_untouched(
    known: Mapping[str, list[int]], files: Iterator[tuple[str, os.stat_result]]
) -> bool:
    """Whether nobody has changed what the build has published."""
    count = 0
    for path, state in files:
        was = known.get(path)
        # The change time moves when a later build links to the file.
        if was is None or [state.st_mtime_ns, state.st_size] != [was[0], was[2]]:
            return False
        count += 1
    return count == len(known)


def _content(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return digest(file.read())
    except OSError:
        return ""
