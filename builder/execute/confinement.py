"""Confine a process, and all that it will start, for good: what `--sandbox` does to a post.

Landlock (kernel.org/doc/html/latest/userspace-api/landlock.html) says which files it may use,
seccomp which system calls. Both ask for no privilege, and neither can be undone. The process
also loses root's privileges, where it has them.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Callable, Iterable, Iterator

WRITABLE_DEVICES = ("/dev/null", "/dev/zero", "/dev/full")
_DEVICES = (*WRITABLE_DEVICES, "/dev/random", "/dev/urandom")
"""Others are terminals, cameras and disks."""

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# ---- files: Landlock

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every processor
_ASK_VERSION, _PATH_BENEATH = 1, 1
_OLDEST, _WITH_DEVICES, _WITH_SCOPES = 3, 5, 6
"""Versions: the first in which a file cannot be emptied, and in which more can be said."""

_WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 1, 1 << 2, 1 << 3
_CHANGES = sum(1 << bit for bit in range(4, 14))
"""To remove, to make (of every kind), and to move from folder to folder."""

_TRUNCATE, _DEVICE_CONTROL = 1 << 14, 1 << 15
_READ = _READ_FILE | _READ_FOLDER
_WRITE = _WRITE_FILE | _TRUNCATE | _DEVICE_CONTROL
_SCOPES = 0b11
"""Abstract sockets, and signals to processes outside."""

# ---- system calls: seccomp

_SET_SECCOMP, _FILTER, _NO_NEW_PRIVILEGES = 22, 2, 38
_CAPABILITIES_3 = 0x20080522
_ALLOW, _ANSWER = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _RETURN, _AND = 0x20, 0x15, 0x35, 0x06, 0x54
_NUMBER, _ARCHITECTURE, _SECOND = 0, 4, 24
"""Where a filter finds the call, the processor and the lower half of the second argument."""

_X32 = 0x40000000
"""Where x86's third set of numbers begins."""

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""How seccomp calls a processor, and its place in the tables."""

_REFUSED = {
    "socket": (41, 198),  # all of the network, and sockets of the system's services
    "io_uring_setup": (425, 425),  # would make sockets, too
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
}
"""Ways to the outside that are no files."""

_SOCKET_PAIR = (53, 199)
_STREAM, _PACKETS = 1, 5
"""The kinds of pairs whose ends stay together: an end of another one could send to anyone."""

_IGNORED = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}
"""What Landlock has no say in. They succeed and do nothing: a copy of a file, say, asks for
them behind everything else, and none of them is worth failing for."""


def why_not(processor: str = platform.machine()) -> str | None:
    """Say why no process can be confined here; None where one can."""
    if _LIBC is None:
        return "only Linux can confine a process like that"
    if processor not in _ARCHITECTURES:
        return f"it is not known how to on this processor ({processor})"
    version = _LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < _OLDEST:
        return "the kernel must be Linux 6.2 or newer, with Landlock switched on"
    # It looks at what it is given only where it could use it.
    _prctl(_SET_SECCOMP, _FILTER, 0)
    return None if ctypes.get_errno() == errno.EFAULT else "the kernel was built without seccomp"


def needed_folders(site: str) -> tuple[str, ...]:
    """What no post runs without: its site, this builder, Python, its packages and a few devices."""
    return (site, *filter(None, sys.path), sys.prefix, sys.base_prefix, *_DEVICES)


def hidden_folders() -> tuple[str, ...]:
    """Home folders, of this user and of others, and devices; each with a separator at its end."""
    home = os.path.realpath(os.path.expanduser("~"))
    names = {home.split(os.sep)[1], "home", "root", "dev"} - {""}
    return tuple(os.path.join("/", name, "") for name in sorted(names))


def reading(needed: Iterable[str]) -> Callable[[str], bool]:
    """Tell whether a confined process may read a file, by its path behind all links.

    Args:
        needed: files and folders that it may read wherever they lie.
    """
    hidden = hidden_folders()
    open_to_it = tuple(os.path.join(os.path.realpath(path), "") for path in needed)

    def may_read(real: str) -> bool:
        path = os.path.join(real, "")
        return not path.startswith(hidden) or path.startswith(open_to_it)

    return may_read


def readable_folders(needed: Iterable[str]) -> tuple[str, ...]:
    """What a confined process may read: all outside of home folders, and of these what it needs.

    Args:
        needed: files and folders, wherever they lie.
    """
    hidden = hidden_folders()
    top = (os.path.realpath(os.path.join("/", name)) for name in sorted(os.listdir("/")))
    outside = (path for path in top if not f"{path}{os.sep}".startswith(hidden))
    return (*outside, *map(os.path.realpath, needed))


def confine_post(site: str, scratch: str) -> bool:
    """Confine this process as a post of a site; whether the kernel has done all of it.

    Args:
        site: the site's folder.
        scratch: where the post may write; the folder around it is the post's, too.
    """
    try:
        confine(os.path.dirname(scratch), readable_folders(needed_folders(site)))
    except OSError:
        return False
    return True


def confine(writable: str, readable: Iterable[str]) -> None:
    """Confine this process: it must have one thread.

    Args:
        writable: the only folder that it may write into.
        readable: the folders and files that it may read.

    Raises:
        OSError: the kernel refuses; what has been confined by then stays so.
    """
    _check(_prctl(_NO_NEW_PRIVILEGES, 1, 0))
    _drop_capabilities()
    _restrict_files(writable, readable)
    _filter_calls()


def _prctl(option: int, first: int, second: int) -> int:
    assert _LIBC is not None
    ctypes.set_errno(0)
    result: int = _LIBC.prctl(option, *map(ctypes.c_ulong, (first, second, 0, 0)))
    return result


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _drop_capabilities() -> None:
    assert _LIBC is not None
    _check(_LIBC.capset(struct.pack("=Ii", _CAPABILITIES_3, 0), bytes(24)))


def _restrict_files(writable: str, readable: Iterable[str]) -> None:
    assert _LIBC is not None
    version = _LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    handled = _READ | _WRITE_FILE | _TRUNCATE | _CHANGES
    handled |= _DEVICE_CONTROL if version >= _WITH_DEVICES else 0
    scoped = _SCOPES if version >= _WITH_SCOPES else 0
    attributes = struct.pack("=QQQ", handled, 0, scoped)
    size = ctypes.c_size_t(len(attributes))
    ruleset = _check(_LIBC.syscall(_CREATE_RULESET, attributes, size, 0))
    try:
        for path, rights in (
            *((path, _READ) for path in readable),
            *((path, _READ_FILE | _WRITE) for path in WRITABLE_DEVICES),
            (writable, _READ | _WRITE | _CHANGES),
        ):
            _allow(ruleset, path, rights & handled)
        _check(_LIBC.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    assert _LIBC is not None
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # what is not there, or not for this user, needs no rule
        return
    try:
        if not os.path.isdir(path):
            rights &= _READ_FILE | _WRITE
        rule = struct.pack("=Qi", rights, descriptor)
        _check(_LIBC.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
    finally:
        os.close(descriptor)


def _filter_calls() -> None:
    program = b"".join(_program())
    content = ctypes.create_string_buffer(program, len(program))
    told = struct.pack("@HP", len(program) // 8, ctypes.addressof(content))
    pointer = ctypes.create_string_buffer(told, len(told))
    _check(_prctl(_SET_SECCOMP, _FILTER, ctypes.addressof(pointer)))


def _program() -> Iterator[bytes]:
    """Instructions of the filter: by the processor's set of numbers, then by the number."""
    architecture, place = _ARCHITECTURES[platform.machine()]
    refuse = _step(_RETURN, _ANSWER | errno.EPERM)
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_EQUAL, architecture, 1, 0)
    yield refuse  # the calls of a 32-bit program have other numbers
    yield _step(_LOAD, _NUMBER)
    yield _step(_AT_LEAST, _X32, 0, 1)
    yield refuse
    for numbers, answer in ((_REFUSED, refuse), (_IGNORED, _step(_RETURN, _ANSWER))):
        for number in (both[place] for both in numbers.values()):
            if number is not None:
                yield _step(_EQUAL, number, 0, 1)
                yield answer
    yield _step(_EQUAL, _SOCKET_PAIR[place], 1, 0)
    yield _step(_RETURN, _ALLOW)
    yield _step(_LOAD, _SECOND)
    yield _step(_AND, 0xF)  # the rest are flags
    yield _step(_EQUAL, _STREAM, 2, 0)
    yield _step(_EQUAL, _PACKETS, 1, 0)
    yield refuse
    yield _step(_RETURN, _ALLOW)


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    """An instruction; of a jump, how many are passed over in either case."""
    return struct.pack("=HBBI", code, if_so, if_not, value)
