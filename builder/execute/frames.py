"""Tell of an exception in the lines of the post's blocks."""

import os
import sys
import traceback

from builder.execute.places import block_file, last_place
from builder.execute.protocol import Fault, Job
from builder.model import ANY_ERROR

_MESSAGE_LIMIT = 2_000
_TRACEBACK_LIMIT = 20_000
_ENGINE = os.path.dirname(os.path.abspath(__file__)) + os.sep

_HINTS: dict[type[BaseException], str] = {
    EOFError: "nobody is at the keyboard while a site is built; give input() a value instead",
    SystemExit: "leave out sys.exit(); a post ends by itself",
    KeyboardInterrupt: "the build was interrupted",
    MemoryError: "raise 'memory' in [tool.site], or hold less at once",
}


def describe(error: BaseException, job: Job, block: int) -> Fault:
    """Make the fault that `error`, raised while `block` ran, is told as."""
    name, text = type(error).__name__, str(error)[:_MESSAGE_LIMIT]
    where, line = _place(error, job, block)
    return Fault(
        message=_message(error, name, text),
        hint=next((hint for kind, hint in _HINTS.items() if isinstance(error, kind)), None),
        block=where,
        line=line,
        traceback=_format(error, job)[-_TRACEBACK_LIMIT:],
    )


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


def _message(error: BaseException, name: str, text: str) -> str:
    if isinstance(error, EOFError) and "reading a line" in text:
        return "the block waits for input()"
    if isinstance(error, SystemExit):
        return f"the block calls sys.exit({error.code!r})"
    if isinstance(error, SyntaxError):
        return f"{name}: {error.msg}"
    return f"{name}: {text.splitlines()[0]}" if text else name


def _place(error: BaseException, job: Job, block: int) -> tuple[int, int]:
    """The line of a block nearest to where it was raised."""
    if isinstance(error, SyntaxError) and error.filename == block_file(job.name, block):
        return block, error.lineno or 1
    frames = traceback.extract_tb(error.__traceback__, limit=-200)
    for frame in reversed(frames):
        place = last_place(f'"{frame.filename}", line {frame.lineno}', job.name)
        if place:
            return place
    return block, 1


def _format(error: BaseException, job: Job) -> str:
    """A traceback without the frames of this engine and the paths of this machine."""
    told = traceback.TracebackException.from_exception(error, compact=True)
    _shorten(told, job)
    return "".join(told.format())


def _shorten(told: traceback.TracebackException | None, job: Job) -> None:
    """Drop the engine's frames; name files as an import would."""
    if told is None:
        return
    told.stack[:] = [f for f in told.stack if not f.filename.startswith(_ENGINE)]
    for frame in told.stack:
        frame.filename = _short_name(frame.filename, job)
    _shorten(told.__cause__, job)
    _shorten(told.__context__, job)


def _short_name(filename: str, job: Job) -> str:
    roots = (job.folder, job.root, *sys.path, sys.prefix, sys.base_prefix)
    for root in sorted({r for r in roots if r}, key=len, reverse=True):
        if filename.startswith(root.rstrip(os.sep) + os.sep):
            return filename[len(root.rstrip(os.sep)) + 1 :]
    return filename
