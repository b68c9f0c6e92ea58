"""What is sent to other machines is a folder's files, as far as they can be read."""

import io
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builder.execute.remote import shipment as shipments
from builder.execute.remote.shipment import Shipment, pack
from builder.hosting import MARKER
from tests.faults.breaking import give_up_rights


def _names(shipment: Shipment) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(shipment.archive)) as archive:
        return archive.getnames()


def test_a_link_to_itself_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "x").write_text("x")

    assert _names(pack(str(tmp_path))) == ["x"]


@pytest.mark.skipif(sys.platform != "linux", reason="gives up what Linux calls capabilities")
def test_a_folder_that_may_not_be_read_is_sent_empty(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    folder = tmp_path / "lost+found"
    folder.mkdir()
    (folder / "y").write_text("y")
    folder.chmod(0)

    with ThreadPoolExecutor(1, initializer=give_up_rights) as strict:
        shipment = strict.submit(pack, str(tmp_path)).result()

    folder.chmod(0o755)
    assert _names(shipment) == ["lost+found", "x"]


def test_caches_and_sites_are_sent_empty_and_each_folder_once(tmp_path: Path) -> None:
    for name in (".cache", "__pycache__", "_site", "data", "posts"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text(name)
    (tmp_path / "_site" / MARKER).touch()
    (tmp_path / "data" / "back").symlink_to(tmp_path)

    sent = pack(str(tmp_path))

    assert sorted(_names(sent)) == [
        *(".cache", "__pycache__", "_site", "data", "data/back", "data/x", "posts", "posts/x"),
    ]
    assert set(sent.files) == {str(tmp_path / "data" / "x"), str(tmp_path / "posts" / "x")}
    assert sorted(_names(pack(str(tmp_path), ["data"]))) == sorted(
        [
            *("data/back", "data/x"),
            *(f"data/back/{name}" for name in (".cache", "__pycache__", "_site")),
            *("data/back/posts", "data/back/posts/x", "data/back/data"),
        ]
    )


def test_a_file_that_is_removed_meanwhile_is_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_text("x")
    (tmp_path / "y").write_text("y")
    read = shipments._read

    def read_or_not(path: str) -> bytes:
        if path.endswith("x"):
            raise FileNotFoundError(path)
        return read(path)

    monkeypatch.setattr(shipments, "_read", read_or_not)

    assert _names(pack(str(tmp_path))) == ["y"]
