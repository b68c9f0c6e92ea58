"""See by itself what a block depends on: files, folders, modules, environment variables."""

import os
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import matplotlib as mpl

from builder.execute.protocol import FileState, Job, Trace

_SYSTEM = ("/proc", "/dev", "/sys", "/etc", "/usr/share", "/usr/lib")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_UNTRACEABLE = {
    "subprocess.Popen": "starts a process",
    "os.system": "starts a process",
    "os.posix_spawn": "starts a process",
    "os.fork": "starts a process",
    "socket.connect": "uses the network",
    "ctypes.dlopen": "loads a C library",
}
_CHANGES = (
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.truncate",
    "os.link",
    "os.symlink",
    "shutil.rmtree",
    "shutil.move",
)


class Tracer:
    """Watches the blocks of one post; installed in its worker only."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._packages = _folders(
            sysconfig.get_path("purelib"),
            sysconfig.get_path("platlib"),
            *(p for p in sys.path if p.endswith(("site-packages", "dist-packages"))),
        )
        self._libraries = self._packages + _folders(
            sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), mpl.get_cachedir()
        )
        self._root = _folders(job.root)
        self._known = set(sys.modules)
        self._seen: set[str] = set()
        self._variables_seen: set[str] = set()
        self._handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._on_open,
            "os.listdir": self._on_list,
            "os.scandir": self._on_list,
            "sqlite3.connect": lambda args: self._read(args[0]),
            **dict.fromkeys(_CHANGES, self._on_change),
            **{event: self._untraceable(what) for event, what in _UNTRACEABLE.items()},
        }
        self._clear()

    def install(self) -> None:
        """Begin to watch; it cannot be undone in this process."""
        os.environ = _Environment(os.environ, self._on_variable)  # type: ignore[assignment]  # noqa: B003  # a view of it
        os.getenv = lambda key, default=None: os.environ.get(key, default)  # type: ignore[assignment]
        handlers = self._handlers

        def hook(event: str, args: tuple[Any, ...]) -> None:
            handler = handlers.get(event)
            if handler is not None:
                handler(args)

        sys.addaudithook(hook)

    def start_block(self) -> None:
        """Begin a block."""
        self._clear()

    def end_block(self) -> Trace:
        """Say what the block used that none before it had used."""
        new = set(sys.modules) - self._known
        self._known |= new
        packages = set()
        for name in new:
            file = getattr(sys.modules.get(name), "__file__", None)
            if file and self._local(file):
                self._read(file)
            elif file and os.path.realpath(file).startswith(self._packages):
                packages.add(name.partition(".")[0])
        return Trace(
            files=dict(self._files),
            folders=tuple(self._folders),
            variables=tuple(self._variables),
            packages=tuple(sorted(packages)),
            untraceable=dict(self._untraceables),
            has_written=self._has_written,
        )

    def _clear(self) -> None:
        self._files: dict[str, FileState | None] = {}
        self._folders: dict[str, None] = {}
        self._variables: dict[str, None] = {}
        self._has_written = False
        self._untraceables: dict[str, int] = {}

    # ---- events

    def _on_open(self, args: tuple[Any, ...]) -> None:
        path, _, flags = args
        if isinstance(path, int) or path is None:
            return
        if isinstance(flags, int) and flags & _WRITING:
            self._refuse_change(path)
        else:
            self._read(path)

    def _on_change(self, args: tuple[Any, ...]) -> None:
        for path in args[:2]:  # a rename has two
            self._refuse_change(path)

    def _on_list(self, args: tuple[Any, ...]) -> None:
        path = self._local("." if args[0] is None else args[0])
        if path and f"{path}{os.sep}" not in self._seen:
            self._seen.add(f"{path}{os.sep}")
            self._folders[path] = None

    def _on_variable(self, name: str) -> None:
        if name not in self._variables_seen:
            self._variables_seen.add(name)
            self._variables[name] = None

    def _untraceable(self, what: str) -> Callable[[tuple[Any, ...]], None]:
        def note(_args: tuple[Any, ...]) -> None:
            line = _line_of_block(self._job.name)
            if line is not None:
                self._untraceables.setdefault(what, line)

        return note

    # ---- paths

    def _local(self, path: object) -> str | None:
        """The absolute path, where it is neither Python's nor a package's nor the system's."""
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        full = os.path.realpath(os.fsdecode(path))
        is_library = full.startswith(self._libraries) or "__pycache__" in full
        is_system = full.startswith(_SYSTEM) and not full.startswith(self._root)
        return None if is_library or is_system else full

    def _read(self, path: object) -> None:
        local = self._local(path)
        if local is None or local in self._seen:
            return
        self._seen.add(local)
        try:
            state = os.stat(local)
        except OSError:
            self._files[local] = None
        else:
            self._files[local] = FileState(state.st_mtime_ns, state.st_size)

    def _refuse_change(self, path: object) -> None:
        """A cached block would not write again, so what a post writes must not be part of it."""
        local = self._local(path)
        if local is None:
            return
        if local.startswith(self._root):
            name = os.path.relpath(local, self._job.root)
            raise PermissionError(
                f"a post may not write into its own site ({name}): its result is kept and "
                "the block may not run again; write into tempfile.gettempdir()"
            )
        self._seen.add(local)  # its own work is nothing that it depends on
        self._has_written = True


def _line_of_block(post: str) -> int | None:
    """The line of the post's block that runs now; None while a module is being imported."""
    line: int | None = None
    frame: types.FrameType | None = sys._getframe()  # noqa: SLF001  # the only way to the stack
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib"):
            return None
        if line is None and name.startswith(f"{post}#"):
            line = frame.f_lineno
        frame = frame.f_back
    return line


def _folders(*paths: str) -> tuple[str, ...]:
    """Beginnings of the absolute paths of what lies in these folders."""
    return tuple(sorted({os.path.realpath(path) + os.sep for path in paths}))


class _Environment(MutableMapping[str, str]):
    """`os.environ` that tells which variables are read."""

    def __init__(self, inner: MutableMapping[str, str], tell: Callable[[str], None]) -> None:
        self._inner = inner
        self._tell = tell

    def __getitem__(self, key: str) -> str:
        self._tell(key)
        return self._inner[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._inner[key] = value

    def __delitem__(self, key: str) -> None:
        del self._inner[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)

    def copy(self) -> dict[str, str]:
        """A plain dictionary of all variables, each of them read."""
        return dict(self)
