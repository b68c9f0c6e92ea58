"""The scripts by which shells ask `build.py` itself what may follow."""

from pathlib import Path

SHELLS = ("bash", "zsh", "fish")
_FOLDER = Path(__file__).parent


def script_for(shell: str) -> str:
    """What a shell is to read."""
    if shell == "fish":
        return (_FOLDER / "build.fish").read_text(encoding="utf-8")
    from argcomplete.shell_integration import shellcode  # noqa: PLC0415  # for this alone

    own = (_FOLDER / f"python.{shell}").read_text(encoding="utf-8")
    return shellcode(["build.py"], shell=shell) + own
