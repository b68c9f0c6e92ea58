"""What the index knows of one post: its stems, and how much each means in each section.

A code has one character for each section in which a stem stands: how many sections were
skipped (0 to 3, more by `~` for four each) and the impact, 1 to 15. An impact is that of BM25
with a fixed average length, so that no other post's numbers are in it; headings, tags and
titles are added to it, so that a title counts more than any number of words below it.
"""

import importlib
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from builder.cache.store import Store, digest
from builder.compose.search_text import Section, words_of

FORMAT = "1"
"""Another one where the same posts give other files."""

LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.,;:!?"
_IMPACTS = 15
_MANY = 200
"""Stems that take as long to find as all of them to be written."""

_LONGEST = 40
"""Longer words are digests and the like."""

_PROSE = 3
"""What a word of prose counts; one of code counts 1."""

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

    codes: dict[str, str]
    """By stem."""

    forms: dict[str, str]
    """By stem: the words that stand in the post, with spaces between them."""

    def to_json(self) -> bytes:
        """As it is kept in the store."""
        return json.dumps([self.headings, self.codes, self.forms], ensure_ascii=False).encode()

    @staticmethod
    def from_json(body: bytes) -> "Terms":
        """What `to_json` made."""
        headings, codes, forms = json.loads(body)
        return Terms(tuple((name, text) for name, text in headings), codes, forms)


class Stems(dict[str, str]):
    """Stems of words in one language; the word itself where there is no stemmer for it.

    A word that is too long has an empty one. A stemmer takes 25 µs for a word, so what it said
    is kept in the store.
    """

    def __init__(self, store: Store, language: str) -> None:
        self._store, self._key = store, digest(FORMAT, language)
        self._algorithm = _ALGORITHMS.get(language[:2].lower())
        body = store.get("search-stems", self._key) if self._algorithm else None
        super().__init__(json.loads(body) if body else ())
        self._kept = len(self)

    def __missing__(self, word: str) -> str:
        if len(word) > _LONGEST:
            return ""
        if self._algorithm is None or not word.isalpha():
            return word
        stem = self[word] = self._stem(word) or word
        return stem

    def save(self) -> None:
        """Keep what is new, if it took longer to find than all of it takes to write."""
        if len(self) - self._kept > _MANY:
            body = json.dumps(self, ensure_ascii=False).encode()
            self._store.put("search-stems", self._key, body)
            self._kept = len(self)

    @cached_property
    def _stem(self) -> Callable[[str], str]:
        return _stemmer(self._algorithm or "")


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
    named, tagged = words_of(title), words_of(" ".join(tags))
    codes: dict[str, str] = {}
    lasts: dict[str, int] = {}
    for number, part in enumerate(parts):
        impacts = _impacts(part, stems)
        if number == 0:
            extra = dict.fromkeys(map(stems.__getitem__, tagged), _TAG)
            extra |= dict.fromkeys(map(stems.__getitem__, named), _TITLE)
            _add(impacts, extra)
        for stem, impact in impacts.items():
            place = (number - lasts.get(stem, -1) - 1) * _IMPACTS + impact - 1
            code = LEVELS[place] if place < len(LEVELS) else _far(place)
            codes[stem] = codes.get(stem, "") + code
            lasts[stem] = number
    codes.pop("", None)
    words = {*named, *tagged}.union(*((*p.heading_words, *p.words, *p.code) for p in parts))
    forms: dict[str, list[str]] = {stem: [] for stem in codes}
    for word in sorted(words):
        if stem := stems[word]:
            forms[stem].append(word)
    return Terms(
        tuple((part.id, part.heading) for part in parts[1:]),
        codes,
        {stem: " ".join(own) for stem, own in forms.items()},
    )


def _impacts(part: Section, stems: Stems) -> dict[str, int]:
    """The impact of each stem of a section."""
    prose = Counter(map(stems.__getitem__, part.words))
    weights = {stem: _PROSE * count for stem, count in prose.items()}
    for stem, count in Counter(map(stems.__getitem__, part.code)).items():
        weights[stem] = weights.get(stem, 0) + count
    # k₁(1 − b + b·length/average) of BM25 with k₁ = 2.4, b = 3/4 and an average of 120 words.
    slack = 2 + (len(part.words) + len(part.code) // 3) * 9 // 200
    impacts = {
        stem: (_TEXT_AT_MOST * weight + (weight + slack) // 2) // (weight + slack) or 1
        for stem, weight in weights.items()
    }
    _add(impacts, dict.fromkeys(map(stems.__getitem__, part.heading_words), _HEADING))
    return impacts


def _add(impacts: dict[str, int], extra: Mapping[str, int]) -> None:
    for stem, more in extra.items():
        impacts[stem] = min(_IMPACTS, impacts.get(stem, 0) + more)


def _far(place: int) -> str:
    return "~" * (place // len(LEVELS)) + LEVELS[place % len(LEVELS)]
