"""Figures of posts: shown where they arise, in the same bytes every time, for light and dark.

A figure is drawn once; the dark variant is the same drawing with its colours exchanged
(see `palette`). One whose drawing would be large is drawn as dots instead.
"""

import io
import itertools
import re
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib import artist, container, pyplot
from matplotlib.animation import Animation
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from builder.execute import animations, raster
from builder.execute.palette import STYLE, darken, set_defaults
from builder.execute.protocol import FigureOptions
from builder.execute.pyplot_backend import FigureCanvas, FigureManager
from builder.model import FIGURE_DARK, FIGURE_LIGHT, Display, Theme, themed

_WINDOW = re.compile(r'width="[\d.]+pt" height="[\d.]+pt" viewBox="[^"]*"')
_SAVING: dict[Any, Any] = {
    # Whatever a post sets: the bytes are the same every time, and one file holds all.
    "savefig.bbox": None,
    "svg.image_inline": True,
}
_BY_PRODUCT_DEPTH = 4
_LARGEST_IN = 200
_MARGIN_IN = 0.05
_PT_PER_IN = 72
_SVG, _PNG = "image/svg+xml", "image/png"
_SVG_LIMIT_BYTES = 250_000
"""A larger drawing takes readers longer than its dots do."""

_DPI = 192
"""Two dots for each of the page's, as sharp screens have."""

_THEMES: tuple[Theme, Theme] = ("light", "dark")


def prepare() -> None:
    """Set the style, once, in the zygote; later calls cannot choose another backend."""
    pyplot.switch_backend("module://builder.execute.pyplot_backend")
    mpl.rcdefaults()
    mpl.rcParams.update(STYLE)
    set_defaults()
    animations.watch()

    def keep_backend(backend: str, **_: object) -> None:
        """Accept any backend: figures of a post are captured in any case."""

    mpl.use = keep_backend
    pyplot.switch_backend = keep_backend  # type: ignore[assignment]


def install(show: Callable[[Display], None]) -> None:
    """Hand each figure that a block shows to `show`."""
    FigureManager.emit = staticmethod(lambda figure: show(_draw_moving(figure)))


_own_size: list[Any] = []
"""The size that the author has set, while a block has another one by its options."""

_options: list[FigureOptions] = []
"""Of the block that runs."""


def start_block(index: int, options: FigureOptions) -> None:
    """Make the ids inside figures depend on block and place; set the size of its figures."""
    current = mpl.rcParams["figure.figsize"]
    size_in = (options.width_in, options.height_in)
    if any(size_in):
        _own_size.append(current)
        new = [asked or now for asked, now in zip(size_in, current, strict=True)]
        mpl.rcParams["figure.figsize"] = new
    _options[:] = [options]
    FigureCanvas.salts = (f"block-{index}-{place}" for place in itertools.count())


def end_block() -> None:
    """Give the size back that the author has set."""
    if _own_size:
        mpl.rcParams["figure.figsize"] = _own_size.pop()


def show_all() -> None:
    """Show what is still open and drawn on, but for what is shown just as it is already."""
    for manager in FigureManager.all_open():
        figure = manager.canvas.figure
        if figure.stale and figure.get_children()[1:]:  # the first is its background
            manager.show()
    pyplot.close("all")


def from_value(value: object) -> Display | None:
    """Draw `value` where it is a figure or an animation."""
    if isinstance(value, Animation):
        return _animate(value)
    return _draw(value) if isinstance(value, Figure) else None


def is_by_product(value: object, depth: int = _BY_PRODUCT_DEPTH) -> bool:
    """Whether it is what plotting calls return, such as a list of lines."""
    if isinstance(value, list | tuple) and value and depth:
        return any(is_by_product(item, depth - 1) for item in value[:8])
    kinds = (artist.Artist, container.Container)
    module = str(type(value).__module__)
    if isinstance(value, kinds) or module.startswith("matplotlib."):
        return True
    # plt.subplots(2, 2) and hist(): arrays of axes, patches, counts beside patches
    return (
        module == "numpy"
        and str(getattr(value, "dtype", "")) == "object"
        and any(isinstance(item, Axes) for item in getattr(value, "flat", ()))
    )


def _current() -> FigureOptions:
    return _options[-1] if _options else FigureOptions()


def _draw_moving(figure: Figure) -> Display:
    """A figure as it is now, or moving where an animation moves it."""
    animation = animations.of(figure)
    return _draw(figure) if animation is None else _animate(animation)


def _animate(animation: Animation) -> Display:
    figure = animations.figure_of(animation)
    drawn = Display(animations.draw(animation, _current().dpi), _describe(figure))
    pyplot.close(figure)  # moved to its end it is no picture of its own
    return drawn


def _draw(figure: Figure) -> Display:
    """A figure as it is now."""
    wanted = _current().media_type
    content = _draw_dots(figure) if wanted == _PNG else _draw_lines(figure)
    if wanted is None and len(content[FIGURE_LIGHT]) > _SVG_LIMIT_BYTES:
        content = _draw_dots(figure)
    figure.stale = False  # until something is drawn on it, it need not be shown again
    return Display(content, _describe(figure))


def _draw_lines(figure: Figure) -> dict[str, bytes]:
    buffer = io.BytesIO()
    metadata = {"Date": None, "Creator": None}
    saving = _SAVING | {"svg.hashsalt": next(FigureCanvas.salts)}
    with mpl.rc_context(saving):
        figure.savefig(buffer, format="svg", metadata=metadata)
    light = _tidy(_crop(buffer.getvalue().decode(), figure))
    return {FIGURE_LIGHT: light.encode(), FIGURE_DARK: darken(light).encode()}


def _draw_dots(figure: Figure) -> dict[str, bytes]:
    dpi = _current().dpi or _DPI
    figure.draw_without_rendering()  # what is drawn has its place only then
    box = _window(figure)
    return {
        themed(_PNG, theme): raster.to_png(raster.draw(figure, theme, dpi, box), dpi)
        for theme in _THEMES
    }


def _window(figure: Figure) -> Bbox:
    """What is drawn and a margin, in inches.

    Raises:
        ValueError: it reaches so far that no page could show it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they came when it was drawn
        box = figure.get_tightbbox().padded(_MARGIN_IN)
    if not (box.width < _LARGEST_IN and box.height < _LARGEST_IN):
        raise ValueError(
            f"the figure would be {box.width:.0f} by {box.height:.0f} inches large: something is "
            "drawn far outside of its axes, as with clip_on=False or a text at a wrong place"
        )
    return box


def _crop(svg: str, figure: Figure) -> str:
    """Make the picture as large as what is drawn, as `bbox_inches="tight"` would.

    Matplotlib draws a second time for that; a drawing's window can be moved.
    """
    box = _window(figure)
    left, top = box.x0, figure.get_figheight() - box.y1
    window = [f"{inches * _PT_PER_IN:.2f}" for inches in (left, top, box.width, box.height)]
    head = f'width="{window[2]}pt" height="{window[3]}pt" viewBox="{" ".join(window)}"'
    return _WINDOW.sub(head, svg, count=1)


def _tidy(svg: str) -> str:
    """Drop what a picture in a page does not need."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return re.sub(r"\s*<!--.*?-->", "", svg, flags=re.DOTALL)


def _describe(figure: Figure) -> str:
    """Say in words what a figure shows, from its titles, labels and legends; "" without any."""
    title: Any = getattr(figure, "_suptitle", None)
    parts = [title.get_text()] if title else []
    parts += [_describe_axes(axes) for axes in figure.axes]
    text = "; ".join(" ".join(p.split()) for p in parts if p)
    return f"Plot: {text}".encode("utf-8", "backslashreplace").decode() if text else ""


def _describe_axes(axes: Axes) -> str:
    x, y = axes.get_xlabel(), axes.get_ylabel()
    depth = getattr(axes, "get_zlabel", str)()
    _, labels = axes.get_legend_handles_labels()
    against = f"{y} against {x}" if x and y else y or x
    against = ", ".join(filter(None, (depth, against)))
    series = ", ".join(str(label) for label in labels)
    return ": ".join(p for p in (axes.get_title(), against, series) if p)
