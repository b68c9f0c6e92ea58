"""Keep braces of code and formulas from Liquid, unless they say what only Liquid means.

`x^{{n}}` and `f"{{x}}"` are mathematics and Python; `{{ site.title }}` is Liquid
wherever it stands, and so is a tag that is known. A block that runs is Python alone.
"""

import re
from collections.abc import Collection, Iterator

from builder.model import Dollar
from builder.parse.fences import Fence, find_fences
from builder.parse.formulas import Doubt, find_formulas

_BRACES = re.compile(
    r"\{(?=\{-?\s*(?P<word>(?:\"[^\"\n]*\"|'[^'\n]*')\s*\||\w[\w-]*)?)|\{(?=%-?\s*(?P<tag>\w+)?)"
)
_SET = re.compile(r"\{%-?\s*(?:assign|capture|for|increment|decrement|tablerow)\s+([\w-]+)")
_HIGHLIGHT = re.compile(r"\{%-?\s*highlight\b.*?%\}(.*?)\{%-?\s*endhighlight\s*-?%\}", re.DOTALL)
_ROOTS = frozenset(
    ("site", "page", "include", "layout", "content", "paginator", "jekyll", "forloop", "post")
)


class Guard:
    """Stands for braces in a text while Liquid runs, character by character.

    Args:
        text: the body of a post.
        dollar: by whose rules `$…$` is a formula in it.
        tags: the names of Liquid's tags.
    """

    def __init__(self, text: str, dollar: Dollar | None, tags: Collection[str]) -> None:
        self._tags = tags
        self._names = _ROOTS.union(m[1] for m in _SET.finditer(text))
        # A character for private use that the text has not used.
        self._stand_in = next(c for c in map(chr, range(0xF0000, 0x10FFFE)) if c not in text)
        pieces: list[str] = []
        at = 0
        for start, end, runs in _stretches(text, dollar):
            if start >= at:
                guarded = self._all(text[start:end]) if runs else self._some(text[start:end])
                pieces += text[at:start], guarded
                at = end
        self.text = "".join((*pieces, text[at:]))
        """As long as the text that was given."""

    def undo(self, text: str) -> str:
        """What was made of `text`, with its braces."""
        return text.replace(self._stand_in, "{")

    def _all(self, text: str) -> str:
        return text.replace("{", self._stand_in)

    def _some(self, text: str) -> str:
        return _BRACES.sub(lambda m: m[0] if self._is_liquid(m) else self._stand_in, text)

    def _is_liquid(self, match: re.Match[str]) -> bool:
        word, tag = match["word"], match["tag"]
        if tag is not None:
            return tag in self._tags or tag.removeprefix("end") in self._tags
        return word is not None and (word in self._names or word.endswith("|"))


def _stretches(text: str, dollar: Dollar | None) -> Iterator[tuple[int, int, bool]]:
    """Code and formulas, in order of their places; whether each is a block that runs."""
    found = [(m.start(1), m.end(1), False) for m in _HIGHLIGHT.finditer(text)]
    at = 0
    for block in find_fences(text):
        found += _spans(text, at, block.start, dollar)
        runs = isinstance(block, Fence) and block.is_closed and block.info.startswith("{python")
        found.append((block.start, block.end, runs))
        at = block.end
    found += _spans(text, at, len(text), dollar)
    yield from sorted(found)


def _spans(text: str, start: int, end: int, dollar: Dollar | None) -> list[tuple[int, int, bool]]:
    """Code spans and formulas in prose."""
    return [
        (start + found.start, start + found.end, False)
        for found in find_formulas(text[start:end], dollar)
        if not isinstance(found, Doubt)
    ]
