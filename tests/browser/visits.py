"""Look at a page in every size and theme, and write down what is wrong with it."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tests.browser.server import DELAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route

HERE = Path(__file__).parent
PROBE = (HERE / "probe.js").read_text(encoding="utf-8")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {
    "light": ((320, 640), (390, 844), (768, 1024), (1440, 900)),
    "dark": ((320, 640), (1440, 900)),
}
"""By theme; between them, the dark one has nothing that the light one has not."""

WITH_COLOURS = (320, 1440)
"""Widths at which colours are measured."""

WITH_AXE = ((320, "light"), (1440, "dark"))
"""Where axe looks, too, which takes it a second for a long post."""

SHIFT = 0.02
"""How far what is read may move while a page loads; 0.1 is what search engines call good."""

# Off unless asked for, and yet a rule of WCAG 2.2, level AA.
_AXE = """async () => {
  const rules = { "target-size": { enabled: true } };
  const { violations } = await axe.run(document, { resultTypes: ["violations"], rules });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${help}: ${target.join(" ")}: ${html.slice(0, 120)}`));
}"""


def axe_source() -> str:
    """The script of axe-core, as the package `axe-playwright-python` carries it."""
    folder = importlib.resources.files("axe_playwright_python")
    return folder.joinpath("axe.min.js").read_text(encoding="utf-8")


def measure(page: Page, name: str) -> Any:
    """What a function of `probe.js` says of a page."""
    return page.evaluate(f"() => {{ {PROBE}\nreturn {name}(); }}")


def run_axe(page: Page) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe_source())
    found: list[str] = page.evaluate(_AXE)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was seen of a page, in all its sizes and themes; each fault with where it was seen."""

    policy: str
    """What the page may load, as its header says."""

    rules_broken: tuple[str, ...]
    too_wide: tuple[str, ...]
    too_faint: tuple[str, ...]
    moved: tuple[str, ...]
    complaints: tuple[str, ...]
    """Of the browser: errors of scripts, on the console, and against the policy."""

    requests: tuple[tuple[str, str], ...]
    """Type and address of everything that was loaded at the first visit."""

    words: str
    """The text of its main part."""


@dataclass(slots=True)
class _Notes:
    """What is written down while looking."""

    faults: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """By check and fault: where it was seen."""

    requests: list[tuple[str, str]] = field(default_factory=list)
    where: str = ""
    """The size and the theme that are looked at."""

    def add(self, check: str, faults: list[str]) -> None:
        for fault in faults:
            self.faults.setdefault(check, {}).setdefault(fault, []).append(self.where)

    def told(self, check: str) -> tuple[str, ...]:
        found = self.faults.get(check, {})
        return tuple(f"{fault} [{', '.join(dict.fromkeys(found[fault]))}]" for fault in found)


def watch(context: BrowserContext) -> None:
    """Note from the first moment what happens on the pages of a context."""
    context.add_init_script(path=HERE / "watch.js")


def stay(context: BrowserContext, url: str) -> None:
    """Let a page that leads on at once stay."""

    def held(route: Route) -> None:
        response = route.fetch()
        text = re.sub(r"http-equiv=(\"?)refresh", r"data-held=\1refresh", response.text())
        route.fulfill(response=response, body=text)

    context.route(url, held)


def _listen(page: Page, url: str, notes: _Notes) -> None:
    def on_console(message: ConsoleMessage) -> None:
        # That a page is not there is what the page for lost readers is for.
        if message.type in ("error", "warning") and message.location["url"] != url:
            notes.add("complaints", [f"{message.type}: {message.text}"])

    page.on("console", on_console)
    page.on("pageerror", lambda error: notes.add("complaints", [f"error: {error}"]))
    page.on("request", lambda asked: notes.requests.append((asked.resource_type, asked.url)))


def _look(page: Page, view: tuple[int, str], notes: _Notes) -> None:
    measure(page, "settled")
    measure(page, "scrolledDown")
    measure(page, "settled")
    watched: Mapping[str, Any] = page.evaluate("() => watched")
    if watched["shift"] > SHIFT:
        notes.add("moved", [f"by {watched['shift']:.3f}: {watched['shifted'][:3]}"])
    notes.add("complaints", watched["violations"])
    notes.add("too_wide", measure(page, "wide"))
    if view[0] in WITH_COLOURS:
        notes.add("too_faint", measure(page, "faint"))
    if view in WITH_AXE:
        notes.add("rules_broken", run_axe(page))


def observe(browser: Browser, url: str, is_held: bool) -> Observation:
    """Visit a page in every size and theme; `is_held` if it would lead on at once."""
    notes = _Notes()
    requests: tuple[tuple[str, str], ...] = ()
    context = browser.new_context()
    watch(context)
    if is_held:
        stay(context, url)
    page = context.new_page()
    _listen(page, url, notes)
    # As a reader sees it who has not been here: what is late may push away what was there.
    context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for width, height in SIZES[theme]:
            page.set_viewport_size({"width": width, "height": height})
            is_slow = theme == "light" and width in WITH_COLOURS
            context.set_extra_http_headers({DELAY: "150" if is_slow else "0"})
            notes.where = f"{width} px, {theme}"
            response = page.goto(url)
            _look(page, (width, theme), notes)
            requests = requests or tuple(notes.requests)
    words: str = measure(page, "words")
    policy = response.headers.get("content-security-policy", "") if response else ""
    context.close()
    return Observation(
        policy=policy,
        rules_broken=notes.told("rules_broken"),
        too_wide=notes.told("too_wide"),
        too_faint=notes.told("too_faint"),
        moved=notes.told("moved"),
        complaints=notes.told("complaints"),
        requests=requests,
        words=words,
    )


def expect_none(faults: Sequence[str]) -> None:
    """Fail with one fault a line.

    Raises:
        AssertionError: there is one.
    """
    __tracebackhide__ = True
    more = f"\n… and {len(faults) - 20} more" if len(faults) > 20 else ""
    if faults:
        raise AssertionError("\n".join(faults[:20]) + more)
