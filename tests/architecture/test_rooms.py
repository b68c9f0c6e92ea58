"""The tree keeps its shape, and the README names everything that a writer can say."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest

from builder import network
from builder.arguments import COMMANDS
from builder.compose import context
from builder.config import PROJECT, SiteConfig
from builder.parse.options import BLOCK_OPTIONS

README = (PROJECT / "README.md").read_text(encoding="utf-8")
MODULES = sorted((PROJECT / "builder").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_module_fits_on_a_few_screens_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 400
    assert text.startswith(('"""', 'r"""'))


@pytest.mark.parametrize("name", sorted(BLOCK_OPTIONS))
def test_every_block_option_stands_in_the_readme(name: str) -> None:
    assert f"`#\\| {name}:" in README


@pytest.mark.parametrize("name", [field.name for field in fields(SiteConfig)])
def test_every_setting_stands_in_the_readme(name: str) -> None:
    assert f"\n{name} = " in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_stands_in_the_readme(command: str) -> None:
    told = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    options = {word.strip(",") for word in told.split() if word.startswith("--")}
    assert {option for option in options if option not in README} <= {"--help"}


@pytest.mark.parametrize(
    "template", [p.name for p in (PROJECT / "templates").iterdir() if p.name[0] != "_"]
)
def test_every_template_has_a_context_that_names_it(template: str) -> None:
    told = {c.__doc__ or "" for c in vars(context).values() if isinstance(c, type)}

    assert template == "base.html" or any(f"`{template}`" in text for text in told)


@pytest.mark.parametrize("package", [network, network.data, network.plots])
def test_everything_that_posts_call_stands_in_a_readme(package: ModuleType) -> None:
    readme = (PROJECT / "builder/network/README.md").read_text(encoding="utf-8")

    assert [name for name in package.__all__ if not re.search(rf"\b{name}\b", readme)] == []


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys; import builder; print([n for n in sys.modules if n.startswith('builder')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT
    )

    assert done.stdout.strip() == "['builder']"
