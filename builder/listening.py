"""What a build tells those who listen, while it goes on."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import PurePosixPath

from builder.model import SiteFile


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """A block of a post that runs."""

    post: PurePosixPath
    number: int
    """Counted from 1."""

    count: int
    """Of the post's blocks."""

    line: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The page of a post before its site is published."""

    post: PurePosixPath
    files: Sequence[SiteFile]
    """The page first, then what it shows."""

    is_whole: bool
    """False while blocks still run: what they give is missing."""


class Listener:
    """Hears what a build does, and makes nothing of it: a subclass does."""

    wants_previews = False
    """Whether pages are made before the site is published; it costs time."""

    def announce(self, text: str) -> None:
        """Take a line that everyone should know."""

    def note(self, text: str) -> None:
        """Take a line for those who ask what happens, and why."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Accompany a part of the build, such as `render`."""
        return nullcontext()

    def posts_begin(self, count: int) -> None:
        """Know that so many posts will run."""

    def block_begins(self, block: BlockPlace) -> None:
        """Know that a block runs now."""

    def block_ended(self, block: BlockPlace, seconds: float) -> None:
        """Know that a block has run."""

    def post_ended(self, post: PurePosixPath) -> None:
        """Know that no more blocks of a post will run."""

    def published(self) -> None:
        """Know that the site is published."""

    def shows(self, preview: Preview) -> None:
        """Take the page of a post as far as it is known."""
