"""`os.environ` for posts: it tells which variables they read."""

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Self, TypeVar

from builder.cache.dependencies import EVERY_VARIABLE

Name = TypeVar("Name", bound=str | bytes)


class Environment(MutableMapping[Name, Name]):
    """Variables by name, as text or as bytes.

    Args:
        inner: the real `os.environ` or `os.environb`.
        tell: takes the names of variables read, `EVERY_VARIABLE` for a list of them.
        own: takes the names of those that the post has set itself.
    """

    def __init__(
        self,
        inner: MutableMapping[Name, Name],
        tell: Callable[[str], None],
        own: Callable[[str], None],
    ) -> None:
        self._inner = inner
        self._tell = tell
        self._own = own

    def __getitem__(self, key: Name) -> Name:
        if isinstance(key, str | bytes):
            self._tell(os.fsdecode(key))
        return self._inner[key]

    def __setitem__(self, key: Name, value: Name) -> None:
        self._inner[key] = value
        self._own(os.fsdecode(key))

    def __delitem__(self, key: Name) -> None:
        del self._inner[key]
        self._own(os.fsdecode(key))

    def __iter__(self) -> Iterator[Name]:
        self._tell(EVERY_VARIABLE)
        return iter(self._inner)

    def __len__(self) -> int:
        self._tell(EVERY_VARIABLE)
        return len(self._inner)

    def __repr__(self) -> str:
        return f"environ({dict(self)!r})"

    def __or__(self, other: Mapping[Name, Name]) -> dict[Name, Name]:
        return {**dict(self), **other}

    def __ror__(self, other: Mapping[Name, Name]) -> dict[Name, Name]:
        return {**other, **dict(self)}

    def __ior__(self, other: Mapping[Name, Name]) -> Self:
        self.update(other)
        return self

    def copy(self) -> dict[Name, Name]:
        """A plain dictionary of all variables, each of them read."""
        return dict(self)
