"""The templates of a site: its own first, the project's for what it does not have."""

import re
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from traceback import walk_tb

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from builder.cache.store import digest
from builder.compose.context import (
    ArchiveContext,
    FeedContext,
    GroupContext,
    GroupsContext,
    HomeContext,
    LlmsContext,
    NotFoundContext,
    PeriodContext,
    PostContext,
    RedirectContext,
    SearchContext,
    SitemapContext,
    TopicsContext,
)
from builder.dates import in_words
from builder.errors import SiteError

Context = (
    PostContext
    | HomeContext
    | ArchiveContext
    | PeriodContext
    | GroupsContext
    | GroupContext
    | TopicsContext
    | SearchContext
    | FeedContext
    | NotFoundContext
    | RedirectContext
    | SitemapContext
    | LlmsContext
)
_NO_LAYOUTS = frozenset(
    {"base", "index", "404", "redirect", "archive", "year", "month", "day", "tags", "tag"}
    | {"series-list", "series", "topics", "search"}
)


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What neither XML nor HTML may hold, as in text that was meant for a terminal."""


def layouts(folders: tuple[Path, ...]) -> frozenset[str]:
    """The names that a post's `layout` may have: one for each page template."""
    return frozenset(
        path.stem
        for folder in folders
        for path in folder.glob("*.html")
        if path.stem not in _NO_LAYOUTS and not path.name.startswith("_")
    )


def digest_of(folders: tuple[Path, ...]) -> str:
    """Another one where any template is another."""
    paths = (
        (path.relative_to(folder).as_posix(), path)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )
    return digest(*(part for name, path in paths for part in (name, path.read_bytes())))


class Templates:
    """Fills templates as they were at first; what is missing in a context is an error."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        self._environment = Environment(
            loader=ChoiceLoader(
                [
                    FileSystemLoader(folders),
                    # For a site's own template that extends the one that it takes the place of.
                    PrefixLoader({"project": FileSystemLoader(folders[-1])}),
                ]
            ),
            autoescape=lambda name: not (name or "").endswith(".txt"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "in_words": in_words,
            "one_line": _one_line,
            "link_text": _link_text,
        }

    @cached_property
    def digest(self) -> str:
        """Another one where any template is another."""
        return digest_of(self._folders)

    def fill(self, name: str, context: Context) -> bytes:
        """The page that template `name` makes of `context`.

        Raises:
            SiteError: the template is broken or uses what its context does not have.
        """
        try:
            values = {field.name: getattr(context, field.name) for field in fields(context)}
            text = self._environment.get_template(name).render(values)
            return f"{_FORBIDDEN.sub('', text)}\n".encode()
        except TemplateSyntaxError as error:
            raise SiteError(f"templates/{error.name}:{error.lineno}: {error.message}") from None
        except RecursionError as error:
            name, _ = self._innermost(error, name)
            hint = f'say {{% extends "project/{name}" %}} for the one whose place it takes'
            raise SiteError(f"templates/{name}: it extends itself, or what does ({hint})") from None
        except Exception as error:  # whatever an expression of the template raises
            name, line = self._innermost(error, name)
            raise SiteError(f"templates/{name}{line}: {_message(error)}") from None

    def _innermost(self, error: Exception, name: str) -> tuple[str, str]:
        """The template that has raised it, maybe one that `name` takes in, and `:12`, its line."""
        found = name, ""
        for frame, line in walk_tb(error.__traceback__):
            path = Path(frame.f_code.co_filename)
            for folder in self._folders:
                if path.is_relative_to(folder):
                    found = path.relative_to(folder).as_posix(), f":{line}"
        return found


def _one_line(text: str) -> str:
    """Text without line breaks, for what is no HTML."""
    return " ".join(text.split())


def _link_text(text: str) -> str:
    """Text as Markdown has it between the brackets of a link."""
    return re.sub(r"[\\\[\]]", r"\\\g<0>", _one_line(text))


def _message(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name!r}"
    if isinstance(error, TemplateError):
        return str(error.message)
    return f"{type(error).__name__}: {error}" if error.args else type(error).__name__
