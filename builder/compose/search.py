"""The full-text search: files that a script in the browser looks words up in.

    meta.json       how many posts, which files there are, and a version for their addresses
    posts-3.json    what results say of eight posts
    ke.json, …      where words stand (`search_index`)

A build patches what the last one left, or makes all anew where that does not fit; either way
the files are the same, byte for byte.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath

from builder.cache.store import Store, digest
from builder.compose.search_index import Shards, UnfitError
from builder.compose.search_terms import FORMAT, Stems, Terms, terms_of
from builder.compose.search_text import sections
from builder.model import LateFile, SiteFile

_CHUNK = 8
"""Posts whose results are one file."""

_FEW = 16
"""Posts that are patched; more of them are faster made anew."""

_VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPost:
    """A post as the search knows it."""

    href: str
    title: str
    day: str
    """In ISO form."""

    excerpt: str
    tags: tuple[str, ...]
    key: str
    """Another one where anything that is indexed is another: text, title, tags."""

    load: Callable[[], str]
    """HTML of the article; called only for posts whose key is new."""


def search_files(
    posts: Sequence[SearchPost], language: str, folder: str, store: Store
) -> list[SiteFile]:
    """All files of the search.

    Args:
        posts: oldest first, so that a new one moves no other.
        language: whose stems are used, by its first two letters.
        folder: where the files are, relative to the output folder.
        store: where the last build left its own, and this one leaves them for the next.
    """
    index = _Index(posts, language, store)
    index.update()
    files = {
        name: LateFile(_path(folder, name), key, partial(index.content, *place))
        for name, key, *place in index.shards.published()
    }
    for number in range(0, len(posts), _CHUNK):
        name = f"posts-{number // _CHUNK}"
        own = posts[number : number + _CHUNK]
        files[name] = LateFile(_path(folder, name), _chunk_key(own), partial(index.chunk, own))
    meta = _meta(len(posts), {name: files[name].key for name in sorted(files)})
    files["meta"] = LateFile(_path(folder, "meta"), digest(meta), lambda: meta)
    return [files[name] for name in sorted(files)]


@dataclass
class _Index:
    """The posts of a build, and the shards that the last one left."""

    posts: Sequence[SearchPost]
    language: str
    store: Store
    stems: Stems | None = None
    shards: Shards = field(init=False)

    def __post_init__(self) -> None:
        self.owner = digest("search", FORMAT, self.language)
        self.shards = Shards(self.store, self.owner)

    def update(self) -> None:
        """Patch what is kept; make all anew where it does not fit."""
        keys, keys_now = self._state(), [post.key for post in self.posts]
        if keys == keys_now:
            return
        try:
            self._patch(keys)
        except UnfitError:
            self._build()
        self._save(keys_now)

    def content(self, name: str, part: str) -> bytes:
        """The content of a file of words, or of a part of it."""
        try:
            return self.shards.content(name, part).encode()
        except UnfitError:  # removed meanwhile, or another build's
            self._build()
            self._save([post.key for post in self.posts])
            return self.shards.content(name, part).encode()

    def chunk(self, posts: Sequence[SearchPost]) -> bytes:
        """What results say of these posts."""
        told = [
            [post.title, post.href, post.day, post.excerpt, self._terms(post).headings]
            for post in posts
        ]
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()

    def _patch(self, keys: Sequence[str]) -> None:
        places = [n for n, p in enumerate(self.posts) if n >= len(keys) or p.key != keys[n]]
        if not keys or len(keys) > len(self.posts) or len(places) > _FEW:
            raise UnfitError
        for number in places:
            old = self._kept(keys[number]) if number < len(keys) else Terms((), {}, {})
            if old is None:
                raise UnfitError
            self.shards.patch(number, old, self._terms(self.posts[number]))

    def _build(self) -> None:
        self.shards = Shards(self.store, self.owner)
        self.shards.build(self._terms(post) for post in self.posts)

    def _terms(self, post: SearchPost) -> Terms:
        kept = self._kept(post.key)
        if kept is not None:
            return kept
        self.stems = self.stems or Stems(self.store, self.language)
        terms = terms_of(post.title, post.tags, sections(post.load()), self.stems)
        self.store.put("search-terms", self._terms_key(post.key), terms.to_json())
        return terms

    def _kept(self, key: str) -> Terms | None:
        body = self.store.get("search-terms", self._terms_key(key))
        return Terms.from_json(body) if body else None

    def _terms_key(self, key: str) -> str:
        return digest(self.owner, key)

    def _state(self) -> list[str]:
        """Keys of the last build's posts; what it says of files goes to the shards."""
        body = self.store.get("search-state", self.owner)
        if body is None:
            return []
        keys, self.shards.keys, self.shards.parts = json.loads(body)
        return list(keys)

    def _save(self, keys: Sequence[str]) -> None:
        self.shards.save()
        if self.stems:
            self.stems.save()
        state = json.dumps([keys, self.shards.keys, self.shards.parts])
        self.store.put("search-state", self.owner, state.encode())


def _path(folder: str, name: str) -> PurePosixPath:
    return PurePosixPath(f"{folder}/{name}.json")


def _chunk_key(posts: Sequence[SearchPost]) -> str:
    told = [(post.title, post.href, post.day, post.excerpt, post.key) for post in posts]
    return digest(FORMAT, repr(told))


def _meta(count: int, keys: Mapping[str, str]) -> bytes:
    """What a browser reads first."""
    told = {
        "version": digest(json.dumps(keys))[:_VERSION_LENGTH],
        "posts": count,
        "chunk": _CHUNK,
        "files": " ".join(name for name in keys if not name.startswith("posts-")),
    }
    return json.dumps(told, separators=(",", ":")).encode()
