"""What shells offer while a command is typed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from builder.arguments import COMMANDS
from builder.config import PROJECT
from tests.site.conftest import Blog

BASH = """\
source "$SCRIPT"
words=("$@")
COMP_LINE="${words[*]}"
COMP_POINT=${#COMP_LINE}
COMP_WORDS=("${words[@]}")
COMP_CWORD=$((${#words[@]} - 1))
COMP_TYPE=9
spec=$(complete -p "${1##*/}")
[[ $spec =~ -F\\ ([^ ]+) ]]
compopt() { :; }
"${BASH_REMATCH[1]}" "$1" "${words[COMP_CWORD]}" "${words[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """\
compdef() { registered[$2]=$1; [[ -n $3 ]] && registered[$3]=$1 }
typeset -A registered
_describe() { local name=$2; print -l -- "${(@P)name}" }
is-at-least() { true }
source $SCRIPT
words=("$@")
CURRENT=$#words
BUFFER="${(j: :)words}"
CURSOR=${#BUFFER}
$registered[${1:t}]
"""
FISH = """\
source $SCRIPT
complete --do-complete (string join ' ' -- $argv)
"""
TYPED: dict[str, Callable[[Sequence[str]], list[str]]] = {
    "bash": lambda words: ["bash", "--norc", "-c", BASH, "bash", *words],
    "zsh": lambda words: ["zsh", "--no-rcs", "-c", ZSH, "zsh", *words],
    "fish": lambda words: ["fish", "--no-config", "-c", FISH, *words],
}
# What runs the builder: itself, or as an argument of Python.
CALLS = {"itself": ["./build.py"], "python": ["python", "build.py"]}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts")
    for shell in TYPED:
        command = [sys.executable, str(PROJECT / "build.py"), "completion", shell]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        (folder / shell).write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture(params=TYPED)
def offered(request: pytest.FixtureRequest, scripts: Path) -> Callable[..., list[str]]:
    """What a shell offers for these words, the last of which is being typed."""
    shell = str(request.param)
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))

    def ask(*words: str, call: str = "itself") -> list[str]:
        done = subprocess.run(
            TYPED[shell]([*CALLS[call], *words]),
            cwd=PROJECT,
            env={**os.environ, "PATH": path, "SCRIPT": str(scripts / shell)},
            capture_output=True,
            text=True,
            check=False,
        )
        # zsh and fish get the meaning of an option, too.
        lines = (line.partition("\t")[0] for line in done.stdout.splitlines())
        names = (line.partition(":")[0] if shell == "zsh" else line for line in lines)
        return [name.strip() for name in names if name.strip()]

    return ask


@pytest.mark.parametrize("call", CALLS)
def test_commands_and_options_and_their_values(
    offered: Callable[..., list[str]], call: str
) -> None:
    assert set(offered("ex", call=call)) == {"explain", "export"}
    assert set(offered("--keep", call=call)) == {"--keep-going"}
    assert set(offered("export", "momentum", "--to", "", call=call)) == {"ipynb", "py"}
    assert set(offered("--output-format", "c", call=call)) == {"concise"}


def test_every_command_is_offered_and_its_options_after_it(
    offered: Callable[..., list[str]],
) -> None:
    assert set(offered("")) >= set(COMMANDS)
    assert set(offered("clean", "--")) >= {"--all", "--days", "--root", "--help"}
    assert "--strict" not in offered("clean", "--")
    assert set(offered("completion", "")) == {"bash", "zsh", "fish"}


def test_posts_are_those_of_the_site_that_is_named(
    offered: Callable[..., list[str]], blog: Blog
) -> None:
    for name in ("2026-01-01-momentum.md", "2026-01-02-schedules.md", "2026-02-02-momentum.md"):
        blog.post(name, "Text.\n")
    root = ("--root", str(blog.root))

    assert set(offered("explain", *root, "sch")) == {"schedules"}
    assert set(offered(*root, "explain", "")) == {
        "2026-01-01-momentum",
        "2026-02-02-momentum",
        "schedules",
    }
    assert set(offered("new", "Title", *root, "--after", "schedules,2026-02")) == {
        "schedules,2026-02-02-momentum"
    }


def test_what_completed_python_before_still_does(scripts: Path) -> None:
    before = "_mine() { COMPREPLY=(mine); }\ncomplete -F _mine python\n"

    done = subprocess.run(
        ["bash", "--norc", "-c", before + BASH, "bash", "python", "othe"],
        env={**os.environ, "SCRIPT": str(scripts / "bash")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "mine\n"


def test_a_build_does_not_load_what_completes() -> None:
    code = (
        "import sys, builder.cli, builder.commands.build\n"
        "print(sorted({'argcomplete', 'builder.completion', 'builder.schemas'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
