"""Let the Python of a post run, as far as it does, and hold what it gives against what is shown."""

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from builder.execute.execution import Execution
from builder.model import BlockResult, Display, Failure, Source, Stream
from builder.parse.fences import Fence, find_fences

_PYTHON = ("python", "python3", "py", "ipython")
_SHOWN = ("", "text", "txt", "plaintext", "plain", "output", "out", "stdout", "console")
_LEAD = re.compile(r"\W*(?:the\s+)?(?:outputs?|results?|prints?|gives?|out)?\W*", re.IGNORECASE)
_SESSION = re.compile(r"(?m)^(?:>>>|In \[\d+\]:)")


@dataclass(frozen=True, slots=True)
class Tried:
    """A post whose blocks run."""

    text: str
    running: int
    """Blocks that run now."""

    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    fence: Fence
    shown: Fence | None
    """The block right below that shows its output."""

    gap: str
    """What stands between the two."""


def let_run(source: Source, run: Callable[[Source], Execution]) -> Tried:
    """Make running blocks of those that run without an error.

    Args:
        source: the post; its Python is only shown so far.
        run: runs a post.
    """
    blocks = list(_blocks(source.text))
    remarks: list[str] = []
    while blocks:
        execution = run(replace(source, text=_running(source.text, blocks)))
        failed, reason = _failure(execution, blocks)
        if reason is None:
            break
        line = blocks[failed].fence.line + 1
        remarks.append(f"line {line}: is only shown, as it does not run here: {reason}")
        stops = "did not end within" in reason
        del blocks[failed : None if stops else failed + 1]
    if not blocks:
        return Tried(source.text, 0, tuple(remarks))
    same = []
    for block, result in zip(blocks, execution.post.results, strict=False):
        if block.shown is not None:
            difference = _difference(block.shown.code, text_of(result))
            if difference:
                remarks.append(f"line {block.shown.line + 1}: gives something else:\n{difference}")
            else:
                same.append(block)
    return Tried(_running(source.text, blocks, same), len(blocks), tuple(remarks))


def text_of(result: BlockResult) -> str:
    """What a block has printed, and its value."""
    texts = []
    for output in result.outputs:
        match output:
            case Stream(text=text):
                texts.append(text)
            case Display(content=content) if not output.is_figure:
                texts.append(content.get("text/plain", b"").decode())
    return "".join(text if text.endswith("\n") else f"{text}\n" for text in texts)


def _blocks(text: str) -> Iterator[_Block]:
    """The blocks in Python, each with the one that shows its output; none if some run already."""
    fences = [found for found in find_fences(text) if isinstance(found, Fence) and found.is_closed]
    if any(fence.info.startswith("{python") for fence in fences):
        return
    for fence, below in zip(fences, [*fences[1:], None], strict=False):
        if fence.info.strip() not in _PYTHON or _SESSION.search(fence.code):
            continue
        gap = text[fence.end : below.start] if below else ""
        is_shown = below is not None and below.info.strip() in _SHOWN and _LEAD.fullmatch(gap)
        yield _Block(fence, below if is_shown else None, gap)


def _running(text: str, blocks: Sequence[_Block], without_shown: Sequence[_Block] = ()) -> str:
    """The post with these blocks running, and without the outputs that they give themselves."""
    pieces: list[str] = []
    at = 0
    for block in blocks:
        fence = block.fence
        opening = text.index(fence.info, fence.start)
        pieces += text[at:opening], "{python}", text[opening + len(fence.info) : fence.end]
        at = fence.end
        if block in without_shown and block.shown is not None:
            at = block.shown.end
    return "".join((*pieces, text[at:]))


def _failure(execution: Execution, blocks: Sequence[_Block]) -> tuple[int, str | None]:
    """The block that failed, and why; no reason where all went well."""
    for index, result in enumerate(execution.post.results):
        for output in result.outputs:
            if isinstance(output, Failure):
                return min(index, len(blocks) - 1), output.message
    errors = [p.message for p in execution.problems if p.severity == "error"]
    count = len(execution.post.results)
    if errors or count < len(blocks):
        return min(count, len(blocks) - 1), errors[0] if errors else "it gave nothing"
    return 0, None


def _difference(shown: str, given: str) -> str:
    """What differs, line by line; empty where nothing does but blanks at the ends of lines."""
    before, after = (
        [line.rstrip() for line in text.strip("\n").split("\n")] for text in (shown, given)
    )
    if before == after:
        return ""
    return "\n".join(difflib.unified_diff(before, after, "shown", "given", lineterm="", n=1))
