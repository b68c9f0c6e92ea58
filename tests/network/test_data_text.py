"""Texts, their characters as numbers, and windows of them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder import network as nn
from builder.network import data

ROOT = Path(__file__).parents[2]


@given(text=st.text(min_size=1))
def test_what_is_encoded_is_decoded_to_the_same_text(text: str) -> None:
    characters = data.Characters(text)

    tokens = characters.encode(text)

    assert characters.decode(tokens) == text
    assert tokens.shape == (len(text),)
    assert tokens.dtype == np.intp
    assert set(tokens.tolist()) == set(range(characters.size))


def test_characters_are_numbered_in_the_order_of_unicode() -> None:
    characters = data.Characters("banana é")

    assert (characters.symbols, characters.size) == (" abné", 5)
    assert characters.encode("nab").tolist() == [3, 1, 2]
    assert characters.decode([3, 1, 2]) == "nab"


def test_one_token_and_none_are_decoded_too() -> None:
    characters = data.Characters("ab")

    assert characters.decode(np.intp(1)) == "b"
    assert characters.decode([]) == characters.decode(characters.encode("")) == ""


def test_an_unknown_character_is_told_with_its_place() -> None:
    with pytest.raises(ValueError, match="vocabulary") as caught:
        data.Characters("abc").encode("abxay")

    assert str(caught.value) == "'x', character 2 of the text, is not in the vocabulary"


@pytest.mark.parametrize("token", [-1, 3])
def test_an_unknown_token_is_refused_and_not_counted_from_the_end(token: int) -> None:
    with pytest.raises(ValueError, match="vocabulary") as caught:
        data.Characters("abc").decode([0, token])

    assert str(caught.value) == f"token {token} is not in the vocabulary of 3"


def test_a_vocabulary_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="vocabulary") as caught:
        data.Characters("")

    assert str(caught.value) == "a vocabulary needs a text of at least one character"


def test_targets_are_the_inputs_one_token_later() -> None:
    inputs, targets = data.windows([5, 6, 7, 8, 9], length=3)

    assert inputs.tolist() == [[5, 6, 7], [6, 7, 8]]
    assert targets.tolist() == [[6, 7, 8], [7, 8, 9]]


def test_windows_a_length_apart_have_every_target_at_most_once() -> None:
    inputs, targets = data.windows(np.arange(8), length=2, step=2)

    assert inputs.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert targets.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_windows_take_no_memory_and_do_not_let_the_text_be_changed() -> None:
    tokens = np.arange(1000)

    inputs, targets = data.windows(tokens, length=100)

    assert np.shares_memory(inputs, tokens)
    assert not inputs.flags.writeable
    assert not targets.flags.writeable


@pytest.mark.parametrize(
    ("length", "step", "message"),
    [
        (0, 1, "length must be at least 1, got 0"),
        (2, 0, "step must be at least 1, got 0"),
        (5, 1, "a window of 5 and its target need 6 tokens, got 5"),
    ],
)
def test_windows_that_cannot_be_cut_are_refused(length: int, step: int, message: str) -> None:
    with pytest.raises(ValueError, match="got") as caught:
        data.windows(np.arange(5), length, step)

    assert str(caught.value) == message


def test_windows_of_a_batch_are_refused() -> None:
    with pytest.raises(nn.ShapeError) as caught:
        data.windows(np.zeros((2, 9)), 3)

    assert str(caught.value) == "windows: got tokens of shape (2, 9), expected (M,)"


def test_the_tiny_text_is_plain_english_of_few_characters() -> None:
    text = data.tiny_text()

    assert len(text) == 2406
    assert text.isascii()
    assert text.startswith("At the end of the harbour there is a lamp")
    assert text.endswith("the boats come home.\n")
    assert data.Characters(text).size < 50
    assert text.count("and then we saw the lamp") == 4


def test_the_long_text_is_pythons_reference_and_the_same_in_every_process() -> None:
    text = data.long_text()

    # Versions of Python differ: 3.11.7 has 464,970 characters.
    assert len(text) > 400_000
    assert text.startswith('The "assert" statement\n')
    program = (
        "from builder.network import data\n"
        "import hashlib\n"
        "print(hashlib.sha256(data.long_text().encode()).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1
