"""Matplotlib's backend inside posts: `plt.show()` shows the figures at that place."""

from collections.abc import Callable
from typing import ClassVar

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


class FigureManager(FigureManagerBase):
    """Shows a figure by handing it to the worker."""

    emit: ClassVar[Callable[[Figure], None]]

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:  # noqa: ARG003  # Matplotlib's signature
        """Show all open figures, in the order in which they were made."""
        for manager in Gcf.get_all_fig_managers():
            manager.show()

    def show(self) -> None:
        """Show this figure and close it."""
        type(self).emit(self.canvas.figure)
        Gcf.destroy(self)


class FigureCanvas(FigureCanvasAgg):
    """Draws as Agg does."""

    manager_class = FigureManager
