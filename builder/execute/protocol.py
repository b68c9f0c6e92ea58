"""What the builder, a post's guard and its worker say to each other.

    builder -> guard    Job, again and again while the post is resident; Cancel while one runs
    worker  -> guard    Event, numbered (see `capture`)
    guard   -> builder  Resumed, BlockDone for each block that ran, then PostDone

Lines count within a block, from 1: where the block stands in its post is no
concern of its result, so that text above it can change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from builder.model import Display, Setting, Stream

OF_EACH_RUN = frozenset({"TMPDIR"})
"""Variables that no result depends on."""


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """How figures are made that say nothing themselves; None where the rest decides."""

    width_in: float | None = None
    height_in: float | None = None
    media_type: str | None = None
    dpi: int | None = None


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file looked like when a block opened it, or was to run."""

    modified_ns: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockJob:
    """A block to run, and how much it may take."""

    code: str
    timeout_s: float
    memory_bytes: int
    """That the processes of the post may hold together while the block runs."""

    output_bytes: int
    processes: int
    is_values: bool = False
    """Whether each line is an expression whose value is shown in the text."""

    seed: int | None = None
    expected_error: str | None = None
    """The exception that it must raise."""

    figures: FigureOptions = FigureOptions()
    setting: Setting = ()
    """Values that variables are given before it runs."""

    is_branch: bool = False
    """Whether it runs in a copy of the post's process, which ends with it."""

    declared: Mapping[str, FileState | None] = field(default_factory=dict)
    """What it is said to depend on, by absolute path, as it was when it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """How many copies of a post's process may wait, each as it was after a block."""

    count: int
    memory_bytes: int
    """Together, each counted by its share of what it has in common with others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A post to run."""

    name: str
    """The post's path: `posts/2026-11-23-slug.md`."""

    root: str
    """Absolute: the folder that `name` is relative to, which blocks may not write into."""

    folder: str
    """Absolute: working directory and first import path."""

    blocks: tuple[BlockJob, ...]
    known: int
    """So many blocks from the first on need not run, where a checkpoint after them waits."""

    checkpoints: Checkpoints | None
    """None where nobody will ask again."""

    skipped: frozenset[int] = frozenset()
    """Branches that need not run in any case."""

    is_sandboxed: bool = False
    """Whether it has no network, and writes into its scratch folder alone."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody has use for the rest of the job: end it, and keep its checkpoints."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What one block used beyond its code and the blocks before it."""

    files: Mapping[str, FileState | None]
    """Absolute paths opened for reading; None where there was no such file."""

    folders: tuple[str, ...]
    """Absolute paths listed."""

    variables: tuple[str, ...]
    """Names of the environment variables read."""

    packages: tuple[str, ...]
    """Top-level names of the modules imported from outside the standard library."""

    untraceable: Mapping[str, int]
    """What cannot be followed, such as `starts a process`, and the line of the block."""

    reaches_out: bool = False
    """Whether it has tried what a sandbox refuses, or may have."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a block did not end well."""

    message: str
    hint: str | None
    block: int
    """Where it happened: a function of an earlier block may be at fault."""

    line: int
    traceback: str
    """Files of blocks are named as `places.block_file` does."""

    shapes: str = ""
    """Of the arrays in the line that failed."""

    used: tuple[str, ...] = ()
    """Absolute paths of the files and folders that the block has used."""


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

    fault: Fault


@dataclass(frozen=True, slots=True)
class Ended:
    """A block has run to its end."""

    block: int
    seconds: float
    processor_s: float
    trace: Trace


@dataclass(frozen=True, slots=True)
class Wrote:
    """A block begins to change files, which no checkpoint brings back, however it ends."""

    block: int


@dataclass(frozen=True, slots=True)
class Froze:
    """The process waits as it is after `block`; its control socket follows."""

    block: int


@dataclass(frozen=True, slots=True)
class NotFrozen:
    """A copy of the process would not be faithful after `block`."""

    block: int
    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The worker has nothing more to run."""


@dataclass(frozen=True, slots=True)
class Synced:
    """No event of its own: what was written before it comes before what follows."""


Event = Began | Displayed | Raised | Wrote | Ended | Froze | NotFrozen | Finished | Synced
SENT: tuple[type, ...] = (*get_args(Event), Display, Fault, FileState, Trace)
"""The types that events are made of."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """So many blocks from the first on will not run: their checkpoint has been taken up."""

    blocks: int


@dataclass(frozen=True, slots=True)
class BlockDone:
    """What one block gave."""

    block: int
    outputs: tuple[Stream | Display, ...]
    seconds: float
    processor_s: float
    trace: Trace | None
    """None where the block did not end well."""


@dataclass(frozen=True, slots=True)
class PostDone:
    """No more blocks of this post will run."""

    fault: Fault | None
    not_frozen: Mapping[int, str] | None = None
    """The blocks after which no checkpoint could be made, and why."""


Report = Resumed | BlockDone | PostDone
