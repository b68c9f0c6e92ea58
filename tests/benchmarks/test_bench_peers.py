import argparse
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import bench_peers
from benchmarks.findings import Finding, LeftOut, Run
from benchmarks.peers import Generator

_COPIER = Generator(
    name="ours",
    package="",
    kinds=("prose",),
    post="posts/%name%.md",
    settings={"make.py": "import shutil\nshutil.copytree('posts', 'out')\n"},
    build=f"{sys.executable} make.py",
    output="out",
    page="*.md",
    differs="",
)


def measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *others: Generator, patience: float = 60
) -> list[Finding]:
    monkeypatch.setattr(bench_peers, "OURS", _COPIER)
    monkeypatch.setattr(bench_peers, "PEERS", others)
    options = argparse.Namespace(
        posts=[1, 2], alone=3, rounds=2, only=None, patience=patience, peers=tmp_path
    )
    monkeypatch.setattr(bench_peers, "_NAMES", [each.name for each in others])
    there = {"ours", "second"}
    return [*bench_peers._of_kind("prose", tmp_path / "sites", there, options)]


def test_this_builder_builds_the_largest_site_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = measured(tmp_path, monkeypatch, replace(_COPIER, name="second"))

    built = [(each.generator, each.posts) for each in found if isinstance(each, Run)]
    assert sorted({*built}) == [("ours", 1), ("ours", 2), ("ours", 3), ("second", 1), ("second", 2)]


def test_what_is_not_installed_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(tmp_path, monkeypatch, replace(_COPIER, name="missing"))

    reason = "not installed, see `make bench-peers`"
    assert found[0] == LeftOut(kind="prose", posts=0, generator="missing", reason=reason)


def test_what_would_take_too_long_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = measured(tmp_path, monkeypatch, patience=0)

    left_out = [each for each in found if isinstance(each, LeftOut)]
    assert [each.posts for each in left_out] == [2, 3]
    assert left_out[0].reason == "a build would take 0 minutes"


def test_what_fails_does_not_enter_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = replace(_COPIER, name="second", build=f"{sys.executable} none.py")

    found = measured(tmp_path, monkeypatch, failing)

    assert [each.posts for each in found if isinstance(each, LeftOut)] == [1]
