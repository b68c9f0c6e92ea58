"""A post loads only the files that it uses."""

import subprocess
import sys
from pathlib import Path

import pytest

from builder import network as nn

ROOT = Path(__file__).parents[2]


def modules_after(program: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after `program`."""
    run = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return set(run.stdout.split())


def test_importing_the_library_loads_nothing_of_it_and_no_numpy() -> None:
    loaded = modules_after("from builder import network as nn")

    assert {name for name in loaded if name.startswith("builder")} == {
        "builder",
        "builder.network",
        "builder.network.lazy",
    }
    assert "numpy" not in loaded


def test_using_a_layer_loads_its_file_and_those_under_it() -> None:
    loaded = modules_after("from builder import network as nn; nn.Dense")

    assert {name for name in loaded if name.startswith("builder")} == {
        "builder",
        "builder.network",
        *(
            f"builder.network.{name}"
            for name in (
                "arrays",
                "blueprint",
                "errors",
                "initializers",
                "layer",
                "layers",
                "layers.dense",
                "lazy",
                "parameters",
                "parametric",
            )
        ),
    }
    assert not {"matplotlib", "scipy", "jinja2", "markdown"} & loaded


@pytest.mark.parametrize("name", nn.__all__)
def test_every_public_name_is_there_and_keeps_its_name(name: str) -> None:
    found = getattr(nn, name)

    assert found.__name__.rpartition(".")[2] == name
    assert found.__doc__


def test_the_public_names_are_listed() -> None:
    assert dir(nn) == sorted(nn.__all__)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("relu", "the network library has no 'relu' (did you mean 'ReLU'?)"),
        ("Linear", "the network library has no 'Linear' (did you mean 'Dense'?)"),
        ("Dens", "the network library has no 'Dens' (did you mean 'Dense'?)"),
        ("Xyzzy", "the network library has no 'Xyzzy'"),
    ],
)
def test_a_wrong_name_is_reported_with_the_nearest(name: str, message: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(nn, name)

    assert str(caught.value) == message
