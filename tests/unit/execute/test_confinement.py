"""What a confined post may read."""

from pathlib import Path

import pytest

from builder.execute.confinement import hidden_folders, readable_folders


@pytest.mark.parametrize(
    ("home", "top"),
    [("/home/ada", "/home"), ("/", "/home"), ("", "/root"), ("/srv/users/ada", "/srv")],
)
def test_homes_are_hidden_whosever_they_are(
    monkeypatch: pytest.MonkeyPatch, home: str, top: str
) -> None:
    monkeypatch.setenv("HOME", home)

    assert {f"{top}/", "/dev/", "/home/", "/root/"} == set(hidden_folders())
    readable = readable_folders(["/root/blog"])
    assert not {top, "/", "/dev", "/home", "/root"} & set(readable)
    assert "/root/blog" in readable
    assert str(Path("/etc").resolve()) in readable
