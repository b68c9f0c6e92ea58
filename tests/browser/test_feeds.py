"""Readers of feeds get whole posts, and lose nothing of them when they make them harmless."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from tests.browser.built import EVERYTHING, BuiltSite
from tests.browser.conftest import lack
from tests.browser.visits import expect_none

KEPT = ("img", "table", "pre", "code", "li", "blockquote", "a")
URLS = ("href", "src", "poster")

Types = Mapping[str, type]


def feeds(site: BuiltSite, name: str) -> list[Path]:
    return [path for path in site.files if path.name == name]


def parse(content: bytes, is_sanitized: bool) -> Any:
    """A feed as `feedparser` reads it; it has no types."""
    try:
        feedparser = importlib.import_module("feedparser")
    except ImportError:
        lack("a package is not installed: feedparser")
    return feedparser.parse(content, sanitize_html=is_sanitized)


def content_of(entry: Any) -> str:
    content: str = entry.content[0].value if "content" in entry else ""
    return content


def words_of(markup: str) -> str:
    tree = html.fragment_fromstring(markup, create_parent="div")
    return " ".join(tree.text_content().split())


def count_of(markup: str) -> dict[str, int]:
    tree = html.fragment_fromstring(markup, create_parent="div")
    return {name: len(list(tree.iter(name))) for name in KEPT}


def relative_in(markup: str) -> list[str]:
    tree = html.fragment_fromstring(markup, create_parent="div")
    values = [value for name in URLS for value in tree.xpath(f"//@{name}")]
    values += [part.split()[0] for value in tree.xpath("//@srcset") for part in value.split(",")]
    return [url for url in values if not urlsplit(url).scheme]


def faults_of_entry(name: str, entry: Any, harmless: Any) -> list[str]:
    markup, kept = content_of(entry), content_of(harmless)
    if not markup.strip():
        return [f"{name}: {entry.get('link')} has no content"]
    faults = [f"{name}: {entry.link}: {url!r} is not absolute" for url in relative_in(markup)]
    if words_of(markup) != words_of(kept):
        faults.append(f"{name}: {entry.link}: text is lost when it is made harmless")
    if count_of(markup) != count_of(kept):
        faults.append(f"{name}: {entry.link}: {count_of(markup)} become {count_of(kept)}")
    if re.search(r"<(script|style|iframe|button|input)\b", markup):
        faults.append(f"{name}: {entry.link}: has what readers of feeds take away")
    return faults


def test_there_are_feeds_of_both_kinds(site: BuiltSite) -> None:
    assert len(feeds(site, "feed.xml")) > 1
    assert len(feeds(site, "feed.json")) > 1


def test_feeds_are_well_formed_and_lose_nothing(site: BuiltSite) -> None:
    faults: list[str] = []
    for path in feeds(site, "feed.xml"):
        name = site.address(path)
        feed, harmless = (parse(path.read_bytes(), flag) for flag in (False, True))
        if feed.bozo:
            faults.append(f"{name}: {feed.bozo_exception}")
        if not feed.entries or not feed.feed.get("id") or not feed.feed.get("updated"):
            faults.append(f"{name}: no entries, no id, or no day")
        for entry, other in zip(feed.entries, harmless.entries, strict=True):
            faults += faults_of_entry(name, entry, other)
            if not urlsplit(entry.get("link", "")).scheme:
                faults.append(f"{name}: {entry.get('link')!r} is not absolute")

    expect_none(faults)


def test_addresses_in_feeds_are_absolute_before_a_reader_resolves_them(site: BuiltSite) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    faults: list[str] = []
    for path in feeds(site, "feed.xml"):
        tree = etree.fromstring(path.read_bytes())
        found = [link.get("href", "") for link in tree.iter(f"{atom}link")]
        for content in (*tree.iter(f"{atom}content"), *tree.iter(f"{atom}summary")):
            if content.get("type") == "html" and content.text:
                found += relative_in(content.text)
        faults += [f"{site.address(path)}: {url!r}" for url in found if not urlsplit(url).scheme]

    expect_none(faults)


def test_the_post_with_everything_is_in_the_feed_as_a_whole(site: BuiltSite) -> None:
    feed = parse((site.output / "feed.xml").read_bytes(), is_sanitized=True)
    content = next(content_of(each) for each in feed.entries if each.link.endswith(EVERYTHING))

    count = count_of(content)

    assert count["table"] >= 3
    assert count["img"] >= 10
    for words in (
        "The third.",
        "What it hides.",
        "to standard error",
        "ZeroDivisionError",
        "هذا نص",
    ):
        assert words in words_of(content)


# https://www.jsonfeed.org/version/1.1/
REQUIRED: Types = {"version": str, "title": str, "items": list}
OF_FEEDS: Types = {
    **REQUIRED,
    **dict.fromkeys(("home_page_url", "feed_url", "description", "user_comment", "next_url"), str),
    **dict.fromkeys(("icon", "favicon", "language"), str),
    **dict.fromkeys(("authors", "hubs"), list),
    "expired": bool,
}
OF_ITEMS: Types = {
    **dict.fromkeys(("id", "url", "external_url", "title", "content_html", "content_text"), str),
    **dict.fromkeys(("summary", "image", "banner_image", "language"), str),
    **dict.fromkeys(("date_published", "date_modified"), str),
    **dict.fromkeys(("authors", "tags", "attachments"), list),
}


def faults_of_members(where: str, told: Any, known: Types) -> list[str]:
    unknown = [key for key in told if key not in known and not key.startswith("_")]
    wrong = [key for key in told if key in known and not isinstance(told[key], known[key])]
    return [f"{where}: {key!r} is not known or of another type" for key in (*unknown, *wrong)]


def faults_of_item(where: str, item: dict[str, Any]) -> list[str]:
    faults = faults_of_members(where, item, OF_ITEMS)
    faults += [f"{where}: {key!r} is missing" for key in ("id", "url") if not item.get(key)]
    if not (item.get("content_html") or item.get("content_text")):
        faults.append(f"{where}: no content")
    for key in ("date_published", "date_modified"):
        moment: datetime | None
        try:
            moment = datetime.fromisoformat(item.get(key, "2000-01-01T00:00:00+00:00"))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            faults.append(f"{where}: {key} is not as RFC 3339 has it")
    for key in ("url", "external_url", "image", "banner_image"):
        if key in item and not urlsplit(item[key]).scheme:
            faults.append(f"{where}: {key} is not absolute")
    faults += [
        f"{where}: {url!r} is not absolute" for url in relative_in(item.get("content_html", ""))
    ]
    if not all(isinstance(tag, str) for tag in item.get("tags", [])):
        faults.append(f"{where}: a tag is no text")
    return faults


def test_json_feeds_are_as_their_specification_has_them(site: BuiltSite) -> None:
    faults: list[str] = []
    for path in feeds(site, "feed.json"):
        name = site.address(path)
        told = json.loads(path.read_bytes())
        faults += [f"{name}: no {key!r}" for key in REQUIRED if key not in told]
        faults += faults_of_members(name, told, OF_FEEDS)
        if told.get("version") != "https://jsonfeed.org/version/1.1":
            faults.append(f"{name}: version {told.get('version')!r}")
        if unquote(told.get("feed_url", "")) != site.url + unquote(name):
            faults.append(f"{name}: feed_url {told.get('feed_url')!r}")
        if not all(author.keys() & {"name", "url", "avatar"} for author in told.get("authors", [])):
            faults.append(f"{name}: an author without a name")
        ids = [item.get("id") for item in told.get("items", [])]
        if len(set(ids)) != len(ids):
            faults.append(f"{name}: an id is given twice")
        for item in told.get("items", []):
            faults += faults_of_item(f"{name}: {item.get('url')}", item)

    expect_none(faults)


def test_the_sitemap_names_every_post_once(site: BuiltSite) -> None:
    tree = etree.fromstring((site.output / "sitemap.xml").read_bytes())
    namespace = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

    found = [each.text for each in tree.iter(f"{namespace}loc")]

    assert tree.tag == f"{namespace}urlset"
    assert len(found) == len(set(found))
    posts = {site.url + a for a, page in site.trees.items() if page.xpath("//article")}
    assert posts - set(found) == set()
