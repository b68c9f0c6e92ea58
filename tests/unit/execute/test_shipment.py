"""What is sent to other machines is a folder's files, as far as they can be read."""

import io
import tarfile
from pathlib import Path

from builder.execute.remote.shipment import Shipment, pack


def _names(shipment: Shipment) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(shipment.archive)) as archive:
        return archive.getnames()


def test_a_link_to_itself_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "x").write_text("x")

    assert _names(pack(str(tmp_path))) == ["x"]
