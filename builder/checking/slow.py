"""Blocks that compute for long, by what was measured when they ran; nothing runs here."""

import os
from collections.abc import Iterable, Iterator

from builder.cache.dependencies import Surroundings
from builder.cache.results import ResultCache
from builder.cache.store import Store
from builder.checking.posts import Post
from builder.config import PROJECT, BuildOptions, Site
from builder.errors import Location, PostError, Problem, note
from builder.execute.environment import post_environment
from builder.model import ExecutedPost, ParsedPost, Source, Step, Trial


class Runs:
    """What is remembered of the runs of posts.

    Args:
        site: the site.
        sources: its posts.
        options: of the build.
        store: where the results are.
    """

    def __init__(
        self, site: Site, sources: tuple[Source, ...], options: BuildOptions, store: Store
    ) -> None:
        self._site = site
        self._sources = sources
        self._options = options
        roots = {"site": site.content_root, "project": PROJECT}
        now = Surroundings(roots, post_environment(os.environ))
        self._results = ResultCache(store, now, site.config.output_limit)

    def slow(self, posts: Iterable[Post], limit_s: float) -> Iterator[Problem]:
        """A note for each block that has computed for longer than `limit_s` seconds."""
        for post in posts:
            history = self._results.history(str(post.source.path))
            # A post that ran for less as a whole need not be parsed.
            if history is None or history.seconds <= limit_s:
                continue
            parsed = self._parsed(post.source)
            steps = parsed.steps if parsed else ()
            known = self._results.find(str(post.source.path), steps).results
            for step, result in zip(steps, known, strict=False):
                # Processes side by side may compute for longer than all of them run.
                worked_s = min(result.seconds, result.processor_s)
                if worked_s > limit_s:
                    where = Location(post.source.path, step.line)
                    yield note("slow-block", _took(step, worked_s), where, _HINT)

    def executed(self, post: Post) -> ExecutedPost | None:
        """A post with what is known of its blocks; None where it cannot be read."""
        parsed = self._parsed(post.source)
        if parsed is None:
            return None
        return ExecutedPost(parsed, self._results.find(str(post.source.path), parsed.steps).results)

    def used_files(self, posts: Iterable[Post]) -> set[str]:
        """The files of the site that blocks of these posts were seen to use."""
        used: set[str] = set()
        for post in posts:
            if self._results.history(str(post.source.path)) is None:
                continue
            parsed = self._parsed(post.source)
            if parsed is not None:
                for uses in self._results.uses(str(post.source.path), parsed.steps):
                    used.update(use.removeprefix("file:site/") for use in uses)
        return used

    def _parsed(self, source: Source) -> ParsedPost | None:
        from builder.reading import Reader  # noqa: PLC0415  # Markdown, Jinja and their kin

        try:
            return Reader(self._site, self._sources, self._options).parse(source, [])
        except PostError:  # the build tells of it
            return None


_HINT = "an edit above it runs it again: put what it trains or reads into a block of its own, early"


def _took(step: Step, worked_s: float) -> str:
    told = f" with {step.told}" if isinstance(step, Trial) else ""
    return f"the block takes {worked_s:.1f} s of the processor's time{told}"
