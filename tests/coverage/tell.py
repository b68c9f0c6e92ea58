"""Tell which part of all branches the tests take: `make coverage` ends with this.

    python -m tests.coverage.tell build/coverage/all.json

Lines and branches together flatter, for lines are more, and most are taken; so branches are
counted alone. Ends with 1 where fewer are taken than the project asks for.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

ASKED = {"builder/": 0.95, "builder/network/": 1.0}
"""The least part of a folder's branches."""


def main() -> None:
    """Tell what was measured."""
    measured = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    branches = {
        name: (told["summary"]["covered_branches"], told["summary"]["num_branches"])
        for name, told in measured["files"].items()
    }
    is_enough = True
    for folder, asked in ASKED.items():
        taken, there = taken_in(folder, branches)
        is_enough = is_enough and taken >= asked * there
        print(f"{folder}: {taken:,} of {there:,} branches, {taken / there:.1%} ({asked:.0%} asked)")
    sys.exit(not is_enough)


def taken_in(folder: str, branches: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """How many branches of a folder's files are taken, and how many there are."""
    inside = [counts for name, counts in branches.items() if name.startswith(folder)]
    return sum(taken for taken, _ in inside), sum(there for _, there in inside)


if __name__ == "__main__":
    main()
