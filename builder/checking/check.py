"""Builds a site aside and looks at it: what the build tells, and what it lets pass."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from builder.cache.program import made_by
from builder.cache.store import Store, digest
from builder.checking.built import Built
from builder.checking.external import Asker, tell_outside
from builder.checking.facts import Facts
from builder.checking.links import LinkCheck, Places, checked_folder, pages_of
from builder.checking.outlines import tell_outlines
from builder.checking.pictures import unused_pictures
from builder.checking.posts import Post, read_posts
from builder.checking.slow import Runs
from builder.checking.widths import tell_widths
from builder.config import CACHE, BuildOptions, Site
from builder.discover import read_sources, read_texts
from builder.errors import Location, Problem, Severity, warning
from builder.listening import Listener
from builder.model import Source
from builder.report import BuildReport, counted, in_order, strictly


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What to look at, and how to judge it."""

    slow_s: float = 10.0
    """Blocks that computed for longer are noted."""

    is_for_phones: bool = False
    """Code that is wider than a phone is noted."""

    is_strict: bool = False
    """Warnings count as errors."""

    asker: Asker | None = None
    """Asks for the links to other hosts; where None, nobody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a check has found."""

    problems: tuple[Problem, ...]
    pages: int
    links: int
    pictures: int
    asked: int
    """Addresses of other hosts, those whose answers were remembered among them."""

    seconds: float

    def count(self, severity: Severity) -> int:
        """How many problems are so severe."""
        return sum(p.severity is severity for p in self.problems)


def summary(report: CheckReport) -> str:
    """One line about a check."""
    looked = [
        counted(n, word)
        for n, word in (
            (report.pages, "page"),
            (report.links, "link"),
            (report.pictures, "picture"),
        )
    ]
    looked += [f"{report.asked} of other hosts"] if report.asked else []
    found = [counted(report.count(severity), severity) for severity in Severity]
    return f"looked at {', '.join(looked)}: {', '.join(found)}, {report.seconds:.2f} s"


def check(
    site: Site,
    options: BuildOptions,
    wanted: CheckOptions,
    build: Callable[[BuildOptions], BuildReport],
    listener: Listener,
) -> CheckReport:
    """Build a site into a folder of the cache, and look at it and at its sources.

    Args:
        site: what to check.
        options: how to build it; where it goes and what it fails at is decided here.
        wanted: what to look at.
        build: builds it.
        listener: told what happens.

    Raises:
        SiteError: the site as a whole cannot be built.
    """
    started = time.perf_counter()
    options = replace(options, output=checked_folder(site), keeps_going=True, is_strict=False)
    report = build(options)
    store = Store(site.root / CACHE)
    facts = Facts(store, digest(made_by(""), repr(site.config)))
    sources = read_sources(site.content_root, site.posts, [])
    posts = list(read_posts(sources, site, facts).values())
    shown = [post for post in posts if post.held_back(options) is None]
    places = Places(site, Built(options.output, site.config, facts), pages_of(shown))
    found = LinkCheck(places, posts, options, report.problems).run()
    runs = Runs(site, sources, options, store)
    problems = [
        *found.problems,
        *tell_outlines(places),
        *(slip for post in shown for slip in post.slips),
        *_unread_keys(site, shown, sources),
        *runs.slow(shown, wanted.slow_s),
        *tell_widths(shown, runs, places.built.files, facts, with_code=wanted.is_for_phones),
        *unused_pictures(site, places.built, sources, lambda: runs.used_files(posts)),
    ]
    if wanted.asker is not None:
        with listener.stage("ask other hosts"):
            named = {url: [places.of(m) for m in told] for url, told in found.outside.items()}
            problems += tell_outside(named, site, store, wanted.asker)
    facts.keep()
    problems = [*report.problems, *_new(problems, report.problems)]
    if wanted.is_strict:
        problems = [strictly(problem) for problem in problems]
    return CheckReport(
        problems=in_order(dict.fromkeys(problems)),
        pages=len(places.built.pages),
        links=found.links,
        pictures=found.pictures,
        asked=len(found.outside) if wanted.asker else 0,
        seconds=time.perf_counter() - started,
    )


def _new(problems: Iterable[Problem], told: Sequence[Problem]) -> Iterator[Problem]:
    """What the build has not told in other words: of the same thing, at the same place."""
    names = {(p.location.path, name) for p in told for name in re.findall(r"'([^']+)'", p.message)}
    for problem in problems:
        subject = re.match(r"the id '([^']+)'", problem.message)
        if subject is None or (problem.location.path, subject[1]) not in names:
            yield problem


def _unread_keys(site: Site, posts: Iterable[Post], sources: Sequence[Source]) -> Iterator[Problem]:
    """A warning for each key of a front matter that is likely to be misspelt."""
    for post in posts:
        for key, nearest, line in post.unread:
            if not _is_read(key, site.root, sources):
                where = Location(post.source.path, line)
                message = f"front matter: nobody reads {key!r}"
                yield warning("unread-key", message, where, f"did you mean {nearest!r}?")


def _is_read(key: str, root: Path, sources: Sequence[Source]) -> bool:
    """Whether Liquid or a template asks for a key."""
    texts = [source.text for source in sources]
    for folder in ("_includes", "templates"):
        texts += read_texts(root / folder).values()
    asked = re.compile(rf"\b(?:page|post|variables)(?:\.|\[['\"]){re.escape(key)}\b")
    return any(asked.search(text) for text in texts)
