import tomllib
from pathlib import Path

import pytest

from benchmarks.make_site import named_posts
from benchmarks.peers import OURS, PEERS, ROOT, Generator

ALL = pytest.mark.parametrize("generator", [OURS, *PEERS], ids=lambda each: each.name)


@ALL
def test_every_place_in_settings_and_commands_is_known(
    generator: Generator, tmp_path: Path
) -> None:
    site, peers = tmp_path / "site", tmp_path / "peers"
    (post,) = generator.write(site, named_posts(1, generator.kinds[0]), peers).values()

    said = [
        word for step in ("cold", "word") for word in generator.command(step, site, peers, post)
    ]
    said += [path.read_text(encoding="utf-8") for path in site.rglob("*") if path.is_file()]

    assert not [text for text in said if "%site" in text or "%p" in text or "%name" in text]


@ALL
def test_what_is_to_be_installed_is_pinned(generator: Generator) -> None:
    pinned = (ROOT / "requirements-peers.txt").read_text(encoding="utf-8")
    pinned += (ROOT / "benchmarks/package-lock.json").read_text(encoding="utf-8")

    assert (
        f"\n{generator.package}==" in pinned
        or f'"{generator.package}": ' in pinned
        or (not generator.package)
    )


def test_what_is_not_installed_has_no_version(tmp_path: Path) -> None:
    assert {each.version(tmp_path) for each in PEERS if each.package} == {None}


def test_the_group_of_peers_names_each_that_comes_from_pypi() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = {name.partition("[")[0] for name in project["dependency-groups"]["peers"]}

    assert {e.package for e in PEERS if e.package and "@" not in e.package} <= named
