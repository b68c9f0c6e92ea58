"""Settings of a site: what is wrong is told with its key and the line where it stands."""

from pathlib import Path

import pytest

from builder.config import open_site
from builder.errors import SettingsError

NO_TITLE = "title = 1: must be a string"
NINES = "9" * 5000


def refusal_of(root: Path, settings: str) -> str:
    (root / "pyproject.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        open_site(root)
    return str(caught.value).removeprefix(f"{root}/pyproject.toml")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.site]\ntitle = 1\n", f":2: {NO_TITLE}"),
        ("[tool.site]\n'title' = 1\n", f":2: {NO_TITLE}"),
        ('[ tool . "site" ]\nauthor = "title = 1"\n\ntitle = 1\n', f":4: {NO_TITLE}"),
        ("[tool]\nsite.title = 1\n", f":2: {NO_TITLE}"),
        ("tool.site.title = 1\n", f":1: {NO_TITLE}"),
        ("[tool]\nsite = { author = 'a', title = 1 }\n", f":2: {NO_TITLE}"),
        (
            "[tool.site]\nauthor = '''\n[tool.site]\ntitle = 1\n'''\n# title\ntitle = 1\n",
            f":7: {NO_TITLE}",
        ),
        (
            "[tool.site]\nauthor = 'a'\ntitle = [\n  1,\n  2,\n]\n",
            ":3: title = [1, 2]: must be a string",
        ),
        (
            "[tool.site]\nnavigation.About = 3\n",
            ":2: navigation = {'About': 3}: must be a table of addresses, such as "
            "{About = '/about/'}",
        ),
        (
            "[tool.site]\ntitle = 'a'\n\n[tool.site.links]\na = 'b'\n",
            ":4: links = {'a': 'b'}: a: 'b' is no address: begin it with '/', 'https://' or "
            "'mailto:'",
        ),
        ("[tool]\nsite = 1\n", ":2: tool.site must be a table, as [tool.site]"),
        (
            "[tool.site]\npermalink = '/:title/#top'\n",
            ":2: permalink = '/:title/#top': must hold no '?', '#', backslash or control character",
        ),
        (
            '[tool.site]\npermalink = "/\\u0000/"\n',
            ":2: permalink = '/\\x00/': must hold no '?', '#', backslash or control character",
        ),
        (
            "[tool.site]\nfeed_size = 3\n\nfeed-size = 3\n",
            ":4: feed-size is said twice, as feed_size and as feed-size (leave one out)",
        ),
        (
            "[tool.site]\nlanguage = 'en_US.UTF-8'\n",
            ":2: language = 'en_US.UTF-8': is no language tag (did you mean 'en-US'?)",
        ),
        (
            "[tool.site]\nlanguage = 'English'\n",
            ":2: language = 'English': is no language tag (write one such as 'en' or 'pt-BR')",
        ),
        (
            f"[tool.site]\nfeed_size = 0x{NINES}\n",
            ":2: feed_size is a number of thousands of digits",
        ),
        (
            f"[tool.site]\nvariables = {{x = [0x{NINES}]}}\n",
            ":2: variables is a number of thousands of digits",
        ),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(tmp_path: Path, settings: str, message: str) -> None:
    assert refusal_of(tmp_path, settings) == message


@pytest.mark.parametrize(
    "settings", ["[tool.site", f"feed_size = {NINES}", f"x = {'[' * 3000}{']' * 3000}", "a\rb"]
)
def test_settings_that_cannot_be_read_are_told(tmp_path: Path, settings: str) -> None:
    assert refusal_of(tmp_path, settings).startswith(": not valid TOML: ")
