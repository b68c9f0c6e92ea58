"""Where the kernel ends processes because memory has run out, the last site is whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.config import PROJECT
from tests.faults.sites import Site

GROUPS = (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"))
"""Where control groups of either version are, and what says how much memory one has."""

RUNS = "```{{python}}\nprint(len(bytearray({megabytes} * 1_000_000)))\n```\n"


@dataclass(frozen=True, slots=True)
class Group:
    """Processes that have only so much memory."""

    folder: Path
    limit: str

    def build(self, site: Site, megabytes: int) -> tuple[int, str]:
        """Build a site in it; the exit status, and what was said."""
        (self.folder / self.limit).write_text(str(megabytes * 1_000_000))
        ran = subprocess.run(
            [sys.executable, str(PROJECT / "build.py"), "--root", str(site.root)],
            env={**os.environ, "TMPDIR": str(site.scratch)},
            preexec_fn=self._enter,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return ran.returncode, ran.stderr

    def _enter(self) -> None:
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))


@pytest.fixture
def group() -> Iterator[Group]:
    for above, limit in GROUPS:
        folder = Path(above, f"test-{os.getpid()}")
        try:
            folder.mkdir()
        except OSError:
            continue
        if (folder / limit).exists():
            yield Group(folder, limit)
            folder.rmdir()
            return
        folder.rmdir()
    pytest.skip("this user may make no control group")


def test_whatever_the_kernel_ends_the_site_is_whole_and_the_next_build_right(
    make_site: Callable[[str], Site], group: Group
) -> None:
    site, clean = make_site("site"), make_site("clean")
    for each in (site, clean):
        each.settings("social_cards = false")
        each.post("2026-01-01-a.md", RUNS.format(megabytes=1))
        each.build()
    before = site.files()
    for each in (site, clean):
        each.post("2026-01-02-b.md", f"$$x^2$$\n\n{RUNS.format(megabytes=2)}")
    clean.build()
    after = clean.files()

    statuses = set()
    for megabytes in (10, 60, 90):
        status, said = group.build(site, megabytes)
        statuses.add(status)
        assert status in (0, 1, -signal.SIGKILL), (megabytes, said)
        assert site.files() == (after if status == 0 else before), (megabytes, said)
        assert status != 1 or "memory" in said, (megabytes, said)
    again = site.build()

    assert again[0] == 0, again
    assert site.files() == after
    assert site.left() == []
    assert -signal.SIGKILL in statuses


def test_a_post_that_the_kernel_ends_is_told_with_its_line(
    make_site: Callable[[str], Site], group: Group
) -> None:
    site = make_site("site")
    site.settings("social_cards = false")
    site.post("2026-01-01-a.md", "Words.\n\n" + RUNS.format(megabytes=1_000))

    status, said = group.build(site, 400)

    assert status == 1
    assert "2026-01-01-a.md:8: error[block-failed]: " in said
    assert "memory" in said
    assert site.files() == {}
    assert site.left() == []
