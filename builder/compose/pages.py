"""Make pages from templates: each only where it is not there already."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import PurePosixPath

from builder.cache.store import digest
from builder.compose.context import SiteContext
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
        told = (getattr(context, f.name) for f in fields(context) if f.name != "site")
        key = digest(self.everywhere, template, *map(repr, told))
        return self.late(path, key, lambda: self.templates.fill(template, context))

    def late(self, path: PurePosixPath | str, key: str, make: Callable[[], bytes]) -> LateFile:
        """A file that is made once, and only if one with this key is not there."""
        return LateFile(PurePosixPath(str(path).lstrip("/")), key, cache(make))
