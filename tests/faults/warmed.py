"""Loaded by the process from which builds are forked: all that a build loads is then in memory."""

import tempfile
from pathlib import Path

from builder import cli
from tests.faults.sites import Site

with tempfile.TemporaryDirectory() as _folder:
    _site = Site(Path(_folder, "site"), Path(_folder, "scratch"))
    _site.settings("social_cards = false")
    _site.post("2026-01-01-p.md", "# Words\n\nand $$x$$.\n")
    assert cli.run(["build", "--quiet", "--root", str(_site.root)]) == 0
