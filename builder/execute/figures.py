"""Figures of posts: shown where they arise, in the same bytes every time, for light and dark.

A figure is drawn once, in colours that nobody picks by hand; the dark variant is
the same drawing with those colours exchanged. Colours that the author has chosen
stay as they are in both.
"""

import io
import itertools
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib import animation, artist, container, pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from builder.execute.pyplot_backend import FigureCanvas, FigureManager
from builder.model import FIGURE_DARK, FIGURE_LIGHT, Display

_INK, _PAPER, _RULE = "#1b1d21", "#fdfcfb", "#c9ccd2"
_DARK: Mapping[str, str] = {
    _INK: "#e6e4df",
    _PAPER: "#16181c",
    _RULE: "#454a53",
    # The cycle of line colours: each at least 4 to 1 against its paper.
    "#2462b5": "#7cb1f2",
    "#b8480f": "#f29a63",
    "#1f7d4f": "#6cc79a",
    "#b0286b": "#f08dbd",
    "#6a48b3": "#b7a1f0",
    "#866208": "#dcb95a",
    "#157a86": "#66c6d2",
    "#59616e": "#aab2be",
}
_CYCLE = tuple(_DARK)[3:]
_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": _INK,
    "axes.facecolor": "none",
    "axes.labelcolor": _INK,
    "axes.prop_cycle": cycler(color=_CYCLE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.facecolor": "none",
    "figure.figsize": (6.4, 4.0),
    "font.size": 13,
    "grid.color": _RULE,
    "grid.linewidth": 0.6,
    "legend.edgecolor": _RULE,
    "legend.facecolor": _PAPER,
    "legend.frameon": False,
    "legend.labelcolor": _INK,
    "lines.linewidth": 1.8,
    "patch.edgecolor": _INK,
    "savefig.facecolor": "none",
    "svg.fonttype": "path",
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}
_COLOURS = re.compile("|".join(_DARK))
_WINDOW = re.compile(r'width="[\d.]+pt" height="[\d.]+pt" viewBox="[^"]*"')
_SAVING: dict[Any, Any] = {
    # Whatever a post sets: the bytes are the same every time, and one file holds all.
    "savefig.bbox": None,
    "svg.image_inline": True,
}
_BY_PRODUCT_DEPTH = 4
_MARGIN_IN = 0.05
_PT_PER_IN = 72


def prepare() -> None:
    """Set the style, once, in the zygote; later calls cannot choose another backend."""
    pyplot.switch_backend("module://builder.execute.pyplot_backend")
    mpl.rcdefaults()
    mpl.rcParams.update(_STYLE)

    def keep_backend(backend: str, **_: object) -> None:
        """Accept any backend: figures of a post are captured in any case."""

    mpl.use = keep_backend
    pyplot.switch_backend = keep_backend  # type: ignore[assignment]


def install(show: Callable[[Display], None]) -> None:
    """Hand each figure that a block shows to `show`."""
    FigureManager.emit = staticmethod(lambda figure: show(_draw(figure)))


_own_size: list[Any] = []
"""The size that the author has set, while a block has another one by its options."""


def start_block(index: int, size_in: tuple[float | None, float | None] = (None, None)) -> None:
    """Make the ids inside figures depend on block and place; set the size of its figures."""
    current = mpl.rcParams["figure.figsize"]
    if any(size_in):
        _own_size.append(current)
        new = [asked or now for asked, now in zip(size_in, current, strict=True)]
        mpl.rcParams["figure.figsize"] = new
    FigureCanvas.salts = (f"block-{index}-{place}" for place in itertools.count())


def end_block() -> None:
    """Give the size back that the author has set."""
    if _own_size:
        mpl.rcParams["figure.figsize"] = _own_size.pop()


def show_all() -> None:
    """Show every figure still open and drawn on, in the order in which they were made."""
    for manager in FigureManager.all_open():
        if manager.canvas.figure.get_children()[1:]:  # the first is its background
            manager.show()
    pyplot.close("all")


def from_value(value: object) -> Display | None:
    """Draw `value` and close it where it is a figure."""
    if not isinstance(value, Figure):
        return None
    drawn = _draw(value)
    pyplot.close(value)
    return drawn


def is_by_product(value: object, depth: int = _BY_PRODUCT_DEPTH) -> bool:
    """Whether it is what plotting calls return, such as a list of lines."""
    if isinstance(value, list | tuple) and value and depth:
        return any(is_by_product(item, depth - 1) for item in value[:8])
    kinds = (artist.Artist, container.Container, animation.Animation)
    module = str(type(value).__module__)
    if isinstance(value, kinds) or module.startswith("matplotlib."):
        return True
    # plt.subplots(2, 2) and hist(): arrays of axes, patches, counts beside patches
    return (
        module == "numpy"
        and str(getattr(value, "dtype", "")) == "object"
        and any(isinstance(item, Axes) for item in getattr(value, "flat", ()))
    )


def _draw(figure: Figure) -> Display:
    buffer = io.BytesIO()
    metadata = {"Date": None, "Creator": None}
    saving = _SAVING | {"svg.hashsalt": next(FigureCanvas.salts)}
    with mpl.rc_context(saving):
        figure.savefig(buffer, format="svg", metadata=metadata)
    light = _tidy(_crop(buffer.getvalue().decode(), figure))
    dark = _COLOURS.sub(lambda match: _DARK[match[0]], light)
    return Display({FIGURE_LIGHT: light.encode(), FIGURE_DARK: dark.encode()}, _describe(figure))


def _crop(svg: str, figure: Figure) -> str:
    """Make the picture as large as what is drawn, as `bbox_inches="tight"` would.

    Matplotlib draws a second time for that; a drawing's window can be moved.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they came when it was drawn
        box = figure.get_tightbbox().padded(_MARGIN_IN)
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
    """Say in words what a figure shows, from its titles, labels and legends."""
    title: Any = getattr(figure, "_suptitle", None)
    parts = [title.get_text()] if title else []
    parts += [_describe_axes(axes) for axes in figure.axes]
    text = "; ".join(" ".join(p.split()) for p in parts if p)
    return f"Plot: {text}" if text else "Plot"


def _describe_axes(axes: Axes) -> str:
    x, y = axes.get_xlabel(), axes.get_ylabel()
    _, labels = axes.get_legend_handles_labels()
    against = f"{y} against {x}" if x and y else y or x
    series = ", ".join(str(label) for label in labels)
    return ": ".join(p for p in (axes.get_title(), against, series) if p)
