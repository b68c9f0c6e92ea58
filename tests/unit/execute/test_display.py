"""A value is shown as its `repr`, bounded and without addresses."""

import base64
from collections import OrderedDict, deque

import numpy as np
import pytest

from builder.execute.display import plain_text, to_display, to_inline
from builder.model import Display


class Text(str):
    """A text whose length lies."""

    def __len__(self) -> int:
        return 3


class Shown:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


SHOWN: list[tuple[object, str]] = [
    (1.0, "1.0"),
    ("a\n", "'a\\n'"),
    ([1, [2]], "[1, [2]]"),
    (Shown("<A at 0x7f1f36fb9b40>"), "<A at 0x…>"),
    (Shown("é\ud800"), "é\ud800"),
    (Shown(Text("hello")), "hello"),
    (np.arange(3), "array([0, 1, 2])"),
    (Shown("x" * 20_000), "x" * 20_000),
    (Shown("x" * 1_020_000), "x" * 20_000 + " … (1,000,000 more characters)"),
]


@pytest.mark.parametrize(("value", "text"), SHOWN)
def test_the_text_is_the_repr(value: object, text: str) -> None:
    found = plain_text(value)

    assert found == text
    assert type(found) is str


@pytest.mark.parametrize(
    "value",
    [
        list(range(10**6)),
        tuple(range(10**6)),
        set(range(10**6)),
        frozenset(range(10**6)),
        dict.fromkeys(range(10**6)),
        "x" * 10**7,
        b"x" * 10**7,
        OrderedDict.fromkeys(range(10**4)),
        deque(range(10**5)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_large_values_are_cut(value: object) -> None:
    assert len(plain_text(value)) < 20_100


def test_of_a_large_list_the_beginning_is_shown() -> None:
    text = plain_text(list(range(1001)))

    assert text.startswith("[0, 1, 2, ")
    assert text.endswith("198, 199, ...]")


PNG = b"\x89PNG\r\n\x1a\nrest"


class _Picture:
    def __init__(self, content: object) -> None:
        self._content = content

    def _repr_png_(self) -> object:
        return self._content

    def __repr__(self) -> str:
        return "a picture"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (PNG, {"image/png": PNG}),
        (base64.b64encode(PNG).decode(), {"image/png": PNG}),
        ((PNG, {"width": 3}), {"image/png": PNG}),
        ("no picture", {"text/plain": b"a picture"}),
        (b"", {"text/plain": b"a picture"}),
        (None, {"text/plain": b"a picture"}),
    ],
)
def test_a_picture_that_is_none_is_shown_as_text(content: object, shown: dict[str, bytes]) -> None:
    assert to_display(_Picture(content)) == Display(shown)


def test_bytes_that_are_no_text_can_be_read_all_the_same() -> None:
    class Page:
        def _repr_html_(self) -> bytes:
            return b"<b>\xff</b>"

    assert to_display(Page()) == Display({"text/html": rb"<b>\xff</b>"})
    assert to_inline(b"caf\xe9") == Display({"text/plain": rb"caf\xe9"})


def test_a_value_may_offer_all_its_forms_at_once() -> None:
    class Bundled:
        def _repr_mimebundle_(self, include: object, exclude: object) -> object:
            assert include is exclude is None
            return {"text/html": "<b>1</b>", "text/plain": "1", "of/nobody": "?"}, {"width": 3}

        def _repr_html_(self) -> str:
            raise AssertionError("it is there already")

    assert to_display(Bundled()) == Display({"text/html": b"<b>1</b>", "text/plain": b"1"})
    assert to_inline(Bundled()) == Display({"text/html": b"<b>1</b>"})
