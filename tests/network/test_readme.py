"""The code of the network library's README runs as it stands."""

import re
import tempfile
from pathlib import Path

import numpy as np
import pytest

from builder import network as nn
from builder.config import PROJECT

_PART = (PROJECT / "builder/network/README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", _PART, re.DOTALL | re.MULTILINE)


def test_the_code_of_the_readme_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    known: dict[str, object] = {"display": lambda *_: None}  # as posts have it

    for block in BLOCKS:
        exec(block, known)

    assert len(BLOCKS) >= 5
    assert (tmp_path / "lenet.npz").is_file()
    w, swish = known["w"], known["Swish"]
    assert isinstance(w, nn.Tensor)
    np.testing.assert_allclose(w.value, [1, 1], atol=0.05)
    assert isinstance(swish, type)
    assert nn.check_gradients(nn.Sequential(nn.Dense(3), swish()), np.eye(3)).worst < 1e-7
