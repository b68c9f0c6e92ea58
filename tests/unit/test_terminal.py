"""What a terminal is sent."""

import io
from collections.abc import Mapping

import pytest

from builder.terminal import colored, cut, painter, plain, visible


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("bell\a, back\b, return\r", "bell␇, back␈, return␍"),
        ("\x9b31m\x7f", "\\x9b31m␡"),
        ("\u202eturned", "\\u202eturned"),
        ("lines\nand\ttabs, é, 中", "lines\nand\ttabs, é, 中"),
    ],
)
def test_control_characters_are_seen_and_do_nothing(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("choice", "environment", "is_terminal", "is_colored"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colours_are_the_writers_choice_then_the_environments(
    choice: str, environment: Mapping[str, str], is_terminal: bool, is_colored: bool
) -> None:
    stream = Terminal() if is_terminal else io.StringIO()

    assert painter(choice, stream, environment) is (colored if is_colored else plain)


@pytest.mark.parametrize(
    ("width", "shown"), [(9, "abc中文de"), (8, "abc中文…"), (7, "abc中…"), (5, "abc…"), (1, "…")]
)
def test_a_line_is_cut_to_the_columns_of_a_terminal(width: int, shown: str) -> None:
    assert cut("abc中文de", width) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u0301bcd", "a\u0301bcd"),
        ("a\u0301bcde", "a\u0301bc…"),
        ("中文字", "中…"),
        ("中a", "中a"),
    ],
)
def test_a_text_is_cut_by_the_columns_that_it_takes(text: str, shown: str) -> None:
    assert cut(text, 4) == shown
