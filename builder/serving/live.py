"""Hears a build, and lets the writer see it: in the terminal and in the open page."""

import time
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import PurePosixPath

from builder.listening import BlockPlace, Listener, Preview
from builder.serving.news import Bulletin, News, Running
from builder.serving.showcase import Showcase


class Live(Listener):
    """Shows what a build tells.

    Args:
        console: hears it, too.
        showcase: takes previews.
        news: is told of all that open pages should know.
    """

    wants_previews = True

    def __init__(self, console: Listener, showcase: Showcase, news: News) -> None:
        self._console = console
        self._showcase = showcase
        self._news = news

    def announce(self, text: str) -> None:
        """Take a line that everyone should know."""
        self._console.announce(text)

    def note(self, text: str) -> None:
        """Take a line for those who ask what happens, and why."""
        self._console.note(text)

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Accompany a part of the build."""
        return self._console.stage(name)

    def posts_begin(self, count: int) -> None:
        """Know that so many posts will run."""
        self._console.posts_begin(count)

    def block_begins(self, block: BlockPlace) -> None:
        """Tell what runs."""
        self._console.block_begins(block)
        running = Running(block, time.monotonic())

        def change(before: Bulletin) -> Bulletin:
            others = (r for r in before.running if r.block.post != block.post)
            return replace(before, running=(*others, running))

        self._news.tell(change)

    def block_ended(self, block: BlockPlace, seconds: float) -> None:
        """Tell how long it took."""
        self._console.block_ended(block, seconds)
        self._news.tell(lambda before: replace(before, ran=(*before.ran, (block, seconds))))

    def post_ended(self, post: PurePosixPath) -> None:
        """Tell that it runs no more."""
        self._console.post_ended(post)

        def change(before: Bulletin) -> Bulletin:
            others = tuple(r for r in before.running if r.block.post != post)
            return replace(before, running=others)

        self._news.tell(change)

    def shows(self, preview: Preview) -> None:
        """Let a page be seen at once."""
        self._showcase.show(preview)
        self._news.tell_version()

    def published(self) -> None:
        """Let all pages be seen as they were published."""
        self._console.published()
        self._showcase.drop(only_parts=False)
        self._news.tell_version()
