"""The site as it was built: its files, its pages, and where an address on them leads."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from builder.checking.facts import Facts
from builder.checking.pages import Heading, Link, Page, read_page
from builder.config import SiteConfig
from builder.write import files_below

_WEB = ("http", "https")
_HOME = "index.html"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads."""

    path: str
    """Of a file of the site, or where one would be."""

    fragment: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An address that leads off the site, as it is asked for: without its fragment."""

    url: str | None
    """None where it is no address of the web, such as `mailto:`."""


@dataclass(frozen=True)
class Built:
    """A site in its folder.

    Args:
        folder: where it lies.
        config: its settings.
        facts: what is known of its pages.
    """

    folder: Path
    config: SiteConfig
    facts: Facts
    _resolved: dict[tuple[str, str], Place | Elsewhere | None] = field(default_factory=dict)

    @cached_property
    def files(self) -> dict[str, str]:
        """Every file by its path, with a stamp that is another one once it is changed."""
        return {
            path: f"{state.st_mtime_ns} {state.st_size} {state.st_ino}"
            for path, state in sorted(files_below(self.folder).items())
        }

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Every page by its path."""
        return {path: self._page(path) for path in self.files if path.endswith(".html")}

    @cached_property
    def named_by_machines(self) -> dict[str, tuple[Link, ...]]:
        """What the sitemap and the site's feed name, by the paths of these."""
        return {path: tuple(Link(*row) for row in rows) for path, (rows, _) in self._machines}

    @property
    def broken(self) -> dict[str, str]:
        """Which of these cannot be read, and why."""
        return {path: reason for path, (_, reason) in self._machines if reason}

    @cached_property
    def _machines(self) -> list[tuple[str, list[Any]]]:
        readers = (("sitemap.xml", _in_sitemap), ("feed.xml", _in_feed))
        return [
            (path, self._read(path, partial(_rows_or_reason, read)))
            for path, read in readers
            if path in self.files
        ]

    def lead(self, page: str, target: str) -> Place | Elsewhere | None:
        """Where `target` on the page at a path leads; None where it is no address at all."""
        folder = "" if target.startswith("/") else page
        if (folder, target) not in self._resolved:
            self._resolved[folder, target] = self._lead(page, target)
        return self._resolved[folder, target]

    def is_there(self, place: Place) -> bool:
        """Whether there is such a file."""
        return place.path in self.files

    def has_fragment(self, place: Place) -> bool:
        """Whether the fragment names something on its page; of what is no page, it is believed."""
        name = place.fragment
        if name in ("", "top") or name.startswith(":~:") or place.path not in self.pages:
            return True
        ids = self.pages[place.path].ids
        return name in ids or unquote(name) in ids

    def address(self, path: str) -> str:
        """The address of a file, with the base path: `/x/` for `x/index.html`."""
        return f"{self.config.base_path}/{path.removesuffix(_HOME)}"

    def _lead(self, page: str, target: str) -> Place | Elsewhere | None:
        try:
            parts = urlsplit(target)
        except ValueError:  # such as `http://[x`
            return None
        scheme = parts.scheme.lower()
        if scheme and scheme not in _WEB:
            return Elsewhere(None)
        own = urlsplit(self.config.url)
        if parts.netloc and parts.netloc.lower() != own.netloc.lower():
            url = parts._replace(scheme=scheme or own.scheme, fragment="").geturl()
            return Elsewhere(url)
        path, base = unquote(parts.path), self.config.base_path
        if parts.netloc or path.startswith("/"):
            if base and path != base and not path.startswith(f"{base}/"):
                return Elsewhere(self.config.url + parts._replace(scheme="", netloc="").geturl())
            return Place(self._file("/", path.removeprefix(base)), parts.fragment)
        if not path:
            return Place(page, parts.fragment)
        return Place(self._file(f"/{posixpath.dirname(page)}/", path), parts.fragment)

    def _file(self, folder: str, path: str) -> str:
        """The file that a host gives for a path from `folder` on."""
        is_folder = path.endswith(("/", "/.", "/..")) or path in (".", "..", "")
        name = posixpath.normpath(posixpath.join(folder, path.lstrip("/") or ".")).strip("/")
        name = "" if name == "." else name
        index = f"{name}/{_HOME}".lstrip("/")
        return index if is_folder or (name not in self.files and index in self.files) else name

    def _page(self, path: str) -> Page:
        links, headings, ids, repeated, without_alt = self._read(path, _page_rows)
        return Page(
            tuple(Link(*row) for row in links),
            tuple(Heading(*row) for row in headings),
            frozenset(ids),
            tuple((name, line, is_prose) for name, line, is_prose in repeated),
            tuple((source, line) for source, line in without_alt),
        )

    def _read(self, path: str, read: Callable[[str], list[Any]]) -> list[Any]:
        def make() -> list[Any]:
            return read((self.folder / path).read_text(encoding="utf-8", errors="replace"))

        rows: list[Any] = self.facts.of(path, self.files[path], make)
        return rows


def _page_rows(text: str) -> list[Any]:
    page = read_page(text)
    return [page.links, page.headings, sorted(page.ids), page.repeated, page.without_alt]


def _rows_or_reason(read: Callable[[str], list[Link]], text: str) -> list[Any]:
    try:
        return [read(text), ""]
    except ElementTree.ParseError as error:
        return [[], str(error)]


def _in_sitemap(text: str) -> list[Link]:
    elements = ElementTree.fromstring(text).iter()
    return [_named(e.text) for e in elements if e.tag.endswith("}loc")]


def _in_feed(text: str) -> list[Link]:
    found = []
    for element in ElementTree.fromstring(text).iter():
        if "href" in element.attrib:
            found.append(_named(element.attrib["href"]))
        if element.tag.endswith("}content"):
            found += read_page(element.text or "").links
    return found


def _named(address: str | None) -> Link:
    return Link((address or "").strip(), "link", 1, 1, False)
