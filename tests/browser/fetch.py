"""Fetch the checkers that no Python package carries: `python -m tests.browser.fetch`.

npm's own client downloads them; nothing is kept whose digest is not the one below.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

PACKAGE = "vnu-jar@26.9.27"
INTEGRITY = (
    "TkQd5DFfOaWC9ebtvozTsrH2Vaod3jYg+vrOeREzIXxBexLz9+rS2DNtjn7+RPUiZhgli0SghgBX6RJRNea0KA=="
)
"""SHA-512 of the package, as the registry and lock files of npm write it."""

MEMBER = "package/build/dist/vnu.jar"
CHECKER = PROJECT / ".venv" / "browser" / f"{PACKAGE.replace('@', '-')}.jar"
"""The Nu HTML checker, of the version above."""


class FetchError(Exception):
    """It cannot be had here."""


def fetch(folder: Path) -> bytes:
    """Download the package into `folder` and take the checker out of it.

    Raises:
        FetchError: npm is missing or fails, or the package is another one.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is not installed")
    done = subprocess.run(
        [npm, "pack", PACKAGE, "--silent", "--ignore-scripts", "--pack-destination", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    packages = list(folder.glob("*.tgz"))
    if done.returncode or len(packages) != 1:
        raise FetchError(f"npm cannot download {PACKAGE}: {done.stderr.strip() or 'no package'}")
    digest = hashlib.sha512(packages[0].read_bytes()).digest()
    if base64.b64encode(digest).decode() != INTEGRITY:
        raise FetchError(f"{PACKAGE} is not the package that is known by this version")
    with tarfile.open(packages[0]) as package:
        member = package.extractfile(MEMBER)
        if member is None:
            raise FetchError(f"{PACKAGE} has no {MEMBER}")
        return member.read()


def main() -> int:
    if CHECKER.is_file():
        return 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            content = fetch(Path(folder))
    except FetchError as error:
        print(f"the HTML checker is missing: {error}", file=sys.stderr)
        return 2
    CHECKER.parent.mkdir(parents=True, exist_ok=True)
    # Under another name first, so that what has the name is complete.
    part = CHECKER.with_suffix(".part")
    part.write_bytes(content)
    part.replace(CHECKER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
