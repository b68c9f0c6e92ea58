"""A post as Markdown with what its blocks gave, for readers that take text alone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from builder.export.cells import Captions, CodeCell, TextCell, cells_of, shown_lines
from builder.export.links import TextLinks, text_path
from builder.export.markdown import fenced
from builder.model import (
    TRACEBACK,
    Display,
    ExecutedPost,
    Failure,
    Output,
    OutputFile,
    PostTarget,
    Stream,
    Target,
    picture_name,
)

_STYLE = re.compile(r"<style\b.*?</style\s*>", re.DOTALL | re.IGNORECASE)
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif")


def text_of(
    executed: ExecutedPost,
    targets: Mapping[str, PostTarget],
    references: Mapping[str, Target],
    base_path: str,
) -> OutputFile:
    """The Markdown of a post, beside its page: `index.md`, or the page's name with `.md`.

    Args:
        executed: the post.
        targets: all posts by their paths; links to their files lead to their texts.
        references: what can be referred to within the post, by names.
        base_path: below which the site is served.
    """
    parsed = TextLinks(executed.parsed, targets, references, base_path).completed()
    text = to_text(replace(executed, parsed=parsed))
    return OutputFile(text_path(parsed.address), text.encode())


def to_text(executed: ExecutedPost) -> str:
    """A post as Markdown; pictures are named as they lie beside its page."""
    pieces = (
        [cell.text] if isinstance(cell, TextCell) else _code(cell) for cell in cells_of(executed)
    )
    return "\n\n".join(piece for cell in pieces for piece in cell) + "\n"


def _code(cell: CodeCell) -> Iterator[str]:
    options = cell.block.options
    if options.include and options.echo:
        yield from filter(None, (cell.captions.listing, _source(cell)))
    if options.include and options.output:
        yield from _results(cell)


def _source(cell: CodeCell) -> str:
    """The lines that are shown; empty where none is."""
    lines = shown_lines(cell.code_lines, cell.block)
    code = "\n".join((*cell.setting_lines, *lines)).strip("\n")
    return fenced(code, "python") if code else ""


def _results(cell: CodeCell) -> Iterator[str]:
    outputs = cell.result.outputs if cell.result else ()
    shown = [(o, _picture(o)) for o in outputs if not _is_hushed(o, cell)]
    below = iter(_below_pictures(cell.captions, sum(name is not None for _, name in shown)))
    alts, table = iter(cell.alts), cell.captions.table
    for output, name in shown:
        if isinstance(output, Display) and name:
            yield f"![{_words(next(alts, '') or output.alt or 'Plot')}]({name})"
            yield from next(below)
            continue
        told = _told(output)
        if told and table and isinstance(output, Display) and TRACEBACK not in output.content:
            yield table
            table = ""
        if told:
            yield told


def _below_pictures(captions: Captions, count: int) -> list[list[str]]:
    """What stands below each picture: its own caption, and that of all below the last."""
    own = [[words] if words else [] for words in captions.figures[:count]]
    own += [[] for _ in range(count - len(own))]
    if captions.figure and own and (count > 1 or not own[0]):
        own[-1].append(captions.figure)
    return own


def _words(alt: str) -> str:
    return " ".join(alt.replace("]", r"\]").split())


def _is_hushed(output: Output, cell: CodeCell) -> bool:
    options = cell.block.options
    match output:
        case Stream("stderr"):
            return not options.warning
        case Stream("stdout"):
            return not options.has_stdout
    return False


def _told(output: Output) -> str | None:
    """What is no picture."""
    match output:
        case Stream(_, text):
            return fenced(text.rstrip("\n"), "text") if text.strip() else None
        case Failure():
            return fenced((output.traceback or output.message).rstrip("\n"), "text")
        case Display(content) if TRACEBACK in content:
            return fenced(content[TRACEBACK].decode("utf-8", "replace").rstrip("\n"), "text")
        case Display(content):
            for kind in ("text/markdown", "text/html", "text/latex", "text/plain"):
                if kind in content:
                    text = _STYLE.sub("", content[kind].decode("utf-8", "replace")).strip()
                    return fenced(text, "text") if kind == "text/plain" else text
    return None


def _picture(output: Output) -> str | None:
    """The name of its file, if it is shown as a picture."""
    if not isinstance(output, Display) or "text/html" in output.content:
        return None
    content = output.in_theme("light") if output.is_figure else output.content
    kind = next((kind for kind in _PICTURES if kind in content), None)
    return picture_name(content[kind], kind) if kind else None
