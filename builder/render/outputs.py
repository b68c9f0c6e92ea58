"""Turn a block and its results into HTML and the files it refers to."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from builder.errors import Location, Problem, warning
from builder.model import (
    TRACEBACK,
    BlockOptions,
    BlockResult,
    CodeBlock,
    Display,
    Failure,
    Output,
    Pending,
    Stream,
)
from builder.render.figures import FigureRenderer, is_picture
from builder.render.highlight import code_block, scrollable_pre
from builder.render.results import ResultRenderer, doubts_about, text_output
from builder.render.sweeps import render_sweep

_LONG_S = 10
"""From here on a hundredth of a second tells a reader nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of what a block shows; captions are HTML, and empty where there is none."""

    anchor: str
    """What ids and names in the block begin with, made from its place in the post."""

    figure: str = ""
    """Of the last figure, or of all of them together where each has one of its own."""

    figures: tuple[str, ...] = ()
    table: str = ""
    """Of the first value that is no figure."""

    listing: str = ""
    """Of the source."""

    alts: tuple[str, ...] = ()
    """Plain text for each figure, in place of what its labels say."""


@dataclass(frozen=True, slots=True)
class BlockRenderer:
    """Renders the blocks of one post."""

    figures: FigureRenderer
    results: ResultRenderer
    place: Location
    """The post."""

    problems: list[Problem]
    """Takes what is wrong."""

    tells_time: bool = False
    """Whether each block tells how long it ran, as in a preview."""

    def render(self, block: CodeBlock, results: Sequence[BlockResult], words: Words) -> str:
        """HTML of a block's source and of what it gave.

        Args:
            block: what ran.
            results: what it gave, each time that it ran; none if it never did.
            words: what is said of it.
        """
        options = block.options
        if not options.include:
            return ""
        source = ""
        if options.echo:
            source = _caption(words.listing) + _source(block, words.anchor)
        outputs = [output for result in results for output in result.outputs]
        failures = "".join(_failure(o) for o in outputs if isinstance(o, Failure))
        shown = self._shown(block, results, words) if options.output else ""
        if shown and options.output_fold:
            shown = _folded("Output", shown)
        content = source + shown + failures
        name = f' id="{html.escape(options.label)}"' if options.label else ""
        classes = html.escape(" ".join(("cell", *options.classes)))
        return f'<div class="{classes}"{name}>{content}</div>' if content else ""

    def _shown(self, block: CodeBlock, results: Sequence[BlockResult], words: Words) -> str:
        if not block.options.sweep or len(results) < len(block.options.settings):
            return "".join(self._result(block, result, words, "") for result in results)
        own = Words(anchor=words.anchor, figures=words.figures, alts=words.alts)
        sweep = render_sweep(
            block.options,
            words.anchor,
            words.figure,
            lambda place, setting: self._result(block, results[place], own, setting),
        )
        return _caption(words.table) + sweep

    def _result(self, block: CodeBlock, result: BlockResult, words: Words, setting: str) -> str:
        """What a block gave when it ran once, with a setting told in words or without any."""
        shown = "".join(_Outputs(self, block, result, words, setting).all())
        tells_time = block.options.running_time or (self.tells_time and not _is_pending(result))
        return shown + (_ran_in(result.seconds) if tells_time else "")

    def tell(self, code: str, message: str, hint: str, block: CodeBlock) -> None:
        """Warn of what a block shows; of each run of a sweep it is the same."""
        problem = warning(code, message, Location(self.place.path, block.line), hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def alt_of(self, figure: Display, own: str | None, block: CodeBlock, setting: str) -> str:
        """Words for those who cannot see a figure; that there are none is told."""
        alt = own or figure.alt
        if not alt:
            hint = "say what it shows with '#| fig-alt: words', or label its axes"
            self.tell("missing-alt-text", "a figure has no alternative text", hint, block)
            alt = "Plot" if figure.is_figure else "Picture"
        return f"{alt} ({setting})" if setting else alt


class _Outputs:
    """The outputs of one run of a block."""

    def __init__(
        self,
        renderer: BlockRenderer,
        block: CodeBlock,
        result: BlockResult,
        words: Words,
        setting: str,
    ) -> None:
        self._renderer = renderer
        self._block = block
        self._options: BlockOptions = block.options
        self._words = words
        self._outputs = result.outputs
        self._figures = [o for o in result.outputs if isinstance(o, Display) and is_picture(o)]
        self._check_counts()
        self._told: dict[int, tuple[str, str]] = {}
        for place, figure in enumerate(self._figures):
            own = words.alts[place] if place < len(words.alts) else None
            alt = renderer.alt_of(figure, own, block, setting)
            caption = words.figures[place] if place < len(words.figures) else ""
            self._told[id(figure)] = alt, caption

    def _check_counts(self) -> None:
        """Tell of words for figures that there are not."""
        count = len(self._figures)
        if any(isinstance(output, Failure | Pending) for output in self._outputs):
            return
        for key, words in (("fig-alt", self._words.alts), ("fig-subcap", self._words.figures)):
            if len(words) > count:
                told = f"{key} has {len(words)} for {count} figure{'' if count == 1 else 's'}"
                hint = "each figure has one, in their order"
                self._renderer.tell("too-many-captions", told, hint, self._block)

    def all(self) -> Iterator[str]:
        """Each as HTML, in their order."""
        table = self._words.table
        is_group = len(self._figures) > 1 and (
            self._options.layout_ncol > 1 or bool(self._words.figures)
        )
        for output in self._outputs:
            match output:
                case Stream("stderr") if not self._options.warning:
                    pass
                case Stream("stdout") if not self._options.has_stdout:
                    pass
                case Stream(name, text):
                    yield text_output(text, name)
                case Display(content) if TRACEBACK in content:
                    yield _traceback(content[TRACEBACK].decode(), "expected")
                case Display() if not is_picture(output):
                    for code, message, hint in doubts_about(output.content):
                        self._renderer.tell(code, message, hint, self._block)
                    yield _caption(table) + self._renderer.results.render(output.content)
                    table = ""
                case Pending(is_running):
                    yield f'<div class="pending">{"runs" if is_running else "waits"} …</div>'
                case Display():
                    yield self._picture(output, is_group=is_group)
                case _:
                    pass

    def _picture(self, figure: Output, *, is_group: bool) -> str:
        is_last = figure is self._figures[-1]
        if not is_group:
            assert isinstance(figure, Display)
            alt, own = self._told[id(figure)]
            caption = own or (self._words.figure if is_last else "")
            return self._renderer.figures.render(figure, alt, caption)
        if not is_last:  # they stand together, where the last one arose
            return ""
        inner = "".join(
            self._renderer.figures.render(figure, *self._told[id(figure)])
            for figure in self._figures
        )
        words = f"<figcaption>{self._words.figure}</figcaption>" if self._words.figure else ""
        columns = min(self._options.layout_ncol, 6)
        return f'<figure class="plots columns-{columns}"><div>{inner}</div>{words}</figure>'


def _is_pending(result: BlockResult) -> bool:
    return any(isinstance(output, Pending) for output in result.outputs)


def _caption(words: str) -> str:
    return f'<div class="caption">{words}</div>' if words else ""


def _ran_in(seconds: float) -> str:
    told = f"{max(seconds, 0.01):.2f}" if seconds < _LONG_S else f"{seconds:.1f}"
    return f'<div class="ran-in">ran in {"less than " * (seconds < 0.005)}{told} s</div>'


def _failure(failure: Failure) -> str:
    return _traceback(failure.told, "failure")


def _traceback(text: str, kind: str) -> str:
    content = f"<samp>{html.escape(text.rstrip(), quote=False)}</samp>"
    return scrollable_pre(content, f"output {kind}", "Error")


def _source(block: CodeBlock, anchor: str) -> str:
    """The code, below its file's name and folded, if the author wants it so."""
    options = block.options
    shown = code_block(block.code, "python", block.marks, options.filename, anchor)
    if options.code_fold == "no" or not shown:
        return shown
    return _folded(html.escape(options.code_summary), shown, is_open=options.code_fold == "open")


def _folded(summary: str, content: str, *, is_open: bool = False) -> str:
    state = " open" if is_open else ""
    return f'<details class="fold"{state}><summary>{summary}</summary>{content}</details>'
