"""Figures as dots, and animations: what is drawn, in the colours of each theme."""

import io

import numpy as np
import pytest
from matplotlib.animation import ArtistAnimation, FuncAnimation
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

from builder.execute import animations, raster
from builder.execute.colours import DARK
from builder.model import Theme

BLUE, OWN = "#2462b5", "#123456"


def _whole(figure: Figure) -> Bbox:
    return Bbox.from_bounds(0, 0, *figure.get_size_inches())


def _colours(picture: Image.Image) -> set[str]:
    """Every colour that something opaque has."""
    found = picture.getcolors(maxcolors=1 << 24) or []
    return {
        "#{:02x}{:02x}{:02x}".format(*c[:3])
        for _, c in found
        if isinstance(c, tuple) and c[3] == 255
    }


DRAWN = {
    "a path": lambda axes, colour: axes.fill([0, 1, 1, 0], [0, 0, 1, 1], color=colour),
    "a line": lambda axes, colour: axes.plot([0, 1], [0, 0], color=colour, linewidth=20),
    "markers": lambda axes, colour: axes.plot([0.5], [0.5], "s", color=colour, markersize=30),
    "a collection": lambda axes, colour: axes.scatter(
        [0.2, 0.8], [0.5, 0.5], s=900, c=[colour, colour]
    ),
    "a collection of one": lambda axes, colour: axes.scatter([0.5], [0.5], s=900, color=colour),
    "a mesh": lambda axes, colour: axes.pcolormesh(
        np.zeros((2, 2)), cmap=ListedColormap([colour]), antialiased=True
    ),
    "the lines of a mesh": lambda axes, colour: axes.pcolormesh(
        np.zeros((2, 2)), cmap=ListedColormap([(0, 0, 0, 0)]), edgecolor=colour, linewidth=9
    ),
    "a hatch": lambda axes, colour: axes.bar(
        [0], [1], facecolor="none", edgecolor=colour, hatch="xx", linewidth=6
    ),
    "text": lambda axes, colour: axes.text(0, 0.2, "W", color=colour, fontsize=90),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN.keys())
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colours_of_the_house_change_for_the_dark_and_an_authors_own_do_not(
    draw: object, theme: Theme
) -> None:
    found = []
    for colour in (BLUE, OWN):
        figure = Figure(figsize=(2, 2), facecolor="none")
        axes = figure.subplots()
        axes.set_axis_off()
        assert callable(draw)
        draw(axes, colour)
        found.append(_colours(raster.draw(figure, theme, 72, _whole(figure))))

    house, own = found
    assert (BLUE in house, DARK[BLUE] in house) == (theme == "light", theme == "dark")
    assert OWN in own


def test_transparency_survives_the_exchange() -> None:
    figure = Figure(figsize=(1, 1), facecolor="none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.fill([-9, 9, 9, -9], [-9, -9, 9, 9], color=BLUE, alpha=0.5)
    axes.set(xlim=(0, 1), ylim=(0, 1))

    picture = raster.draw(figure, "dark", 72, _whole(figure))

    ((_, seen),) = picture.crop((30, 30, 40, 40)).getcolors() or []
    assert isinstance(seen, tuple)
    *rgb, alpha = seen
    assert "#{:02x}{:02x}{:02x}".format(*rgb) == DARK[BLUE]
    assert alpha in (127, 128)


def test_a_picture_holds_what_lies_beyond_the_edge_of_the_figure() -> None:
    figure = Figure(figsize=(1, 1))

    picture = raster.draw(figure, "light", 100, Bbox.from_bounds(-0.5, 0, 2, 1))

    assert picture.size == (200, 100)


def test_drawing_leaves_the_figure_as_it_was() -> None:
    figure = Figure(dpi=111)
    canvas = figure.canvas

    raster.draw(figure, "dark", 50, _whole(figure))

    assert figure.canvas is canvas
    assert figure.dpi == 111


def test_a_png_says_how_dense_it_is_and_nothing_of_who_made_it() -> None:
    content = raster.to_png(Image.new("RGBA", (10, 10)), 192)

    with Image.open(io.BytesIO(content)) as image:
        assert round(float(image.info["dpi"][0])) == 192
    assert set(image.info) == {"dpi"}


# ---- animations


def _moving(frames: int = 4, points: int = 1) -> FuncAnimation:
    figure = Figure(figsize=(2, 1), facecolor="none")
    axes = figure.subplots()
    (line,) = axes.plot([0, 1], [0, 1], color=BLUE)
    noise = np.random.default_rng(0).random((frames, points))

    def move(frame: int) -> None:
        line.set_data(np.arange(points), noise[frame])

    return FuncAnimation(figure, move, frames=frames, interval=80)


def _frames(content: bytes) -> list[tuple[int, bytes]]:
    with Image.open(io.BytesIO(content)) as image:
        found = []
        for frame in range(getattr(image, "n_frames", 1)):
            image.seek(frame)
            image.load()
            found.append((image.info["duration"], _seen(image)))
    return found


def _seen(image: Image.Image) -> bytes:
    """What is seen of a picture: whatever colour has no weight has none."""
    return image.convert("RGBA").convert("RGBa").tobytes()


def test_an_animation_is_a_webp_and_its_first_frame_in_both_themes() -> None:
    drawn = animations.draw(_moving(points=2), None)

    assert sorted(drawn) == [
        "image/png;theme=dark",
        "image/png;theme=light",
        "image/webp;theme=dark",
        "image/webp;theme=light",
    ]
    for theme in ("light", "dark"):
        frames = _frames(drawn[f"image/webp;theme={theme}"])
        assert [duration for duration, _ in frames] == [80] * 4
        assert len({dots for _, dots in frames}) == 4
        with Image.open(io.BytesIO(drawn[f"image/png;theme={theme}"])) as still:
            assert _seen(still) == frames[0][1]
    assert drawn["image/webp;theme=light"] != drawn["image/webp;theme=dark"]


def test_an_animation_is_the_same_bytes_every_time() -> None:
    assert animations.draw(_moving(), 50) == animations.draw(_moving(), 50)


def test_artists_that_take_turns_are_an_animation() -> None:
    figure = Figure(figsize=(2, 1))
    axes = figure.subplots()
    turns = [axes.plot([0, n]) for n in range(3)]

    drawn = animations.draw(ArtistAnimation(figure, turns, interval=50), 72)

    assert len(_frames(drawn["image/webp;theme=light"])) == 3


def test_an_animation_without_frames_says_so() -> None:
    with pytest.raises(ValueError, match="the animation has no frame"):
        animations.draw(ArtistAnimation(Figure(), [], interval=50), 72)


def test_an_animation_that_is_too_long_says_so() -> None:
    with pytest.raises(ValueError, match="more than 300 frames: give it fewer with frames="):
        animations.draw(_moving(animations.LIMIT_FRAMES + 1), 36)


def _noise() -> FuncAnimation:
    figure = Figure(figsize=(2, 1))
    random = np.random.default_rng(0)
    image = figure.subplots().imshow(random.random((99, 99)))
    return FuncAnimation(figure, lambda _: image.set_data(random.random((99, 99))), frames=3)


def test_an_animation_that_is_too_large_loses_what_is_least_seen_and_is_then_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = len(animations.draw(_noise(), 144)["image/webp;theme=light"])
    monkeypatch.setattr(animations, "LIMIT_BYTES", size // 2)
    coarser = animations.draw(_noise(), 144)
    monkeypatch.setattr(animations, "LIMIT_BYTES", size // 50)

    assert len(coarser["image/webp;theme=light"]) <= size // 2
    with pytest.raises(ValueError, match="give it fewer frames, a smaller figure or less in it"):
        animations.draw(_noise(), 144)
