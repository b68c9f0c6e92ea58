"""Files that hosts, search engines and language models ask for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from builder.compose.addresses import RESERVED, page_path
from builder.compose.assets import Assets
from builder.compose.context import (
    Address,
    Entry,
    LlmsContext,
    NotFoundContext,
    RedirectContext,
    SitemapContext,
)
from builder.compose.library import Library
from builder.compose.pages import PageMaker
from builder.model import LateFile, OutputFile, SiteFile

_LATEST = 5
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_YEAR_S = 31_536_000


@dataclass(frozen=True)
class Machines:
    """Makes what is not for readers."""

    library: Library
    pages: PageMaker
    assets: Assets

    def all(self) -> Iterator[SiteFile]:
        """Every such file."""
        site, entries = self.pages.site, self.library.entries
        missing = NotFoundContext(site=site, entries=entries[:_LATEST])
        yield self.pages.page("404.html", "404.html", missing)
        yield self.pages.page("sitemap.xml", "sitemap.xml", self._sitemap())
        groups = tuple(self._by_series())
        yield self.pages.page("llms.txt", "llms.txt", LlmsContext(site=site, groups=groups))
        home_url = site.url + site.home
        robots = f"User-agent: *\nAllow: /\n\nSitemap: {home_url}sitemap.xml\n"
        yield OutputFile(PurePosixPath("robots.txt"), robots.encode())
        yield OutputFile(PurePosixPath("_headers"), self._headers().encode())

    def redirects(self) -> Iterator[LateFile]:
        """Pages at the addresses where posts once were; of one that is taken was told before."""
        posts = list(zip(self.library.posts, self.library.entries, strict=True))
        for post, entry in reversed(posts):  # the oldest first
            for path in map(page_path, post.card.front.aliases):
                if path.parts[0] in RESERVED:
                    continue
                context = RedirectContext(site=self.pages.site, entry=entry)
                yield self.pages.page(path, "redirect.html", context)

    def _sitemap(self) -> SitemapContext:
        site, library = self.pages.site, self.library
        public = [entry for entry in library.entries if not entry.is_draft]
        groups = [
            group.href
            for group in (*library.tags, *library.series)
            if not all(entry.is_draft for entry in group.entries)
        ]
        return SitemapContext(
            site=site,
            addresses=(
                Address(url=site.url + site.home, changed=None),
                *(Address(url=entry.url, changed=entry.updated or entry.date) for entry in public),
                *(Address(url=site.url + href, changed=None) for href in groups),
            ),
        )

    def _by_series(self) -> Iterator[tuple[str, tuple[Entry, ...]]]:
        public = tuple(entry for entry in self.library.entries if not entry.is_draft)
        for group in self.library.series:
            its = tuple(entry for entry in group.entries if not entry.is_draft)
            if its:
                yield group.name, its
        others = tuple(entry for entry in public if entry.series is None)
        if others:
            yield ("Other posts" if self.library.series else "Posts"), others

    def _headers(self) -> str:
        """What hosts that read `_headers` say with each file: Netlify, Cloudflare and others."""
        base = self.library.config.base_path
        lines = [
            f"{base}/*",
            f"  Content-Security-Policy: {_POLICY}",
            "  X-Content-Type-Options: nosniff",
            "  Referrer-Policy: strict-origin-when-cross-origin",
        ]
        for path in self.assets.immutable:
            lines += [f"{base}/{path}", f"  Cache-Control: public, max-age={_YEAR_S}, immutable"]
        return "\n".join(lines) + "\n"
