"""A site built once and served with its own headers, and a browser that looks at it.

What is missing here, such as Chromium, skips the tests that need it; with the environment
variable BROWSER_TESTS=require they fail instead.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.browser.built import PROJECT, BuiltSite, build_site
from tests.browser.fetch import CHECKER
from tests.browser.visits import Observation, observe, watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_MS = 5000
"""How long something on a page may take; on a machine with much else to do."""

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


def lack(reason: str) -> NoReturn:
    """Skip, or fail where all must be there."""
    if os.environ.get("BROWSER_TESTS") == "require":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def checker_command() -> list[str]:
    """How the Nu HTML checker is started."""
    java = shutil.which("java")
    if java is None:
        lack("Java is not installed")
    if not CHECKER.is_file():
        lack("the HTML checker is not there: python -m tests.browser.fetch")
    return [java, "-jar", str(CHECKER)]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    return build_site(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="session")
def host(site: BuiltSite) -> Iterator[str]:
    """Scheme and host where the site is served."""
    with serving(site) as address:
        yield address


@contextmanager
def serving(site: BuiltSite) -> Iterator[str]:
    """Serve a site by a process of its own; scheme and host."""
    command = [sys.executable, "-m", "tests.browser.server", str(site.output)]
    # A browser that leaves in the middle of an answer is no fault.
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=quiet, text=True, cwd=PROJECT
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


# For one module at a time: while it is open, an event loop runs in this thread, which other
# tests must not find.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    for package in ("playwright", "axe_playwright_python"):
        if importlib.util.find_spec(package) is None:
            lack(f"a package is not installed: {package}")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # it may be missing

    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        lack(f"no browser is installed: none of {', '.join(PROGRAMS)}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def observed(browser: Browser, site: BuiltSite, host: str) -> Callable[[str], Observation]:
    """Look at a kind of page, or at an address; the second time, remember."""
    known: dict[str, Observation] = {}

    def look(kind: str) -> Observation:
        if kind not in known:
            known[kind] = observe(browser, host + address_of(site, kind), kind == "redirect")
        return known[kind]

    return look


def address_of(site: BuiltSite, kind: str) -> str:
    """Where there is a page of a kind; an address stands for itself."""
    if kind.startswith("/"):
        return kind
    if kind not in site.addresses:
        pytest.fail(f"the site has no page that says data-page={kind!r}", pytrace=False)
    return site.addresses[kind]


@pytest.fixture
def page(browser: Browser, host: str) -> Iterator[Page]:
    """An empty page, light and as wide as a screen, whose addresses begin at the site."""
    with browser.new_context(base_url=host, color_scheme="light") as context:
        watch(context)
        opened = context.new_page()
        opened.set_viewport_size({"width": 1440, "height": 900})
        opened.set_default_timeout(PATIENCE_MS)
        yield opened
