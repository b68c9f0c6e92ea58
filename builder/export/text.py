"""A post as Markdown with what its blocks gave, for readers that take text alone."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import quote

from builder.export.cells import CodeCell, TextCell, cells_of
from builder.export.markdown import fenced
from builder.model import (
    TRACEBACK,
    Display,
    ExecutedPost,
    Failure,
    Output,
    OutputFile,
    PostTarget,
    Prose,
    Stream,
    picture_name,
)
from builder.slugs import IN_SLUG

_STYLE = re.compile(r"<style\b.*?</style\s*>", re.DOTALL | re.IGNORECASE)
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif")


_LINK = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|\]\((?P<file>[^()\s:]+\.(?:md|markdown))(?P<rest>#[^()\s]*)?(?=[)\s])"
    rf"|\[\[\s*(?P<slug>{IN_SLUG}+)(?:#(?:{IN_SLUG}|:)+)?\s*(?:\|(?P<words>[^\[\]]*))?\]\]"
    r"|(?P<attributes>^[ \t>]*\{:[^}\n]*\}[ \t]*(?:\n|\Z))",
    re.DOTALL | re.MULTILINE,
)


def text_of(
    executed: ExecutedPost, targets: Mapping[str, PostTarget], base_path: str
) -> OutputFile:
    """The Markdown of a post, beside its page: `index.md`, or the page's name with `.md`.

    Args:
        executed: the post.
        targets: all posts by their paths; links to their files lead to their texts.
        base_path: below which the site is served.
    """
    parsed = executed.parsed
    by_slug = {target.slug: target for target in targets.values()}

    def resolved(match: re.Match[str]) -> str:
        if match["attributes"] is not None:
            return ""
        if match["slug"]:
            target = by_slug.get(match["slug"])
            words = (match["words"] or (target.title if target else "")).strip()
            return f"[{words}]({_address(target, base_path)})" if target else match[0]
        if match["file"]:
            path = posixpath.normpath(posixpath.join(parsed.source.folder, match["file"]))
            target = targets.get(path)
            return f"]({_address(target, base_path)}" if target else match[0]
        return match[0]

    parts = (
        Prose(_LINK.sub(resolved, part.text)) if isinstance(part, Prose) else part
        for part in parsed.parts
    )
    text = to_text(replace(executed, parsed=replace(parsed, parts=tuple(parts))))
    return OutputFile(_text_path(parsed.address), text.encode())


def _address(target: PostTarget, base_path: str) -> str:
    return quote(f"{base_path}/{_text_path(target.address)}")


def _text_path(address: str) -> PurePosixPath:
    page = PurePosixPath(f"{address}index" if address.endswith("/") else address)
    return PurePosixPath(str(page.with_suffix(".md")).lstrip("/"))


def to_text(executed: ExecutedPost) -> str:
    """A post as Markdown; pictures are named as they lie beside its page."""
    pieces = (
        [cell.text] if isinstance(cell, TextCell) else _code(cell) for cell in cells_of(executed)
    )
    return "\n\n".join(piece for cell in pieces for piece in cell) + "\n"


def _code(cell: CodeCell) -> Iterator[str]:
    options = cell.block.options
    if not options.include:
        return
    if options.echo:
        yield fenced("\n".join((*cell.setting_lines, *cell.code_lines)), "python")
    if not options.output:
        return
    alts = iter(cell.alts)
    for output in cell.result.outputs if cell.result else ():
        told = _told(output, next(alts, "") if _picture(output) else "")
        if told and not _is_hushed(output, cell):
            yield told


def _is_hushed(output: Output, cell: CodeCell) -> bool:
    options = cell.block.options
    match output:
        case Stream("stderr"):
            return not options.warning
        case Stream("stdout"):
            return not options.has_stdout
    return False


def _told(output: Output, alt: str) -> str | None:
    match output:
        case Stream(_, text):
            return fenced(text.rstrip("\n"), "text") if text.strip() else None
        case Failure():
            return fenced((output.traceback or output.message).rstrip("\n"), "text")
        case Display(content) if TRACEBACK in content:
            return fenced(content[TRACEBACK].decode("utf-8", "replace").rstrip("\n"), "text")
        case Display(content):
            picture = _picture(output)
            if picture:
                words = " ".join((alt or output.alt or "Plot").replace("]", r"\]").split())
                return f"![{words}]({picture})"
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
