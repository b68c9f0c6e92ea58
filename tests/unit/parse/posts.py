"""Posts for the tests of the parser."""

from datetime import date
from pathlib import PurePosixPath

import pytest

from builder.config import SiteConfig
from builder.errors import PostError, Problem
from builder.model import Formula, FrontMatter, Listing, ParsedPost, Prose, Source
from builder.parse.post import parse_post

PATH = PurePosixPath("posts/2026-11-23-sgd.md")
LAYOUTS = ("note", "post")


def source_of(text: str, named_date: date | None = date(2026, 11, 23)) -> Source:
    return Source(path=PATH, text=text, named_date=named_date, slug="sgd")


def parse(
    body: str, front: str = "title: SGD", config: SiteConfig | None = None
) -> tuple[ParsedPost, list[str]]:
    """The post and its problems; the body begins on the line behind the front matter's end."""
    problems: list[Problem] = []
    source = source_of(f"---\n{front}\n---\n{body}")
    post = parse_post(source, config or SiteConfig(), LAYOUTS, problems)
    return post, [str(problem) for problem in problems]


def front_of(front: str, config: SiteConfig | None = None) -> FrontMatter:
    return parse("", front, config)[0].front


def refusal_of(front: str) -> str:
    """What is said of front matter that cannot be read."""
    with pytest.raises(PostError) as caught:
        parse("", front)
    return str(caught.value)


def problem_of(body: str) -> str:
    """The only problem of a body."""
    (problem,) = parse(body)[1]
    return problem


def formulas_of(body: str) -> list[Formula]:
    return [part for part in parse(body)[0].parts if isinstance(part, Formula)]


def tex_of(body: str) -> list[str]:
    return [formula.tex for formula in formulas_of(body)]


def listings_of(body: str) -> list[Listing]:
    return [part for part in parse(body)[0].parts if isinstance(part, Listing)]


def prose_of(body: str) -> str:
    return "".join(part.text for part in parse(body)[0].parts if isinstance(part, Prose))
