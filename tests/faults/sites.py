"""A site in a folder of its own, built by the command itself, and what that leaves."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from builder.config import PROJECT
from tests.faults.runs import processes_naming

_ENDING_S = 10.0
"""For processes that are ending already."""


class Site:
    """A folder with posts.

    Args:
        root: of the site; is made.
        scratch: for temporary files of its builds; is made, too.
    """

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self.scratch = scratch
        (root / "posts").mkdir(parents=True)
        scratch.mkdir()

    @property
    def output(self) -> Path:
        return self.root / "_site"

    @property
    def cache(self) -> Path:
        return self.root / ".cache"

    def post(self, name: str, body: str, title: str = "T") -> Path:
        path = self.root / "posts" / name
        path.write_text(f"---\ntitle: {title}\n---\n\n{body}")
        return path

    def settings(self, text: str) -> None:
        (self.root / "pyproject.toml").write_text(f"[tool.site]\n{text}\n")

    def start(self, *options: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(PROJECT / "build.py"), "--root", str(self.root), *options]
        environment = {**os.environ, "TMPDIR": str(self.scratch)}
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)

    def build(self, *options: str) -> tuple[int, str]:
        """Build it; the exit status, and what was said."""
        build = self.start(*options)
        _, told = build.communicate(timeout=60)
        return build.returncode, told

    def forget(self) -> None:
        """Remove all that builds have made."""
        shutil.rmtree(self.output, ignore_errors=True)
        shutil.rmtree(self.cache, ignore_errors=True)

    def files(self) -> Mapping[str, bytes]:
        """What is published, by path; an empty folder, which no build makes, by its name."""
        paths = [path for path in sorted(self.output.rglob("*")) if not _has_entries(path)]
        return {
            path.relative_to(self.output).as_posix(): path.read_bytes() if path.is_file() else b""
            for path in paths
        }

    def left(self) -> list[str]:
        """Processes, files and folders that builds have left."""
        until = time.monotonic() + _ENDING_S
        while True:
            found = processes_naming(str(self.root), str(self.scratch))
            if not found or time.monotonic() > until:
                break
            time.sleep(0.02)
        folders = [*self.scratch.glob("*"), *self.root.glob("._site*"), *self.cache.rglob("*.old")]
        return [*found, *map(str, folders)]


def _has_entries(path: Path) -> bool:
    return path.is_dir() and any(path.iterdir())
