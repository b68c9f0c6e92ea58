"""The posts of the last build, told in so few words that all of them are read at once.

A post whose text, files and results are what they were is neither parsed nor
rendered again, and its page stays as it is.
"""

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Self

from builder.cache.files import FileTimes, is_as_seen, when_settled
from builder.cache.results import Basis
from builder.cache.store import Store, digest
from builder.errors import Location, Problem, Severity
from builder.model import FrontMatter, Plot, PostCard, PostTarget

_KIND = "cards"


@dataclass(frozen=True, kw_only=True)  # without slots it is read from disk several times faster
class Card:
    """A post of the last build."""

    source: str
    """A digest of all that it was parsed from."""

    runs: bool
    """Whether it has blocks or values: what they give is not in `source`."""

    basis: Basis | None
    """What their results rest on; None where they need a look."""

    fingerprint: str
    """A digest of all that it was rendered from, but for files beside it."""

    targets: str | None
    """A digest of the posts that it may link to; None where it links to none."""

    target: PostTarget
    post: PostCard
    parsing_problems: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    """Those of rendering."""

    looked_at: Mapping[Path, FileTimes]
    is_recorded: bool = False
    """Whether the record of the post is of what it shows."""

    def holds(self) -> bool:
        """Whether the files beside the post are still what they were."""
        return all(is_as_seen(path, was) for path, was in self.looked_at.items())

    def settled(self) -> Self:
        """The same, found to hold just now: for files that have come of age, times will do."""
        if all(content is None for _, content in self.looked_at.values()):
            return self
        looked_at = {path: when_settled(was) for path, was in self.looked_at.items()}
        return replace(self, looked_at=looked_at)


class Cards:
    """The posts of the last build by path.

    Args:
        store: where they are kept.
        made_by: a digest of the program: another one knows nothing of this one's.
        is_fresh: nothing is known.
    """

    def __init__(self, store: Store, made_by: str, *, is_fresh: bool) -> None:
        self._store = store
        self._key = digest("cards")
        self._made_by = made_by
        self._known = {} if is_fresh else self._load()
        self._used: dict[str, Card] = {}

    def find(self, path: str) -> Card | None:
        """What is known of a post."""
        return self._known.get(path)

    def keep(self, path: str, card: Card) -> None:
        """Know a post in the next build."""
        self._used[path] = card

    def is_recorded(self, path: str) -> bool:
        """Whether the record of a post needs no look."""
        return path in self._used and self._used[path].is_recorded

    def know_recorded(self, path: str) -> None:
        """Know that it needs none until the post shows something else."""
        if path in self._used:
            self._used[path] = replace(self._used[path], is_recorded=True)

    def end_build(self) -> None:
        """Write down what was kept."""
        if self._used != self._known:
            self._store.put(_KIND, self._key, pickle.dumps((self._made_by, self._used), 5))

    def _load(self) -> dict[str, Card]:
        body = self._store.get(_KIND, self._key)
        try:
            made_by, known = _Careful(io.BytesIO(body)).load() if body else ("", {})
        except Exception:  # what another version has written raises anything
            return {}
        return known if made_by == self._made_by else {}


class _Careful(pickle.Unpickler):
    """Makes cards, what they hold, and nothing else: what lies on disk may be anyone's."""

    def find_class(self, module: str, name: str) -> type:
        """One of the types that are kept."""
        return _KEPT[module, name]


_TYPES = (
    *(Card, Basis, PostTarget, PostCard, FrontMatter, Plot, Problem, Location, Severity),
    *(date, type(Path()), PurePosixPath),
)
_KEPT = {(kind.__module__, kind.__qualname__): kind for kind in _TYPES}
