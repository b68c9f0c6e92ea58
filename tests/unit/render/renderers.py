"""Renderers of blocks, with what a test wants to look at."""

from pathlib import PurePosixPath

from builder.errors import Location, Problem
from builder.model import OutputFile
from builder.render.figures import FigureRenderer
from builder.render.outputs import BlockRenderer
from builder.render.results import ResultRenderer

PLACE = Location(PurePosixPath("posts/p.md"))


def block_renderer(
    folder: str, base_path: str, files: list[OutputFile], problems: list[Problem]
) -> BlockRenderer:
    figures = FigureRenderer(folder, base_path, files.append)
    return BlockRenderer(figures, ResultRenderer(str, str), PLACE, problems)
