"""Renderers of posts and blocks, with what a test wants to look at."""

from datetime import date
from pathlib import Path, PurePosixPath

from builder.config import Site, SiteConfig
from builder.errors import Location, Problem
from builder.mathjax.engine import Engine
from builder.model import (
    BlockResult,
    ExecutedPost,
    Output,
    OutputFile,
    PostTarget,
    RenderedPost,
    Source,
)
from builder.parse.post import parse_post
from builder.parse.snippets import parts_of
from builder.render.figures import FigureRenderer
from builder.render.outputs import BlockRenderer
from builder.render.post import Renderer
from builder.render.results import ResultRenderer
from tests.unit.mathjax.samples import MemoryCache

PLACE = Location(PurePosixPath("posts/p.md"))


def block_renderer(
    folder: str, base_path: str, files: list[OutputFile], problems: list[Problem]
) -> BlockRenderer:
    figures = FigureRenderer(folder, base_path, files.append)
    return BlockRenderer(figures, ResultRenderer(str, str), PLACE, problems)


def open_renderer(root: Path, *targets: PostTarget, base_path: str = "") -> Renderer:
    """A renderer of the posts of a site in a folder."""
    site = Site(root=root, config=SiteConfig(base_path=base_path))
    return Renderer(site, Engine(), MemoryCache(), targets, parts_of)


def render(
    renderer: Renderer, body: str, front: str = "title: SGD", *results: tuple[Output, ...]
) -> tuple[RenderedPost, list[str]]:
    """The post, where its steps gave `results`, and its problems."""
    source = Source(
        path=PurePosixPath("posts/2026-11-23-sgd.md"),
        text=f"---\n{front}\n---\n{body}",
        named_date=date(2026, 11, 23),
        slug="sgd",
    )
    problems: list[Problem] = []
    parsed = parse_post(source, SiteConfig(), ["post"], problems)
    given = tuple(BlockResult(outputs, 0.1) for outputs in results)
    rendering = renderer.render(ExecutedPost(parsed, given))
    return rendering.post, [str(p) for p in (*problems, *rendering.problems)]
