"""Variables are what they are in Python, and reading one is told."""

import os

import pytest

from builder.cache.dependencies import EVERY_VARIABLE
from builder.execute.variables import Environment

Told = tuple[list[str], list[str]]


@pytest.fixture
def told() -> Told:
    """Names that were read, and names that were set."""
    return [], []


@pytest.fixture
def variables(told: Told) -> Environment[str]:
    read, own = told
    return Environment({"A": "1", "B": "2"}, read.append, own.append)


def test_a_variable_that_is_read_is_told_be_it_there_or_not(
    variables: Environment[str], told: Told
) -> None:
    assert variables["A"] == "1"
    assert variables.get("C") is None
    assert "B" in variables
    with pytest.raises(KeyError):
        variables["D"]

    assert told == (["A", "C", "B", "D"], [])


def test_one_that_the_post_has_set_is_its_own(variables: Environment[str], told: Told) -> None:
    variables["C"] = "3"
    del variables["A"]
    variables |= {"D": "4"}

    assert told == ([], ["C", "A", "D"])
    assert variables.copy() == {"B": "2", "C": "3", "D": "4"}
    assert set(told[0]) == {EVERY_VARIABLE, "B", "C", "D"}


def test_a_list_of_all_is_told_as_one(variables: Environment[str], told: Told) -> None:
    assert len(variables) == 2
    assert told[0] == [EVERY_VARIABLE]
    assert repr(variables) == "environ({'A': '1', 'B': '2'})"
    assert variables | {"B": "3"} == {"A": "1", "B": "3"}
    assert {"B": "3", "C": "4"} | variables == {"A": "1", "B": "2", "C": "4"}


def test_names_in_bytes_are_told_as_text(told: Told) -> None:
    variables = Environment({b"A": b"1"}, told[0].append, told[1].append)

    assert variables[b"A"] == b"1"
    variables[os.fsencode("ä")] = b"2"

    assert told == (["A"], ["ä"])
