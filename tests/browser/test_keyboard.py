"""A keyboard is enough, and what has the focus is seen."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.built import EVERYTHING, HOSTILE, PLAIN, BuiltSite
from tests.browser.conftest import address_of
from tests.browser.visits import THEMES, expect_none, measure, run_axe

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

TOGGLE = "button.theme-toggle"
MOST_STOPS = 300
DIALOG = "dialog.search-dialog[open]"


def chosen_theme(page: Page) -> str | None:
    theme: str | None = page.evaluate("() => document.documentElement.dataset.theme ?? null")
    return theme


def tab(page: Page) -> dict[str, Any]:
    """Press Tab; what has the focus then, empty if nothing."""
    page.keyboard.press("Tab")
    at: dict[str, Any] | None = measure(page, "focus")
    return at or {}


def is_seen(found: Locator) -> bool:
    seen: bool = found.evaluate(
        "(element) => element.checkVisibility({ visibilityProperty: true })"
    )
    return seen


@pytest.mark.parametrize("address", ["/", PLAIN])
def test_the_first_stop_is_the_way_past_the_header(page: Page, address: str) -> None:
    page.goto(address)

    first = tab(page)
    page.keyboard.press("Enter")

    assert first["isLink"]
    assert first["isSeen"]
    assert first["href"].startswith("#")
    target = page.evaluate("(id) => document.getElementById(id)?.localName", first["href"][1:])
    assert target == "main"
    after = tab(page)
    assert after["isInMain"]


@pytest.mark.parametrize("address", ["/", PLAIN])
def test_then_comes_the_header_in_its_order(page: Page, address: str) -> None:
    page.goto(address)
    expected = measure(page, "reachable")

    tab(page)
    stops = [tab(page) for _ in expected]

    assert expected
    assert [at.get("place") for at in stops] == expected


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", ["home", EVERYTHING, "topics", "search"])
def test_the_focus_is_always_seen(page: Page, site: BuiltSite, kind: str, theme: str) -> None:
    # Without motion a page is at rest as soon as it has moved to what has the focus.
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.goto(address_of(site, kind))

    stops = list(takewhile(bool, (tab(page) for _ in range(MOST_STOPS))))

    unseen = [f"{at['name']} ({at['text']}) shows no focus" for at in stops if not at["isSeen"]]
    covered = [f"{at['name']} ({at['text']}) is covered" for at in stops if at["isCovered"]]
    assert 5 < len(stops) < MOST_STOPS
    expect_none(list(dict.fromkeys(unseen + covered)))


def test_a_fold_opens_with_enter(page: Page) -> None:
    page.goto(EVERYTHING)
    fold = page.locator("main details:not([open])").first
    within = fold.locator(":scope > :not(summary)").first
    handle = fold.element_handle()
    summary = fold.locator("summary").first
    summary.focus()
    hidden = is_seen(within)

    page.keyboard.press("Enter")

    assert not hidden
    assert handle.evaluate("(element) => element.open") is True


def test_a_sweep_is_moved_by_arrows(page: Page) -> None:
    page.goto(EVERYTHING)
    sweep = page.locator(".sweep").first
    results = sweep.locator(".sweep-results > *")
    sweep.locator("input[type=radio]").first.focus()
    first = [is_seen(results.nth(n)) for n in range(results.count())]

    page.keyboard.press("ArrowRight")

    assert first == [True, False, False]
    assert [is_seen(results.nth(n)) for n in range(results.count())] == [False, True, False]
    page.keyboard.press("ArrowLeft")
    assert [is_seen(results.nth(n)) for n in range(results.count())] == first


def test_an_animation_stands_still_at_a_key(page: Page) -> None:
    page.goto(EVERYTHING)
    animation = page.locator(".animation").first
    moving, still = animation.locator("img.moving"), animation.locator("img.still")
    animation.locator("input[type=checkbox]").focus()
    before = [sum(map(is_seen, pictures.all())) for pictures in (moving, still)]

    page.keyboard.press("Space")

    assert before == [1, 0]
    assert [sum(map(is_seen, pictures.all())) for pictures in (moving, still)] == [0, 1]


@pytest.mark.parametrize("preferred", THEMES)
def test_the_theme_is_switched_and_remembered(page: Page, preferred: str) -> None:
    other = "light" if preferred == "dark" else "dark"
    page.emulate_media(color_scheme="dark" if preferred == "dark" else "light")
    page.goto(PLAIN)
    before = measure(page, "paper")
    page.locator(TOGGLE).focus()

    page.keyboard.press("Enter")

    assert chosen_theme(page) == other
    switched = measure(page, "paper")
    assert (switched < before) == (other == "dark")
    page.goto("/")
    assert chosen_theme(page) == other
    assert page.evaluate("() => watched.theme") == other, (
        "the page is painted before it has its theme"
    )
    assert measure(page, "paper") == switched
    page.locator(TOGGLE).press("Space")
    assert chosen_theme(page) == preferred


def test_the_pictures_follow_the_theme(page: Page) -> None:
    page.goto(PLAIN)
    shown = ["img.only-light", "img.only-dark"]
    before = [is_seen(page.locator(name).first) for name in shown]

    page.locator(TOGGLE).click()

    assert before == [True, False]
    assert [is_seen(page.locator(name).first) for name in shown] == [False, True]


@pytest.mark.parametrize("address", ["/", EVERYTHING])
def test_a_stroke_opens_the_search_and_escape_closes_it(page: Page, address: str) -> None:
    page.goto(address)

    page.keyboard.press("/")

    page.wait_for_selector(DIALOG)
    assert page.evaluate("() => document.activeElement.localName") == "input"
    assert page.evaluate("() => document.activeElement.value") == ""
    page.keyboard.press("Escape")
    page.wait_for_selector(DIALOG, state="detached")


def search(page: Page, words: str) -> None:
    page.keyboard.press("/")
    page.wait_for_selector(DIALOG)
    page.keyboard.insert_text(words)  # all at once: what is typed is looked for as it comes
    page.wait_for_selector(f"{DIALOG} a[href]:visible")


def test_results_are_chosen_by_arrows_and_opened_by_enter(page: Page, host: str) -> None:
    page.goto("/")
    search(page, "perceptron")

    page.keyboard.press("ArrowDown")
    first = measure(page, "chosen")
    page.keyboard.press("ArrowDown")
    second = measure(page, "chosen")
    page.keyboard.press("ArrowUp")
    third = measure(page, "chosen")
    page.keyboard.press("Enter")

    assert first
    assert first.startswith(host)
    assert second
    assert first != second
    assert third == first
    page.wait_for_url(first)


def test_words_in_the_middle_of_a_post_are_found(page: Page) -> None:
    page.goto("/")

    search(page, "zygomorphic")

    assert page.locator(f"{DIALOG} a[href*='{PLAIN}']").count()


@pytest.mark.parametrize("theme", THEMES)
def test_results_are_as_readable_as_pages(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(PLAIN)

    search(page, "script alert")
    measure(page, "settled")

    assert page.locator(f"{DIALOG} a[href*='{HOSTILE}']").count()
    expect_none([*measure(page, "wide"), *measure(page, "faint"), *run_axe(page)])


def test_the_page_of_the_search_finds_without_its_dialog(page: Page, site: BuiltSite) -> None:
    page.goto(address_of(site, "search"))

    page.locator("main input").first.fill("zygomorphic")

    page.wait_for_selector(f"main a[href*='{PLAIN}']:visible")
