"""Turn a block and its result into HTML and the files it refers to."""

import hashlib
import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import PurePosixPath
from urllib.parse import quote

from builder.model import (
    FIGURE_DARK,
    FIGURE_LIGHT,
    TRACEBACK,
    BlockOptions,
    BlockResult,
    CodeBlock,
    Display,
    Failure,
    Output,
    OutputFile,
    Stream,
)
from builder.render.highlight import code_block, scrollable_pre
from builder.render.results import ResultRenderer, text_output

_THEMES: Mapping[str, str] = {FIGURE_LIGHT: "light", FIGURE_DARK: "dark"}
_PX_PER_PT = 4 / 3

AddFile = Callable[[OutputFile], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """What is said of what a block shows, as HTML; empty where nothing is."""

    figure: str = ""
    """Of the last figure, or of all of them together where each has one of its own."""

    figures: tuple[str, ...] = ()
    table: str = ""
    """Of the first value that is no figure."""

    listing: str = ""
    """Of the source."""


NO_CAPTIONS = Captions()


class BlockRenderer:
    """Renders the blocks of one post.

    Args:
        address: of the post's page below the base path.
        base_path: of the site.
        add_file: takes each figure's file.
        to_markdown: makes HTML of values that are Markdown.
        next_formula: gives the HTML of values that are TeX, in their order.
    """

    def __init__(
        self,
        address: str,
        base_path: str,
        add_file: AddFile,
        to_markdown: Callable[[str], str] = html.escape,
        next_formula: Callable[[], str] = str,
    ) -> None:
        self._folder = address.rpartition("/")[0]
        self._base_path = base_path
        self._add_file = add_file
        self._results = ResultRenderer(self._folder, base_path, add_file, to_markdown, next_formula)

    def render(
        self,
        block: CodeBlock,
        result: BlockResult | None,
        captions: Captions = NO_CAPTIONS,
        alts: tuple[str, ...] | None = None,
    ) -> str:
        """HTML of a block's source and of what it gave.

        Args:
            block: what ran.
            result: what it gave; None if it never ran.
            captions: what is said of what is shown.
            alts: plain text for each figure, in place of what its labels say; those of the
                options where None.
        """
        options = block.options
        if not options.include:
            return ""
        source = ""
        if options.echo:
            source = _caption(captions.listing) + _source(block.code.strip("\n"), options)
        outputs = result.outputs if result else ()
        alts = options.fig_alt if alts is None else alts
        shown = "".join(self._outputs(options, outputs, captions, alts))
        failures = "".join(_failure(o) for o in outputs if isinstance(o, Failure))
        content = source + (shown if options.output else "") + failures
        name = f' id="{html.escape(options.label)}"' if options.label else ""
        classes = html.escape(" ".join(("cell", *options.classes)))
        return f'<div class="{classes}"{name}>{content}</div>' if content else ""

    def _outputs(
        self,
        options: BlockOptions,
        outputs: tuple[Output, ...],
        captions: Captions,
        alts: tuple[str, ...],
    ) -> Iterator[str]:
        table = captions.table
        figures = [o for o in outputs if isinstance(o, Display) and FIGURE_LIGHT in o.content]
        alts = (*alts, *(figure.alt for figure in figures[len(alts) :]))
        is_group = len(figures) > 1 and (options.layout_ncol > 1 or bool(captions.figures))
        told = dict(
            zip(map(id, figures), zip_longest(alts, captions.figures[: len(figures)]), strict=False)
        )
        for output in outputs:
            match output:
                case Stream("stderr") if not options.warning:
                    pass
                case Stream(name, text):
                    yield text_output(text, name)
                case Display(content) if FIGURE_LIGHT in content and not is_group:
                    alt, own = told[id(output)]
                    is_last = output is figures[-1]
                    yield self._figure(
                        content, alt or "", own or (captions.figure if is_last else "")
                    )
                case Display(content) if FIGURE_LIGHT in content:
                    if output is figures[-1]:  # they stand together, where the last one arose
                        yield self._group(figures, told, captions.figure, options.layout_ncol)
                case Display(content) if TRACEBACK in content:
                    yield _traceback(content[TRACEBACK].decode(), "expected")
                case Display(content):
                    yield _caption(table) + self._results.render(content)
                    table = ""
                case _:
                    pass

    def _group(
        self,
        figures: list[Display],
        told: Mapping[int, tuple[str | None, str | None]],
        caption: str,
        columns: int,
    ) -> str:
        inner = "".join(
            self._figure(figure.content, told[id(figure)][0] or "", told[id(figure)][1] or "")
            for figure in figures
        )
        words = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure class="plots columns-{min(columns, 6)}"><div>{inner}</div>{words}</figure>'

    def _figure(self, content: Mapping[str, bytes], alt: str, caption: str) -> str:
        images = (self._image(content[kind], alt, theme) for kind, theme in _THEMES.items())
        words = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure class="plot">{"".join(images)}{words}</figure>'

    def _image(self, svg: bytes, alt: str, theme: str) -> str:
        digest = hashlib.sha256(svg).hexdigest()[:16]
        address = f"{self._folder}/figure-{digest}.svg"
        self._add_file(OutputFile(PurePosixPath(address.lstrip("/")), svg))
        width, height = _size(svg)
        return (
            f'<img class="only-{theme}" src="{quote(self._base_path + address)}" '
            f'alt="{html.escape(alt)}" width="{width}" height="{height}" '
            'loading="lazy" decoding="async">'
        )


def _size(svg: bytes) -> tuple[int, int]:
    """Width and height in CSS pixels; Matplotlib writes points."""
    head = svg[:1000].decode("utf-8", "replace")
    values = dict(re.findall(r'\b(width|height)="([\d.]+)pt"', head))
    return tuple(round(float(values[name]) * _PX_PER_PT) for name in ("width", "height"))  # type: ignore[return-value]


def _caption(words: str) -> str:
    return f'<p class="caption">{words}</p>' if words else ""


def _failure(failure: Failure) -> str:
    return _traceback(failure.traceback.rstrip("\n") or failure.message, "failure")


def _traceback(text: str, kind: str) -> str:
    content = f"<samp>{html.escape(text.rstrip(), quote=False)}</samp>"
    return scrollable_pre(content, f"output {kind}", "Error")


def _source(code: str, options: BlockOptions) -> str:
    """The code, below its file's name and folded, if the author wants it so."""
    shown = code_block(code, "python")
    if options.filename:
        shown = f'<p class="filename">{html.escape(options.filename)}</p>{shown}'
    if options.code_fold == "no":
        return shown
    state = " open" if options.code_fold == "open" else ""
    summary = html.escape(options.code_summary)
    return f'<details class="fold"{state}><summary>{summary}</summary>{shown}</details>'
