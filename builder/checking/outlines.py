"""The outline of each page: ids that stand there twice, and levels of headings."""

from collections.abc import Iterator
from itertools import pairwise

from builder.checking.links import Places
from builder.checking.pages import Page
from builder.errors import Location, Problem, note, warning


def tell_outlines(places: Places) -> Iterator[Problem]:
    """What is wrong with the outline of any page; what the theme does, once."""
    told: set[str] = set()
    for path, page in places.built.pages.items():
        yield from _repeated(path, page, places, told)
        yield from _without_alt(path, page, places, told)
        if path in places.posts:
            yield from _skipped(path, page, places)


def _repeated(path: str, page: Page, places: Places, told: set[str]) -> Iterator[Problem]:
    for name, line, is_prose in page.repeated:
        post = places.posts.get(path) if is_prose else None
        where: Location | None = None
        if post is not None:
            forms = (f'id="{name}"', f"id='{name}'", f"#{name}", f"label: {name}")
            where = post.find(forms, 2) or Location(post.source.path)
        elif name in told:
            continue
        told.add(name)
        yield Problem(
            code="duplicate-label",
            message=f"the id {name!r} stands on {places.built.address(path)} more than once",
            location=where or places.in_page(path, line),
            hint="a link to it can lead to one place only: rename the others",
        )


def _without_alt(path: str, page: Page, places: Places, told: set[str]) -> Iterator[Problem]:
    for source, line in page.without_alt:
        if source not in told:
            told.add(source)
            message = f"picture {source!r} has no 'alt'"
            hint = 'say what it shows, or that it says nothing, alt=""'
            yield warning("missing-alt-text", message, places.in_page(path, line), hint)


def _skipped(path: str, page: Page, places: Places) -> Iterator[Problem]:
    """Headings that are more than one level below the one before."""
    post = places.posts[path]
    levels = [heading.level for heading in page.headings]
    written = post.headings()
    for index, (above, level) in enumerate(pairwise(levels), 1):
        if level > above + 1:
            words = page.headings[index].words
            where = post.find((words,)) or Location(post.source.path)
            hint = "let it be one level below the one before"
            if len(written) == len(levels):  # none is written in another way
                where, marks, words = written[index]
                hint = f"write '{'#' * (marks - level + above + 1)} {words}'"
            message = f"the heading {words!r} skips a level"
            yield note("skipped-level", message, where, hint)
