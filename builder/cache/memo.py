"""Values kept in memory from build to build, in a process that stays."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """What was made for a key, until a build goes by that does not ask for it."""

    def __init__(self) -> None:
        self._kept: dict[str, T] = {}
        self._used: dict[str, T] = {}

    def get(
        self, key: str, make: Callable[[], T], holds: Callable[[T], bool] = lambda _: True
    ) -> T:
        """The value for `key`, made where there is none or it no longer holds."""
        value = self._used.get(key, self._kept.get(key))
        if value is None or not holds(value):
            value = make()
        self._used[key] = value
        return value

    def end_build(self) -> None:
        """Forget what was not asked for since the last call."""
        self._kept, self._used = self._used, {}
