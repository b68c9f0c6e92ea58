"""See by itself what a block depends on: files, folders, modules, environment variables.

Python's audit events tell most of it. What raises none is watched where it passes:
the question whether a file is there, the search for a module, `os.environ`.
"""

import os
import stat
import sys
import sysconfig
import threading
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import dropwhile
from typing import Any

import matplotlib as mpl

from builder.execute.outside import Outside
from builder.execute.protocol import FileState, Job, Trace
from builder.execute.questions import watch_questions
from builder.execute.variables import Environment

_SYSTEM = ("/proc", "/dev", "/sys", "/etc", "/usr/share", "/usr/lib")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_UNTRACEABLE = {
    **dict.fromkeys(
        (
            "subprocess.Popen",
            "os.system",
            "os.posix_spawn",
            "os.spawn",
            "os.exec",
            "os.fork",
            "os.forkpty",
        ),
        "starts a process",
    ),
    **dict.fromkeys(
        ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"),
        "uses the network",
    ),
    "ctypes.dlopen": "loads a C library",
}
_CHANGES: Mapping[str, tuple[int, ...]] = {
    "os.remove": (1,),
    "os.rename": (2, 3),
    "os.mkdir": (2,),
    "os.rmdir": (1,),
    "os.truncate": (),
    "shutil.rmtree": (),
    "shutil.move": (),
}
"""Events that tell of a change, with the places of the descriptors of folders in them."""

_IMPORT = "<frozen importlib"
_ENGINE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_CHANGED = FileState(modified_ns=-1, size=-1)
Signature = tuple[int, int, int, int] | None
"""When a file was modified, its size, when it was changed, and its inode; None without one."""
_look: Callable[[str], os.stat_result] = os.stat  # as it is before it is watched


class Tracer:
    """Watches the blocks of one post; installed in its worker only.

    Args:
        job: the post.
        on_write: called before a block changes files for the first time.
    """

    def __init__(self, job: Job, on_write: Callable[[], None]) -> None:
        self._job = job
        self._on_write = on_write
        self._packages = _folders(
            sysconfig.get_path("purelib"),
            sysconfig.get_path("platlib"),
            *(p for p in sys.path if p.endswith(("site-packages", "dist-packages"))),
        )
        self._libraries = self._packages + _folders(
            sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), mpl.get_cachedir()
        )
        self._importlib = _folders(os.path.join(sysconfig.get_path("stdlib"), "importlib"))
        self._system = _folders(*_SYSTEM)
        self._root = _folders(job.root)
        self._scratch = _folders(os.environ["TMPDIR"])
        self._outside = Outside(job, os.environ["TMPDIR"])
        self._known = set(sys.modules)
        self._first: dict[str, Signature] = {}
        """Every file and folder that the post has used, as it was then."""

        self._read_before: set[str] = set()
        self._own: set[str] = set()
        self._variables_seen: set[str] = set()
        self._handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._on_open,
            "os.listdir": self._on_list,
            "os.scandir": self._on_list,
            "os.link": self._on_link,
            "os.symlink": self._on_link,
            "sqlite3.connect": self._on_database,
            **{event: self._change(event) for event in _CHANGES},
            **{event: self._untraceable(what) for event, what in _UNTRACEABLE.items()},
            **self._outside.handlers,
        }
        self._clear()

    def install(self) -> None:
        """Begin to watch; it cannot be undone in this process."""
        for name in ("environ", "environb"):
            inner = getattr(os, name, None)  # not every system has the second
            if inner is not None:
                own = self._variables_seen.add
                setattr(os, name, Environment(inner, self._on_variable, own))
        watch_questions(self._ask)
        sys.meta_path.insert(0, _ModuleWatch(self._on_search))
        sys.addaudithook(self.see)

    def see(self, event: str, args: tuple[Any, ...]) -> None:
        """Take an audit event of Python's.

        Raises:
            PermissionError: the block is about to write into its own site.
        """
        handler = self._handlers.get(event)
        if handler is not None:
            handler(args)

    def start_block(self) -> None:
        """Begin a block."""
        self._clear()

    def end_block(self) -> Trace:
        """Say what the block used that none before it had used.

        What has changed since a block used it is told again, as what it never was: nobody
        knows which content this block has seen.
        """
        new = set(sys.modules) - self._known
        self._known |= new
        packages = set()
        for name in new:
            file = getattr(sys.modules.get(name), "__file__", None)
            if file and self._local(file):
                self._read(file)
            elif file and os.path.realpath(file).startswith(self._packages):
                packages.add(name.partition(".")[0])
        changed = [path for path, was in self._first.items() if _signature_of(path) != was]
        return Trace(
            files={**self._files, **dict.fromkeys(changed, _CHANGED)},
            folders=tuple(self._folders),
            variables=tuple(self._variables),
            packages=tuple(sorted(packages)),
            untraceable=dict(self._untraceables),
            reaches_out=self._outside.is_reached,
        )

    def _clear(self) -> None:
        self._files: dict[str, FileState | None] = {}
        self._folders: dict[str, None] = {}
        self._variables: dict[str, None] = {}
        self._has_written = False
        self._untraceables: dict[str, int] = {}
        self._outside.is_reached = False

    # ---- events

    def _on_open(self, args: tuple[Any, ...]) -> None:
        path, _, flags = args
        if not isinstance(flags, int) or not flags & _WRITING:
            self._read(path)
            return
        if flags & os.O_RDWR and not flags & os.O_TRUNC:
            self._read(path)
        self._refuse_change(path)

    def _change(self, event: str) -> Callable[[tuple[Any, ...]], None]:
        """What looks at an event of one name, by the folders that its paths are relative to."""
        folders = _CHANGES[event]

        def on_change(args: tuple[Any, ...]) -> None:
            for path, place in zip(args[:2], (*folders, None, None), strict=False):
                folder = args[place] if place is not None else -1
                self._refuse_change(_in_folder(path, folder))

        return on_change

    def _on_link(self, args: tuple[Any, ...]) -> None:
        self._read(args[0])
        self._refuse_change(args[1])

    def _on_database(self, args: tuple[Any, ...]) -> None:
        name = args[0]
        if isinstance(name, str) and name.startswith("file:"):
            from urllib.parse import unquote, urlsplit  # noqa: PLC0415  # few posts need it

            name = unquote(urlsplit(name).path)
        if name not in ("", ":memory:"):
            self._read(name)

    def _on_list(self, args: tuple[Any, ...]) -> None:
        caller, _ = next(_stack(sys._getframe()))  # noqa: SLF001  # the only way to the stack
        if self._is_importlib(caller):
            return  # `_on_search` knows better
        path = "." if args[0] is None else args[0]
        if isinstance(path, int):
            path = os.path.realpath(f"/proc/self/fd/{path}")
        local, real = self._local(path) or (None, "")
        if local is not None:
            self._outside.read(real)
        if local is not None and f"{local}{os.sep}" not in self._first:
            self._folders[local] = None
            self._note(f"{local}{os.sep}")

    def _on_variable(self, name: str) -> None:
        if name not in self._variables_seen:
            self._variables_seen.add(name)
            self._variables[name] = None

    def _on_search(self, name: str, folders: Sequence[str] | None) -> None:
        """Note which files would be the module, up to the first that is there."""
        if self._line_of_block() is None:
            return
        for folder in sys.path if folders is None else folders:
            base = os.path.join(os.fsdecode(folder), name.rpartition(".")[2])
            for path in (os.path.join(base, "__init__.py"), f"{base}.py"):
                self._read(path)
                if _signature_of(path) is not None:
                    return

    def _untraceable(self, what: str) -> Callable[[tuple[Any, ...]], None]:
        def note(_args: tuple[Any, ...]) -> None:
            self._outside.reach()
            line = self._line_of_block()
            if line is not None:
                self._untraceables.setdefault(what, line)

        return note

    # ---- places

    def _local(self, path: object) -> tuple[str, str] | None:
        """The absolute path, as it was named and as it is behind all links.

        None for what is Python's, a package's, the system's or of this run only.
        """
        real = self._real(path)
        if real is None or f"{real}{os.sep}".startswith(self._scratch):
            return None
        named = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]  # `_real` has looked
        # A link may lead elsewhere tomorrow. Behind one, `..` has no other name.
        is_same = named == real or os.path.realpath(named) == real
        return named if is_same and not named.startswith(self._scratch) else real, real

    def _real(self, path: object) -> str | None:
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        real = os.path.realpath(os.fsdecode(path))
        is_library = real.startswith(self._libraries) or "__pycache__" in real
        is_system = real.startswith(self._system) and not real.startswith(self._root)
        return None if is_library or is_system else real

    def _read(self, path: object) -> None:
        """Note a file that is opened."""
        if isinstance(path, str) and path in self._read_before:
            return
        named, real = self._local(path) or (None, "")
        if named is None or named in self._read_before or real in self._own:
            return
        self._outside.read(real)
        self._read_before.add(named)
        self._note_file(named)

    def _ask(self, path: object) -> None:
        """Note a path that is looked at, which no sandbox refuses."""
        if isinstance(path, str) and path in self._first:
            return
        named, real = self._local(path) or (None, "")
        if named is not None and real not in self._own:
            self._note_file(named)

    def _note_file(self, named: str) -> None:
        if named not in self._first and not _is_folder(named):
            self._note(named)

    def _note(self, path: str) -> None:
        self._first[path] = seen = _signature_of(path)
        self._files[path] = None if seen is None else FileState(seen[0], seen[1])

    def _refuse_change(self, path: object) -> None:
        """A cached block would not write again, so what a post writes must not be part of it."""
        self._outside.change(path)
        real = self._real(path)
        if real is None:
            return
        if real.startswith(self._root):
            name = os.path.relpath(real, self._job.root)
            raise PermissionError(
                f"a post may not write into its own site ({name}): its result is kept and "
                "the block may not run again; write into tempfile.gettempdir()"
            )
        self._own.add(real)  # its own work is nothing that it depends on
        if not self._has_written:
            self._has_written = True
            self._on_write()

    def _line_of_block(self) -> int | None:
        """The line of the block that runs now; None while a library is being imported."""
        # A thread of a library's has no line of the post; the block that waits for it has.
        main = threading.main_thread().ident or 0
        # No frame has a name here: one that held itself would keep all that called it alive.
        stacks = [
            list(_stack(frame))
            for frame in (sys._getframe(), sys._current_frames().get(main))  # noqa: SLF001
        ]
        for calls in stacks:
            if self._is_import_of_library(name for name, _ in calls):
                return None
            blocks = [name for name, _ in calls if name.startswith(f"{self._job.name}#")]
            if blocks:
                return next(line for name, line in calls if name == blocks[-1])
        return None

    def _is_import_of_library(self, files: Iterator[str]) -> bool:
        """Whether an import comes before any code of the post's, looking outwards."""
        for name in dropwhile(self._is_importlib, files):
            if name.startswith(_IMPORT) or self._is_posts(name):
                return name.startswith(_IMPORT)
        return False

    def _is_importlib(self, file: str) -> bool:
        return file.startswith((_IMPORT, *self._importlib))

    def _is_posts(self, file: str) -> bool:
        """Whether code is a block's or a module's of the post."""
        if file.startswith(f"{self._job.name}#"):
            return True
        is_others = not os.path.isabs(file) or file.startswith((*self._libraries, _ENGINE))
        return not is_others and self._local(file) is not None


def _stack(frame: types.FrameType | None) -> Iterator[tuple[str, int]]:
    """File and line of each call, the innermost first, but for those of this module."""
    while frame is not None:
        if frame.f_code.co_filename != __file__:
            yield frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back


def _in_folder(path: Any, folder: object) -> Any:
    """A path that may be relative to an open folder, as `shutil.rmtree` has it."""
    if isinstance(folder, int) and folder >= 0 and isinstance(path, str | bytes):
        with suppress(OSError):
            return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))
    return path


def _signature_of(path: str) -> Signature:
    try:
        state = _look(path)
    except (OSError, ValueError):
        return None
    return state.st_mtime_ns, state.st_size, state.st_ctime_ns, state.st_ino


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(_look(path).st_mode)
    except (OSError, ValueError):
        return False


def _folders(*paths: str) -> tuple[str, ...]:
    """Beginnings of the absolute paths of what lies in these folders."""
    return tuple(sorted({os.path.realpath(path) + os.sep for path in paths}))


class _ModuleWatch:
    """Finds no module, but tells which are looked for."""

    def __init__(self, tell: Callable[[str, Sequence[str] | None], None]) -> None:
        self._tell = tell

    def find_spec(self, name: str, path: Sequence[str] | None, *_: object) -> None:
        """Leave the module to the finders behind this one."""
        self._tell(name, path)
