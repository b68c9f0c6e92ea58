"""Fill in `{{ site.KEY }}` and `{{ page.KEY }}`, as Jekyll does, in text outside code."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from builder.config import SiteConfig
from builder.model import FrontMatter

_VARIABLE = re.compile(r"\{\{-?\s*(?P<name>(?:site|page)\.[\w.-]+?)\s*-?\}\}")


@dataclass(frozen=True, slots=True)
class UnknownVariable:
    """A name that neither the settings nor the front matter know."""

    name: str
    offset: int


def variables(config: SiteConfig, front: FrontMatter, address: str) -> Mapping[str, str]:
    """Say what each variable stands for in a post."""
    site = {
        "title": config.title,
        "description": config.description,
        "author": config.author,
        "url": config.url,
        "baseurl": config.base_path,
    }
    page = {**front.variables, "url": address, "id": address.rstrip("/")}
    return {f"site.{k}": v for k, v in site.items()} | {f"page.{k}": v for k, v in page.items()}


def fill_in(
    text: str, values: Mapping[str, str], on_unknown: Callable[[UnknownVariable], None]
) -> str:
    """Replace the variables in `text`; an unknown one becomes nothing and is told."""

    def value(match: re.Match[str]) -> str:
        if match["name"] not in values:
            on_unknown(UnknownVariable(match["name"], match.start()))
        return values.get(match["name"], "")

    return _VARIABLE.sub(value, text)
