"""What the index knows of one post: its stems, and how much each means in each section.

    stem -> "form form|code"

The code has one character for each section in which the stem stands: how many sections were
skipped (0 to 3, more by `~` for four each) and the impact, 1 to 15. An impact is that of BM25
with a fixed average length, so that no other post's numbers are in it; headings, tags and
titles are added to it, so that a title counts more than any number of words below it.
"""

import importlib
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType

from builder.cache.store import Store, digest
from builder.compose.search_text import Section, words_of

FORMAT = "1"
"""Another one where the same posts give other files."""

LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.,;:!?"
_IMPACTS = 15
_SKIPS = len(LEVELS) // _IMPACTS
_PROSE, _CODE = 3, 1
_TEXT_AT_MOST, _HEADING, _TAG, _TITLE = 7, 3, 3, 11
_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""Stemmers by language, as Snowball names them."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is indexed of a post."""

    headings: tuple[tuple[str, str], ...]
    """Id and text of each section but the first."""

    groups: dict[str, str]
    """Forms and code by stem."""

    def to_json(self) -> bytes:
        """As it is kept in the store."""
        return json.dumps([self.headings, self.groups], ensure_ascii=False).encode()

    @staticmethod
    def from_json(body: bytes) -> "Terms":
        """What `to_json` made."""
        headings, groups = json.loads(body)
        return Terms(tuple((name, text) for name, text in headings), groups)


class Stems:
    """Stems of words in one language; the word itself where there is no stemmer for it.

    A stemmer takes 25 µs for a word, so what it said is kept in the store.
    """

    def __init__(self, store: Store, language: str) -> None:
        self._store, self._key = store, digest(FORMAT, language)
        self._algorithm = _ALGORITHMS.get(language[:2].lower())
        body = store.get("search-stems", self._key) if self._algorithm else None
        self.known: dict[str, str] = json.loads(body) if body else {}
        self._kept = len(self.known)
        self._stemmer: Callable[[str], str] | None = None

    def stem(self, form: str) -> str:
        """The stem of a word."""
        found = self.known.get(form)
        if found is None:
            found = self.known[form] = self._made(form) or form
        return found

    def save(self) -> None:
        """Keep what is new."""
        if self._algorithm and len(self.known) > self._kept:
            body = json.dumps(self.known, ensure_ascii=False).encode()
            self._store.put("search-stems", self._key, body)
            self._kept = len(self.known)

    def _made(self, form: str) -> str:
        if self._algorithm is None or not form.isalpha():
            return form
        if self._stemmer is None:
            self._stemmer = _stemmer(self._algorithm)
        return self._stemmer(form)


def _stemmer(algorithm: str) -> Callable[[str], str]:
    """One stemmer; its package would load all thirty of them, which takes as long as a build."""
    name = "snowballstemmer"
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"no module named {name!r}", name=name)
    before = sys.modules.get(name)
    sys.modules[name] = before or importlib.util.module_from_spec(spec)
    try:
        module: ModuleType = importlib.import_module(f"{name}.{algorithm}_stemmer")
    finally:
        if before is None:
            del sys.modules[name]
    stem: Callable[[str], str] = getattr(module, f"{algorithm.capitalize()}Stemmer")().stemWord
    return stem


def terms_of(title: str, tags: Iterable[str], parts: Sequence[Section], stems: Stems) -> Terms:
    """What is indexed of a post with these sections; title and tags belong to the first one."""
    added = [_all(part.heading_words, _HEADING) for part in parts]
    added[0] = _all(words_of(" ".join(tags)), _TAG) | _all(words_of(title), _TITLE)
    forms: dict[str, set[str]] = {}
    codes: dict[str, str] = {}
    lasts: dict[str, int] = {}
    for number, (part, extra) in enumerate(zip(parts, added, strict=True)):
        for stem, impact in _impacts(part, extra, stems, forms).items():
            skipped = number - lasts.get(stem, -1) - 1
            codes[stem] = codes.get(stem, "") + _code(skipped, impact)
            lasts[stem] = number
    return Terms(
        tuple((part.id, part.heading) for part in parts[1:]),
        {stem: f"{' '.join(sorted(forms[stem]))}|{code}" for stem, code in codes.items()},
    )


def _all(words: Iterable[str], weight: int) -> dict[str, int]:
    return dict.fromkeys(words, weight)


def _impacts(
    part: Section, extra: dict[str, int], stems: Stems, forms: dict[str, set[str]]
) -> dict[str, int]:
    """The impact of each stem of a section; its forms are added to `forms`."""
    known, weights = stems.known, dict[str, int]()
    for words, weight in ((part.words, _PROSE), (part.code, _CODE)):
        for form, count in Counter(words).items():
            stem = known.get(form) or stems.stem(form)
            weights[stem] = weights.get(stem, 0) + weight * count
            forms.setdefault(stem, set()).add(form)
    # k₁(1 − b + b·length/average) of BM25 with k₁ = 2.4, b = 3/4 and an average of 120 words.
    slack = 2 + (len(part.words) + len(part.code) // 3) * 9 // 200
    impacts = {
        stem: max(1, (_TEXT_AT_MOST * weight + (weight + slack) // 2) // (weight + slack))
        for stem, weight in weights.items()
    }
    bonus: dict[str, int] = {}
    for form, weight in extra.items():
        stem = stems.stem(form)
        bonus[stem] = max(weight, bonus.get(stem, 0))
        forms.setdefault(stem, set()).add(form)
    for stem, weight in bonus.items():
        impacts[stem] = min(_IMPACTS, impacts.get(stem, 0) + weight)
    return impacts


def _code(skipped: int, impact: int) -> str:
    level = LEVELS[skipped % _SKIPS * _IMPACTS + impact - 1]
    return "~" * (skipped // _SKIPS) + level
