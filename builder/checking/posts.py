"""The posts of a site as they are written: where each is published, and where words stand in it."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property, partial
from html import escape
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote

from builder.cache.store import digest
from builder.checking.facts import Facts
from builder.config import PROJECT, Site
from builder.errors import Location, PostError, Problem, Severity
from builder.model import Dollar, Source
from builder.options import BuildOptions

_NEAR = 0.84
"""Above it lies `descripton` for `description`, below it an author's own `subtitle`."""

_OWN = ("redirect_to",)
"""Keys of Jekyll's plug-ins that say something else than what they are near to."""


class UnreadKey(NamedTuple):
    """A key of a front matter that nobody reads, and that may be a slip."""

    key: str
    nearest: str
    line: int


class WrittenHeading(NamedTuple):
    """A heading as it stands in a post."""

    place: Location
    marks: int
    """How many `#` it begins with."""

    words: str


@dataclass(frozen=True)
class Post:
    """A post as it is written."""

    source: Source
    address: str | None
    """None where its front matter cannot be read."""

    is_draft: bool
    day: date | None
    body_start: int
    dollar: Dollar | None
    unread: tuple[UnreadKey, ...]
    found: tuple[tuple[str, int, str, str, str], ...]
    """Slips, as JSON has them."""

    @property
    def slips(self) -> list[Problem]:
        """What is likely to be wrong in its prose."""
        return [
            Problem(
                code=code,
                message=message,
                location=self.at(at),
                hint=hint,
                severity=Severity(severity),
            )
            for code, at, message, hint, severity in self.found
        ]

    def held_back(self, options: BuildOptions) -> str | None:
        """Why a build does not publish it; None where it does."""
        if self.is_draft and not options.with_drafts:
            return "a draft, which is not published"
        if self.day and self.day > options.today and not options.with_future:
            return f"held back until {self.day}"
        return None

    def find(self, words: Iterable[str], count: int = 1) -> Location | None:
        """Where any of these stands for the `count`-th time, or the last; None where none does.

        What stands in no prose may stand in code that has written it.
        """
        forms = [re.escape(each) for each in dict.fromkeys(words) if each]
        for text in (self._prose, self.source.text):
            for before in (r"(?<![\w/.%~{-])", ""):
                for form in forms:
                    found = list(re.finditer(rf"{before}{form}(?![\w/%~#?-])", text))
                    if found:
                        return self.at(found[min(count, len(found)) - 1].start())
        return None

    def match(self, pattern: str, count: int = 1) -> Location | None:
        """Where a pattern matches the prose for the `count`-th time."""
        found = list(re.finditer(pattern, self._prose, re.MULTILINE))
        return self.at(found[count - 1].start()) if len(found) >= count else None

    def headings(self) -> list[WrittenHeading]:
        """Its headings that begin with `#`."""
        found = re.finditer(r"^[ \t>]*(#{1,6})(?=[ \t])", self._prose, re.MULTILINE)
        return [
            WrittenHeading(
                self.at(mark.start(1)),
                len(mark[1]),
                re.sub(r"[ \t]*(?:#+|\{[^{}]*\})?[ \t]*$", "", self._rest_of_line(mark.end())),
            )
            for mark in found
        ]

    def _rest_of_line(self, offset: int) -> str:
        return self.source.text[offset:].partition("\n")[0].strip()

    def at(self, offset: int) -> Location:
        """The place of a character of its file."""
        above = self.source.text[:offset]
        column = offset - (above.rfind("\n") + 1) + 1
        return Location(self.source.path, above.count("\n") + 1, column)

    @cached_property
    def _prose(self) -> str:
        from builder.checking.prose import prose_of  # noqa: PLC0415  # where it is needed

        return prose_of(self.source.text, self.body_start, self.dollar).text


def _nearest(key: str, known: Iterable[str], written: Container[str]) -> str | None:
    """The key that is likely to be meant.

    In a short one, such as `tilte`, swapped letters are told by there being no other `title`.
    """
    near = get_close_matches(key, known, 1, _NEAR)
    swapped = (name for name in known if sorted(name) == sorted(key) and name not in written)
    return near[0] if near else next(swapped, None)


def as_written(target: str, base_path: str) -> tuple[str, ...]:
    """How an author may have written what a page has as an address."""
    within = target.removeprefix(base_path) if base_path else target
    forms = [form for each in (target, within) for form in (each, unquote(each), escape(each))]
    path, _, fragment = target.partition("#")
    if not fragment:
        return tuple(forms)
    # A link to another post names it or its file, and leads to its address.
    slug = path.strip("/").rpartition("/")[2]
    return (*forms, *(f"{slug}{ending}#{fragment}" for ending in ("", ".md")), f"#{fragment}")


def read_posts(sources: Iterable[Source], site: Site, facts: Facts) -> Mapping[PurePosixPath, Post]:
    """What is to be known of each post, by the path of its file."""
    posts = {}
    for source in sources:
        stamp = digest(source.text, repr(site.config))
        told = facts.of(f"post:{source.path}", stamp, partial(_read, source, site))
        posts[source.path] = _post(source, told)
    return posts


def _read(source: Source, site: Site) -> dict[str, Any] | None:
    """What is to be known of a post, as JSON; None where its front matter cannot be read."""
    # These load YAML, Jinja and Markdown, for posts that are new.
    from builder.checking.prose import prose_of, slips_in  # noqa: PLC0415
    from builder.compose.templates import layouts  # noqa: PLC0415
    from builder.parse.front_matter import KEYS, split_front_matter  # noqa: PLC0415
    from builder.parse.post import outline_of, runs_liquid  # noqa: PLC0415

    try:
        names = layouts((site.root / "templates", PROJECT / "templates"))
        outline = outline_of(source, site.config, names)
        head = split_front_matter(source)
    except PostError:  # the build tells of it
        return None
    front = outline.front
    prose = prose_of(source.text, head.body_start, front.dollar)
    has_liquid = runs_liquid(source, site.config)
    unread, written = [], {entry.key for entry in outline.entries}
    for entry in outline.entries:
        near = _nearest(entry.key.lower(), KEYS, written)
        if near and entry.key not in (*KEYS, *_OWN):
            unread.append((entry.key, near, entry.location.line))
    return {
        "address": outline.address,
        "is_draft": front.is_draft,
        "day": front.date.isoformat(),
        "body_start": head.body_start,
        "dollar": front.dollar,
        "unread": unread,
        "slips": list(slips_in(source.text, prose, has_liquid=has_liquid)),
    }


def _post(source: Source, told: dict[str, Any] | None) -> Post:
    if told is None:
        return Post(source, None, False, None, 0, None, (), ())
    return Post(
        source=source,
        address=told["address"],
        is_draft=told["is_draft"],
        day=date.fromisoformat(told["day"]),
        body_start=told["body_start"],
        dollar=told["dollar"],
        unread=tuple(UnreadKey(*row) for row in told["unread"]),
        found=tuple(
            (code, at, message, hint, how) for code, at, message, hint, how in told["slips"]
        ),
    )
