"""Animations of posts: an animated WebP, and its first frame as a still picture, in both themes.

Every frame is drawn once for each theme, by Matplotlib's own way to save an animation; no
other program is needed.
"""

import io
import weakref
from collections.abc import Sequence
from typing import Any

from matplotlib.animation import AbstractMovieWriter, Animation
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

from builder.execute import raster
from builder.model import Theme, themed

DPI = 144
"""One and a half dots for each of the page's: motion hides what is missing to two."""

LIMIT_BYTES = 2_000_000
"""Of the moving picture for one theme."""

LIMIT_FRAMES = 300
_THEMES: tuple[Theme, Theme] = ("light", "dark")
_ATTEMPTS = ((1.0, True), (1.0, False), (0.7, False), (0.5, False))
"""Parts of the density, and whether nothing is lost."""

_of_figure: "weakref.WeakKeyDictionary[Figure, weakref.ref[Animation]]" = (
    weakref.WeakKeyDictionary()
)
"""The animation that moves a figure, as long as the post keeps both."""


def watch() -> None:
    """Know from now on which figures move, once, in the zygote."""
    kind: Any = Animation
    make = kind.__init__

    def make_and_remember(animation: Animation, figure: Figure, *args: Any, **options: Any) -> None:
        make(animation, figure, *args, **options)
        _of_figure[figure] = weakref.ref(animation)

    kind.__init__ = make_and_remember


def of(figure: Figure) -> Animation | None:
    """The animation that moves `figure`."""
    moving = _of_figure.get(figure)
    return moving() if moving else None


def figure_of(animation: Any) -> Figure:
    """The figure that `animation` moves."""
    figure: Figure = animation._fig  # noqa: SLF001  # Matplotlib offers no other way
    return figure


def draw(animation: Animation, dpi: int | None) -> dict[str, bytes]:
    """Moving and still pictures for both themes, by media type.

    Raises:
        ValueError: there are too many frames, or they take too many bytes.
    """
    writer = _Frames(figure_of(animation), dpi or DPI)
    animation.save("animation.webp", writer=writer, dpi=writer.dots)
    if not writer.frames["light"]:
        raise ValueError("the animation has no frame")
    duration_ms = float(getattr(animation, "_interval", 200))
    found: dict[str, bytes] = {}
    for theme in _THEMES:
        frames = writer.frames[theme]
        found[themed("image/webp", theme)] = _encode(frames, duration_ms)
        found[themed("image/png", theme)] = raster.to_png(frames[0], writer.dots)
    return found


class _Frames(AbstractMovieWriter):
    """Takes the frames that an animation draws."""

    def __init__(self, figure: Figure, dpi: int) -> None:
        super().__init__()
        self._figure = figure
        self._box: Bbox | None = None
        self.dots = dpi
        self.frames: dict[Theme, list[Image.Image]] = {theme: [] for theme in _THEMES}

    def setup(self, fig: Figure, outfile: Any, dpi: float | None = None) -> None:  # noqa: ARG002  # Matplotlib's signature
        """Begin; nothing is written to a file."""
        self.fig, self.dpi = fig, dpi or self.dots

    def grab_frame(self, **_: Any) -> None:
        """Draw the figure as it is now.

        Raises:
            ValueError: there are too many frames.
        """
        if len(self.frames["light"]) == LIMIT_FRAMES:
            raise ValueError(
                f"the animation has more than {LIMIT_FRAMES} frames: give it fewer with frames=…"
            )
        if self._box is None:  # labels may stand beyond the edge of the figure
            self._figure.draw_without_rendering()
            whole = Bbox.from_bounds(0, 0, *self._figure.get_size_inches())
            self._box = Bbox.union([whole, self._figure.get_tightbbox()])
        for theme in _THEMES:
            picture = raster.draw(self._figure, theme, self.dots, self._box)
            self.frames[theme].append(picture)

    def finish(self) -> None:
        """End."""


def _encode(frames: Sequence[Image.Image], duration_ms: float) -> bytes:
    """An animated WebP: without loss, with loss, or coarser, whichever is small enough first.

    Plots are flat and sharp: without loss they take no more, and stay sharp.

    Raises:
        ValueError: none is small enough.
    """
    for scale, is_lossless in _ATTEMPTS:
        size = round(frames[0].width * scale), round(frames[0].height * scale)
        scaled = [f if scale == 1 else f.resize(size, Image.Resampling.LANCZOS) for f in frames]
        moving = _to_webp(scaled, duration_ms, is_lossless=is_lossless)
        if len(moving) <= LIMIT_BYTES:
            return moving
    raise ValueError(
        f"the animation takes more than {LIMIT_BYTES / 1e6:g} MB: "
        "give it fewer frames, a smaller figure or less in it"
    )


def _to_webp(frames: Sequence[Image.Image], duration_ms: float, *, is_lossless: bool) -> bytes:
    buffer = io.BytesIO()
    durations = [_until(n + 1, duration_ms) - _until(n, duration_ms) for n in range(len(frames))]
    frames[0].save(
        buffer,
        "webp",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        lossless=is_lossless,
        quality=50 if is_lossless else 80,
        method=1,
        kmin=0,  # no whole pictures in between, which only those need who jump ahead
        kmax=0,
    )
    return buffer.getvalue()


def _until(frame: int, duration_ms: float) -> int:
    """When a frame begins, in the whole milliseconds that a file can tell."""
    return round(frame * duration_ms)
