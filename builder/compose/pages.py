"""Stage 5: set rendered posts into the pages of the site.

Gives values; only `write` touches the output folder.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial
from pathlib import PurePosixPath
from urllib.parse import quote

from markupsafe import Markup

from builder.cache.store import digest
from builder.compose.assets import Assets, make_assets
from builder.compose.context import (
    Download,
    Entry,
    FeedContext,
    IndexContext,
    NotFoundContext,
    PostContext,
    RedirectContext,
    SiteContext,
    SitemapContext,
)
from builder.compose.templates import Templates
from builder.config import PROJECT, Site
from builder.errors import SiteError
from builder.model import LateFile, OutputFile, PostCard, PostPage, SiteFile

ICON = PurePosixPath("assets/icon.svg")
_LATEST = 5
RESERVED = ("index.html", "feed.xml", "sitemap.xml", "robots.txt", "404.html", "assets")
"""What stands at the root of every site."""

_EPOCH = date(1970, 1, 1)
_FORMS = {".ipynb": "Jupyter notebook", ".py": "Python file"}


def compose_site(
    site: Site, posts: Sequence[PostPage], templates: Templates, made_by: str
) -> tuple[SiteFile, ...]:
    """Make every file of the site; pages of posts are made where they are needed.

    Args:
        site: its settings and assets.
        posts: in any order.
        templates: of its pages.
        made_by: a digest of the program.

    Raises:
        SiteError: a template is broken, or two files have one address.
    """
    posts = sorted(posts, key=lambda p: (p.card.front.date, p.card.address), reverse=True)
    assets = make_assets(tuple(dict.fromkeys((PROJECT / "assets", site.assets))))
    context = _site_context(site, assets)
    entries = tuple(_entry(site, post.card) for post in posts)
    files: tuple[SiteFile, ...] = (
        OutputFile(
            PurePosixPath("index.html"),
            templates.fill("index.html", IndexContext(site=context, entries=entries)),
        ),
        OutputFile(PurePosixPath("feed.xml"), _feed(site, context, entries, templates)),
        *_for_machines(site, context, entries, templates),
        *_redirects(posts, entries, context, templates),
        *_post_pages(posts, entries, context, templates, made_by),
        *(file for post in posts for file in _files(post)),
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


def _entry(site: Site, post: PostCard) -> Entry:
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
    posts: Sequence[PostPage],
    entries: tuple[Entry, ...],
    site: SiteContext,
    templates: Templates,
    made_by: str,
) -> Iterator[LateFile]:
    everywhere = digest(made_by, templates.digest, repr(site))
    near = (None, *entries, None)
    for index, (post, entry) in enumerate(zip(posts, entries, strict=True)):
        newer, older = near[index], near[index + 2]
        key = digest(everywhere, post.card.key, repr((entry, newer, older)))
        make = cache(partial(_page, post, entry, (newer, older), site, templates))
        yield LateFile(page_path(post.card.address), key, make)


def _page(
    page: PostPage,
    entry: Entry,
    near: tuple[Entry | None, Entry | None],
    site: SiteContext,
    templates: Templates,
) -> bytes:
    """The page of a post, between a newer and an older one."""
    base, post = site.home.removesuffix("/"), page.load()
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
        newer=near[0],
        older=near[1],
    )
    return templates.fill(f"{post.front.layout}.html", context)


def _files(page: PostPage) -> Iterator[LateFile]:
    """Figures, pictures and downloads of a post."""

    def content(path: PurePosixPath) -> bytes:
        post = page.load()
        return next(f.content for f in (*post.files, *post.downloads) if f.path == path)

    for path, key in page.card.files:
        yield LateFile(path, key, partial(content, path))


def page_path(address: str) -> PurePosixPath:
    """The file that a host serves for an address."""
    path = PurePosixPath(address.lstrip("/"))
    return path / "index.html" if address.endswith("/") else path


def _sprite(glyphs: Mapping[str, str]) -> Markup:
    """Each letter once, for all formulas of a page to refer to."""
    if not glyphs:
        return Markup()
    paths = "".join(_glyph(name, outline) for name, outline in sorted(glyphs.items()))
    return Markup(  # made of MathJax's own outlines
        '<svg class="math-sprite" aria-hidden="true" width="0" height="0">'
        f"<defs>{paths}</defs></svg>"
    )


def _for_machines(
    site: Site, context: SiteContext, entries: tuple[Entry, ...], templates: Templates
) -> Iterator[OutputFile]:
    """What hosts and search engines ask for."""
    missing = NotFoundContext(site=context, entries=entries[:_LATEST])
    yield OutputFile(PurePosixPath("404.html"), templates.fill("404.html", missing))
    home_url = site.config.url + context.home
    public = tuple(entry for entry in entries if not entry.is_draft)
    sitemap = SitemapContext(site=context, home_url=home_url, entries=public)
    yield OutputFile(PurePosixPath("sitemap.xml"), templates.fill("sitemap.xml", sitemap))
    robots = f"User-agent: *\nAllow: /\n\nSitemap: {home_url}sitemap.xml\n"
    yield OutputFile(PurePosixPath("robots.txt"), robots.encode())


def _redirects(
    posts: Sequence[PostPage], entries: tuple[Entry, ...], site: SiteContext, templates: Templates
) -> Iterator[OutputFile]:
    """Pages at the addresses where posts once were; of one that is taken was told before."""
    taken = {page_path(post.card.address) for post in posts}
    for post, entry in reversed(list(zip(posts, entries, strict=True))):  # the oldest first
        for path in map(page_path, post.card.front.aliases):
            if path not in taken and path.parts[0] not in RESERVED:
                taken.add(path)
                page = templates.fill("redirect.html", RedirectContext(site=site, entry=entry))
                yield OutputFile(path, page)


@cache
def _glyph(name: str, outline: str) -> str:
    """A letter of a sprite; a site has few different ones."""
    return f'<path id="{html.escape(name)}" d="{html.escape(outline)}"/>'


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


def _distinct(files: tuple[SiteFile, ...]) -> tuple[SiteFile, ...]:
    """The files by path; two different ones at one path are an error."""
    by_path: dict[PurePosixPath, SiteFile] = {}
    for file in files:
        other = by_path.setdefault(file.path, file)
        if other is not file and not _is_same(other, file):
            raise SiteError(f"two files have the address /{file.path}: change a permalink")
    names = {str(path) for path in by_path}
    for name in sorted(names):
        above = name.rpartition("/")[0]
        while above:
            if above in names:
                raise SiteError(f"/{above} is a page and cannot hold /{name}: change a permalink")
            above = above.rpartition("/")[0]
    return tuple(by_path.values())


def _is_same(one: SiteFile, other: SiteFile) -> bool:
    if isinstance(one, LateFile) and isinstance(other, LateFile) and one.key == other.key:
        return True
    return one.content == other.content
