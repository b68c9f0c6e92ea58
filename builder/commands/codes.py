"""`codes`: list the kinds of problems, or explain one."""

from argparse import ArgumentParser, Namespace

from builder.codes import CODES
from builder.console import Console
from builder.errors import SettingsError, did_you_mean


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    parser.add_argument("code", metavar="CODE", nargs="?", help="one of them, to be explained")


def run(options: Namespace, _: Console) -> int:
    """Do it; the exit status."""
    if options.code is None:
        width = max(map(len, CODES))
        for code, kind in sorted(CODES.items()):
            print(f"{code:{width}}  {kind.meaning}")
        return 0
    explained = CODES.get(options.code)
    if explained is None:
        near = did_you_mean(options.code, CODES) or "'codes' alone lists all"
        raise SettingsError(f"no problem has the code {options.code!r} ({near})")
    print(f"{options.code}: {explained.meaning}\n{explained.remedy}")
    return 0
