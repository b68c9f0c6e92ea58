"""A writer writes, and the open page changes: in Chromium, on the writer's own server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PATIENCE_MS
from tests.serving import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HEAD = "---\ntitle: Live\n---\n"
WORDS = "".join(f"Paragraph {n} has some words in it.\n\n" for n in range(40))
CODE = "```{python}\nprint('the result')\n```\n\n"
POST, ADDRESS = "posts/2026-01-01-live.md", "2026/01/01/live/"
PATIENCE = 4 * PATIENCE_MS


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("live") / "site"
    (root / "posts").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.site]\ntitle = "T"\nsocial_cards = false\n')
    (root / POST).write_text(HEAD + WORDS + CODE)
    with served(root) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, site: Served) -> Iterator[Page]:
    """The post, open; what its policy forbids, or a script that fails, fails the test."""
    site.after(lambda: (site.root / POST).write_text(HEAD + WORDS + CODE + "Begun.\n"))
    told: list[str] = []
    with browser.new_context(base_url=site.address) as context:
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE)
        opened.on("pageerror", lambda error: told.append(str(error)))
        opened.on("console", lambda m: told.append(m.text) if m.type == "error" else None)
        opened.goto(site.address + ADDRESS)
        opened.evaluate("window.isStillTheSame = true")
        yield opened
        site.after(lambda: (site.root / POST).write_text(HEAD + WORDS + CODE))
    assert told == []


def write(site: Served, text: str) -> None:
    (site.root / POST).write_text(HEAD + text)


def test_what_is_typed_into_a_post_is_seen_letter_by_letter(page: Page, site: Served) -> None:
    page.evaluate("scrollTo(0, 1500)")
    for end in range(1, len(typed := "Now I type") + 1):
        write(site, f"{WORDS}{typed[:end]}\n\n{CODE}")
        page.get_by_text(typed[:end], exact=True).wait_for()

    assert page.get_by_text("Paragraph 3 has").is_visible()
    assert page.evaluate("[scrollY, isStillTheSame]") == [1500, True]


def test_what_did_not_change_is_not_touched(page: Page, site: Served) -> None:
    page.evaluate("document.querySelectorAll('p').forEach(p => { p.isOld = true; })")

    write(site, WORDS.replace("Paragraph 7 has", "Paragraph 7 had") + CODE)
    page.get_by_text("Paragraph 7 had").wait_for()

    old = "[...document.querySelectorAll('article p')].filter(p => p.isOld).length"
    assert page.evaluate(old) >= 40
    # Buttons that the page's own script has added are there again.
    assert page.locator(".code-frame > button.copy").count() == 1
    assert page.locator(".theme-toggle").get_attribute("aria-label")


def test_results_come_in_as_blocks_end(page: Page, site: Served, tmp_path: Path) -> None:
    go = tmp_path / "go"
    wait = f"import os\nos.system('until [ -e {go} ]; do sleep 0.02; done')\nprint('second')"
    write(site, f"New.\n\n```{{python}}\nprint('first')\n```\n\n```{{python}}\n{wait}\n```\n")

    page.get_by_text("New.", exact=True).wait_for()
    page.locator("samp", has_text="first").wait_for()
    page.locator(".pending", has_text="runs").wait_for()
    page.locator("#live", has_text="Block 2 of 2 runs").wait_for()
    assert page.locator(".ran-in").count() == 1

    go.touch()
    page.locator("samp", has_text="second").wait_for()
    page.locator(".pending").wait_for(state="detached")
    page.locator("#live", has_text="2 blocks ran in").wait_for()
    assert page.evaluate("isStillTheSame")


def test_what_a_block_gave_stays_until_it_gives_something_new(
    page: Page, site: Served, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    wait = f"import os\nos.system('until [ -e {go} ]; do sleep 0.02; done')\nprint('the new one')"
    write(site, f"{WORDS}```{{python}}\n{wait}\n```\n")

    page.locator(".stale", has_text="the result").wait_for()
    go.touch()
    page.locator("samp", has_text="the new one").wait_for()
    assert page.locator(".stale").count() == 0


def test_an_error_is_shown_over_the_page_and_heals(page: Page, site: Served) -> None:
    write(site, WORDS + CODE.replace("print(", "print(1 / 0, "))

    page.locator("#live.wrong", has_text="ZeroDivisionError").wait_for()
    told = page.locator("#live").inner_text()
    assert "posts/2026-01-01-live.md:85: error" in told
    assert "| print(1 / 0, 'the result')" in told
    page.locator("samp", has_text="the result").wait_for()  # of the last good version

    page.keyboard.press("Escape")
    assert page.locator("#live").is_hidden()

    write(site, WORDS + CODE + "Healed.\n")
    page.get_by_text("Healed.").wait_for()
    page.locator("#live.wrong").wait_for(state="detached")


def test_a_style_sheet_is_taken_over_and_the_place_kept(page: Page, site: Served) -> None:
    page.evaluate("scrollTo(0, 900)")
    path = site.root / "assets/css/9-own.css"
    path.parent.mkdir(parents=True)
    path.write_text("article { outline: 3px solid rgb(1, 2, 3); }")

    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('article')).outlineWidth === '3px'"
    )
    page.wait_for_function("() => scrollY === 900")
    path.unlink()


def test_a_page_that_nobody_looks_at_catches_up(page: Page, site: Served) -> None:
    hidden = "Object.defineProperty(document, 'visibilityState', {value: '%s', configurable: true})"
    event = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hidden % "hidden" + ";" + event)
    site.after(lambda: write(site, WORDS + CODE + "Meanwhile.\n"))
    assert page.get_by_text("Meanwhile.").count() == 0

    page.evaluate(hidden % "visible" + ";" + event)

    page.get_by_text("Meanwhile.").wait_for()


def test_a_page_catches_up_with_a_server_that_was_started_again(
    browser: Browser, tmp_path: Path
) -> None:
    root = tmp_path / "site"
    (root / "posts").mkdir(parents=True)
    (root / POST).write_text(HEAD + "Before.\n")
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        with served(root) as first:
            page.goto(first.address + ADDRESS)
            page.get_by_text("Before.").wait_for()
        (root / POST).write_text(HEAD + "After.\n")
        with served(root, "--port", str(first.port)):
            page.get_by_text("After.").wait_for()


def test_each_sweep_shows_a_run_whatever_takes_the_place_of_what(page: Page, site: Served) -> None:
    sweep = "```{{python}}\n#| sweep:\n#|   a: [1, 2]\nprint('of {}', a)\n```\n\n"
    write(site, f"Words.\n\n{sweep.format('one')}")
    page.locator("samp", has_text="of one 1").first.wait_for()

    write(site, sweep.format("another") + sweep.format("one"))
    page.locator("samp", has_text="of another 1").first.wait_for()
    page.locator(".pending, .stale").first.wait_for(state="detached")

    assert page.locator("input[type=radio]").count() == 4
    assert page.locator("input[type=radio]:checked").count() == 2
