"""Render a case of the golden tests: a post in, the HTML of its article out, written to be read."""

import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath

from PIL import Image

from builder.config import PROJECT, Site, SiteConfig
from builder.errors import Problem
from builder.mathjax.engine import Engine
from builder.model import (
    FIGURE_DARK,
    FIGURE_LIGHT,
    TRACEBACK,
    BlockResult,
    Display,
    ExecutedPost,
    Failure,
    Output,
    PostTarget,
    Source,
    Stream,
    Theme,
    themed,
)
from builder.parse.post import parse_post
from builder.parse.snippets import parts_of
from builder.render.post import Renderer

CASES = Path(__file__).parent / "cases"

TARGETS = (
    PostTarget(
        "posts/2026-11-20-momentum.md", "momentum", "/2026/11/20/momentum/", "Momentum & more"
    ),
    PostTarget("posts/2026-01-01-twice.md", "twice", "/2026/01/01/twice/", "Once"),
    PostTarget("posts/2026-01-02-twice.md", "twice", "/2026/01/02/twice/", "Again"),
)
"""Other posts of the site of the cases."""

_BLOCK = "article|blockquote|dd|details|div|dl|dt|figure|h[1-6]|hr|li|ol|p|pre|summary|table|ul"
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="360pt" height="270pt"><!-- %s --></svg>'


class MemoryCache:
    """A cache for formulas that nothing outlives."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self._texts.get(key)

    def put(self, key: str, value: str) -> None:
        self._texts[key] = value


def case_names() -> list[str]:
    return sorted(path.stem for path in CASES.glob("*.md"))


def open_renderer(engine: Engine) -> Renderer:
    """A renderer for cases; its site is served below `/blog`."""
    site = Site(root=CASES, config=SiteConfig(base_path="/blog"))
    return Renderer(site, engine, MemoryCache(), TARGETS, parts_of)


def render_case(name: str, renderer: Renderer) -> str:
    """The article of `NAME.md`, where its blocks gave what `NAME.json` says."""
    path = (CASES / f"{name}.md").relative_to(PROJECT)
    source = Source(
        path=PurePosixPath(path.as_posix()),
        text=(CASES / f"{name}.md").read_text(encoding="utf-8"),
        named_date=date(2026, 11, 23),
        slug=name,
    )
    problems: list[Problem] = []
    parsed = parse_post(source, SiteConfig(base_path="/blog"), ["post"], problems)
    rendering = renderer.render(ExecutedPost(parsed, tuple(_results(name))))
    rendered, problems = rendering.post, [*problems, *rendering.problems]
    return "\n".join(
        (
            _readable(rendered.article),
            *(f"<!-- file {file.path} -->" for file in rendered.files),
            *(f"<!-- {problem.severity} {problem} -->" for problem in problems),
            f"<!-- excerpt {rendered.excerpt} -->",
            "",
        )
    )


def _results(name: str) -> Iterator[BlockResult]:
    """One result for each run of a block and each group of values: a list of `[kind, text]`."""
    fixture = CASES / f"{name}.json"
    blocks = json.loads(fixture.read_text(encoding="utf-8")) if fixture.is_file() else []
    for block in blocks:
        yield BlockResult(tuple(_output(kind, text) for kind, text in block), 0.1)


def _output(kind: str, text: str) -> Output:
    match kind:
        case "stdout" | "stderr":
            return Stream(kind, text)
        case "value":
            return Display({"text/plain": text.encode()})
        case "figure":
            pair = {FIGURE_LIGHT: _SVG % b"light", FIGURE_DARK: _SVG % b"dark"}
            return Display(pair, text)
        case "dots":
            return Display(_themed("png"), text)
        case "animation":
            return Display(_themed("png") | _themed("webp"), text)
        case "html" | "markdown" | "latex":
            return Display({f"text/{kind}": text.encode()})
        case "picture":
            return Display({"image/png": _image("png", "blue")}, text)
        case "expected":
            return Display({TRACEBACK: text.encode()})
        case "failure":
            return Failure(message=text, hint=None, line=1, traceback=text)
        case _:
            raise ValueError(f"unknown kind of output: {kind}")


def _themed(ending: str) -> dict[str, bytes]:
    colours: dict[Theme, str] = {"light": "white", "dark": "black"}
    return {themed(f"image/{ending}", t): _image(ending, c) for t, c in colours.items()}


def _image(ending: str, colour: str) -> bytes:
    """A picture of 192 by 96 dots, 192 an inch."""
    buffer = io.BytesIO()
    Image.new("RGB", (192, 96), colour).save(buffer, ending, dpi=(192, 192))
    return buffer.getvalue()


def _readable(article: str) -> str:
    """Each block on its own line, and formulas as the TeX that they hold."""
    article = re.sub(r"<svg.*?</svg>", "<svg/>", article, flags=re.DOTALL)
    article = re.sub(r'<span class="math-spoken">.*?</span>', "<math/>", article, flags=re.DOTALL)
    pieces = re.split(r"(<pre.*?</pre>)", article, flags=re.DOTALL)
    for index in range(0, len(pieces), 2):
        pieces[index] = re.sub(rf"(?<!\n)(?=<(?:{_BLOCK})\b)", "\n", pieces[index])
        pieces[index] = re.sub(rf"(</(?:{_BLOCK})>)(?!\n)", r"\1\n", pieces[index])
        pieces[index] = re.sub(r"\n{2,}", "\n", pieces[index]).strip("\n")
    return "\n".join(filter(None, pieces))
