"""The templates of a site: its own first, the project's for what it does not have."""

from dataclasses import fields
from functools import cached_property
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from builder.cache.store import digest
from builder.compose.context import (
    FeedContext,
    IndexContext,
    NotFoundContext,
    PostContext,
    RedirectContext,
    SitemapContext,
)
from builder.errors import SiteError

Context = (
    PostContext | IndexContext | FeedContext | NotFoundContext | RedirectContext | SitemapContext
)
_PARTIAL = ("base.html", "index.html", "404.html", "redirect.html")


def layouts(folders: tuple[Path, ...]) -> frozenset[str]:
    """The names that a post's `layout` may have: one for each page template."""
    return frozenset(
        path.stem
        for folder in folders
        for path in folder.glob("*.html")
        if path.name not in _PARTIAL and not path.name.startswith("_")
    )


class Templates:
    """Fills templates; what is missing in a context is an error, never empty text."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        self._environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    @cached_property
    def digest(self) -> str:
        """Another one where any template is another."""
        paths = (p for folder in self._folders for p in sorted(folder.rglob("*")) if p.is_file())
        return digest(*(part for path in paths for part in (path.name, path.read_bytes())))

    def fill(self, name: str, context: Context) -> bytes:
        """The page that template `name` makes of `context`.

        Raises:
            SiteError: the template is broken or uses what its context does not have.
        """
        try:
            values = {field.name: getattr(context, field.name) for field in fields(context)}
            return (self._environment.get_template(name).render(values) + "\n").encode()
        except TemplateSyntaxError as error:
            raise SiteError(f"templates/{error.name}:{error.lineno}: {error.message}") from None
        except Exception as error:  # whatever an expression of the template raises
            told = f"{type(error).__name__}: {error}" if error.args else type(error).__name__
            message = error.message if isinstance(error, TemplateError) else told
            raise SiteError(f"templates/{name}{_template_line(error, name)}: {message}") from None


def _template_line(error: Exception, name: str) -> str:
    """`:12`, the line of the template where it was raised."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(name):
            line = f":{trace.tb_lineno}"
        trace = trace.tb_next
    return line
