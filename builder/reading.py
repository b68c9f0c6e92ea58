"""From sources to parsed posts: which are published, where, and with what Liquid knows of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath

from builder.cache.cards import Card, Cards
from builder.cache.memo import Memo
from builder.cache.store import digest
from builder.compose.addresses import RESERVED, page_path
from builder.compose.curriculum import find_cycle
from builder.compose.templates import layouts
from builder.config import PROJECT, Site
from builder.discover import read_texts
from builder.errors import Location, PostError, Problem, did_you_mean
from builder.model import (
    Formula,
    FrontMatter,
    Listing,
    ParsedPost,
    Part,
    PostTarget,
    Source,
    post_names,
)
from builder.options import BuildOptions
from builder.parse.jekyll.site import DATA, INCLUDES, JekyllSite
from builder.parse.post import Parsing, outline_of, parse_post, runs_liquid, try_parse
from builder.parse.snippets import parts_of
from builder.render.highlight import code_block
from builder.render.markdown import Converter
from builder.render.tokens import Insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post that is to be published."""

    source: Source
    key: str
    """A digest of all that it is parsed from."""

    card: Card | None
    """What the last build knew of it."""

    post: ParsedPost | None
    """None where the card says all that is needed, as far as is known."""

    problems: tuple[Problem, ...] = ()
    """Those of parsing it."""

    @property
    def front(self) -> FrontMatter | None:
        """Its front matter; None where it could not be parsed."""
        if self.post is not None:
            return self.post.front
        return self.card.post.front if self.card and not self.problems else None

    @property
    def target(self) -> PostTarget:
        """What other posts need to link to it."""
        if self.post is not None:
            return self.post.target
        assert self.card is not None
        return self.card.target


@dataclass(frozen=True, slots=True)
class Parsed:
    """What parsing gave."""

    entries: tuple[Entry, ...]
    """Posts to be published."""

    held_back: tuple[tuple[PurePosixPath, str], ...]
    """The others, and why."""

    due: date | None
    """The first day on which a post that is held back appears."""

    failed: tuple[Source, ...]
    problems: tuple[Problem, ...]
    """Of posts that could not be parsed."""


@dataclass(frozen=True)
class Reader:
    """Parses the posts of a site; one post's Liquid may refer to all others."""

    site: Site
    sources: Sequence[Source]
    options: BuildOptions
    memo: Memo[Parsing] = field(default_factory=Memo)

    @property
    def template_folders(self) -> tuple[Path, Path]:
        """Where templates are looked for."""
        return (self.site.root / "templates", PROJECT / "templates")

    @cached_property
    def layouts(self) -> Collection[str]:
        """What a post may say as its layout."""
        return layouts(self.template_folders)

    @cached_property
    def jekyll(self) -> JekyllSite:
        """What Liquid may refer to."""
        outlines = []
        for source in self.sources:
            try:
                outline = outline_of(source, self.site.config, self.layouts)
            except PostError:  # told when the post itself is parsed
                continue
            if is_shown(outline.front, self.options):
                outlines.append(outline)
        newest_first = sorted(outlines, key=lambda o: (o.front.date, o.source.path), reverse=True)
        return JekyllSite(
            config=self.site.config,
            posts=newest_first,
            includes=read_texts(self.site.root / INCLUDES),
            data_files=read_texts(self.site.root / DATA),
            to_html=_to_html,
        )

    @cached_property
    def _known_to_liquid(self) -> str:
        """A digest of all that Liquid may refer to."""
        site = self.jekyll
        heads = [f"{post.front!r} {post.address} {post.entries!r}" for post in site.posts]
        files = [*site.includes.items(), *site.data_files.items()]
        return digest(*heads, *(part for pair in files for part in pair))

    def parse(self, source: Source, problems: list[Problem]) -> ParsedPost:
        """Parse one post.

        Raises:
            PostError: it cannot be parsed.
        """
        return parse_post(source, self.site.config, self.layouts, problems, self._jekyll(source))

    def parse_all(self, cards: Cards) -> Parsed:
        """Parse every post that `cards` does not tell all of."""
        entries, failed, held_back, days = [], [], [], []
        problems: list[Problem] = []
        for source in self.sources:
            entry = self._entry(source, cards)
            front = entry.front
            if front is None:
                failed.append(source)
                problems += entry.problems
            elif is_shown(front, self.options):
                entries.append(entry)
            else:
                is_early = front.date > self.options.today
                days += [front.date] if is_early else []
                reason = f"its day is {front.date}" if is_early else "it is a draft"
                held_back.append((source.path, reason))
        due = min(days, default=None)
        return Parsed(tuple(entries), tuple(held_back), due, tuple(failed), tuple(problems))

    def parsed(self, entry: Entry) -> Entry:
        """The entry with its post parsed, if that was not needed before."""
        if entry.post is not None:
            return entry
        parsing = self._parsing(entry.source, entry.key)
        return replace(entry, post=parsing.post, problems=parsing.problems)

    def _entry(self, source: Source, cards: Cards) -> Entry:
        key, card = self._key(source), cards.find(str(source.path))
        if card is not None and card.source == key and (card.basis or not card.runs):
            return Entry(source=source, key=key, card=card, post=None)
        parsing = self._parsing(source, key)
        return Entry(
            source=source, key=key, card=card, post=parsing.post, problems=parsing.problems
        )

    def _key(self, source: Source) -> str:
        known = self._known_to_liquid if self._jekyll(source) else ""
        return digest(str(source.path), source.text, self._settings, known)

    @cached_property
    def _settings(self) -> str:
        return digest(repr(self.site.config), *sorted(self.layouts))

    def _parsing(self, source: Source, key: str) -> Parsing:
        config, jekyll = self.site.config, self._jekyll(source)
        return self.memo.get(key, lambda: try_parse(source, config, self.layouts, jekyll))

    def _jekyll(self, source: Source) -> JekyllSite | None:
        return self.jekyll if runs_liquid(source, self.site.config) else None


def _to_html(text: str) -> str:
    """Markdown that Liquid has at hand, with its formulas as they are written."""

    def insert(part: Part) -> Insert | None:
        match part:
            case Formula():
                return Insert(part.source, part.source, part.source)
            case Listing():
                code = code_block(part.code, part.language)
                return Insert(code, code, part.code)
        return None

    return Converter().convert([(part, insert(part)) for part in parts_of(text)], str)


def is_shown(front: FrontMatter, options: BuildOptions) -> bool:
    """Whether a post is published by a build."""
    is_ready = options.with_drafts or not front.is_draft
    return is_ready and (options.with_future or front.date <= options.today)


def with_own_address(entries: Sequence[Entry], problems: list[Problem]) -> list[Entry]:
    """The posts without those whose address another one has already."""
    by_page: dict[str, Entry] = {}
    for entry in entries:
        path, address = entry.source.path, entry.target.address
        page = page_path(address)
        where = Location(path, entry.front.lines.get("permalink") if entry.front else None)
        if page.parts[0] in RESERVED:
            problems.append(
                Problem(
                    code="taken-address",
                    message=f"the address {address!r} is taken: the site has /{page.parts[0]}",
                    location=where,
                    hint="say another 'permalink'",
                )
            )
            continue
        first = by_page.setdefault(str(page), entry)
        if first is not entry:
            problems.append(
                Problem(
                    code="taken-address",
                    message=f"{first.source.path} has the address {address!r} already",
                    location=where,
                    hint="change the file name or say another 'permalink'",
                )
            )
    _tell_taken_aliases(by_page, problems)
    return list(by_page.values())


def tell_wrong_order(
    entries: Sequence[Entry], sources: Sequence[Source], problems: list[Problem]
) -> None:
    """Tell of posts that build on none that there is, or in a circle on themselves."""
    named: dict[str, list[Source]] = {}
    for source in sources:
        for name in post_names(source.path):
            named.setdefault(name, []).append(source)
    after: dict[str, list[str]] = {}
    lines: dict[str, Location] = {}
    for entry in entries:
        front, path = entry.front, entry.source.path
        assert front is not None  # what has none is no entry
        lines[str(path)] = where = Location(path, front.lines.get("after"))
        found = [_one_named(name, named, where, problems) for name in front.after]
        after[str(path)] = [str(source.path) for source in found if source]
    circle = find_cycle(after)
    if circle:
        message = f"after: these build on each other in a circle: {' → '.join(circle)}"
        hint = "leave out the one that can be read first"
        where = lines[circle[0]]
        problems.append(Problem(code="circular-order", message=message, location=where, hint=hint))


def _one_named(
    name: str, named: Mapping[str, Sequence[Source]], where: Location, problems: list[Problem]
) -> Source | None:
    """The post that another one calls by a name."""
    match named.get(name):
        case None:
            code, hint = "unknown-post", did_you_mean(name, named) or "name the slug of a post"
            message = f"after: no post is called {name!r}"
        case [source]:
            return source
        case found:
            code = "ambiguous-post"
            hint = f"say {' or '.join(post_names(source.path)[-1] for source in found)}"
            message = f"after: several posts are called {name!r}"
    problems.append(Problem(code=code, message=message, location=where, hint=hint))
    return None


def _tell_taken_aliases(by_page: Mapping[str, Entry], problems: list[Problem]) -> None:
    """Tell of old addresses that lead to more than one post."""
    taken = {PurePosixPath(page): entry for page, entry in by_page.items()}
    for entry in by_page.values():
        for address, line in (entry.front.aliases if entry.front else {}).items():
            page = page_path(address)
            first = taken.setdefault(page, entry)
            if first is not entry or page.parts[0] in RESERVED:
                whose = "the site" if page.parts[0] in RESERVED else str(first.source.path)
                message = f"aliases: {whose} has the address {address!r} already"
                problems.append(
                    Problem(
                        code="taken-address",
                        message=message,
                        location=Location(entry.source.path, line),
                        hint="say another one, or leave it out",
                    )
                )
