import sys
from pathlib import Path

import pytest

from benchmarks.contest import Contest
from benchmarks.findings import Built, Finding, LeftOut, Run
from benchmarks.peers import Generator

_COPIES = """
import shutil, sys
from pathlib import Path

for path in Path("posts").iterdir():
    page = Path("out", path.stem, "index.html")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("<html><body>" + path.read_text())
"""


def generator(code: str, rebuild: str = "yes") -> Generator:
    return Generator(
        name="copier",
        package="",
        kinds=("prose",),
        post="posts/%name%.md",
        settings={"make.py": code},
        build=f"{sys.executable} %site%/make.py",
        rebuild=rebuild and f"{sys.executable} %site%/make.py %post%",
        output="out",
        page="*-post-*/index.html",
        differs="",
    )


def held(tmp_path: Path, made: Generator, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    monkeypatch.setattr("benchmarks.contest._TRUSTED_S", 0.0)
    contest = Contest(
        kind="prose", posts=3, folder=tmp_path / "c", peers=tmp_path, rounds=2, warms_up=True
    )
    return [*contest.hold([made])]


def test_each_round_takes_each_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    *runs, built = held(tmp_path, generator(_COPIES), monkeypatch)

    steps = ["cold", *["unchanged"] * 3, *["word"] * 3] * 2
    assert [run.step for run in runs if isinstance(run, Run)] == steps
    assert isinstance(built, Built)
    assert (built.files, built.unlike, built.requests) == (3, 0, 1)
    assert not (tmp_path / "c").exists()


def test_one_that_does_not_look_for_changes_builds_cold_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    *runs, _ = held(tmp_path, generator(_COPIES, rebuild=""), monkeypatch)

    assert [run.step for run in runs if isinstance(run, Run)] == ["cold", "cold"]


def test_files_that_differ_from_build_to_build_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"{_COPIES}\nimport time\nPath('out/stamp').write_text(str(time.time_ns()))"

    *_, built = held(tmp_path, generator(code), monkeypatch)

    assert isinstance(built, Built)
    assert (built.files, built.unlike) == (4, 1)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit('no luck')", "ended with 1: no luck"),
        ("pass", "0 of 3 posts have become pages"),
    ],
)
def test_one_that_fails_is_left_out(
    tmp_path: Path, code: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = held(tmp_path, generator(code), monkeypatch)

    assert found == [LeftOut(kind="prose", posts=3, generator="copier", reason=reason)]


def test_an_edit_that_is_not_taken_over_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"import sys\nif len(sys.argv) == 1:\n    exec({_COPIES!r})"

    *_, last = held(tmp_path, generator(code), monkeypatch)

    assert isinstance(last, LeftOut)
    assert last.reason.startswith("the edit has not come to ")
