"""Draw a figure as dots, in the colours of the page in light or in dark.

Dots at the edge of a line are mixed of two colours, so that none can be exchanged
afterwards, as in a drawing: each colour is exchanged on its way to the renderer.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends import backend_agg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

from builder.execute.colours import DARK
from builder.model import Theme

_Agg: Any = backend_agg.RendererAgg  # which says no types
_AggCanvas: Any = backend_agg.FigureCanvasAgg
_BYTE = 255


def _bytes(colour: Any) -> tuple[int, ...]:
    """Red, green and blue as whole numbers."""
    return tuple(round(float(part) * _BYTE) for part in colour[:3])


_EXCHANGED = {_bytes(to_rgb(light)): to_rgb(dark) for light, dark in DARK.items()}


def draw(figure: Figure, theme: Theme, dpi: float, box: Bbox) -> Image.Image:
    """What lies in `box` of a figure, in inches from its lower left corner, on nothing."""
    own = figure.canvas
    canvas = _Canvas(figure, theme)
    try:
        canvas.print_figure(io.BytesIO(), format="dots", dpi=dpi, bbox_inches=box)
    finally:
        figure.set_canvas(own)
    return canvas.picture


def to_png(picture: Image.Image, dpi: float) -> bytes:
    """A file that says how dense it is."""
    buffer = io.BytesIO()
    picture.save(buffer, "png", dpi=(dpi, dpi))
    return buffer.getvalue()


def _exchange(colour: Sequence[float]) -> Sequence[float]:
    found = _EXCHANGED.get(_bytes(colour))
    return colour if found is None else (*found, *colour[3:])


def _exchange_all(colours: Any) -> Any:
    """The same for an array of colours, one a row."""
    rows = np.array(colours, dtype=float)
    if rows.ndim != 2 or not len(rows):
        return colours
    whole = np.rint(rows[:, :3] * _BYTE)
    for light, dark in _EXCHANGED.items():
        rows[(whole == light).all(axis=1), :3] = dark
    return rows


class _Canvas(_AggCanvas):  # type: ignore[misc]  # as above
    """Takes what is drawn as a picture."""

    picture: Image.Image

    def __init__(self, figure: Figure, theme: Theme) -> None:
        super().__init__(figure)
        self._agg = _Agg if theme == "light" else _DarkAgg

    def print_dots(self, _file: object, **_options: object) -> None:
        """Draw; Matplotlib calls it by the name of the format."""
        renderer = self._agg(*self.figure.bbox.size, self.figure.dpi)
        self.figure.draw(renderer)
        dots = renderer.buffer_rgba()
        self.picture = Image.frombytes("RGBA", (dots.shape[1], dots.shape[0]), bytes(dots))


class _DarkContext(GraphicsContextBase):
    """Takes light colours for dark ones."""

    _rgb: Sequence[float]
    _hatch_color: Sequence[float]

    def set_foreground(self, fg: Any, isRGBA: bool = False) -> None:  # noqa: N803  # Matplotlib's signature
        """Set the colour of lines and text."""
        super().set_foreground(fg, isRGBA=isRGBA)
        self._rgb = _exchange(self._rgb)

    def set_hatch_color(self, hatch_color: Any) -> None:
        """Set the colour of hatches."""
        super().set_hatch_color(hatch_color)
        self._hatch_color = _exchange(self._hatch_color)


class _DarkAgg(_Agg):  # type: ignore[misc]  # as above
    """Draws as Agg does, each colour exchanged."""

    def new_gc(self) -> GraphicsContextBase:
        """What colours are set on."""
        return _DarkContext()

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803  # as above
        """Draw one path."""
        face = None if rgbFace is None else _exchange(rgbFace)
        super().draw_path(gc, path, transform, face)

    def _update_methods(self) -> None:
        super()._update_methods()
        markers, collection = self._renderer.draw_markers, self._renderer.draw_path_collection
        mesh = self._renderer.draw_quad_mesh

        def draw_markers(*args: Any, rgbFace: Any = None) -> None:  # noqa: N803  # as above
            face = args[5] if len(args) > 5 else rgbFace
            markers(*args[:5], None if face is None else _exchange(face))

        def draw_path_collection(*args: Any, **options: Any) -> None:
            faces, edges = map(_exchange_all, args[6:8])
            collection(*args[:6], faces, edges, *args[8:], **options)

        def draw_quad_mesh(*args: Any) -> None:
            mesh(*args[:7], _exchange_all(args[7]), args[8], _exchange_all(args[9]))

        self.draw_markers = draw_markers
        self.draw_quad_mesh = draw_quad_mesh
        self.draw_path_collection = draw_path_collection
