"""How a site is built, and how its posts run."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How posts run."""

    jobs: int | None = None
    """So many at once; as many as there are cores where None."""

    is_forking: bool = True
    """Each is forked from a warm interpreter, where the system can."""

    is_sandboxed: bool = False
    """They are confined, or none runs."""

    cluster: str | None = None
    """Where the Dask scheduler is whose workers run them: `tcp://HOST:PORT`; None: here."""


USUAL = Running()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """How to build."""

    output: Path
    today: date
    """The last day whose posts are not held back."""

    jobs: int | None = None
    with_drafts: bool = False
    with_future: bool = False
    keeps_going: bool = False
    """Publish what can be, with each problem shown in its place."""

    is_strict: bool = False
    """Warnings fail the build."""

    is_fresh: bool = False
    """Run every block, whatever is known."""

    is_frozen: bool = False
    """Run no block: a post whose results are not all known is an error."""

    is_forking: bool = True
    is_sandboxed: bool = False
    cluster: str | None = None

    @property
    def running(self) -> Running:
        """How posts run."""
        return Running(
            jobs=self.jobs,
            is_forking=self.is_forking,
            is_sandboxed=self.is_sandboxed,
            cluster=self.cluster,
        )
