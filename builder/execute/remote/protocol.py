"""What the builder, its dispatcher and the machines of workers say to each other.

    builder  -> dispatcher   Start, then jobs
    dispatcher -> builder    a job's name with its reports, or Refused
    dispatcher -> worker     Request
    worker   -> dispatcher   Reply

"Home" is the machine of the builder.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from builder.cache.dependencies import Surroundings
from builder.execute.protocol import Job, Report
from builder.execute.surroundings import surroundings_in


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute paths on one machine."""

    project: str
    """That posts import `builder` from."""

    site: str
    """That posts lie in."""

    def surroundings(self, *, is_sandboxed: bool) -> Surroundings:
        """What blocks depend on, as it is on this machine."""
        return surroundings_in(Path(self.site), Path(self.project), is_sandboxed=is_sandboxed)

    def path(self, path: str, other: "Places") -> str:
        """Where that lies here which has a path on another machine; elsewhere, it is the same."""
        for own, others in ((self.site, other.site), (self.project, other.project)):
            if path == others or path.startswith(others + os.sep):
                return own + path[len(others) :]
        return path

    def moved(self, job: Job, other: "Places") -> Job:
        """A job of another machine, to run here."""
        blocks = tuple(replace(block, declared={}) for block in job.blocks)
        root, folder = self.path(job.root, other), self.path(job.folder, other)
        return replace(job, root=root, folder=folder, blocks=blocks, known=0, checkpoints=None)


@dataclass(frozen=True, slots=True)
class Start:
    """Where the scheduler is, and what is to be sent."""

    address: str
    """As Dask has it: `tcp://HOST:PORT`."""

    home: Places
    is_sandboxed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Why no post can be run."""

    message: str


@dataclass(frozen=True, slots=True)
class Request:
    """A post to run."""

    job: Job
    """With paths as they are at home."""

    home: Places
    base: Mapping[str, str]
    """The versions at home of what every post is run with."""

    is_sandboxed: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What has come of it."""

    reports: tuple[Report, ...]
    """With paths as they are at home."""

    used: Mapping[int, Mapping[str, str]]
    """What each block has used, as it is there."""

    refused: str | None = None
    """Why nothing has run."""
