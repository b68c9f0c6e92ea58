"""Stage 5: set rendered posts into the pages of the site.

Gives values; only `write` touches the output folder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import PurePosixPath

from builder.cache.store import Store, digest
from builder.compose.articles import Articles, files_of
from builder.compose.assets import Assets, make_assets, source_of
from builder.compose.context import Link, SiteContext
from builder.compose.feeds import Feeds
from builder.compose.library import Library, in_order
from builder.compose.listings import Listings, navigation
from builder.compose.machines import Machines
from builder.compose.owners import Owned, together
from builder.compose.pages import PageMaker
from builder.compose.search import SearchPost, search_files
from builder.compose.syndication import Syndication
from builder.compose.templates import Templates
from builder.config import PROJECT, Site
from builder.errors import Location
from builder.model import LateFile, OutputFile, PostPage, SiteFile


@dataclass(frozen=True)
class Composer:
    """Makes every file of a site; each is made only where it is needed.

    Args:
        site: its settings and assets.
        templates: of its pages.
        store: what earlier builds have left.
        made_by: a digest of the program.
    """

    site: Site
    templates: Templates
    store: Store
    made_by: str

    def compose(
        self, posts: Sequence[PostPage], cards: Mapping[PurePosixPath, LateFile]
    ) -> tuple[SiteFile, ...]:
        """Make the files of posts and all that goes with them.

        Args:
            posts: in any order.
            cards: the social card of each post, by the path of its file.

        Raises:
            SiteError: a template is broken, or two files have one address.
        """
        newest_first = tuple(reversed(in_order(posts)))
        assets, library = self._assets, Library(newest_first, self.site.config)
        pages = PageMaker(self.templates, self._context(assets, library), self.made_by)
        machines = Machines(library, pages, assets)
        articles = zip(newest_first, Articles(library, pages, cards).all(), strict=True)
        own = (
            *(Owned(file, Location(source_of(file.path))) for file in assets.files),
            *(Owned(page, _place(post), is_page=True) for post, page in articles),
            *(
                Owned(file, Location(post.card.path))
                for post in newest_first
                for file in files_of(post)
            ),
        )
        root = self.site.config.url + self.site.config.base_path
        made: tuple[SiteFile, ...] = (
            *machines.redirects(),
            *Listings(library, pages).all(),
            *Feeds(library, pages, Syndication(root, self.store)).all(),
            *self._search(library),
            *cards.values(),
            *machines.all(),
        )
        return together(own, made)

    def preview(self, posts: Sequence[PostPage], post: PostPage) -> tuple[SiteFile, ...]:
        """The page of one post among the others, as far as these are known, and what it shows.

        Raises:
            SiteError: a template is broken.
        """
        newest_first = tuple(reversed(in_order(posts)))
        library = Library(newest_first, self.site.config)
        pages = PageMaker(self.templates, self._context(self._assets, library), self.made_by)
        page = Articles(library, pages, {}).page(newest_first.index(post))
        return OutputFile(page.path, page.content), *files_of(post), *self._assets.files

    @cached_property
    def _assets(self) -> Assets:
        return make_assets(tuple(dict.fromkeys((PROJECT / "assets", self.site.assets))))

    def _context(self, assets: Assets, library: Library) -> SiteContext:
        config = self.site.config
        return SiteContext(
            title=config.title,
            author=config.author,
            description=config.description,
            language=config.language,
            url=config.url,
            home=library.href("/"),
            feed=library.href("/feed.xml"),
            json_feed=library.href("/feed.json"),
            search=library.href("/search/") if library.posts else None,
            navigation=navigation(library),
            links=tuple(Link(name, href) for name, href in config.links.items()),
            assets={name: library.href(f"/{path}") for name, path in assets.named.items()},
        )

    def _search(self, library: Library) -> list[SiteFile]:
        posts = [
            SearchPost(
                href=entry.href,
                title=entry.title,
                day=entry.date.isoformat(),
                excerpt=entry.excerpt,
                tags=tuple(tag.name for tag in entry.tags),
                key=digest(self.made_by, entry.key, post.card.key),
                load=partial(_article, post),
            )
            for post, entry in zip(library.posts, library.entries, strict=True)
        ]
        posts.reverse()
        language = self.site.config.language
        return search_files(posts, language, "search", self.store) if posts else []


def _place(post: PostPage) -> Location:
    """Where a post says its address."""
    return Location(post.card.path, post.card.front.lines.get("permalink"))


def _article(post: PostPage) -> str:
    return post.load().article
