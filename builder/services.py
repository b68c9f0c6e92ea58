"""What lives longer than a build: opened once, passed on as an argument."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from filelock import FileLock, Timeout

from builder.cache.formulas import FormulaStore
from builder.cache.store import Store
from builder.config import CACHE, PROJECT, Site
from builder.errors import SiteError
from builder.execute.pool import Pool, Runner, usable_cores
from builder.execute.spawn import SpawnPool
from builder.mathjax.engine import Engine

Notify = Callable[[str], None]
"""Takes a line for the writer."""


@dataclass(frozen=True, slots=True)
class Services:
    """The processes that run posts, MathJax, and what earlier builds have left."""

    pool: Runner
    engine: Engine
    store: Store
    formulas: FormulaStore


@contextmanager
def open_services(
    site: Site, jobs: int | None = None, *, is_forking: bool = True
) -> Iterator[Services]:
    """Open what a build needs, and close it with every process that it has started."""
    folder = site.root / CACHE
    formulas = FormulaStore(folder)
    slots, can_fork = jobs or usable_cores(), hasattr(os, "pidfd_open")
    pools = Pool if is_forking and can_fork else SpawnPool
    with pools(str(PROJECT), slots) as pool:
        try:
            yield Services(pool, Engine(), Store(folder), formulas)
        finally:
            formulas.close()


@contextmanager
def only_build(site: Site, notify: Notify) -> Iterator[None]:
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
            notify("another build of this site is running; waiting for it to end")
            lock.acquire()
    except OSError as error:
        raise SiteError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()
