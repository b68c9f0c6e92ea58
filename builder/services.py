"""What lives longer than a build: opened once, passed on as an argument."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from builder.cache.formulas import FormulaStore
from builder.cache.memo import Memo
from builder.cache.store import Store
from builder.config import CACHE, PROJECT, Site
from builder.errors import SiteError
from builder.execute.interrupt import Interrupt
from builder.execute.pool import Pool, Runner, usable_cores
from builder.execute.remote.pool import DaskPool
from builder.execute.remote.protocol import Places, Start
from builder.execute.spawn import SpawnPool
from builder.listening import Listener
from builder.mathjax.engine import Engine
from builder.social.cards import Drawers

if TYPE_CHECKING:  # loading them takes longer than a build with nothing to do
    from builder.compose.templates import Templates
    from builder.parse.post import Parsing


@dataclass(frozen=True, slots=True)
class Services:
    """The processes that run posts and draw cards, MathJax, and what earlier builds have left.

    The memos are for a process that builds more than once.
    """

    pool: Runner
    engine: Engine
    store: Store
    formulas: FormulaStore
    drawers: Drawers
    parsed: "Memo[Parsing]" = field(default_factory=Memo)
    templates: "Memo[Templates]" = field(default_factory=Memo)
    jobs: int = 1
    """Posts that may be worked on at once."""

    def end_build(self) -> None:
        """Forget what the last build had no use for."""
        self.parsed.end_build()
        self.templates.end_build()
        self.formulas.close()


@contextmanager
def open_services(
    site: Site,
    jobs: int | None = None,
    *,
    is_forking: bool = True,
    is_resident: bool = False,
    interrupt: Interrupt | None = None,
    cluster: str | None = None,
) -> Iterator[Services]:
    """Open what a build needs, and close it with every process that it has started.

    Raises:
        SiteError: a cluster is named, and what talks to it is not installed.
    """
    folder = site.root / CACHE
    formulas = FormulaStore(folder)
    slots, can_fork = jobs or usable_cores(), hasattr(os, "pidfd_open")
    pool: Pool | SpawnPool | DaskPool
    if cluster is not None:
        home = Places(str(PROJECT.resolve()), str(site.content_root.resolve()))
        pool = DaskPool(Start(cluster, home), interrupt)
    elif is_forking and can_fork:
        pool = Pool(str(PROJECT), slots, is_resident=is_resident, interrupt=interrupt)
    else:
        pool = SpawnPool(str(PROJECT), slots, interrupt)
    with pool, Drawers() as drawers:
        try:
            yield Services(pool, Engine(), Store(folder), formulas, drawers, jobs=slots)
        finally:
            formulas.close()


@contextmanager
def only_build(site: Site, listener: Listener) -> Iterator[None]:
    """Wait until no other build of this site runs.

    Raises:
        SiteError: the folder for results cannot be written.
    """
    folder = site.root / CACHE
    try:
        folder.mkdir(exist_ok=True)
        lock = FileLock(folder / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            listener.announce("another build of this site is running; waiting for it to end")
            with listener.stage("wait"):
                lock.acquire()
    except OSError as error:
        raise SiteError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()
