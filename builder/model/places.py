"""Turns offsets in the text of a post into lines and columns of its file."""

import re
from bisect import bisect_right

from builder.errors import Location
from builder.model.post import Source


class Places:
    """Where things stand in one post, also where its text was made from what its file says."""

    def __init__(self, source: Source) -> None:
        self._source = source
        origin = source.origin
        written = source.text if origin is None else origin.text
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", written))]
        self._stretches = () if origin is None else origin.stretches
        self._stretch_starts = [stretch.start for stretch in self._stretches]

    def at(self, offset: int) -> Location:
        """The place of the character at `offset` of the post's text."""
        is_verbatim = True
        if self._stretches:
            stretch = self._stretches[max(bisect_right(self._stretch_starts, offset) - 1, 0)]
            is_verbatim = stretch.is_verbatim
            offset = stretch.written_at + (offset - stretch.start if is_verbatim else 0)
        line = bisect_right(self._line_starts, offset)
        column = offset - self._line_starts[line - 1] + 1 if is_verbatim else None
        return Location(self._source.path, line, column)

    def line_at(self, index: int) -> int | None:
        """The line of the file that the post's line with this index, from 0, comes from."""
        start = 0
        for _ in range(index):
            start = self._source.text.index("\n", start) + 1
        return self.at(start).line

    def line_of(self, words: str, start: int = 0) -> Location:
        """The line where `words` first stand from the offset `start` on, if they stand anywhere."""
        offset = self._source.text.find(words, start)
        line = self.at(offset).line if offset >= 0 else None
        return Location(self._source.path, line)
