"""Pictures of a notebook come to lie beside the post."""

import base64
from typing import Any

from tests.unit.importing.notebooks import body_of, imported, text


def holding(source: str, **contents: bytes) -> Any:
    """A cell with attachments; `a_png` is the name `a.png`."""
    attachments = {
        name.replace("_png", ".png"): {"image/png": base64.b64encode(content).decode()}
        for name, content in contents.items()
    }
    return text(source, attachments=attachments)


def test_an_attachment_becomes_a_file() -> None:
    post = imported(holding('![A](attachment:a.png "T") and ![](attachment:a.png)', a_png=b"1"))

    assert post.body == '![A](a.png "T") and ![](a.png)\n'
    assert post.files == (("a.png", b"1"),)
    assert post.notes == ()


def test_an_attachment_of_an_html_picture_becomes_a_file() -> None:
    post = imported(holding('<img alt="" src="attachment:a.png" width="5">', a_png=b"1"))

    assert post.body == '<img alt="" src="a.png" width="5">\n'
    assert post.files == (("a.png", b"1"),)


def test_names_are_told_apart_and_safe() -> None:
    odd = {
        "../é ü?": {"image/jpeg": base64.b64encode(b"3").decode()},
        "d.svg": {"image/svg+xml": "<svg/>"},
    }

    post = imported(
        text("![](img/x.png) ![](A.png)"),
        holding("![](attachment:a.png)", a_png=b"1"),
        holding("![](attachment:a.png)", a_png=b"2"),
        holding("![](attachment:b.png)", b_png=b"2"),
        text("![](attachment:../%C3%A9%20%C3%BC%3F) ![](attachment:d.svg)", attachments=odd),
    )

    assert post.files == (
        ("a-2.png", b"1"),
        ("a-3.png", b"2"),
        ("b.png", b"2"),
        ("é-ü.jpg", b"3"),
        ("d.svg", b"<svg/>"),
    )
    assert post.body.splitlines()[2::2] == [
        "![](a-2.png)",
        "![](a-3.png)",
        "![](b.png)",
        "![](%C3%A9-%C3%BC.jpg) ![](d.svg)",
    ]


def test_the_same_picture_is_one_file() -> None:
    post = imported(*[holding("![](attachment:a.png)", a_png=b"1") for _ in range(2)])

    assert post.files == (("a.png", b"1"),)


def test_a_missing_attachment_is_told() -> None:
    post = imported(text("![](attachment:a.png)"))

    assert post.body == "![](a.png)\n"
    assert post.notes == ("cell 1: the attachment 'a.png' is missing",)


def test_a_broken_attachment_is_told() -> None:
    post = imported(text("![](attachment:a.png)", attachments={"a.png": {"image/png": "é"}}))

    assert post.notes == ("cell 1: the attachment 'a.png' is missing",)


def test_attachments_in_code_stay() -> None:
    source = "`![](attachment:a.png)`\n\n```\n![](attachment:a.png)\n```"

    assert body_of(text(source)) == f"{source}\n"


def test_local_pictures_are_named_each_once() -> None:
    post = imported(
        text("![](img/x.png) ![A](<a b.png>)\n<img width='1' src='./img/../y%20z.png?v=1'>"),
        text("![](img/x.png)\n\n`![](code.png)`\n\n```\n![](fence.png)\n```"),
        text("![](https://a.b/c.png) ![](//a.b/c.png) ![](data:image/png;base64,A) ![](#x)"),
        text("![](https://[your-host]/c.png) ![](//[x)"),
    )

    assert post.pictures == ("img/x.png", "a b.png", "y z.png")
    assert post.notes == ()


def test_pictures_elsewhere_are_told() -> None:
    post = imported(text("![](/x.png) ![](a/../../y.png) ![](..)"))

    assert post.pictures == ()
    assert post.notes == tuple(
        f"cell 1: '{target}' does not lie beside the notebook"
        for target in ("/x.png", "a/../../y.png", "..")
    )
