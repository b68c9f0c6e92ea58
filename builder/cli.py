"""The command line: arguments to calls, errors to exit statuses.

Standard output carries data only; everything else goes to standard error.

Exit status: 0 all is well, 1 a post or the site has failed, 2 wrong usage or
settings, 3 a fault of the builder's own, 130 interrupted.
"""

import gc
import os
import select
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from builder.arguments import color_in, command_named, parser_of, take_command
from builder.console import Console
from builder.errors import SettingsError, SiteError, refusal


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit with its status."""
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what may follow
        from builder.completion.asked import answer  # noqa: PLC0415  # for this alone

        answer()
    _open_streams()
    # A build makes much and drops little: looking for garbage so often takes a tenth of its time.
    gc.set_threshold(100_000, 50, 50)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def _open_streams() -> None:
    """Have all standard streams: without one, the next file that is opened is taken for it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115  # stays open


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit status."""
    given, console = list(arguments), Console(color=color_in(arguments))
    try:
        name = take_command(given)
        command = command_named(name or "build")
        options = parser_of(name).parse_args(given)
        # A build that is asked to end takes its processes with it, as when interrupted.
        signal.signal(signal.SIGTERM, _interrupt)
        return command.run(options, console)
    except KeyboardInterrupt:
        console.say("interrupted; the published site is whole")
        return 130
    except SettingsError as error:
        console.fail(str(error))
        return 2
    except SiteError as error:
        console.fail(str(error))
        return 1
    except Exception as error:
        if isinstance(error, BrokenPipeError) and any(map(_is_gone, (1, 2))):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 1
        return _fail(error, console)


def _is_gone(output: int) -> bool:
    """Whether nobody reads any more what is written to a descriptor."""
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    poll.register(output, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def _fail(error: Exception, console: Console) -> int:
    """Tell of what no writer has caused; the exit status."""
    if isinstance(error, ModuleNotFoundError) and not _is_own(error.name):
        console.fail(_not_installed(error.name))
        return 2
    refused = refusal(error)
    if refused is not None:
        console.fail(f"{refused}; the published site is whole")
        return 1
    # A fault of ours: told apart from the writer's by its status.
    console.say(traceback.format_exc().rstrip())
    console.say("this is a fault of the builder, not of the posts; the published site is whole")
    return 3


def _is_own(module: str | None) -> bool:
    return module is None or module.partition(".")[0] == "builder"


def _not_installed(package: str | None) -> str:
    """What to say where this Python has not got what the builder needs."""
    return (
        f"the package {package!r} is not installed for {sys.executable} "
        "(run 'make', and use '.venv/bin/python build.py')"
    )


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
