"""Where pages lead: addresses within the site that are not there, and links that say nothing."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path, PurePosixPath
from posixpath import normpath, splitext
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from builder.checking.built import Built, Elsewhere, Place
from builder.checking.pages import PICTURES, Link
from builder.checking.posts import Post, as_written
from builder.compose.addresses import page_path
from builder.config import CACHE, SETTINGS_FILE, Site
from builder.discover import read_texts
from builder.errors import Location, Problem, did_you_mean, note, warning
from builder.options import BuildOptions

_MARKDOWN = (".md", ".markdown")
_HINT_OF_PAGES = "write the address as it is in the browser, or name the file of a post"
_HINT_OF_FILES = "put the file beside the post that names it, or into assets/"
_NOTE_BACK = "fnref:"
"""Where a footnote leads back to: of one that nothing refers to is told in its own words."""


class Mention(NamedTuple):
    """A link of a page, the `number`-th of those to its target."""

    page: str
    link: Link
    number: int


@dataclass
class Found:
    """What looking at the links gave."""

    problems: list[Problem] = field(default_factory=list)
    outside: dict[str, list[Mention]] = field(default_factory=dict)
    """Addresses of other hosts, without their fragments, and who names them."""

    links: int = 0
    pictures: int = 0


@dataclass(frozen=True)
class Places:
    """Where in the sources things stand that a page shows.

    Args:
        site: the site.
        built: as it was built.
        posts: the posts that it was built from, by the paths of their pages.
    """

    site: Site
    built: Built
    posts: Mapping[str, Post]

    def of(self, mention: Mention) -> Location:
        """Where a link is written."""
        page, link, number = mention
        post = self.posts.get(page)
        if post is not None and link.is_prose:
            return self._in_post(post, link, number) or Location(post.source.path)
        # An author may write an `<aside>` or a `<nav>`, too.
        return (
            self._in_theme(link.target)
            or (post and self._in_post(post, link, 1))
            or self.in_page(page, link.line, link.column)
        )

    def _in_post(self, post: Post, link: Link, count: int) -> Location | None:
        config = self.site.config
        targets = (link.target, link.target.removeprefix(config.url))
        return post.find([f for t in targets for f in as_written(t, config.base_path)], count)

    def in_page(self, page: str, line: int, column: int | None = None) -> Location:
        """A place in a page as it was built, for what has none in the sources."""
        path = self.built.folder / page
        return Location(PurePosixPath(path.relative_to(self.site.root).as_posix()), line, column)

    def _in_theme(self, target: str) -> Location | None:
        """Where the settings or a template of the site say an address."""
        base = self.site.config.base_path
        forms = [form for form in dict.fromkeys((target, target.removeprefix(base))) if form]
        for name, text in self._own_texts:
            for form in forms:
                for quote in "\"'":
                    offset = text.find(f"{quote}{form}{quote}")
                    if offset >= 0:
                        return Location(PurePosixPath(name), text.count("\n", 0, offset) + 1)
        return None

    @cached_property
    def _own_texts(self) -> list[tuple[str, str]]:
        root = self.site.root
        settings = root / SETTINGS_FILE
        text = settings.read_text(encoding="utf-8") if settings.is_file() else ""
        templates = read_texts(root / "templates").items()
        return [(SETTINGS_FILE, text), *((f"templates/{name}", text) for name, text in templates)]


class LinkCheck:
    """Looks at every link of a site.

    Args:
        places: where they are written.
        posts: every post, also those that are held back.
        options: of the build.
        told: what the build has told.
    """

    def __init__(
        self,
        places: Places,
        posts: Sequence[Post],
        options: BuildOptions,
        told: Sequence[Problem],
    ) -> None:
        self._places = places
        self._built = places.built
        self._posts = posts
        self._options = options
        self._told = told
        self._counts: Counter[tuple[str, str]] = Counter()
        self._broken: set[object] = set()
        """What leads nowhere, and was told: a theme's link stands on every page."""

        self.found = Found()

    def run(self) -> Found:
        """Look at all of them."""
        pages = sorted(
            self._built.pages.items(), key=lambda item: item[0] not in self._places.posts
        )
        for path, page in pages:
            for link in page.links:
                self.found.links += link.element not in PICTURES
                self.found.pictures += link.element in PICTURES
                self._check(path, link)
        for path, links in self._built.named_by_machines.items():
            for link in links:
                self._check(path, link)
        for path, reason in self._built.broken.items():
            where = self._places.in_page(path, 1)
            message = f"{path} is no well-formed XML: {reason}"
            hint = f"mend templates/{path}"
            self.found.problems.append(
                Problem(code="broken-xml", message=message, location=where, hint=hint)
            )
        return self.found

    def _check(self, page: str, link: Link) -> None:
        self._counts[page, link.target] += link.is_prose
        lead = self._built.lead(page, link.target)
        if link.element == "a" and link.is_prose:
            self.found.problems += self._slips(page, link, lead)
        if lead is None:
            self._tell(page, link, f"{link.target!r} is no address", None)
        elif isinstance(lead, Elsewhere):
            if lead.url:
                mentions = self.found.outside.setdefault(lead.url, [])
                if link.is_prose or not mentions:
                    mentions.append(self._mention(page, link))
        elif not self._built.is_there(lead):
            self._tell(page, link, f"{link.target!r} leads to no page or file", self._near(lead))
        elif not (self._built.has_fragment(lead) or lead.fragment.startswith(_NOTE_BACK)):
            ids = self._built.pages[lead.path].ids
            where = "this page" if lead.path == page else self._built.address(lead.path)
            message = f"{link.target!r}: nothing on {where} has the id {lead.fragment!r}"
            self._tell(page, link, message, did_you_mean(lead.fragment, ids))

    def _slips(self, page: str, link: Link, lead: Place | Elsewhere | None) -> Iterator[Problem]:
        """What is no fault of a link, and still not what its author wants."""
        if not link.target:
            post = self._places.posts.get(page)
            where = (
                post.match(r"\]\([ \t]*\)|href=([\"'])\1", self._counts[page, ""]) if post else None
            )
            where = where or self._place(page, link)
            hint = "say where: [words](address)"
            yield warning("empty-link", "a link leads nowhere", where, hint)
        elif link.is_silent:
            message = f"the link to {link.target!r} has no words"
            hint = "say where it leads: [words](address)"
            yield warning("empty-link", message, self._place(page, link), hint)
        if isinstance(lead, Place) and urlsplit(link.target).netloc:
            base = self._built.config.base_path
            short = link.target.partition(urlsplit(link.target).netloc)[2].removeprefix(base) or "/"
            message = f"{link.target!r} names the site's own host"
            hint = f"write {short!r}, which is right wherever the site is looked at"
            yield note("own-host", message, self._place(page, link), hint)

    def _tell(self, page: str, link: Link, message: str, hint: str | None) -> None:
        """Tell of a link that leads nowhere, unless it was told already."""
        post = self._places.posts.get(page) if link.is_prose else None
        lead = self._built.lead(page, link.target)
        key = lead or link.target
        if post is None and key in self._broken:
            return
        self._broken.add(key)
        if post is not None and lead is not None and self._is_told(post, link.target):
            return
        where = self._place(page, link)
        self.found.problems.append(
            Problem(code="broken-link", message=message, location=where, hint=hint)
        )

    def _place(self, page: str, link: Link) -> Location:
        return self._places.of(self._mention(page, link))

    def _mention(self, page: str, link: Link) -> Mention:
        return Mention(page, link, self._counts[page, link.target])

    def _is_told(self, post: Post, target: str) -> bool:
        """Whether the build has said that a file is missing to which a post leads."""
        name = PurePosixPath(unquote(urlsplit(target).path)).name
        messages = (p.message for p in self._told if p.location.path == post.source.path)
        named = (each for message in messages for each in re.findall(r"'([^']+)'", message))
        return bool(name) and any(PurePosixPath(each).name == name for each in named)

    def _near(self, place: Place) -> str | None:
        """What is likely to be meant: a post that is held back, or the nearest address."""
        for post in self._posts:
            if post.address is not None and str(page_path(post.address)) == place.path:
                reason = post.held_back(self._options)
                return f"{post.source.path} is {reason}" if reason else "its build has failed"
            if place.path.endswith(_MARKDOWN) and normpath(place.path) == str(post.source.path):
                return f"name it without '/': {Path(place.path).name}"
        pages = (path for path in self._built.pages if path != "404.html")
        is_page = splitext(place.path)[1] in ("", ".html")
        known = {_told(path): _name(path) for path in (pages if is_page else self._built.files)}
        near = get_close_matches(_name(place.path), sorted(set(known.values())), 1)
        same = [address for address, name in known.items() if name in near]
        if same:
            return did_you_mean(_told(place.path), same) or f"did you mean {same[0]!r}?"
        return _HINT_OF_PAGES if is_page else _HINT_OF_FILES


def _told(path: str) -> str:
    """The address of a file as an author writes it: `/x/` for `x/index.html`."""
    return f"/{path.removesuffix('index.html')}"


def _name(path: str) -> str:
    """What an address ends in."""
    return PurePosixPath(f"/{path}".removesuffix("/index.html")).name


def pages_of(posts: Sequence[Post]) -> dict[str, Post]:
    """Posts by the paths of their pages."""
    return {str(page_path(post.address)): post for post in posts if post.address is not None}


def checked_folder(site: Site) -> Path:
    """Where a site is built to be looked at."""
    return site.root / CACHE / "checked"
