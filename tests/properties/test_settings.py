"""Whatever settings say, they are read, or refused with their key and its line."""

from pathlib import Path

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from builder.config import SiteConfig, open_site
from builder.errors import SettingsError
from builder.settings import READERS
from tests.properties.profile import SEARCH

KEYS = st.sampled_from(sorted(READERS)) | st.sampled_from(["titel", "feed-size", "x y", "é", '"'])
WORDS = st.sampled_from(
    [
        *("", " ", "a", "UTC", "Europe", "../x", "https://a.example", "https://[", "mailto:x"),
        *("/", "/a/", "//a", "/:year/", "/:yaer/", "/../", "pandoc", "post", "\\x", "a\nb", "\0"),
    ]
)
SCALARS = (
    st.booleans()
    | st.integers(-3, 10)
    | st.sampled_from([2**70, 10**4299, float("nan"), float("inf"), 0.5, 1e6])
    | WORDS
    | st.text(max_size=4)
    | st.dates()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "dollar", "echo", "memory", "About"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


@SEARCH
@given(
    table=st.dictionaries(KEYS, VALUES, max_size=3),
    others=st.integers(0, 2),
)
def test_settings_are_read_or_refused_with_key_and_line(
    tmp_path: Path, table: dict[str, object], others: int
) -> None:
    above = "# title = 1\n" * others
    text = above + tomlkit.dumps({"tool": {"other": {"title": 1}, "site": table}})
    path = tmp_path / "pyproject.toml"
    path.write_text(text, encoding="utf-8", newline="")

    try:
        config = open_site(tmp_path).config
    except SettingsError as error:
        place, _, message = str(error).partition(": ")
        file, _, line = place.rpartition(":")
        key = next(key for key in table if message.startswith((key, f"unknown key {key!r}")))
        assert file == str(path)
        assert key.replace('"', '\\"') in text.split("\n")[int(line) - 1]
    else:
        assert isinstance(config, SiteConfig)
        assert repr(config) == repr(open_site(tmp_path).config)
