"""Compare what a block gave with what it gave before, as far as readers are shown it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from builder.comparison.tables import text_of_html
from builder.comparison.text import Hunk, compare_texts
from builder.execute.colours import DARK, PAPER
from builder.model import (
    TRACEBACK,
    BlockOptions,
    Display,
    Expectation,
    Failure,
    Output,
    Pending,
    Stream,
    Theme,
)
from builder.render.results import richest
from builder.report import counted

Kind = Literal["output", "messages", "error", "value", "picture"]
_VERBS: Mapping[Kind, str] = {
    "output": "prints",
    "messages": "warns with",
    "error": "raises",
    "value": "gives",
    "picture": "shows",
}
_NOUNS: Mapping[Kind, str] = {
    "output": "printed text",
    "messages": "messages",
    "error": "an error",
    "value": "a value",
    "picture": "a picture",
}
_THEMES: tuple[Theme, Theme] = ("light", "dark")
_PAPERS: Mapping[Theme, str] = {"light": PAPER, "dark": DARK[PAPER]}
_SHOWN, _BEFORE = 60, 20
"""Characters of a line in a message, and so many of them before what differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPicture:
    """A picture that is another now, with what it was."""

    theme: Theme | None
    """None where it has one variant only."""

    old: tuple[str, bytes] | None
    """Media type and content."""

    new: tuple[str, bytes] | None
    difference: bytes | None
    """A PNG; None where the two cannot be laid upon each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An output that is another now."""

    message: str
    """`prints '0.31' where it was '0.30'`."""

    place: int
    """Of the output among those that are shown now, from 0."""

    hunks: tuple[Hunk, ...] = ()
    pictures: tuple[ComparedPicture, ...] = ()


def shown_outputs(outputs: Sequence[Output], options: BlockOptions) -> tuple[Output, ...]:
    """Those that a reader is shown."""
    if not (options.include and options.output):
        return ()
    hidden = {
        *(() if options.warning else ("stderr",)),
        *(() if options.has_stdout else ("stdout",)),
    }
    return tuple(o for o in outputs if not (isinstance(o, Stream) and o.name in hidden))


def compare_outputs(
    old: Sequence[Output], new: Sequence[Output], expect: Expectation
) -> Iterator[Difference]:
    """What differs between two lists of outputs, those of one kind taken in their order."""
    if expect.kind == "anything":
        return
    matcher = SequenceMatcher(
        None, list(map(_kind_of, old)), list(map(_kind_of, new)), autojunk=False
    )
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield _exchanged(old[i:j], new[k:m], k)
            continue
        for place, before, after in zip(range(k, m), old[i:j], new[k:m], strict=True):
            difference = _compare(before, after, place, expect)
            if difference is not None:
                yield difference


def _kind_of(output: Output) -> Kind:
    match output:
        case Stream(name):
            return "output" if name == "stdout" else "messages"
        case Failure():
            return "error"
        case Display(content) if TRACEBACK in content:
            return "error"
        case Display() if output.is_figure or richest(output.content).startswith("image/"):
            return "picture"
        case _:
            return "value"


def _text_of(output: Output) -> str:
    match output:
        case Stream(_, text):
            return text
        case Failure():
            return output.traceback or output.message
        case Pending():
            return ""
        case Display(content) if TRACEBACK in content:
            return content[TRACEBACK].decode("utf-8", "replace")
        case _:
            kind = richest(output.content)
            text = output.content[kind].decode("utf-8", "replace")
            return text_of_html(text) if kind == "text/html" else text


def _compare(old: Output, new: Output, place: int, expect: Expectation) -> Difference | None:
    kind = _kind_of(new)
    if kind == "picture":
        assert isinstance(old, Display)
        assert isinstance(new, Display)
        return _compare_displays(old, new, place, expect)
    hunks = compare_texts(_text_of(old), _text_of(new), expect)
    if not hunks:
        return None
    return Difference(message=f"{_VERBS[kind]} {_told(hunks)}", place=place, hunks=hunks)


def _told(hunks: Sequence[Hunk]) -> str:
    """What differs first, and how much more does."""
    changed = [hunk for hunk in hunks if not hunk.is_same]
    first = changed[0]
    old, new = next(iter(first.old), ""), next(iter(first.new), "")
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    if first.old and first.new:
        told = f"{_cut(new, same)!r} where it was {_cut(old, same)!r}"
    elif first.new:
        told = f"{_cut(new, 0)!r} where there was nothing"
    else:
        told = f"no longer {_cut(old, 0)!r}"
    more = sum(max(len(hunk.old), len(hunk.new)) for hunk in changed) - 1
    return f"{told}, and {counted(more, 'more line')}" if more else told


def _cut(line: str, at: int) -> str:
    """A line, or the stretch of a long one around a place."""
    if len(line) <= _SHOWN:
        return line
    start = max(0, min(at - _BEFORE, len(line) - _SHOWN))
    end = start + _SHOWN
    return f"{'…' * (start > 0)}{line[start:end]}{'…' * (end < len(line))}"


def _exchanged(old: Sequence[Output], new: Sequence[Output], place: int) -> Difference:
    """Outputs that stand where others stood, or none."""
    was, now = _listed(old), _listed(new)
    if not new:
        message = f"no longer gives {was}"
    else:
        message = f"gives {now} where it gave {was or 'nothing'}"
    texts = [
        tuple(
            line
            for output in outputs
            if _kind_of(output) != "picture"
            for line in _text_of(output).rstrip("\n").split("\n")
        )
        for outputs in (old, new)
    ]
    hunks = (Hunk(texts[0], texts[1], is_same=False),) if any(texts) else ()
    pictures = [
        *(_alone(o, is_old=True) for o in old if isinstance(o, Display)),
        *(_alone(o, is_old=False) for o in new if isinstance(o, Display)),
    ]
    return Difference(
        message=message,
        place=place,
        hunks=hunks,
        pictures=tuple(p for p in pictures if p is not None),
    )


def _listed(outputs: Sequence[Output]) -> str:
    return " and ".join(dict.fromkeys(_NOUNS[_kind_of(output)] for output in outputs))


def _alone(display: Display, *, is_old: bool) -> ComparedPicture | None:
    if _kind_of(display) != "picture":
        return None
    theme, kind, content = next(iter(_variants(display)))
    told = (kind, content)
    return ComparedPicture(
        theme=theme, old=told if is_old else None, new=None if is_old else told, difference=None
    )


def _variants(display: Display) -> Iterator[tuple[Theme | None, str, bytes]]:
    """Theme, media type and content of each picture that a reader may be shown."""
    if not display.is_figure:
        kind = richest(display.content)
        yield None, kind, display.content[kind]
        return
    for theme in _THEMES:
        # What moves says more than its first frame.
        found = display.in_theme(theme)
        kind = max(found, key=lambda kind: kind == "image/webp")
        yield theme, kind, found[kind]


def _compare_displays(
    old: Display, new: Display, place: int, expect: Expectation
) -> Difference | None:
    from builder.comparison.pictures import compare_pictures  # noqa: PLC0415  # loads slowly

    message, is_exact = "", expect.kind == "exact"
    pictures: list[ComparedPicture] = []
    if old.is_figure != new.is_figure:
        return _exchanged([old], [new], place)
    for before, after in zip(_variants(old), _variants(new), strict=True):
        theme, kind, content = after
        if theme == "dark" and kind == "image/svg+xml" and not pictures:
            break  # it is the light one in other colours
        change = compare_pictures(before[2], content, _PAPERS[theme or "light"], is_exact=is_exact)
        if change is None:
            continue
        message = message or f"shows another picture: {change.message}"
        pictures.append(
            ComparedPicture(theme=theme, old=before[1:], new=after[1:], difference=change.shown)
        )
    return Difference(message=message, place=place, pictures=tuple(pictures)) if pictures else None
