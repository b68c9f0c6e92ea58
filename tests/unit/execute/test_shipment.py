"""What is sent to other machines is a folder's files, as far as they can be read."""

import io
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builder.execute.remote.shipment import Shipment, pack
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
