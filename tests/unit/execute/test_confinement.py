"""What a confined process is kept from, as the kernel is asked for it by its version."""

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from builder.execute import confinement
from builder.execute.confinement import (
    confine,
    confine_post,
    hidden_folders,
    readable_folders,
    reading,
    why_not,
)

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")

# linux/landlock.h
READS = 1 << 2 | 1 << 3
WRITES = 1 << 1 | 1 << 14
DEVICE_CONTROL = 1 << 15
MAKES_A_FILE, MOVES = 1 << 8, 1 << 13
SCOPES = 1 << 0 | 1 << 1

# linux/audit.h, linux/seccomp.h
PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, IGNORED, REFUSED = 0x7FFF0000, 0x00050000, 0x00050000 | errno.EPERM


@dataclass
class Kernel:
    """Confines nothing, and keeps what it is asked for."""

    landlock: int = 6
    """Its version, or -1."""

    without_pointer: int = errno.EFAULT
    """What seccomp answers to a filter that is none."""

    refuses: tuple[int, ...] = ()
    """Numbers of calls."""

    handled: int = 0
    scoped: int = 0
    rules: dict[str, int] = field(default_factory=dict)
    """What may be done with a file, by its path."""

    is_restricted: bool = False
    program: bytes = b""

    def syscall(self, number: int, *given: object) -> int:
        if number in self.refuses:
            return self._refuse(errno.EPERM)
        match number, given:
            case 444, (None, _, 1):
                return self.landlock
            case 444, (bytes() as attributes, _, 0):
                self.handled, _, self.scoped = struct.unpack("=QQQ", attributes)
                return os.open(os.devnull, os.O_RDONLY)
            case 445, (_, 1, bytes() as rule, 0):
                rights, descriptor = struct.unpack("=Qi", rule)
                self.rules[os.readlink(f"/proc/self/fd/{descriptor}")] = rights
            case 446, (_, 0):
                self.is_restricted = True
        return 0

    def prctl(self, option: int, first: ctypes.c_ulong, second: ctypes.c_ulong, *_: object) -> int:
        if option in self.refuses:
            return self._refuse(errno.EPERM)
        if option == 22:
            if not second.value:
                return self._refuse(self.without_pointer)
            count, address = struct.unpack("@HP", ctypes.string_at(second.value, 16))
            self.program = ctypes.string_at(address, 8 * count)
        return 0

    def capset(self, _: bytes, data: bytes) -> int:
        assert data == bytes(24)
        return 0

    def _refuse(self, number: int) -> int:
        ctypes.set_errno(number)
        return -1

    def answer(self, architecture: int, number: int, second: int = 0) -> int:
        """What the filter answers to a call: linux/filter.h, as far as it is used."""
        at, value = 0, 0
        while True:
            code, if_so, if_not, operand = struct.unpack_from("=HBBI", self.program, at * 8)
            at += 1
            match code:
                case 0x20:
                    value = {0: number, 4: architecture, 24: second}[operand]
                case 0x54:
                    value &= operand
                case 0x15:
                    at += if_so if value == operand else if_not
                case 0x35:
                    at += if_so if value >= operand else if_not
                case 0x06:
                    return int(operand)
                case _:
                    raise AssertionError(f"no such instruction: {code:#x}")


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel()
    monkeypatch.setattr(confinement, "_LIBC", kernel)
    return kernel


@pytest.mark.parametrize(
    ("home", "top"),
    [("/home/ada", "/home"), ("/", "/home"), ("", "/root"), ("/srv/users/ada", "/srv")],
)
def test_homes_are_hidden_whosever_they_are(
    monkeypatch: pytest.MonkeyPatch, home: str, top: str
) -> None:
    monkeypatch.setenv("HOME", home)

    assert {f"{top}/", "/dev/", "/home/", "/root/"} == set(hidden_folders())
    readable = readable_folders(["/root/blog"])
    assert not {top, "/", "/dev", "/home", "/root"} & set(readable)
    assert "/root/blog" in readable
    assert str(Path("/etc").resolve()) in readable


def test_of_a_home_only_what_is_needed_may_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    may_read = reading(["/home/ada/blog"])

    assert may_read("/etc/hosts")
    assert may_read("/home/ada/blog")
    assert may_read("/home/ada/blog/posts/x.md")
    assert not may_read("/home/ada/blogs")
    assert not may_read("/home/ada/.ssh/id")
    assert not may_read("/home")


@pytest.mark.parametrize(
    ("kernel_of", "processor", "told"),
    [
        (Kernel(), "x86_64", None),
        (Kernel(landlock=3), "aarch64", None),
        (Kernel(landlock=2), "x86_64", "must be Linux 6.2 or newer"),
        (Kernel(landlock=-1), "x86_64", "with Landlock switched on"),
        (Kernel(without_pointer=errno.EINVAL), "x86_64", "built without seccomp"),
        (Kernel(), "riscv64", "not known how to on this processor (riscv64)"),
        (None, "x86_64", "only Linux"),
    ],
)
def test_why_no_process_can_be_confined_is_told(
    monkeypatch: pytest.MonkeyPatch, kernel_of: Kernel | None, processor: str, told: str | None
) -> None:
    monkeypatch.setattr(confinement, "_LIBC", kernel_of)

    reason = why_not(processor)

    assert (reason is None) is (told is None)
    assert (told or "") in (reason or "")


@only_linux
@pytest.mark.parametrize(
    ("version", "device_control", "scopes"),
    [(3, 0, 0), (5, DEVICE_CONTROL, 0), (6, DEVICE_CONTROL, SCOPES)],
)
def test_a_process_writes_into_one_folder_and_reads_what_it_may(
    kernel: Kernel, tmp_path: Path, version: int, device_control: int, scopes: int
) -> None:
    kernel.landlock = version
    (tmp_path / "file").touch()
    (tmp_path / "own").mkdir()

    confine(str(tmp_path / "own"), ["/usr", str(tmp_path / "file"), str(tmp_path / "gone")])

    assert kernel.is_restricted
    assert kernel.handled & READS == READS
    assert kernel.handled & WRITES == WRITES
    assert kernel.handled & DEVICE_CONTROL == device_control
    assert kernel.scoped == scopes
    assert kernel.rules == {
        "/usr": READS,
        str(tmp_path / "file"): 1 << 2,  # a file has no entries to list
        str(tmp_path / "own"): kernel.handled,
        **dict.fromkeys(("/dev/null", "/dev/zero", "/dev/full"), 1 << 2 | WRITES | device_control),
    }
    assert kernel.handled & MAKES_A_FILE
    assert kernel.handled & MOVES


CALLS = {
    "read": ((0, 63), ALLOWED),
    "openat": ((257, 56), ALLOWED),
    "clone": ((56, 220), ALLOWED),
    "socket": ((41, 198), REFUSED),
    "io_uring_setup": ((425, 425), REFUSED),
    "msgrcv": ((70, 188), REFUSED),
    "semtimedop": ((220, 192), REFUSED),
    "fchmod": ((91, 52), IGNORED),
    "utimensat": ((280, 88), IGNORED),
}
"""By name: the number on both processors, and what becomes of it."""


@only_linux
@pytest.mark.parametrize("processor", PROCESSORS)
def test_calls_that_lead_outside_are_refused(
    monkeypatch: pytest.MonkeyPatch, kernel: Kernel, tmp_path: Path, processor: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: processor)

    confine(str(tmp_path), ())

    architecture, place = PROCESSORS[processor], list(PROCESSORS).index(processor)
    for name, (numbers, answer) in CALLS.items():
        assert kernel.answer(architecture, numbers[place]) == answer, name
    pair, closed_on_exec = (53, 199)[place], 0o2000000
    for kind, answer in ((1, ALLOWED), (5, ALLOWED), (2, REFUSED), (3, REFUSED)):
        assert kernel.answer(architecture, pair, kind | closed_on_exec) == answer
    assert kernel.answer(0x40000003, 41) == REFUSED  # of a program for i386
    assert kernel.answer(architecture, 0x40000000 | 41) == REFUSED  # by x86's third numbers


@only_linux
@pytest.mark.parametrize("refused", [38, 444, 445, 446, 22])
def test_what_the_kernel_refuses_is_told(kernel: Kernel, tmp_path: Path, refused: int) -> None:
    kernel.refuses = (refused,)
    (tmp_path / "scratch").mkdir()
    before = os.listdir("/proc/self/fd")

    with pytest.raises(PermissionError):
        confine(str(tmp_path), ["/usr"])

    assert not confine_post(str(tmp_path), str(tmp_path / "scratch"))
    assert os.listdir("/proc/self/fd") == before
    kernel.refuses = ()
    assert confine_post(str(tmp_path), str(tmp_path / "scratch"))
    assert kernel.rules[str(tmp_path)] == kernel.handled
