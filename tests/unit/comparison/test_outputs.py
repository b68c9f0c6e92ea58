"""Outputs are compared as far as a reader is shown them."""

import io
import re

import pytest
from PIL import Image

from builder.comparison.outputs import Difference, compare_outputs, shown_outputs
from builder.comparison.tables import text_of_html
from builder.model import (
    CLOSE,
    FIGURE_DARK,
    FIGURE_LIGHT,
    TRACEBACK,
    BlockOptions,
    Display,
    Expectation,
    Failure,
    Output,
    Stream,
    Theme,
    themed,
)

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="72pt" viewBox="0 0 72 72">'
    b'<path d="M 9 9 L 60 60" style="stroke: %s"/></svg>'
)


def dots(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(buffer, "png", dpi=(192, 192))
    return buffer.getvalue()


def value(text: str, kind: str = "text/plain") -> Display:
    return Display({kind: text.encode()})


def figure(light: bytes, dark: bytes) -> Display:
    return Display({FIGURE_LIGHT: SVG % light, FIGURE_DARK: SVG % dark})


def told(old: Output, new: Output, expect: Expectation = CLOSE) -> list[str]:
    return [difference.message for difference in compare_outputs([old], [new], expect)]


def table(*rows: tuple[str, ...]) -> Display:
    body = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>\n" for row in rows)
    return value(f'<table border="1" class="dataframe"><tbody>{body}</tbody></table>', "text/html")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (Stream("stdout", "a\n"), Stream("stdout", "b\n"), "prints 'b' where it was 'a'"),
        (Stream("stderr", "a\n"), Stream("stderr", "b\n"), "warns with 'b' where it was 'a'"),
        (value("1"), value("2"), "gives '2' where it was '1'"),
        (
            Stream("stdout", "a\n1\n2"),
            Stream("stdout", "b\n2\n3"),
            "prints 'b' where it was 'a', and 2 more lines",
        ),
        (Stream("stdout", "a\nb"), Stream("stdout", "b"), "prints no longer 'a'"),
        (Stream("stdout", "b"), Stream("stdout", "a\nb"), "prints 'a' where there was nothing"),
        (
            Display({TRACEBACK: b"ValueError: a"}),
            Display({TRACEBACK: b"ValueError: b"}),
            "raises 'ValueError: b' where it was 'ValueError: a'",
        ),
        (value("1"), Stream("stdout", "1"), "gives printed text where it gave a value"),
        (
            table(("loss", "0.25")),
            table(("loss", "0.26")),
            "gives 'loss | 0.26' where it was 'loss | 0.25'",
        ),
        (
            Stream("stdout", f"{'x' * 100}1"),
            Stream("stdout", f"{'x' * 100}2"),
            f"prints '…{'x' * 59}2' where it was '…{'x' * 59}1'",
        ),
    ],
)
def test_a_difference_is_told_in_one_line(old: Output, new: Output, message: str) -> None:
    assert told(old, new) == [message]


def test_only_the_richest_form_of_a_value_counts() -> None:
    old = Display({"text/html": b"<b>1</b>", "text/plain": b"one"})
    new = Display({"text/html": b"<i>1</i>", "text/plain": b"two"})

    assert told(old, new) == []


def test_tables_are_compared_by_their_cells() -> None:
    old = table(("a", "0.5"), ("b", "0.25"))
    new = table(("a", "0.50000000001"), ("b", " 0.25 "))

    assert told(old, new) == []
    assert text_of_html(old.content["text/html"].decode()) == "a | 0.5\nb | 0.25"


def test_what_is_new_or_gone_does_not_disturb_the_rest() -> None:
    old: list[Output] = [Stream("stdout", "a"), value("1")]
    new: list[Output] = [Stream("stderr", "careful"), Stream("stdout", "a"), value("1")]

    assert [d.message for d in compare_outputs(old, new, CLOSE)] == [
        "gives messages where it gave nothing"
    ]
    assert [d.message for d in compare_outputs(new, old, CLOSE)] == ["no longer gives messages"]


def test_a_figure_is_compared_in_both_themes() -> None:
    blue = figure(b"#0000ff", b"#8888ff")

    (found,) = compare_outputs([blue], [figure(b"#ff0000", b"#ff8888")], CLOSE)

    assert [picture.theme for picture in found.pictures] == ["light", "dark"]
    assert list(compare_outputs([blue], [blue], CLOSE)) == []


def test_dots_are_compared_in_each_theme_for_they_are_drawn_twice() -> None:
    def drawn(light: str, dark: str) -> Display:
        colours: dict[Theme, str] = {"light": light, "dark": dark}
        return Display({themed("image/png", t): dots(c) for t, c in colours.items()})

    (found,) = compare_outputs([drawn("blue", "blue")], [drawn("blue", "red")], CLOSE)

    assert [picture.theme for picture in found.pictures] == ["dark"]


def test_where_anything_is_expected_nothing_differs() -> None:
    anything = Expectation(kind="anything")

    assert told(value("1"), Stream("stdout", "2"), anything) == []


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (BlockOptions(), ["stdout", "stderr"]),
        (BlockOptions(warning=False), ["stdout"]),
        (BlockOptions(has_stdout=False), ["stderr"]),
        (BlockOptions(output=False), []),
        (BlockOptions(include=False), []),
    ],
)
def test_what_is_hidden_does_not_count(options: BlockOptions, shown: list[str]) -> None:
    outputs = [Stream("stdout", "a"), Stream("stderr", "b")]

    found = [o.name for o in shown_outputs(outputs, options) if isinstance(o, Stream)]

    assert found == shown


def test_a_difference_knows_its_output() -> None:
    old = [value("1"), value("2"), value("3")]
    new = [value("1"), value("2"), value("4")]

    (found,) = compare_outputs(old, new, CLOSE)

    assert isinstance(found, Difference)
    assert found.place == 2


def test_a_picture_that_comes_or_goes_is_shown() -> None:
    picture, text = figure(b"#111", b"#eee"), Stream("stdout", "a")

    (came,) = compare_outputs([text], [text, picture], CLOSE)
    (went,) = compare_outputs([text, picture], [text], CLOSE)

    assert came.message.startswith("gives ")
    assert went.message.startswith("no longer gives ")
    assert [(p.theme, p.old is None, p.new is None) for p in came.pictures] == [
        ("light", True, False)
    ]
    assert [(p.theme, p.old is None, p.new is None) for p in went.pictures] == [
        ("light", False, True)
    ]


def test_a_figure_and_a_picture_of_ones_own_are_two_things() -> None:
    own = Display({"image/png": dots("red")})

    (difference,) = compare_outputs([figure(b"#111", b"#eee")], [own], CLOSE)

    assert " where it gave " in difference.message
    assert [p.theme for p in difference.pictures] == ["light", None]


def test_a_failure_is_an_error_with_its_traceback() -> None:
    failure = Failure(
        message="NameError: x",
        hint=None,
        line=1,
        column=None,
        traceback="Traceback\nNameError: x",
        shapes="",
    )

    assert told(failure, Display({TRACEBACK: b"Traceback\nNameError: y"})) == [
        "raises 'NameError: y' where it was 'NameError: x'"
    ]
    assert told(failure, value("1")) == ["gives a value where it gave an error"]


def test_of_html_what_nobody_sees_is_left_out() -> None:
    html = (
        "<style>p { color: red }</style><title>t</title><script>f()</script><template>x</template>"
        f"<p>seen <img alt='a cat' src='cat.png'></p><img src='data:{'x' * 300}'><th>a</th>"
    )

    first, second = text_of_html(html).split("\n")

    assert first == "seen [picture a cat cat.png]"
    assert re.fullmatch(r"\[picture [0-9a-f]{16}\]a", second)
