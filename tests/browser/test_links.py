"""Whatever an address within the site names is there: pages, files, and places in pages."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from lxml import etree, html

from tests.browser.built import BuiltSite
from tests.browser.visits import expect_none

if TYPE_CHECKING:
    from playwright.sync_api import Page

ATTRIBUTES = ("href", "src", "poster", "data", "action", "formaction", "cite", "{*}href")
META = ("og:image", "og:url", "twitter:image", "og:image:secure_url")


def named_by(page: html.HtmlElement) -> Iterator[str]:
    """Every address that a page names."""
    for element in page.iter(etree.Element):
        for name, value in element.attrib.items():
            if name in ATTRIBUTES or name.endswith("}href"):
                yield value
            if name in ("srcset", "imagesrcset"):
                yield from (part.split()[0] for part in value.split(",") if part.strip())
        if element.tag == "meta" and "content" in element.attrib:
            content = element.attrib["content"]
            if element.get("property") in META or element.get("name") in META:
                yield content
            if element.get("http-equiv", "").lower() == "refresh":
                yield content.partition("url=")[2]
        if element.tag == "script" and element.get("type") == "application/ld+json":
            yield from re.findall(r"\"(https?://[^\"]+)\"", json.dumps(json.loads(element.text)))


def target_of(site: BuiltSite, address: str) -> str | None:
    """The path within the site that an address names; None where it leads elsewhere."""
    told = urlsplit(address)
    home = urlsplit(site.url)
    if told.scheme not in ("", home.scheme) or told.netloc not in ("", home.netloc):
        return None
    return told.path or "/"


def faults_of(site: BuiltSite, page: str, addresses: Iterator[str]) -> Iterator[str]:
    for address in dict.fromkeys(addresses):
        whole, fragment = urldefrag(urljoin(site.url + page, address.strip()))
        path = target_of(site, whole)
        if path is None:
            continue
        file = site.output / unquote(path).lstrip("/")
        file = file / "index.html" if path.endswith("/") else file
        if not file.is_file():
            yield f"{page}: nothing is at {address!r}"
        elif fragment and file.suffix == ".html":
            target = site.trees[site.address(file)]
            if not target.xpath("//*[@id=$id]", id=unquote(fragment)):
                yield f"{page}: no element is at {address!r}"


def test_every_link_of_a_page_leads_somewhere(site: BuiltSite) -> None:
    faults = [
        fault
        for address, page in site.trees.items()
        for fault in faults_of(site, address, named_by(page))
    ]

    expect_none(faults)


def test_so_does_every_address_of_feeds_style_sheets_and_lists(site: BuiltSite) -> None:
    faults: list[str] = []
    for path in site.files:
        if path.suffix in (".xml", ".json", ".txt", ".css", ".webmanifest", ".md"):
            text = path.read_text(encoding="utf-8").replace("\\/", "/").replace("&amp;", "&")
            found = re.findall(re.escape(site.url) + r"[^\s\"'<>)\]\\&]*", text)
            if path.suffix == ".css":
                urls = re.findall(r"url\(\s*[\"']?([^\"')]+)", text)
                found += [url for url in urls if not url.startswith("data:")]
            faults += faults_of(site, site.address(path), iter(found))

    expect_none(faults)


def test_no_id_is_given_twice(site: BuiltSite) -> None:
    faults = [
        f"{address}: {name!r} is the id of {count} elements"
        for address, page in site.trees.items()
        for name, count in Counter(page.xpath("//@id")).items()
        if count > 1
    ]

    expect_none(faults)


def test_nothing_is_published_that_no_page_names(site: BuiltSite) -> None:
    """A place that nobody reaches is not reached by search engines either."""
    named = {
        unquote(target_of(site, urljoin(site.url + address, link)) or "")
        for address, page in site.trees.items()
        for link in named_by(page)
    }

    pages = {unquote(address) for address in site.trees if address != "/404.html"}
    moved = {unquote(a) for a, page in site.trees.items() if page.xpath("//meta[@http-equiv]")}
    assert sorted(pages - moved - named) == []


def test_a_page_that_has_moved_leads_to_where_it_is(page: Page) -> None:
    page.goto("/old/hostile/")

    page.wait_for_url("**/2025/02/03/hostile/")
