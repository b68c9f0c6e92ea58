"""Where the builder was got from, so that another machine can get the same one."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

# As https, ssh and scp have it; what stands before "@" may be a password and is never kept.
_GITHUB = re.compile(
    r"(?:(?:https?|git|ssh)://(?:[^/]*@)?(?:www\.|ssh\.)?github\.com(?::\d+)?/|(?:[^/@]+@)?github\.com:)"
    r"/?([a-z\d][a-z\d-]*/[\w.-]+?)(?:\.git)?/?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The builder's repository on GitHub."""

    repository: str
    """`owner/name`."""

    commit: str
    """That the builder is at; what is changed in its folder since is not in it."""

    is_pushed: bool
    """Whether the commit was seen at the origin."""


def find_origin(project: Path) -> Origin | None:
    """Ask git where `project` was got from; None where that is not known, or not on GitHub."""
    # A builder that was copied into another repository has that one's origin, not its own.
    if _git(project, "rev-parse", "--show-prefix") != "":
        return None
    repository = read_repository(_git(project, "remote", "get-url", "origin") or "")
    commit = _git(project, "rev-parse", "--verify", "HEAD")
    if repository is None or commit is None:
        return None
    pushed = _git(project, "for-each-ref", "--count=1", "--contains=HEAD", "refs/remotes/origin")
    return Origin(repository, commit, is_pushed=bool(pushed))


def read_repository(remote: str) -> str | None:
    """Take `owner/name` out of a remote's address; None where it is not on GitHub."""
    match = _GITHUB.fullmatch(remote)
    return match[1] if match else None


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says; None where it fails or is not there."""
    # In a hook, git's own variables name the repository of the hook.
    environment = {name: v for name, v in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
