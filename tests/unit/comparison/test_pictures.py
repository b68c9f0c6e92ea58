"""Pictures are the same where they show the same, whatever their bytes are."""

import io

import pytest
from PIL import Image, ImageDraw

from builder.comparison import pictures
from builder.comparison.pictures import compare_pictures

PAPER = "#fdfcfb"
INK = "#1b1d21"


def drawing(
    shift: float = 0.0,
    grid: str = "#c9ccd2",
    point: float | None = None,
    height: int = 240,
    text: str = "",
    letters: str = "",
) -> bytes:
    """A curve on a grid, as Matplotlib writes one, with names of letters that have no outline."""
    points = " L ".join(f"{x} {120 - 0.006 * (x - 180) ** 2 + shift}" for x in range(20, 341, 8))
    lines = "".join(f'<path d="M {x} 10 V 220" style="stroke: {grid}; stroke-width: 0.6"/>'
                    for x in range(40, 340, 40))  # fmt: skip
    dot = f'<circle cx="{point}" cy="200" r="1.2" style="fill: {INK}"/>' if point else ""
    words = f'<text x="20" y="20">{text}</text>' if text else ""
    words += "".join(f'<use xlink:href="#{letter}"/>' for letter in letters.split())
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="360pt" height="{height}pt" '
        f'viewBox="0 0 360 {height}">{lines}<path d="M {points}" '
        f'style="fill: none; stroke: #2462b5; stroke-width: 1.8"/>{dot}{words}</svg>'
    ).encode()


def dots(kind: str = "png", shift: float = 0.0, colour: str = INK, width: int = 200) -> bytes:
    """A disc, drawn large and made small, so that its edge is smooth."""
    image = Image.new("RGB", (width * 4, 400), PAPER)
    x = 200 + shift * 4
    ImageDraw.Draw(image).ellipse((x, 100, x + 200, 300), fill=colour)
    buffer = io.BytesIO()
    image.resize((width, 100), Image.Resampling.BOX).save(buffer, kind, dpi=(192, 192))
    return buffer.getvalue()


def animation(*shifts: float) -> bytes:
    frames = [Image.open(io.BytesIO(dots(shift=shift))).convert("RGB") for shift in shifts]
    buffer = io.BytesIO()
    frames[0].save(buffer, "webp", save_all=True, append_images=frames[1:], lossless=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (drawing(), drawing().replace(b"<svg", b"<!-- another version --><svg")),
        (drawing(), drawing(shift=0.1)),
        (drawing(), drawing(grid="#cacdd3")),
        (drawing(point=100), drawing(point=100.2)),
        (dots(), dots(shift=0.5)),
        (dots(), dots(shift=2)),
        (drawing(letters="ab-30 ab-31 ab-30"), drawing(1.2, letters="ab-13 ab-14 ab-13")),
        (drawing(letters="ab-30 ab-31"), drawing(height=241, letters="ab-30 ab-31")),
        (dots(), dots(colour="#1e2024")),
        (animation(0, 3), animation(0.2, 3.2)),
    ],
)
def test_pictures_that_differ_by_smooth_edges_are_the_same(old: bytes, new: bytes) -> None:
    assert compare_pictures(old, new, PAPER) is None
    assert compare_pictures(new, old, PAPER) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (drawing(), drawing(shift=1.2)),
        (drawing(letters="ab-30 ab-31 ab-30"), drawing(1.2, letters="ab-13 ab-14 ab-14")),
        (drawing(letters="ab-30"), drawing(3, letters="ab-13")),
        (drawing(), drawing(grid="none")),
        (drawing(), drawing(point=100)),
        (drawing(point=100), drawing(point=104)),
        (dots(), dots(shift=9)),
        (dots(), dots(colour="#b8480f")),
        (animation(0, 3), animation(0, 12)),
    ],
)
def test_pictures_that_show_something_else_differ(old: bytes, new: bytes) -> None:
    for pair in ((old, new), (new, old)):
        change = compare_pictures(*pair, PAPER)
        assert change is not None
        assert change.message.endswith(" differ")
        assert change.shown is not None
        assert Image.open(io.BytesIO(change.shown)).format == "PNG"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (drawing(), drawing(height=243), "it is 480 × 324 where it was 480 × 320"),
        (dots(), dots(width=220), "it is 110 × 50 where it was 100 × 50"),
        (animation(0, 3), animation(0, 3, 6), "it has 3 frames where it had 2"),
        (drawing(text="one"), drawing(text="two"), "its text is another"),
        (b"no picture", b"none either", "it cannot be read, and its bytes differ"),
        (drawing(), b"<svg", "it cannot be read, and its bytes differ"),
    ],
)
def test_what_cannot_be_laid_upon_each_other_differs(old: bytes, new: bytes, message: str) -> None:
    change = compare_pictures(old, new, PAPER)

    assert change is not None
    assert change.message == message


def test_where_it_must_be_exact_every_dot_counts() -> None:
    assert compare_pictures(dots(), dots(shift=0.5), PAPER, is_exact=True) is not None
    assert compare_pictures(dots(), dots("jpeg"), PAPER, is_exact=True) is not None
    same = drawing().replace(b"<svg", b"<!-- another version --><svg")
    assert compare_pictures(drawing(), same, PAPER, is_exact=True) is None


def test_what_differs_is_marked_in_its_place() -> None:
    change = compare_pictures(drawing(), drawing(point=100), PAPER)

    assert change is not None
    assert change.shown is not None
    shown = Image.open(io.BytesIO(change.shown)).convert("RGB")
    scale = 2 * 96 / 72
    red, green, _ = shown.getpixel((round(100 * scale), round(200 * scale)))  # type: ignore[misc]
    assert red > 200 > 90 > green


def test_a_picture_too_large_to_be_looked_at_is_compared_by_its_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "_MOST_DOTS", 10)
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(buffer, "png")
    red = buffer.getvalue()

    assert compare_pictures(red, red, "#fff", is_exact=False) is None
    found = compare_pictures(red, red + b" ", "#fff", is_exact=False)
    assert found is not None
    assert found.shown is None
