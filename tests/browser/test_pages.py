"""Every kind of page in every size and theme: readable, within its bounds, and by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.built import HOSTILE, KINDS, PLAIN, BuiltSite
from tests.browser.conftest import address_of
from tests.browser.visits import Observation, expect_none, measure, stay

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Observed = Callable[[str], Observation]
pages = pytest.mark.parametrize("kind", [*KINDS, PLAIN, HOSTILE])


def test_the_site_has_every_kind_of_page(site: BuiltSite) -> None:
    assert [kind for kind in KINDS if kind not in site.addresses] == []


@pages
def test_no_rule_of_axe_is_broken(kind: str, observed: Observed) -> None:
    expect_none(observed(kind).rules_broken)


@pages
def test_a_page_is_never_wider_than_its_window(kind: str, observed: Observed) -> None:
    expect_none(observed(kind).too_wide)


@pages
def test_all_text_stands_out(kind: str, observed: Observed) -> None:
    expect_none(observed(kind).too_faint)


@pages
def test_nothing_moves_while_a_page_loads(kind: str, observed: Observed) -> None:
    expect_none(observed(kind).moved)


@pages
def test_a_policy_is_sent_and_the_browser_has_no_complaint(kind: str, observed: Observed) -> None:
    seen = observed(kind)

    expect_none(seen.complaints)
    assert "default-src" in seen.policy


@pages
def test_no_other_host_is_asked(kind: str, observed: Observed, host: str) -> None:
    asked = [url for _, url in observed(kind).requests]

    assert [url for url in asked if not url.startswith((f"{host}/", "data:", "blob:"))] == []


def test_a_post_asks_for_little(observed: Observed) -> None:
    plain = observed(PLAIN).requests
    everything = [asked for asked in observed("post").requests if asked[0] != "image"]

    assert len(plain) <= 8
    assert len(everything) <= 8


@pages
def test_all_text_is_there_without_scripts(
    kind: str, browser: Browser, observed: Observed, site: BuiltSite, host: str
) -> None:
    with browser.new_context(
        java_script_enabled=False, viewport={"width": 1440, "height": 900}
    ) as context:
        url = host + address_of(site, kind)
        if kind == "redirect":
            stay(context, url)
        page = context.new_page()
        page.goto(url)
        words = measure(page, "words")

    assert words
    # What is searched for is found by a script; without one there are links.
    assert kind == "search" or words == observed(kind).words
