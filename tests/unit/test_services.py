"""What a build works with is opened, or why not is said."""

from pathlib import Path

import pytest

from builder import services
from builder.config import open_site
from builder.errors import SettingsError
from builder.execute.spawn import SpawnPool
from builder.listening import Listener
from builder.options import Running
from builder.services import only_build, open_services


def test_where_posts_cannot_be_confined_none_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "why_not", lambda: "the kernel is older than 5.13")

    with (
        pytest.raises(SettingsError, match="--sandbox is not possible here: the kernel is older"),
        open_services(open_site(tmp_path), Running(is_sandboxed=True)),
    ):
        pass


def test_without_forks_each_post_has_an_interpreter_of_its_own(tmp_path: Path) -> None:
    with open_services(open_site(tmp_path), Running(is_forking=False, jobs=3)) as opened:
        assert isinstance(opened.pool, SpawnPool)
        assert opened.jobs == 3


def test_another_build_is_waited_for_and_that_is_told(tmp_path: Path) -> None:
    told: list[str] = []

    class Hears(Listener):
        def announce(self, text: str) -> None:
            told.append(text)
            first.__exit__(None, None, None)

    site = open_site(tmp_path)
    first = only_build(site, Listener())
    first.__enter__()
    with only_build(site, Hears()):
        pass

    assert told == ["another build of this site is running; waiting for it to end"]
