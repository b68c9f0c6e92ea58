"""The outline of each page: ids that stand there twice, and levels of headings."""

from collections import Counter
from collections.abc import Iterator

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
            yield warning(message, places.in_page(path, line), hint)


def _skipped(path: str, page: Page, places: Places) -> Iterator[Problem]:
    """Headings that are more than one level below the one before; the title is the first."""
    post, above = places.posts[path], 1
    seen: Counter[int] = Counter()
    for heading in page.headings:
        level = heading.level
        seen[level] += 1
        if level > above + 1:
            marks = rf"^[ \t>]*#{{{level}}}[ \t]+|<h{level}\b"
            where = post.match(marks, seen[level]) or post.find((heading.words,))
            message = (
                f"the heading {heading.words!r} is of level {level}, below one of level {above}"
            )
            hint = f"write '{'#' * (above + 1)} {heading.words}'"
            yield note(message, where or Location(post.source.path), hint)
        above = level
