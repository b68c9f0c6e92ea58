"""Matplotlib's backend inside posts: `plt.show()` shows the figures at that place."""

import itertools
from collections.abc import Callable, Iterator
from typing import ClassVar

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureCanvasBase, FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


class FigureManager(FigureManagerBase):
    """Shows a figure by handing it to the worker."""

    emit: ClassVar[Callable[[Figure], None]]
    _made: ClassVar[Iterator[int]] = itertools.count()

    def __init__(self, canvas: FigureCanvasBase, num: int | str) -> None:
        super().__init__(canvas, num)
        self.place = next(self._made)

    @classmethod
    def all_open(cls) -> "list[FigureManager]":
        """The managers of all open figures, in the order in which they were made."""
        # Matplotlib lists last the one that was used last.
        managers = (m for m in Gcf.get_all_fig_managers() if isinstance(m, cls))
        return sorted(managers, key=lambda manager: manager.place)

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:  # noqa: ARG003  # Matplotlib's signature
        """Show all open figures."""
        for manager in cls.all_open():
            manager.show()

    def show(self) -> None:
        """Show this figure and close it."""
        type(self).emit(self.canvas.figure)
        Gcf.destroy(self)


class FigureCanvas(FigureCanvasAgg):
    """Draws as Agg does."""

    manager_class = FigureManager
    salts: ClassVar[Iterator[str]]
    """For the ids in each picture of a block."""
