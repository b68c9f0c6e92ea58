"""Every page is HTML as the standard has it."""

import json
import subprocess
from collections.abc import Iterator

from tests.browser.built import BuiltSite
from tests.browser.conftest import checker_command
from tests.browser.visits import expect_none


def told_in(report: str, root: str) -> Iterator[str]:
    """Errors and warnings; what is neither is advice."""
    for told in json.loads(report)["messages"]:
        kind = told.get("subType", told["type"])
        if kind != "info":
            place = f"{told.get('url', '').partition(root)[2]}:{told.get('lastLine')}"
            yield f"{place}: {kind}: {told['message']}: {told.get('extract')!r}"


def test_the_nu_html_checker_finds_no_fault(site: BuiltSite) -> None:
    command = checker_command()

    done = subprocess.run(
        [
            *command,
            "--stdout",
            "--format",
            "json",
            "--exit-zero-always",
            "--skip-non-html",
            site.output,
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    expect_none(list(told_in(done.stdout, str(site.output))))


def test_every_picture_keeps_its_place_until_it_is_there(site: BuiltSite) -> None:
    faults = [
        f"{address}: {picture.get('src')!r} has no width and height"
        for address, page in site.trees.items()
        for picture in page.xpath("//img[not(@width and @height)]")
    ]

    expect_none(faults)
