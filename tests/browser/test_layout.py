"""Where things stand: the measure of the text, and what is beside it where there is room."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest

from tests.browser.built import EVERYTHING, PLAIN, BuiltSite
from tests.browser.conftest import address_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

LETTERS_A_LINE = """
() => [...document.querySelectorAll("article > p")].map((p) => {
  const range = document.createRange();
  const text = document.createTreeWalker(p, NodeFilter.SHOW_TEXT).nextNode();
  if (!text || p.querySelector("svg, code") || p.childNodes.length > 1) return null;
  const lines = new Map();
  for (let n = 0; n < text.length; n++) {
    range.setStart(text, n);
    range.setEnd(text, n + 1);
    const top = Math.round(range.getBoundingClientRect().top);
    lines.set(top, (lines.get(top) ?? 0) + 1);
  }
  return [...lines.values()].slice(0, -1);
}).filter((lines) => lines && lines.length > 2).flat()
"""
BOXES = """
(all) => all.map((element) => {
  const box = element.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom];
})
"""
HAS_MOVED = "(was) => document.querySelector('.calendar-scroller').scrollLeft < was"


def test_a_line_has_60_to_78_letters(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(PLAIN)

    counts: list[int] = page.evaluate(LETTERS_A_LINE)
    assert counts
    assert 60 <= sum(counts) / len(counts) <= 78


def test_footnotes_stand_beside_the_text_and_never_on_each_other(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(EVERYTHING)

    text = page.locator("article > p").first.bounding_box()
    references = page.locator("a.footnote-ref").evaluate_all(BOXES)
    notes = page.locator(".footnote li").evaluate_all(BOXES)
    assert text is not None
    assert len(notes) > 2
    assert all(left >= text["x"] + text["width"] for left, *_ in notes)
    assert all(right <= 1440 for _, _, right, _ in notes)
    assert abs(notes[0][1] - references[0][1]) < 12
    for above, below in pairwise(notes):
        assert above[3] <= below[1]


def test_footnotes_stand_below_the_text_where_there_is_no_room(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(EVERYTHING)

    last = page.locator("a.footnote-ref").evaluate_all(BOXES)[-1]
    assert all(top > last[3] for _, top, *_ in page.locator(".footnote li").evaluate_all(BOXES))


@pytest.mark.parametrize("has_scripts", [True, False])
def test_contents_are_open_beside_the_text_and_folded_on_phones(
    page: Page, site: BuiltSite, host: str, *, has_scripts: bool
) -> None:
    address = next(a for a, tree in site.trees.items() if tree.xpath("//nav[@class='contents']"))
    browser = page.context.browser
    assert browser is not None
    with browser.new_context(base_url=host, java_script_enabled=has_scripts) as context:
        looked_at = context.new_page()
        looked_at.set_viewport_size({"width": 1440, "height": 900})
        looked_at.goto(address)
        link = looked_at.locator("nav.contents a").first
        box, text = link.bounding_box(), looked_at.locator("article > p").first.bounding_box()
        assert box is not None
        assert text is not None
        assert box["x"] + box["width"] <= text["x"]
        assert link.is_visible()

        looked_at.set_viewport_size({"width": 390, "height": 844})
        assert not link.is_visible()
        looked_at.locator("nav.contents summary").press("Enter")
        assert link.is_visible()


def test_the_calendar_shows_its_end_and_is_moved_by_keys(page: Page, site: BuiltSite) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address_of(site, "home"))
    calendar = page.locator(".calendar-scroller")
    last = calendar.locator("td a").last

    right = calendar.evaluate("e => e.getBoundingClientRect().right")
    assert last.evaluate("e => e.getBoundingClientRect().right") <= right
    calendar.focus()
    before = calendar.evaluate("e => e.scrollLeft")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "was => document.querySelector('.calendar-scroller').scrollLeft < was", arg=before
    )
    months = page.locator(".days .periods a")
    months.first.press("Enter")
    page.wait_for_function("() => document.body.dataset.page === 'month'")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_words_below_the_buttons_of_a_sweep_stand_clear_of_each_other(
    page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(EVERYTHING)

    axis = page.locator(".sweep-axis", has_text="momentumbased")
    for above, below in combinations(axis.locator("span").evaluate_all(BOXES), 2):
        is_beside = above[2] < below[0] or below[2] < above[0]
        assert is_beside or above[3] < below[1]


@pytest.mark.parametrize(("width", "most"), [(390, 1), (600, 2), (640, 3), (1249, 3), (1440, 3)])
def test_figures_stand_side_by_side_as_many_as_are_wanted_and_have_room(
    page: Page, width: int, most: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(EVERYTHING)

    figures = page.locator(".columns-3 .plot").evaluate_all(BOXES)
    pair = page.locator(".columns-2 .plot").evaluate_all(BOXES)
    assert len(figures) == 4
    assert len({left for left, *_ in figures}) == most
    assert len({left for left, *_ in pair}) == min(most, 2)
