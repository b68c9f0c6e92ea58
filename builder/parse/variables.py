"""Fill in `{{ site.KEY }}` and `{{ page.KEY }}`, as Jekyll does, in text outside code."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from builder.config import SiteConfig
from builder.model import FrontMatter

_LIQUID = re.compile(
    r"\{\{-?\s*(?P<name>(?:site|page)\.[\w.-]+?)\s*-?\}\}|\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}"
)


@dataclass(frozen=True, slots=True)
class UnknownLiquid:
    """What Jekyll would fill in and this builder does not."""

    name: str | None
    """Of a variable that neither the settings nor the front matter know."""

    text: str
    offset: int


def variables(config: SiteConfig, front: FrontMatter, address: str) -> Mapping[str, str]:
    """Say what each variable stands for in a post."""
    site = {
        **{key: str(value) for key, value in config.variables.items()},
        "title": config.title,
        "description": config.description,
        "author": config.author,
        "url": config.url,
        "baseurl": config.base_path,
    }
    page = {**front.variables, "url": address, "id": address.rstrip("/")}
    return {f"site.{k}": v for k, v in site.items()} | {f"page.{k}": v for k, v in page.items()}


def fill_in(
    text: str, values: Mapping[str, str], on_unknown: Callable[[UnknownLiquid], None]
) -> str:
    """Replace the variables in `text`; what is unknown is told.

    An unknown variable becomes nothing, and other Liquid stays as it is.
    """

    def value(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in values:
            on_unknown(UnknownLiquid(name, match[0], match.start()))
        return values.get(name, "") if name else match[0]

    return _LIQUID.sub(value, text)
