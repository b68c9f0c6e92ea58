"""Every page is HTML as the standard has it: the Nu HTML checker has nothing to say."""

import json
import subprocess

from tests.browser.built import BuiltSite
from tests.browser.conftest import checker_command
from tests.browser.visits import expect_none


def test_the_checker_finds_nothing(site: BuiltSite) -> None:
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

    faults: dict[str, int] = {}
    for told in json.loads(done.stdout)["messages"]:
        place = told.get("url", "").partition(str(site.output))[2]
        kind = told.get("subType", told["type"])
        line = f"{place}:{told.get('lastLine')}: {kind}: {told['message']}: {told.get('extract')!r}"
        faults[line] = 1
    expect_none(list(faults))
