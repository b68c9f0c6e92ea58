"""What Liquid in a post may refer to: `site`, `page`, other posts, includes and data."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from html import escape
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from builder.config import SiteConfig
from builder.errors import Location, PostError, Problem
from builder.model import FrontMatter, Source
from builder.parse.yaml_mapping import Entry, read_yaml

INCLUDES = "_includes"
DATA = "_data"


class Moment(datetime):
    """A point in time that Liquid shows as Ruby does."""

    def __str__(self) -> str:
        """`2026-11-23 00:00:00 +0000`."""
        return self.strftime("%Y-%m-%d %H:%M:%S %z")


@dataclass(frozen=True, slots=True)
class Outline:
    """A post as others may refer to it."""

    source: Source
    front: FrontMatter
    address: str
    entries: tuple[Entry, ...]
    """Its front matter, whatever it holds."""

    def page(self, config: SiteConfig) -> dict[str, object]:
        """What `page` holds in it, and `post` in a loop over `site.posts`."""
        zone = ZoneInfo(config.time_zone)
        told = {entry.key: entry.value for entry in self.entries}
        return {
            **told,
            "title": self.front.title,
            "date": _moment(told.get("date"), self.front.date, zone),
            "url": self.address,
            "id": self.address.rstrip("/"),
            "slug": self.source.slug,
            "path": str(self.source.path),
            "name": self.source.path.name,
            "tags": list(self.front.tags),
            "categories": list(self.front.categories),
            "collection": "posts",
        }


@dataclass(frozen=True)
class JekyllSite:
    """What all posts of a site share."""

    config: SiteConfig
    posts: Sequence[Outline] = ()
    """Those that are published, the newest first."""

    includes: Mapping[str, str] = field(default_factory=dict)
    """The files below `_includes`, by their names."""

    data_files: Mapping[str, str] = field(default_factory=dict)
    """The files below `_data`, by their names."""

    to_html: Callable[[str], str] = escape
    """Markdown as HTML, for `markdownify`."""

    @cached_property
    def variables(self) -> Mapping[str, object]:
        """What `site` holds."""
        config = self.config
        pages = [post.page(config) for post in self.posts]
        newest = pages[0]["date"] if pages else Moment(1970, 1, 1, tzinfo=ZoneInfo("UTC"))
        return {
            "author": config.author,
            **config.variables,
            "title": config.title,
            "description": config.description,
            "url": config.url,
            "baseurl": config.base_path,
            # No clock is read: the same input gives the same site on any day.
            "time": newest,
            "posts": pages,
            "related_posts": pages[:10],
            "tags": _grouped(pages, "tags"),
            "categories": _grouped(pages, "categories"),
            "pages": [],
            "data": self.data,
        }

    @cached_property
    def data(self) -> Mapping[str, object]:
        """What `site.data` holds.

        Raises:
            PostError: a file cannot be read.
        """
        tree: dict[str, object] = {}
        for name, text in self.data_files.items():
            path = PurePosixPath(name)
            reader = _READERS.get(path.suffix.lower())
            if reader is None:
                continue
            folder = tree
            for part in path.parts[:-1]:
                inner = folder.setdefault(part, {})
                folder = inner if isinstance(inner, dict) else {}
            try:
                folder[path.stem] = reader(text)
            except (ValueError, RecursionError, csv.Error) as error:
                reason = " ".join(str(error).split())
                where = Location(PurePosixPath(DATA) / path)
                message = f"broken data: {reason}"
                raise PostError(
                    Problem(code="broken-data", message=message, location=where)
                ) from None
        return tree

    def neighbours(self, post: Outline) -> Mapping[str, object]:
        """What `page.previous` and `page.next` hold, the older and the newer post."""
        paths = [each.source.path for each in self.posts]
        if post.source.path not in paths:
            return {}
        index = paths.index(post.source.path)
        near = {"previous": self.posts[index + 1 : index + 2], "next": self.posts[:index][-1:]}
        return {name: posts[0].page(self.config) for name, posts in near.items() if posts}

    def post(self, name: str) -> Outline | None:
        """The post whose file is `2026-11-23-slug`, perhaps within a folder."""
        wanted = name.strip("/")
        for post in self.posts:
            path = post.source.path
            named = path.parent if path.stem == "index" else path.with_suffix("")
            if named.name == wanted or str(named).endswith(f"/{wanted}"):
                return post
        return None


def _moment(told: object, day: date, zone: ZoneInfo) -> Moment:
    """The time that a post says, or the beginning of its day."""
    if isinstance(told, str):  # YAML knows no zone such as `+0100`
        with suppress(ValueError):
            told = datetime.fromisoformat(told)
    if isinstance(told, datetime):
        there = told.replace(tzinfo=zone) if told.tzinfo is None else told.astimezone(zone)
        return Moment(*there.timetuple()[:6], tzinfo=zone)
    return Moment(day.year, day.month, day.day, tzinfo=zone)


def _grouped(pages: Iterable[Mapping[str, object]], key: str) -> Mapping[str, object]:
    groups: dict[str, list[object]] = defaultdict(list)
    for page in pages:
        words = page[key]
        for word in words if isinstance(words, list) else ():
            groups[word].append(page)
    return dict(groups)


def _table(delimiter: str, text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


_READERS: Mapping[str, Callable[[str], object]] = {
    ".yml": read_yaml,
    ".yaml": read_yaml,
    ".json": json.loads,
    ".csv": lambda text: _table(",", text),
    ".tsv": lambda text: _table("\t", text),
}
