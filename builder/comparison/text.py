"""Compare texts as a reader does: line by line, and numbers by how far they lie apart."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from builder.model import Expectation

_NUMBER = re.compile(
    r"(?<![\w.])(?:(?<![\w.)\]])[-+−])?"
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:_\d+)*(?:\.\d*)?|(?<!\d)\.\d+)"
    r"(?:[eE][-+]?\d+)?"
)
"""`-1.5e-3`, `1,234.5`; but no part of a name such as `conv2` or of a version such as `1.2.3`."""

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
_SPACE = re.compile(r"\s+")
_MOST_PAIRS = 1_000_000
"""Of lines, above which they are taken one by one: finding the best order takes too long."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that stand together, in the old text and in the new one."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    is_same: bool
    """Whether a reader would take them for the same."""


def compare_texts(old: str, new: str, expect: Expectation) -> tuple[Hunk, ...]:
    """Two texts in hunks, the same ones and the others; nothing where they are the same.

    Addresses in memory, `at 0x7f3c…`, are the same as any other. Where numbers may differ,
    white space beside them may, too: how wide a number is decides where a line is broken.
    """
    before, after = _clean(old), _clean(new)
    if before == after or (expect.kind == "close" and _flow_the_same(before, after, expect)):
        return ()
    pairs = _aligned(before.split("\n"), after.split("\n"), expect)
    hunks = []
    for is_same, group in groupby(pairs, key=lambda pair: pair[2]):
        found = list(group)
        olds = tuple(line for pair in found for line in pair[0])
        news = tuple(line for pair in found for line in pair[1])
        hunks.append(Hunk(olds, news, is_same))
    return tuple(hunks) if any(not hunk.is_same for hunk in hunks) else ()


def _clean(text: str) -> str:
    lines = _ADDRESS.sub("at 0x…", text).rstrip().split("\n")
    return "\n".join(line.rstrip() for line in lines)


_Pair = tuple[Sequence[str], Sequence[str], bool]


def _aligned(old: Sequence[str], new: Sequence[str], expect: Expectation) -> Iterator[_Pair]:
    """Equal lines first, then lines of the same words; what is left is another."""
    for same, before, after in _blocks(old, new, old, new):
        if same:
            yield before, after, True
        elif len(before) == len(after):
            yield from _one_by_one(before, after, expect)
        else:
            words = [_words(line) for line in before], [_words(line) for line in after]
            for alike, first, second in _blocks(before, after, *words):
                if alike:
                    yield from _one_by_one(first, second, expect)
                else:
                    yield first, second, False


def _blocks(
    old: Sequence[str], new: Sequence[str], old_keys: Sequence[object], new_keys: Sequence[object]
) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Stretches of lines whose keys are the same, and those between them."""
    start = 0
    while start < min(len(old), len(new)) and old_keys[start] == new_keys[start]:
        start += 1
    if start:
        yield True, old[:start], new[:start]
    old, new, old_keys, new_keys = old[start:], new[start:], old_keys[start:], new_keys[start:]
    if not old and not new:
        return
    if len(old) * len(new) > _MOST_PAIRS:
        yield False, old, new
        return
    matcher = SequenceMatcher(None, old_keys, new_keys, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        yield tag == "equal", old[i:j], new[k:m]


def _one_by_one(old: Sequence[str], new: Sequence[str], expect: Expectation) -> Iterator[_Pair]:
    for before, after in zip(old, new, strict=True):
        is_close = expect.kind == "close" and _flow_the_same(before, after, expect)
        yield (before,), (after,), before == after or is_close


def _flow_the_same(old: str, new: str, expect: Expectation) -> bool:
    """Whether the words are the same, and the numbers between them close."""
    if _words(old) != _words(new):
        return False
    pairs = zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=True)
    return all(_are_close(before, after, expect) for before, after in pairs)


def _words(text: str) -> tuple[str, ...]:
    """What stands between numbers, without the white space beside them."""
    parts = _NUMBER.split(text)
    if len(parts) == 1:
        return (text,)
    first, *between, last = parts
    inner = (_SPACE.sub(" ", part.strip()) for part in between)
    return (first.rstrip(), *inner, last.lstrip())


def _are_close(old: str, new: str, expect: Expectation) -> bool:
    if old == new:
        return True
    return math.isclose(
        _number(old), _number(new), rel_tol=expect.relative, abs_tol=expect.absolute
    )


def _number(written: str) -> float:
    return float(written.replace("−", "-").replace(",", ""))
