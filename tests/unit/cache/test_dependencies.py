"""Dependencies have names that hold on other machines, and states that differ when they do."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from builder.cache.dependencies import EVERY_VARIABLE, Surroundings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project/site/posts").mkdir(parents=True)
    return tmp_path / "project"


def _now(root: Path, variables: Mapping[str, str] | None = None) -> Surroundings:
    return Surroundings({"project": root, "site": root / "site"}, variables or {})


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("site/posts/d.csv", "file:site/posts/d.csv"),
        ("site", "file:site/"),
        ("builder/x.py", "file:project/builder/x.py"),
        ("site/posts/", "folder:site/posts"),
        ("site/", "folder:site/"),
        ("sites/x", "file:project/sites/x"),
        ("site/a:b", "file:site/a:b"),
    ],
)
def test_a_path_is_named_from_the_nearest_root(root: Path, path: str, name: str) -> None:
    assert _now(root).name("file", f"{root}/{path}") == name


def test_a_path_elsewhere_is_absolute(root: Path) -> None:
    assert _now(root).name("file", "/data/site/d") == "file:/data/site/d"


@pytest.mark.parametrize("path", ["site/posts/d", "builder/x.py", "../elsewhere"])
def test_a_name_leads_back_to_its_path(root: Path, path: str) -> None:
    full = os.path.normpath(root / path)
    now = _now(root)

    assert now.path(now.name("file", full)) == full


def test_each_kind_of_thing_at_a_path_is_a_state_of_its_own(root: Path) -> None:
    states = []
    path = root / "site/x"
    states.append(_now(root).state("file:site/x"))
    path.mkdir()
    states.append(_now(root).state("file:site/x"))
    path.rmdir()
    os.mkfifo(path)
    states.append(_now(root).state("file:site/x"))
    path.unlink()
    path.write_text("")
    states.append(_now(root).state("file:site/x"))
    path.write_text("1")
    states.append(_now(root).state("file:site/x"))

    assert states[:3] == ["absent", "folder", "special"]
    assert len(set(states)) == 5


def test_a_state_is_the_first_one_until_it_is_asked_for_anew(root: Path) -> None:
    path = root / "site/x"
    path.write_text("1")
    now = _now(root)
    first = now.state("file:site/x")

    path.write_text("2")

    assert now.state("file:site/x") == first
    second = now.state_now("file:site/x")
    assert second == _now(root).state("file:site/x") != first
    assert now.state("file:site/x") == second


@pytest.mark.parametrize("age_s", [0, 3_600])
def test_a_state_asked_for_anew_sees_an_edit_of_the_same_size_and_time(
    root: Path, age_s: float
) -> None:
    path = root / "site/x"
    path.write_text("1")
    time_s = path.stat().st_mtime - age_s
    os.utime(path, (time_s, time_s))
    now = _now(root)
    now.state("file:site/x")

    path.write_text("2")
    os.utime(path, (time_s, time_s))

    assert now.state_now("file:site/x") == _now(root).state("file:site/x")


def test_the_value_of_a_variable_cannot_be_read_from_its_state(root: Path) -> None:
    now = _now(root, {"TOKEN": "secret", "OTHER": "secret"})

    assert "secret" not in now.state("variable:TOKEN")
    assert now.state("variable:TOKEN") != now.state("variable:OTHER")
    assert now.state("variable:NONE") == "absent"


def test_an_empty_variable_is_not_a_missing_one(root: Path) -> None:
    assert _now(root, {"X": ""}).state("variable:X") != _now(root).state("variable:X")


def test_the_names_of_all_variables_are_a_state_without_their_values(root: Path) -> None:
    one, other, more = ({"A": "1"}, {"A": "2"}, {"A": "1", "B": "1"})
    name = f"variable:{EVERY_VARIABLE}"

    assert _now(root, one).state(name) == _now(root, other).state(name)
    assert _now(root, one).state(name) != _now(root, more).state(name)


def test_a_package_has_its_version_as_its_state(root: Path) -> None:
    now = _now(root)

    assert now.state("package:numpy") == np.__version__
    assert now.state("package:nowhere") == "absent"
    assert f" numpy=={np.__version__} " in now.installed


def test_of_a_package_in_two_folders_the_first_counts(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, systems = root / "a/site-packages", root / "b/dist-packages"
    for folder, version in ((own, "1.0"), (systems, "2.0")):
        (folder / f"Some_Package-{version}.dist-info").mkdir(parents=True)
    (systems / "other-3.0.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(own), str(systems), *sys.path])

    now = _now(root)

    assert now.state("package:some_package") == "1.0"
    assert now.state("package:other") == "3.0"


@pytest.mark.parametrize("name", ["Old-1.0.egg-info", "Old-1.0-py3.11.egg-info"])
@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["folder", "file"])
def test_a_package_that_an_older_tool_has_installed_counts(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, make: Callable[[Path], None]
) -> None:
    folder = root / "dist-packages"
    folder.mkdir()
    make(folder / name)
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])

    assert _now(root).state("package:old") == "1.0"


@pytest.mark.parametrize(
    ("module", "packages"),
    [
        ("numpy", {"package:numpy"}),
        ("PIL", {"package:pillow"}),
        ("yaml", {"package:pyyaml"}),
        ("dateutil", {"package:python_dateutil"}),
        ("nowhere", set()),
    ],
)
def test_a_module_stands_for_the_package_that_gives_it(
    root: Path, module: str, packages: set[str]
) -> None:
    now = _now(root)

    assert now.packages([module]) == packages
    assert all(now.state(package) != "absent" for package in packages)
