"""Turn a block and its result into HTML and the files it refers to."""

import hashlib
import html
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from builder.model import (
    FIGURE_DARK,
    FIGURE_LIGHT,
    BlockResult,
    CodeBlock,
    Display,
    Failure,
    Output,
    OutputFile,
    Stream,
)
from builder.render.highlight import code_block, scrollable_pre

_THEMES: Mapping[str, str] = {FIGURE_LIGHT: "light", FIGURE_DARK: "dark"}
_PX_PER_PT = 4 / 3

AddFile = Callable[[OutputFile], None]


class BlockRenderer:
    """Renders the blocks of one post.

    Args:
        address: of the post's page below the base path.
        base_path: of the site.
        add_file: takes each figure's file.
    """

    def __init__(self, address: str, base_path: str, add_file: AddFile) -> None:
        self._folder = address.rpartition("/")[0]
        self._base_path = base_path
        self._add_file = add_file

    def render(self, block: CodeBlock, result: BlockResult | None) -> str:
        """HTML of a block's source and of what it gave; `result` is None if it never ran."""
        options = block.options
        if not options.include:
            return ""
        source = code_block(block.code.strip("\n"), "python") if options.echo else ""
        outputs = result.outputs if result else ()
        shown = "".join(self._outputs(block, outputs)) if options.output else ""
        failures = "".join(_failure(o) for o in outputs if isinstance(o, Failure))
        content = source + shown + failures
        name = f' id="{html.escape(options.label)}"' if options.label else ""
        return f'<div class="cell"{name}>{content}</div>' if content else ""

    def _outputs(self, block: CodeBlock, outputs: tuple[Output, ...]) -> Iterator[str]:
        alts = iter(block.options.fig_alt)
        for output in outputs:
            match output:
                case Stream(name, text):
                    yield _text(text, name)
                case Display(content, alt) if FIGURE_LIGHT in content:
                    yield self._figure(content, next(alts, alt))
                case Display(content):
                    yield _text(content["text/plain"].decode(), "value")
                case _:
                    pass

    def _figure(self, content: Mapping[str, bytes], alt: str) -> str:
        images = (self._image(content[kind], alt, theme) for kind, theme in _THEMES.items())
        return f'<figure class="plot">{"".join(images)}</figure>'

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


_NAMES = {"stdout": "Output", "stderr": "Messages", "value": "Value"}


def _text(text: str, kind: str) -> str:
    content = html.escape(text.rstrip("\n"), quote=False)
    return scrollable_pre(f"<samp>{content}</samp>", f"output {kind}", _NAMES[kind])


def _failure(failure: Failure) -> str:
    told = failure.traceback.rstrip("\n") or failure.message
    return scrollable_pre(
        f"<samp>{html.escape(told, quote=False)}</samp>", "output failure", "Error"
    )
