"""Run a program and tell what it took: seconds, memory of all its processes, bytes written."""

import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder.execute import linux

_LOOK_S = 0.01
_LINES = 3
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took."""

    seconds: float
    """By the clock."""

    cpu_s: float
    """Of all processes, in their own code and in the system's."""

    peak_mb: float
    """Resident memory of all processes at once; what they share counts for each."""

    written_mb: float
    """Files in the folder that are new or other ones afterwards."""


class RunError(Exception):
    """A program that ended with an error, and what it said last."""


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> Cost:
    """Run a program in a folder.

    Raises:
        RunError: It ended with an error.
    """
    # As in any shell: a program that is compiled at every start is not what is measured.
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = _files(folder)
    said = folder.with_name(f"{folder.name}.log")
    with said.open("w+b") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env={**inherited, **(variables or {})}, stdout=log, stderr=log
        )
        watch = _Watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = watch.end()
    if process.returncode:
        lines = said.read_text(encoding="utf-8", errors="replace").split("\n")
        last = " / ".join([line.strip() for line in lines if line.strip()][-_LINES:])
        raise RunError(f"ended with {process.returncode}: {last}")
    written = sum(size for *_, size in _files(folder) - before)
    return Cost(
        seconds=seconds,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mb=peak / 1e6,
        written_mb=written / 1e6,
    )


class _Watch:
    """Looks again and again at the memory of a process and all below it.

    What the system tells of an ended process (`ru_maxrss`) is no less than what the process held
    that started it, so it would be our own memory.
    """

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._ended = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> int:
        """The most that was seen at once, in bytes."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _look(self) -> None:
        is_ended = False
        while not is_ended:
            family = (self._pid, *linux.descendants(self._pid))
            self._peak = max(self._peak, sum(map(_resident, family)))
            is_ended = self._ended.wait(_LOOK_S)


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * _PAGE
    except OSError:  # it has ended meanwhile
        return 0


def _files(folder: Path) -> set[tuple[int, int, int]]:
    """Inode, time of change and size of each file: what is linked twice is one."""
    found = set()
    for parent, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(parent, name))
            found.add((status.st_ino, status.st_mtime_ns, status.st_size))
    return found


def digests(folder: Path) -> Mapping[str, str]:
    """A digest of each file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
