"""Make pages from templates: each only where it is not there already."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from pathlib import PurePosixPath

from builder.cache.store import digest
from builder.compose.context import Entry, FeedEntry, Group, SiteContext
from builder.compose.templates import Context, Templates
from builder.model import LateFile


@dataclass(frozen=True)
class PageMaker:
    """Makes pages late.

    Args:
        templates: to be filled.
        site: what all of them may say.
        made_by: a digest of the program.
    """

    templates: Templates
    site: SiteContext
    made_by: str

    @cached_property
    def everywhere(self) -> str:
        """A digest of what every page is made from."""
        return digest(self.made_by, self.templates.digest, repr(self.site))

    def page(self, path: PurePosixPath | str, template: str, context: Context) -> LateFile:
        """A page whose context is at hand."""
        key = digest(self.everywhere, template, *_parts(context))
        return self.late(path, key, lambda: self.templates.fill(template, context))

    def late(self, path: PurePosixPath | str, key: str, make: Callable[[], bytes]) -> LateFile:
        """A file that is made once, and only if one with this key is not there."""
        return LateFile(PurePosixPath(str(path).lstrip("/")), key, cache(make))


def _parts(value: object) -> list[str]:
    """What tells one context from another; an entry says it by its key, which is at hand."""
    match value:
        case SiteContext():
            return []
        case Entry():
            return [value.key]
        case FeedEntry():
            return [value.entry.key, value.content]
        case tuple():
            return ["(", *(part for each in value for part in _parts(each)), ")"]
        case Group():
            return [value.name, value.href, *_parts(value.entries)]
    if is_dataclass(value) and not isinstance(value, type):
        return [part for f in fields(value) for part in _parts(getattr(value, f.name))]
    return [str(value) if value is not None else "None"]
