"""Pools of each kind, with a folder of their own for what posts write."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builder.config import PROJECT
from builder.execute.pool import Pool
from builder.execute.spawn import SpawnPool
from tests.faults.sites import Site

POOLS: dict[str, Callable[[], Pool | SpawnPool]] = {
    "forked": lambda: Pool(str(PROJECT), 2),
    "resident": lambda: Pool(str(PROJECT), 2, is_resident=True),
    "interpreters": lambda: SpawnPool(str(PROJECT), 2),
}


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where folders for posts are made by pools that open in this test."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.fixture
def pool(scratch: Path) -> Iterator[Pool]:
    with Pool(str(PROJECT), 2) as opened:
        yield opened


@pytest.fixture
def resident_pool(scratch: Path) -> Iterator[Pool]:
    with Pool(str(PROJECT), 2, is_resident=True) as opened:
        yield opened


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[[str], Site]:
    """Make sites by name."""
    return lambda name: Site(tmp_path / name, tmp_path / f"{name}-scratch")
