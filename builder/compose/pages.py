"""Stage 5: set rendered posts into the pages of the site.

Gives values; only `write` touches the output folder.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath
from urllib.parse import quote

from markupsafe import Markup

from builder.compose.assets import Assets, make_assets
from builder.compose.context import (
    Download,
    Entry,
    FeedContext,
    IndexContext,
    PostContext,
    SiteContext,
)
from builder.compose.templates import Templates
from builder.config import PROJECT, Site
from builder.errors import SiteError
from builder.model import OutputFile, RenderedPost

ICON = PurePosixPath("assets/icon.svg")
_EPOCH = date(1970, 1, 1)
_FORMS = {".ipynb": "Jupyter notebook", ".py": "Python file"}


def compose_site(
    site: Site, posts: Sequence[RenderedPost], templates: Templates
) -> tuple[OutputFile, ...]:
    """Make every file of the site.

    Raises:
        SiteError: a template is broken, or two files have one address.
    """
    posts = sorted(posts, key=lambda post: (post.front.date, post.address), reverse=True)
    assets = make_assets(tuple(dict.fromkeys((PROJECT / "assets", site.assets))))
    context = _site_context(site, assets)
    entries = tuple(_entry(site, post) for post in posts)
    pages = _post_pages(posts, entries, context, templates)
    home = OutputFile(
        PurePosixPath("index.html"),
        templates.fill("index.html", IndexContext(site=context, entries=entries)),
    )
    feed = OutputFile(PurePosixPath("feed.xml"), _feed(site, context, entries, templates))
    files = (
        home,
        feed,
        *pages,
        *(file for post in posts for file in (*post.files, *post.downloads)),
        *assets.all,
    )
    return _distinct(files)


def _site_context(site: Site, assets: Assets) -> SiteContext:
    config, base = site.config, site.config.base_path
    has_icon = any(file.path == ICON for file in assets.others)
    return SiteContext(
        title=config.title,
        author=config.author,
        description=config.description,
        language=config.language,
        home=f"{base}/",
        feed=f"{base}/feed.xml",
        stylesheet=f"{base}/{assets.style.path}",
        script=f"{base}/{assets.script.path}",
        icon=f"{base}/{ICON}" if has_icon else None,
    )


def _entry(site: Site, post: RenderedPost) -> Entry:
    href = quote(site.config.base_path + post.address)
    return Entry(
        title=post.front.title,
        href=href,
        url=site.config.url + href,
        date=post.front.date,
        is_draft=post.front.is_draft,
        tags=post.front.tags,
        excerpt=post.excerpt,
    )


def _post_pages(
    posts: Sequence[RenderedPost],
    entries: tuple[Entry, ...],
    site: SiteContext,
    templates: Templates,
) -> Iterator[OutputFile]:
    base = site.home.removesuffix("/")
    for index, (post, entry) in enumerate(zip(posts, entries, strict=True)):
        context = PostContext(
            site=site,
            entry=entry,
            title=Markup(post.title),
            article=Markup(post.article),  # the author's own HTML
            sprite=_sprite(post.glyphs),
            has_listings='<pre class="code"' in post.article,
            downloads=tuple(
                Download(_FORMS[file.path.suffix], f"{base}/{quote(str(file.path))}")
                for file in post.downloads
            ),
            older=entries[index + 1] if index + 1 < len(entries) else None,
            newer=entries[index - 1] if index > 0 else None,
        )
        page = templates.fill(f"{post.front.layout}.html", context)
        yield OutputFile(page_path(post.address), page)


def page_path(address: str) -> PurePosixPath:
    """The file that a host serves for an address."""
    path = PurePosixPath(address.lstrip("/"))
    return path / "index.html" if address.endswith("/") else path


def _sprite(glyphs: Mapping[str, str]) -> Markup:
    """Each letter once, for all formulas of a page to refer to."""
    if not glyphs:
        return Markup()
    paths = "".join(
        f'<path id="{html.escape(name)}" d="{html.escape(outline)}"/>'
        for name, outline in sorted(glyphs.items())
    )
    return Markup(  # made of MathJax's own outlines
        '<svg class="math-sprite" aria-hidden="true" width="0" height="0">'
        f"<defs>{paths}</defs></svg>"
    )


def _feed(
    site: Site, context: SiteContext, entries: tuple[Entry, ...], templates: Templates
) -> bytes:
    latest = entries[: site.config.feed_size]
    return templates.fill(
        "feed.xml",
        FeedContext(
            site=context,
            home_url=site.config.url + context.home,
            feed_url=site.config.url + context.feed,
            updated=latest[0].date if latest else _EPOCH,
            entries=latest,
        ),
    )


def _distinct(files: tuple[OutputFile, ...]) -> tuple[OutputFile, ...]:
    """The files by path; two different ones at one path are an error."""
    by_path: dict[PurePosixPath, OutputFile] = {}
    for file in files:
        other = by_path.setdefault(file.path, file)
        if other.content != file.content:
            raise SiteError(f"two files have the address /{file.path}: change a permalink")
    for path in by_path:
        for above in path.parents:
            if above in by_path:
                raise SiteError(f"/{above} is a page and cannot hold /{path}: change a permalink")
    return tuple(by_path[path] for path in sorted(by_path))
