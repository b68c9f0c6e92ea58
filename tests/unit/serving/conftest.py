"""A published site, as it is served."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Publish = Callable[[Mapping[str, bytes]], Path]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Put files into a folder, which it gives."""

    def put(files: Mapping[str, bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / "_site" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return tmp_path / "_site"

    return put
