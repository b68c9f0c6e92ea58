"""One renderer for all tests of a file."""

from pathlib import Path

import pytest

from builder.render.post import Renderer
from tests.unit.render.renderers import open_renderer


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    root: Path = tmp_path_factory.mktemp("site")
    (root / "posts").mkdir()
    return open_renderer(root)
