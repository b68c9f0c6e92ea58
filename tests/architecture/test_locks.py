"""What is installed is known by version and by content."""

import re
from pathlib import Path

import pytest

from builder.config import PROJECT

LOCKS = sorted(PROJECT.glob("requirements*.txt"))
_PINNED = re.compile(
    r"[a-z0-9][a-z0-9.-]*==[^\s;]+(?: ; [^\\]+)?(?: *\\\n +--hash=sha256:[0-9a-f]{64})+"
)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_requirement_has_a_version_and_hashes(path: Path) -> None:
    text = re.sub(r"^ *#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    requirements = re.split(r"\n(?=\S)", text.strip())

    assert [r for r in requirements if not _PINNED.fullmatch(r)] == []


def test_there_is_a_lock_for_each_group() -> None:
    names = {path.name for path in LOCKS}

    assert names >= {f"requirements{end}.txt" for end in ("", "-dev", "-mnist", "-oracle", "-sbom")}
