"""Posts with Liquid, and sites that they refer to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from builder.config import SiteConfig
from builder.errors import Problem
from builder.model import ParsedPost, Source
from builder.parse.front_matter import split_front_matter
from builder.parse.jekyll.expand import run_liquid
from builder.parse.jekyll.site import JekyllSite, Outline
from builder.parse.post import outline_of, parse_post
from tests.unit.parse.posts import LAYOUTS, source_of

CONFIG = SiteConfig(
    title="Daily",
    author="Ada",
    description="About ML",
    url="https://x.example",
    base_path="/blog",
    liquid=True,
    variables={"github": "ada", "nested": {"key": "v"}, "words": ["a", "b"]},
)
FIRST_LINE = 4
"""Of a body, in the file of its post."""


def outline(name: str, front: str = "title: A", config: SiteConfig = CONFIG) -> Outline:
    """A post by its name below `posts/`, without its ending."""
    named = name.removesuffix("/index").rpartition("/")[2]
    source = Source(
        path=PurePosixPath(f"posts/{name}.md"),
        text=f"---\n{front}\n---\nText.\n",
        named_date=date.fromisoformat(named[:10]),
        slug=named[11:],
    )
    return outline_of(source, config, LAYOUTS)


SITE = JekyllSite(
    config=CONFIG,
    posts=(
        outline("2026-11-22-adam", "title: Adam\ntags: [ml, optimisation]\ncategories: deep"),
        outline("notes/2026-11-20-momentum", "title: Momentum\ntags: [ml]"),
        outline("2026-11-18-folder/index", "title: Folder"),
    ),
)


def site_of(
    includes: Mapping[str, str] | None = None,
    data_files: Mapping[str, str] | None = None,
    posts: Sequence[Outline] = SITE.posts,
) -> JekyllSite:
    return replace(SITE, includes=includes or {}, data_files=data_files or {}, posts=posts)


def run(
    body: str, front: str = "title: SGD", site: JekyllSite = SITE
) -> tuple[Source, list[Problem]]:
    """The post as Liquid leaves it, with what is wrong."""
    problems: list[Problem] = []
    source = source_of(f"---\n{front}\n---\n{body}")
    post = outline_of(source, site.config, LAYOUTS)
    start = split_front_matter(source).body_start
    return run_liquid(post, start, site, problems), problems


def made(body: str, front: str = "title: SGD", site: JekyllSite = SITE) -> str:
    """What Liquid makes of a body in which nothing is wrong."""
    source, problems = run(body, front, site)
    assert [str(problem) for problem in problems] == []
    return source.text[split_front_matter(source).body_start :]


def told(body: str, site: JekyllSite = SITE, front: str = "title: SGD") -> tuple[str, list[str]]:
    """What Liquid makes of a body, and what is said of it, without the path."""
    source, problems = run(body, front, site)
    prefix = f"{source.path}:"
    said = [str(problem).removeprefix(prefix) for problem in problems]
    return source.text[split_front_matter(source).body_start :], said


def parsed(
    body: str, front: str = "title: SGD", site: JekyllSite | None = SITE
) -> tuple[ParsedPost, list[str]]:
    """The post with its parts, and its problems without the path."""
    problems: list[Problem] = []
    source = source_of(f"---\n{front}\n---\n{body}")
    config = site.config if site else SiteConfig()
    post = parse_post(source, config, LAYOUTS, problems, site)
    prefix = f"{source.path}:"
    return post, [str(problem).removeprefix(prefix) for problem in problems]
