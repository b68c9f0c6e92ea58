"""On paper, and for readers whom motion harms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.built import EVERYTHING, BuiltSite
from tests.browser.conftest import address_of
from tests.browser.visits import expect_none, measure

if TYPE_CHECKING:
    from playwright.sync_api import Page

OPEN = "() => document.querySelectorAll('main details').forEach((each) => { each.open = true; })"


@pytest.mark.parametrize("kind", ["home", EVERYTHING])
def test_paper_is_white_even_where_the_screen_was_dark(
    page: Page, site: BuiltSite, kind: str
) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(address_of(site, kind))
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")

    page.emulate_media(media="print", color_scheme="dark")
    measure(page, "settled")

    assert measure(page, "paper") > 0.95
    assert measure(page, "ink") < 0.1
    assert page.locator("img.only-dark:visible").count() == 0
    expect_none(measure(page, "faint"))


def test_what_is_folded_is_printed_too(page: Page) -> None:
    page.goto(EVERYTHING)
    page.emulate_media(media="print")
    printed = measure(page, "words")

    page.evaluate(OPEN)

    assert printed == measure(page, "words")


@pytest.mark.parametrize("kind", ["home", EVERYTHING, "topics"])
def test_nothing_moves_for_those_who_asked_for_it(page: Page, site: BuiltSite, kind: str) -> None:
    page.emulate_media(reduced_motion="reduce")

    page.goto(address_of(site, kind))

    expect_none(measure(page, "moving"))
