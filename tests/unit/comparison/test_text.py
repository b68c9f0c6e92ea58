"""Texts are the same where a reader would take them for the same."""

import pytest

from builder.comparison.text import Hunk, compare_texts
from builder.model import CLOSE, Expectation

EXACT = Expectation(kind="exact")


def loosely(relative: float = 0.0, absolute: float = 0.0) -> Expectation:
    return Expectation(relative=relative, absolute=absolute)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("loss 0.5", "loss 0.5"),
        ("loss 0.123456789", "loss 0.123456788"),
        ("0.1 + 0.2 = 0.30000000000000004", "0.1 + 0.2 = 0.3"),
        ("1e-05", "0.00001"),
        ("1,234,567.0", "1234567"),
        ("-3.0000001", "-3"),
        ("−3.0000001", "-3"),
        ("<object at 0x7f3c12ab>", "<object at 0x561100ff>"),
        ("words  \nand more\n\n", "words\nand more"),
        ("[ 1.  2.5]", "[1.0000000001 2.5]"),
        ("[0.1 0.2\n 0.3]", "[0.1 0.2 0.3]"),
        ("1+2.00000001j", "1+2j"),
        ("took 12.0ms", "took 12ms"),
    ],
)
def test_texts_that_a_reader_takes_for_the_same_are(old: str, new: str) -> None:
    assert compare_texts(old, new, CLOSE) == ()
    assert compare_texts(new, old, CLOSE) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loss 0.5", "loss 0.500001"),
        ("0.5", "-0.5"),
        ("0.5", "nan"),
        ("1e-17", "0.0"),
        ("conv2", "conv3"),
        ("version 1.2.3", "version 1.2.4"),
        ("0xdeadbeef", "0xdeadbeee"),
        ("12", "1 2"),
        ("a  b", "a b"),
        ("one\ntwo", "one two"),
        ("[1, 2]", "[1, 2, 3]"),
        ("yes", "no"),
        ("5 km", "5 m"),
        ("text", ""),
    ],
)
def test_texts_that_a_reader_tells_apart_are_not_the_same(old: str, new: str) -> None:
    assert compare_texts(old, new, CLOSE) != ()
    assert compare_texts(new, old, CLOSE) != ()


@pytest.mark.parametrize(
    ("old", "new", "expect", "is_same"),
    [
        ("loss 0.300", "loss 0.302", loosely(0.01), True),
        ("loss 0.300", "loss 0.304", loosely(0.01), False),
        ("100 steps", "101 steps", loosely(0.01), True),
        ("1e-17", "-3e-18", loosely(1e-6, 1e-9), True),
        ("1e-8", "3e-8", loosely(1e-6, 1e-9), False),
        ("0.0", "1e-9", loosely(0.5), False),
        ("a 1 b", "a 1 c", loosely(0.5), False),
        ("nan", "nan", loosely(), True),
        ("1e999", "1e999", loosely(), True),
        ("0.3", "0.30000000001", EXACT, False),
        ("[ 1.]", "[1.]", EXACT, False),
        ("at 0x7f12", "at 0x7f13", EXACT, True),
    ],
)
def test_numbers_may_differ_by_what_is_expected(
    old: str, new: str, expect: Expectation, is_same: bool
) -> None:
    assert (compare_texts(old, new, expect) == ()) is is_same


def test_what_differs_stands_between_what_does_not() -> None:
    old = "begins\nepoch 1 loss 0.50000001\nepoch 2 loss 0.25\nends"
    new = "begins\nepoch 1 loss 0.5\nepoch 2 loss 0.26\nends"

    assert compare_texts(old, new, CLOSE) == (
        Hunk(("begins", "epoch 1 loss 0.50000001"), ("begins", "epoch 1 loss 0.5"), is_same=True),
        Hunk(("epoch 2 loss 0.25",), ("epoch 2 loss 0.26",), is_same=False),
        Hunk(("ends",), ("ends",), is_same=True),
    )


def test_a_line_that_is_new_makes_no_other_line_differ() -> None:
    old = [f"epoch {n} loss {1 / n:.12f}" for n in range(1, 9)]
    new = [f"epoch {n} loss {1 / n + 1e-10:.12f}" for n in range(1, 9)]

    found = compare_texts("\n".join(old), "\n".join(["a warning", *new]), CLOSE)

    assert [(hunk.old, hunk.new) for hunk in found if not hunk.is_same] == [((), ("a warning",))]


def test_long_texts_of_like_lines_are_compared_at_once() -> None:
    old = "\n".join(f"step {n}" for n in range(100_000))
    new = old.replace("step 500\n", "step 501\n", 1)

    found = compare_texts(old, new, CLOSE)

    assert [hunk for hunk in found if not hunk.is_same] == [
        Hunk(("step 500",), ("step 501",), is_same=False)
    ]
