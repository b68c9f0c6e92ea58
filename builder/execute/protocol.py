"""What the builder, a post's guard and its worker say to each other.

builder -> guard    Job
worker  -> guard    Began, Displayed, Raised, Ended, Finished, numbered (see `capture`)
guard   -> builder  BlockDone for each block, then PostDone
"""

from collections.abc import Mapping
from dataclasses import dataclass

from builder.model import BlockResult, Display, Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockJob:
    """A block to run."""

    code: str
    line: int
    """In the post, of the first line of `code`."""

    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A post to run."""

    name: str
    """The post's path as tracebacks show it: `posts/2026-11-23-slug.md`."""

    root: str
    """Absolute: the folder that `name` is relative to, which blocks may not write into."""

    folder: str
    """Absolute: working directory and first import path."""

    blocks: tuple[BlockJob, ...]
    memory_bytes: int
    output_bytes: int


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file looked like when a block opened it."""

    modified_ns: int
    size: int


@dataclass(frozen=True, slots=True)
class Trace:
    """What one block used beyond its code and the blocks before it."""

    files: Mapping[str, FileState | None]
    """Absolute paths opened for reading; None where there was no such file."""

    folders: tuple[str, ...]
    """Absolute paths listed."""

    variables: Mapping[str, str | None]
    """Environment variables read, with their values; None where not set."""

    packages: tuple[str, ...]
    """Top-level names of the modules imported from outside the standard library."""

    untraceable: Mapping[str, int]
    """What cannot be followed, such as `starts a process`, and the line where it began."""


@dataclass(frozen=True, slots=True)
class Began:
    """A block starts to run."""

    block: int


@dataclass(frozen=True, slots=True)
class Displayed:
    """A block shows a value or a figure."""

    display: Display


@dataclass(frozen=True, slots=True)
class Raised:
    """A block ended with an exception."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Ended:
    """A block has run to its end."""

    block: int
    seconds: float
    trace: Trace


@dataclass(frozen=True, slots=True)
class Finished:
    """The worker has nothing more to run."""


@dataclass(frozen=True, slots=True)
class Synced:
    """No event of its own: what was written before it comes before what follows."""


Event = Began | Displayed | Raised | Ended | Finished | Synced


@dataclass(frozen=True, slots=True)
class BlockDone:
    """One block's result; `trace` is None where it did not end well."""

    block: int
    result: BlockResult
    trace: Trace | None


@dataclass(frozen=True, slots=True)
class PostDone:
    """No more blocks of this post will run; `failure` says why, where it is not the end."""

    failure: Failure | None


Report = BlockDone | PostDone
