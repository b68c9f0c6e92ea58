"""Takes what Liquid writes, and remembers where each piece of it comes from."""

from io import StringIO

from liquid.token import Token

from builder.errors import SiteError
from builder.model import Stretch

_LONGEST = 20_000_000


class TooLongError(SiteError):
    """Liquid has written more than a page can hold."""


class Trace(StringIO):
    """A buffer for the text of one post.

    Args:
        source: the post's own text; what comes from elsewhere belongs to the last place in it.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = source
        self._size = 0
        self._stretches: list[Stretch] = []
        self._end: int | None = None
        """Where a verbatim stretch ends in the source, once it is written."""

    def note(self, token: Token, written_at: int | None = None) -> None:
        """Say that what is written next comes from `token`, or stands at `written_at` itself."""
        if token.source is self._source and token.start_index >= 0:
            place = token.start_index if written_at is None else written_at
            self._stretches.append(Stretch(self._size, place, written_at is not None))
            self._end = None

    def write(self, text: str) -> int:
        """Add `text`.

        Raises:
            TooLongError: it is too much.
        """
        last = self._stretches[-1] if self._stretches else None
        if self._end is not None:  # a tag that does not say where it stands
            self._stretches.append(Stretch(self._size, self._end, is_verbatim=False))
            self._end = None
        elif last is not None and last.is_verbatim:
            self._end = last.written_at + len(text)
        self._size += len(text)
        if self._size > _LONGEST:
            raise TooLongError
        return super().write(text)

    def stretches(self) -> tuple[Stretch, ...]:
        """Where all of it comes from."""
        return tuple(self._stretches)
