"""What the last build of an output folder was made from, to see at once that nothing has changed.

Looks at the times and sizes of files, and reads those whose times have changed, or were
too recent to be trusted when they were noted. Loads nothing that a build with nothing
to do does not need.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builder.cache.dependencies import Surroundings
from builder.cache.files import (
    NO_SIGNATURE,
    Signature,
    content_of,
    is_settled,
    kind_of,
    signature,
    signature_of,
)
from builder.cache.store import Store, digest
from builder.errors import SiteError

_KIND = "manifests"
_UNSURE: Signature = (-1, -1, -1, -1)
"""That of no file: it must be read."""


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
    read: list[str] = []
    if (
        told
        and told["options"] == inputs.options
        and told["valid"][0] <= inputs.today <= told["valid"][1]
        and _is_unchanged(told["inputs"], _files(inputs.folders, _is_passed_over), read)
        and _is_untouched(told["outputs"], _files([inputs.output]))
        and all(_is_as_it_was(p, was, signature_of(p), read) for p, was in told["files"].items())
        and now.holds(told["dependencies"])
    ):
        if read:  # the next time, a look at their times will do
            with suppress(SiteError):
                _put(store, inputs, told)
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


@dataclass(frozen=True, slots=True)
class Look:
    """What a file was like when a build began."""

    signature: Signature
    content: str | None
    """A digest, where the signature would not tell a change."""


def look_at(inputs: Inputs) -> dict[str, Look]:
    """The input files as they are now."""
    return {
        path: Look(seen, None if is_settled(seen) else content_of(path))
        for path, seen in _files(inputs.folders, _is_passed_over)
    }


def keep_manifest(
    store: Store, inputs: Inputs, before: Mapping[str, Look], now: Surroundings, told: Outcome
) -> None:
    """Remember a build, unless its input has changed meanwhile.

    Args:
        store: where.
        inputs: what it was made from.
        before: the input files as they were when it began.
        now: knows where the dependencies are.
        told: what it gave.
    """
    after = dict(_files(inputs.folders, _is_passed_over))
    if after != {path: look.signature for path, look in before.items()}:
        return
    body = store.get(_KIND, _key(inputs))
    last: Mapping[str, list[Any]] = json.loads(body)["inputs"] if body is not None else {}
    contents = {path: _content(path, seen, last.get(path)) for path, seen in after.items()}
    if any(look.content not in (None, contents[path]) for path, look in before.items()):
        return
    files = {now.path(k): v for k, v in told.dependencies.items() if k.startswith("file:")}
    manifest = {
        "options": inputs.options,
        "valid": [inputs.today, told.valid_until],
        "inputs": {
            path: [*(look.signature if look.content is None else _UNSURE), contents[path]]
            for path, look in before.items()
        },
        "outputs": dict(_files([inputs.output])),
        "files": {path: [*_signature_where(path, was), was] for path, was in files.items()},
        "dependencies": {k: v for k, v in told.dependencies.items() if not k.startswith("file:")},
        "keys": told.keys,
        "report": told.report,
    }
    _put(store, inputs, manifest)


def forget_manifests(store: Store) -> None:
    """Let the next build look at everything, as what it would show has changed."""
    store.clear(_KIND)


def _put(store: Store, inputs: Inputs, manifest: Mapping[str, Any]) -> None:
    store.put(_KIND, _key(inputs), json.dumps(manifest, sort_keys=True).encode())


def _key(inputs: Inputs) -> str:
    return digest(str(inputs.output.resolve()))


def _is_passed_over(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


def _files(
    folders: Iterable[Path], is_passed_over: Callable[[str], bool] = lambda _: False
) -> Iterator[tuple[str, Signature]]:
    """Each file in the folders, by absolute path."""
    for folder in folders:
        todo = [str(folder)]
        while todo:
            current = todo.pop()
            try:
                entries = list(os.scandir(current))
            except NotADirectoryError:
                yield current, signature_of(current)
                continue
            except OSError:
                continue
            for entry in entries:
                if is_passed_over(entry.name):
                    continue
                if kind_of(entry) == "folder":
                    todo.append(entry.path)
                else:
                    yield entry.path, _signature(entry)


def _signature(entry: os.DirEntry[str]) -> Signature:
    try:
        return signature(entry.stat())
    except OSError:  # a link that leads nowhere
        return NO_SIGNATURE


def _content(path: str, seen: Signature, was: list[Any] | None) -> str:
    """A digest of a file, which the last manifest may know."""
    if was is not None and list(seen) == was[:4]:
        return str(was[4])
    return content_of(path)


def _signature_where(path: str, content: str) -> Signature:
    """The signature of a file, if it still is what the blocks have seen."""
    seen = signature_of(path)
    return seen if is_settled(seen) and content_of(path) == content else _UNSURE


def _is_unchanged(
    known: Mapping[str, list[Any]], files: Iterator[tuple[str, Signature]], read: list[str]
) -> bool:
    """Whether the same files are there with the same content."""
    count = 0
    for path, seen in files:
        was = known.get(path)
        if was is None or not _is_as_it_was(path, was, seen, read):
            return False
        count += 1
    return count == len(known)


def _is_as_it_was(path: str, was: list[Any], seen: Signature, read: list[str]) -> bool:
    """Whether a file has the content it had; it is read only where its times leave a doubt.

    Args:
        path: of the file.
        was: its signature and its content; the signature is renewed where it can be.
        seen: its signature now.
        read: takes the path where the signature was renewed.
    """
    if list(seen) == was[:4]:
        return True
    if content_of(path) != was[4]:
        return False
    if is_settled(seen):
        was[:4] = seen
        read.append(path)
    return True


def _is_untouched(known: Mapping[str, list[int]], files: Iterator[tuple[str, Signature]]) -> bool:
    """Whether nobody has changed what the build has published."""
    count = 0
    for path, (modified, _, size, _) in files:
        was = known.get(path)
        # The change time moves when a later build links to the file.
        if was is None or [modified, size] != [was[0], was[2]]:
            return False
        count += 1
    return count == len(known)
