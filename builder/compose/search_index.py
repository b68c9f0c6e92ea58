"""The files that a browser looks words up in, made from nothing or patched.

    ke.json         {"kernel": "kernel:5 kernels:3|12CD3A…", …}     words that begin with "ke"
    co-m.json       what begins with "com", as all of "co" would be too much to load
    words-6.json    "kernel tensor …"                               all words of six characters

A group is all words with one stem. It says in how many posts each stands, and then, newest
first, each post as a number, the difference to the one before, with the code of its sections
(`search_terms`). It stands in the file of its stem, where an edit finds it, and in those of its
words, where a browser does.

In the store, files that begin with the same character are one, so that an edit writes few.
"""

import json
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from builder.cache.store import Store, digest
from builder.compose.search_terms import FORMAT, Terms

_POST = re.compile(r"(\d+)(\D+)")
_KIND = "search-shards"
_WORDS = "words-"
_LARGEST = 24_000
"""Characters of a file; a larger one is published in parts, by the third character of words."""


class UnfitError(Exception):
    """What is kept does not belong to what is asked; all is made anew."""


def shard_of(word: str) -> str:
    """The file that a word stands in: its first two characters, or what they are in hex."""
    begin = word[:2]
    if begin.isascii():
        return begin
    return "-".join(("x", *(f"{ord(character):x}" for character in begin)))


def part_of(word: str) -> str:
    """The part of a large file that a word stands in."""
    third = word[2:3] or "_"
    return third if third.isascii() else f"{ord(third):x}"


@dataclass(slots=True)
class Group:
    """All words with one stem."""

    counts: dict[str, int]
    """In how many posts each word stands."""

    postings: str

    @staticmethod
    def read(text: str) -> "Group":
        """What `text` says."""
        forms, _, postings = text.partition("|")
        pairs = (each.split(":") for each in forms.split(" ") if each)
        return Group({form: int(count) for form, count in pairs}, postings)

    @property
    def text(self) -> str:
        """As it stands in a file."""
        forms = " ".join(f"{form}:{self.counts[form]}" for form in sorted(self.counts))
        return f"{forms}|{self.postings}"

    def count(self, forms: Iterable[str], step: int) -> None:
        """One post more, or less, in which these words stand."""
        for form in forms:
            left = self.counts.get(form, 0) + step
            if left < 0:
                raise UnfitError
            if left:
                self.counts[form] = left
            else:
                self.counts.pop(form, None)

    def place(self, post: int, code: str) -> None:
        """Give a post another code; none takes it out."""
        own = [(post, code)] if code else []
        at, newer = -1, -1
        begin = end = len(self.postings)
        for match in _POST.finditer(self.postings):
            at = int(match[1]) if at < 0 else at - int(match[1])
            if at > post:
                newer = at
                continue
            begin, end = min(begin, match.start()), match.end()
            if at < post:
                own.append((at, match[2]))
                break
        self.postings = self.postings[:begin] + _chain(newer, own) + self.postings[end:]


def _chain(newer: int, posts: Iterable[tuple[int, str]]) -> str:
    parts = []
    for post, code in posts:
        parts.append(f"{post if newer < 0 else newer - post}{code}")
        newer = post
    return "".join(parts)


@dataclass(slots=True)
class Shards:
    """The files, each with a digest of its content.

    Args:
        store: where they are kept.
        owner: whose they are: those of another language or program have other names.
        keys: digests of all files, by name.
        parts: digests of the parts of large ones, by name and part.
    """

    store: Store
    owner: str
    keys: dict[str, str] = field(default_factory=dict)
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    _packs: dict[str, dict[str, str]] = field(default_factory=dict)
    _groups: dict[str, dict[str, str]] = field(default_factory=dict)
    _words: dict[int, list[str]] = field(default_factory=dict)

    def published(self) -> Iterator[tuple[str, str, str, str]]:
        """Each file of the site: its name and key, and which part it is of which file here."""
        for name, key in self.keys.items():
            if name in self.parts:
                for part, own in self.parts[name].items():
                    yield f"{name}-{part}", own, name, part
            else:
                yield name, key, name, ""

    def content(self, name: str, part: str) -> str:
        """The content of a file, or of a part of it.

        Raises:
            UnfitError: it is not what `keys` say.
        """
        text = self._text(name)
        return _parted(name, json.loads(text))[part] if part else text

    def build(self, posts: Iterable[Terms]) -> None:
        """Make all files from what is indexed of the posts, oldest first."""
        numbers: dict[str, list[int]] = defaultdict(list)
        codes: dict[str, list[str]] = defaultdict(list)
        seen: Counter[str] = Counter()
        stems: dict[str, str] = {}
        for number, terms in enumerate(posts):
            for stem, code in terms.codes.items():
                numbers[stem].append(number)
                codes[stem].append(code)
            seen.update(terms.forms.values())
            stems.update(zip(terms.forms.values(), terms.forms, strict=True))
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for forms, count in seen.items():
            counts[stems[forms]].update(dict.fromkeys(forms.split(" "), count))
        words: dict[int, set[str]] = {}
        for stem, own in numbers.items():
            chain = zip(reversed(own), reversed(codes[stem]), strict=True)
            group = Group(counts[stem], _chain(-1, chain))
            self._put(stem, group, ())
            for form in group.counts:
                words.setdefault(len(form), set()).add(form)
        self._words = {length: sorted(forms) for length, forms in words.items()}
        self._packs = {_pack_of(name): {} for name in (*self._groups, _WORDS)}

    def patch(self, post: int, old: Terms, new: Terms) -> None:
        """Make the files say of one post what is now indexed of it.

        Raises:
            UnfitError: they do not say `old` of it.
        """
        for stem in sorted(old.codes.keys() | new.codes.keys()):
            was, now = old.forms.get(stem, ""), new.forms.get(stem, "")
            code = new.codes.get(stem, "")
            if was == now and code == old.codes.get(stem, ""):
                continue
            text = self._shard(shard_of(stem)).get(stem)
            if text is None and was:
                raise UnfitError
            group = Group.read(text or "|")
            before = tuple(group.counts)
            group.count(was.split(), -1)
            group.count(now.split(), 1)
            group.place(post, code)
            self._put(stem, group, before)
            self._list(before, tuple(group.counts))

    def save(self) -> None:
        """Keep what has changed."""
        changed = {name: _dump(groups) for name, groups in self._groups.items()}
        changed |= {
            f"{_WORDS}{length}": f'"{" ".join(forms)}"' if forms else ""
            for length, forms in self._words.items()
        }
        dirty: set[str] = set()
        for name, text in changed.items():
            key = digest(text) if text else None
            if key == self.keys.get(name):
                continue
            pack = self._pack(_pack_of(name))
            dirty.add(_pack_of(name))
            if key is None:
                del pack[name], self.keys[name]
                self.parts.pop(name, None)
            else:
                pack[name], self.keys[name] = text, key
                self._part(name, text)
        for name in sorted(dirty):
            self.store.put(_KIND, digest(self.owner, name), _packed(self._packs[name]))
        self._groups, self._words = {}, {}

    def _text(self, name: str) -> str:
        text = self._pack(_pack_of(name)).get(name, "")
        if digest(text) != self.keys.get(name):
            raise UnfitError
        return text

    def _part(self, name: str, text: str) -> None:
        self.parts.pop(name, None)
        if len(text) > _LARGEST and name in self._groups:
            texts = _parted(name, self._groups[name])
            self.parts[name] = {part: digest(text) for part, text in texts.items()}

    def _put(self, stem: str, group: Group, before: Iterable[str]) -> None:
        home = shard_of(stem)
        text = group.text if group.counts else None
        places = {home, *map(shard_of, group.counts)} if text else set()
        for name in {home, *map(shard_of, before)} - places:
            self._shard(name).pop(stem, None)
        for name in places:
            self._shard(name)[stem] = text or ""

    def _list(self, before: Iterable[str], after: Iterable[str]) -> None:
        for form in {*before} ^ {*after}:
            forms = self._list_of(len(form))
            at = bisect_left(forms, form)
            if forms[at : at + 1] == [form]:
                del forms[at]
            else:
                forms.insert(at, form)

    def _list_of(self, length: int) -> list[str]:
        if length not in self._words:
            name = f"{_WORDS}{length}"
            text = self._text(name) if name in self.keys else '""'
            self._words[length] = json.loads(text).split()
        return self._words[length]

    def _shard(self, name: str) -> dict[str, str]:
        if name not in self._groups:
            self._groups[name] = json.loads(self._text(name)) if name in self.keys else {}
        return self._groups[name]

    def _pack(self, name: str) -> dict[str, str]:
        if name not in self._packs:
            body = self.store.get(_KIND, digest(self.owner, name))
            self._packs[name] = dict(_unpacked(body)) if body else {}
        return self._packs[name]


def _pack_of(name: str) -> str:
    return _WORDS if name.startswith(_WORDS) else name[0]


def _dump(groups: Mapping[str, str]) -> str:
    """JSON, without looking for what has to be escaped: there are letters, digits, `LEVELS`."""
    lines = ",\n".join([f'"{stem}":"{text}"' for stem, text in sorted(groups.items())])
    return f"{{{lines}}}" if lines else ""


def _parted(name: str, groups: Mapping[str, str]) -> dict[str, str]:
    """A large file's parts."""
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    for stem, text in groups.items():
        forms = [each.partition(":")[0] for each in text.partition("|")[0].split(" ")]
        for part in {part_of(form) for form in forms if shard_of(form) == name}:
            parts[part][stem] = text
    return {part: _dump(own) for part, own in sorted(parts.items())}


def _packed(texts: Mapping[str, str]) -> bytes:
    """A line of names and lengths, then one text after the other."""
    bodies = {name: text.encode() for name, text in sorted(texts.items())}
    head = json.dumps([FORMAT, {name: len(body) for name, body in bodies.items()}])
    return b"\n".join((head.encode(), b"".join(bodies.values())))


def _unpacked(body: bytes) -> Iterator[tuple[str, str]]:
    at = body.index(b"\n") + 1
    _, lengths = json.loads(body[:at])
    for name, length in lengths.items():
        yield name, body[at : at + length].decode()
        at += length
