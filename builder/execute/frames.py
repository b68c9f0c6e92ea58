"""Tell of an exception in the lines of the post's blocks."""

import errno
import linecache
import os
import pkgutil
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable

from builder.errors import did_you_mean
from builder.execute.places import block_file, last_place
from builder.execute.protocol import Fault, Job
from builder.model import ANY_ERROR

_MESSAGE_LIMIT = 2_000
_TRACEBACK_LIMIT = 20_000
_ENGINE = os.path.dirname(os.path.abspath(__file__)) + os.sep

_FRAMES_LIMIT = 2_000
"""Of frames that are looked at; Python's own limit of recursion is lower."""

_HINTS: dict[type[BaseException], str] = {
    EOFError: "nobody is at the keyboard while a site is built; give input() a value instead",
    SystemExit: "leave out sys.exit(); a post ends by itself",
    MemoryError: "raise 'memory' in [tool.site], or hold less at once",
}

_SANDBOX = (
    "with --sandbox a post and what it starts have no network, write only into "
    "tempfile.gettempdir(), and read of home folders only the site"
)
_REFUSALS = (socket.gaierror, subprocess.CalledProcessError)
_REFUSAL_NUMBERS = (errno.EPERM, errno.EACCES, errno.EXDEV)

_PACKAGES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
"""By which name a module is installed, where it is not its own."""


def describe(error: BaseException, job: Job, block: int) -> Fault:
    """Make the fault that `error`, raised while `block` ran, is told as."""
    where, line = _place(error, job, block)
    return Fault(
        message=_plain(_message(error)),
        hint=_hint(error) or (_SANDBOX if job.is_sandboxed and _is_refusal(error) else None),
        block=where,
        line=line,
        traceback=_plain(_format(error, job)[-_TRACEBACK_LIMIT:]),
    )


def _hint(error: BaseException) -> str | None:
    """What to do about it, where that is likely to be known."""
    if isinstance(error, SyntaxError):
        is_fence = isinstance(error.text, str) and error.text.lstrip().startswith(("```", "~~~"))
        return "the block is not closed above this line" if is_fence else None
    if isinstance(error, ModuleNotFoundError) and isinstance(error.name, str):
        return None if "." in error.name else _missing_module(error.name)
    return next((hint for kind, hint in _HINTS.items() if isinstance(error, kind)), None)


def _is_refusal(error: BaseException) -> bool:
    """Whether the kernel, or a library for it, may have refused what a sandbox does not allow."""
    todo: list[object] = [error]
    seen: set[int] = set()
    while todo:
        told = todo.pop()
        if not isinstance(told, BaseException) or id(told) in seen:
            continue
        seen.add(id(told))
        if isinstance(told, _REFUSALS) or getattr(told, "errno", None) in _REFUSAL_NUMBERS:
            return True
        todo += (told.__cause__, told.__context__, getattr(told, "reason", None), *told.args)
    return False


def _missing_module(name: str) -> str:
    known = {*sys.stdlib_module_names, *(module.name for module in pkgutil.iter_modules())}
    package = _PACKAGES.get(name, name)
    install = f"install it for the builder: .venv/bin/python -m pip install {package}"
    return _plain(did_you_mean(name, known, 0.75) or install)


def is_expected(error: BaseException, name: str | None) -> bool:
    """Whether it is the exception that the author has named, or one of its kind for `Exception`."""
    if name == ANY_ERROR:
        return isinstance(error, Exception)
    return name is not None and type(error).__name__ == name


def not_raised(name: str, block: int) -> Fault:
    """The fault of a block that was to raise and did not."""
    what = "an error" if name == ANY_ERROR else name
    return Fault(
        message=f"the block was to raise {what} and did not",
        hint="leave out '#| error:'",
        block=block,
        line=1,
        traceback="",
    )


def format_warning(
    job: Job,
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    """Tell of a warning as Python does, without the paths of this machine.

    Of a line of the post it names no place: readers see the line, and not the file.
    """
    where = f"{_short_name(filename, job)}:{lineno}: "
    source = (line if line is not None else linecache.getline(filename, lineno)).strip()
    if filename.startswith(f"{job.name}#"):
        where = ""
    if filename.startswith(_ENGINE):  # raised while a figure is drawn
        where = source = ""
    return f"{where}{category.__name__}: {message}\n" + (f"  {source}\n" if source else "")


def _message(error: BaseException) -> str:
    name, text = type(error).__name__, _text(str, error)
    if isinstance(error, EOFError) and "reading a line" in text:
        return "the block waits for input()"
    if isinstance(error, SystemExit):
        return f"the block calls sys.exit({'' if error.code is None else _text(repr, error.code)})"
    if isinstance(error, SyntaxError):
        return f"{name}: {_text(str, error.msg)}"
    lines = text.strip().splitlines()
    return f"{name}: {lines[0]}" if lines else name


def _text(make: Callable[[object], str], value: object) -> str:
    """`str(value)` or `repr(value)`, which may be an author's code."""
    try:
        return str.__str__(make(value))[:_MESSAGE_LIMIT]
    except Exception:  # whatever it raises, there is something to tell
        return f"<{type(value).__name__} without text>"


def _plain(text: str) -> str:
    """Text that can be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def _place(error: BaseException, job: Job, block: int) -> tuple[int, int]:
    """The line of a block nearest to where it was raised."""
    if isinstance(error, SyntaxError) and error.filename == block_file(job.name, block):
        line = error.lineno  # which an author may have set
        return block, line if isinstance(line, int) and line in range(1, 10**9) else 1
    frames = traceback.extract_tb(error.__traceback__, limit=-200)
    for frame in reversed(frames):
        place = last_place(f'"{frame.filename}", line {frame.lineno}', job.name)
        if place and place[0] in range(len(job.blocks)):
            return place
    return block, 1


def _format(error: BaseException, job: Job) -> str:
    """A traceback without the frames of this engine and the paths of this machine."""
    try:
        told = traceback.TracebackException.from_exception(error, limit=_limit(error), compact=True)
        _shorten(told, job)
        return "".join(told.format())
    except Exception:  # an author's exception may be no good, or hold too many others
        return ""


def _limit(error: BaseException) -> int | None:
    """The last frames alone, where there are very many."""
    count, entry = 0, error.__traceback__
    while entry is not None:
        count, entry = count + 1, entry.tb_next
    return -_FRAMES_LIMIT if count > _FRAMES_LIMIT else None


def _shorten(first: traceback.TracebackException, job: Job) -> None:
    """Drop the engine's frames; name files as an import would."""
    todo, seen = [first], set()
    while todo:
        told = todo.pop()
        if id(told) in seen:
            continue
        seen.add(id(told))
        told.stack[:] = [f for f in told.stack if not f.filename.startswith(_ENGINE)]
        for frame in told.stack:
            frame.filename = _short_name(frame.filename, job)
        todo += filter(None, (told.__cause__, told.__context__, *(told.exceptions or ())))


def _short_name(filename: str, job: Job) -> str:
    roots = (job.folder, job.root, *sys.path, sys.prefix, sys.base_prefix)
    for root in sorted({r for r in roots if r}, key=len, reverse=True):
        if filename.startswith(root.rstrip(os.sep) + os.sep):
            return filename[len(root.rstrip(os.sep)) + 1 :]
    return filename
