from pathlib import Path

import pytest
import yaml

from builder.config import SiteConfig, open_site
from builder.errors import SettingsError
from builder.importing.jekyll.macros import Macros
from builder.importing.jekyll.settings import Told, settings_of, write_settings

USUAL = {
    "permalink": "/:categories/:year/:month/:day/:title.html",
    "liquid": True,
    "smart_quotes": True,
}
"""What a blog whose `_config.yml` says nothing becomes."""


def told(
    variables: tuple[str, ...] = (),
    layouts: tuple[str, ...] = (),
    macros: Macros | None = None,
    has_dollars: bool = False,
) -> Told:
    return Told(variables, layouts, macros or {}, has_dollars)


def settings(text: str, of_posts: Told | None = None) -> tuple[dict[str, object], list[str]]:
    """The settings that differ from the usual ones, and the remarks."""
    remarks: list[str] = []
    made = settings_of(yaml.safe_load(text) or {}, of_posts or told(), remarks)
    assert made.keys() >= USUAL.keys()
    return {k: v for k, v in made.items() if v != USUAL.get(k)}, remarks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("title: A", {"title": "A"}),
        ("title: ''", {}),
        ("description: >\n  a\n  b", {"description": "a b"}),
        ("timezone: Europe/Berlin", {"time_zone": "Europe/Berlin"}),
        ("author: Ada", {"author": "Ada"}),
        ("author: {name: Ada, email: a@x}", {"author": "Ada"}),
        ("author: {email: a@x}", {}),
        ("author: [Ada]", {}),
        ("lang: de", {"language": "de"}),
        ("lang: de_DE", {"language": "de-DE"}),
        ("locale: en-US", {"language": "en-US"}),
        ("url: https://x.example", {"url": "https://x.example"}),
        ("url: https://x.example/", {"url": "https://x.example"}),
        ("url: http://localhost:4000", {"url": "http://localhost:4000"}),
        ("url: ''", {}),
        ("url: //x.example", {}),
        ("url: https://x.example/ml", {"url": "https://x.example", "base_path": "/ml"}),
        ("url: https://x.example/ml/", {"url": "https://x.example", "base_path": "/ml"}),
        (
            "url: https://x.example/old\nbaseurl: /ml/",
            {"url": "https://x.example", "base_path": "/ml"},
        ),
        ("baseurl: ml", {"base_path": "/ml"}),
        ("baseurl: ''", {}),
        ("baseurl: /", {}),
        ("theme: minima\nplugins: [a]\nexclude: [b]\nlimit_posts: 3", {}),
    ],
)
def test_what_config_yml_says_becomes_settings(text: str, expected: dict[str, object]) -> None:
    assert settings(text) == (expected, [])


@pytest.mark.parametrize(
    ("told_link", "permalink"),
    [
        ("date", "/:categories/:year/:month/:day/:title.html"),
        ("pretty", "/:categories/:year/:month/:day/:title/"),
        ("ordinal", "/:categories/:year/:y_day/:title.html"),
        ("none", "/:categories/:title.html"),
        ("/blog/:title", "/blog/:title"),
        ("/:title.html", "/:title.html"),
        (":year/:title/", "/:year/:title/"),
        ("/:title:output_ext", "/:title.html"),
        ("/:short_year/:i_month/:i_day/:slug", "/:short_year/:i_month/:i_day/:slug"),
        ("/:year-:month-:day-:title/", "/:year-:month-:day-:title/"),
    ],
)
def test_addresses_stay_what_they_were(told_link: str, permalink: str) -> None:
    remarks: list[str] = []

    made = settings_of({"permalink": told_link}, told(), remarks)

    assert (made["permalink"], remarks) == (permalink, [])


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("weekdate", "week"), ("/:collection/:title", "collection"), ("/:hour/:title/", "hour")],
)
def test_an_address_that_cannot_be_made_here_is_remarked(pattern: str, name: str) -> None:
    made, remarks = settings(f"permalink: {pattern}")

    assert made == {"permalink": "/:categories/:year/:month/:day/:title/"}
    assert remarks == [f"permalink: {pattern!r}: there is no ':{name}' here; addresses change"]


@pytest.mark.parametrize(
    ("text", "permalink"),
    [
        ("defaults:\n- scope: {path: '', type: posts}\n  values: {permalink: /p/:title/}", "/p/"),
        (
            "defaults:\n- scope: {type: pages}\n  values: {permalink: /q/}\n"
            "- scope: {type: posts}\n  values: {layout: post}\n"
            "- scope: {type: posts}\n  values: {permalink: /p/:title/}",
            "/p/",
        ),
        ("permalink: /own/:title/\ndefaults:\n- scope: {type: posts}\n  values: {permalink: /p/}",
         "/own/"),
    ],
)  # fmt: skip
def test_defaults_for_posts_say_where_posts_lie(text: str, permalink: str) -> None:
    assert settings(text) == ({"permalink": f"{permalink}:title/"}, [])


@pytest.mark.parametrize("defaults", ["x", "{a: b}", "[x]", "[{scope: x}]", "[{values: {a: b}}]"])
def test_defaults_that_are_none_are_passed_over(defaults: str) -> None:
    assert settings(f"defaults: {defaults}") == ({}, [])


@pytest.mark.parametrize(
    ("text", "has_smart_quotes"),
    [
        ("", True),
        ("markdown: kramdown", True),
        ("kramdown: {input: GFM}", True),
        ("kramdown: {smart_quotes: 'lsquo,rsquo,ldquo,rdquo'}", True),
        ("kramdown: {smart_quotes: 'apos,apos,quot,quot'}", False),
        ("kramdown: {smart_quotes: [apos, apos, quot, quot]}", False),
        ("markdown: CommonMark", False),
        ("markdown: GFM", False),
    ],
)
def test_quotes_are_typographic_as_by_kramdown(text: str, has_smart_quotes: bool) -> None:
    assert settings(text) == ({} if has_smart_quotes else {"smart_quotes": False}, [])


def test_that_days_to_come_are_built_is_remarked() -> None:
    assert settings("future: true") == (
        {},
        ["future: true: posts of days to come are built with --future"],
    )


def test_variables_that_posts_read_are_kept_as_toml_can_hold_them() -> None:
    text = (
        "a: 1\nb: {c: [1, 2026-01-01, null], d: null}\ne: 2026-01-02\nf: yes\ng: null\nh: {}\n"
        "i: 1.5\nj: []\nunread: x"
    )

    made, _ = settings(text, told(variables=tuple("abefghijz")))

    assert made == {
        "variables": {
            "a": 1,
            "b": {"c": [1, "2026-01-01"]},
            "e": "2026-01-02",
            "f": True,
            "i": 1.5,
            "j": [],
        }
    }


def test_what_the_posts_tell_becomes_settings() -> None:
    macros: Macros = {"R": r"\mathbb{R}", "norm": (r"\lVert #1 \rVert", 1)}

    made, _ = settings("", told(layouts=("single", "about"), macros=macros, has_dollars=True))

    assert made == {
        "math": {"dollar": "kramdown"},
        "layouts": {"about": "post", "single": "post"},
        "macros": {"R": r"\mathbb{R}", "norm": [r"\lVert #1 \rVert", 1]},
    }


def test_settings_are_written_where_there_are_none(tmp_path: Path) -> None:
    kept = write_settings(tmp_path, {"title": "A", "macros": {"n": ["#1", 1]}, "liquid": True})

    assert kept == []
    assert open_site(tmp_path).config == SiteConfig(title="A", macros={"n": ("#1", 1)}, liquid=True)


def test_ones_own_settings_comments_and_order_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(
        '[project]\nname = "x"  # a name\n\n[tool.site]\n# mine\ntitle = "Mine"   # t\n'
        "feed_size = 3\n\n[tool.ruff]\nline-length = 9\n",
        encoding="utf-8",
    )

    kept = write_settings(tmp_path, {"title": "Theirs", "author": "Ada", "feed_size": 3})

    assert kept == ["title stays 'Mine'; the blog says 'Theirs'"]
    assert path.read_text(encoding="utf-8") == (
        '[project]\nname = "x"  # a name\n\n[tool.site]\n# mine\ntitle = "Mine"   # t\n'
        'feed_size = 3\nauthor = "Ada"\n\n[tool.ruff]\nline-length = 9\n'
    )


@pytest.mark.parametrize(
    "before",
    [
        "",
        "[tool.ruff]\nx = 1\n",
        '[tool.site]\nfeed_size = 3\n\n[tool.site.macros]\nR = "r"\n',
        "[tool]\n[tool.site]\n",
        "tool.site.feed_size = 3\n",
        "tool = {site = {feed_size = 3}}\n",
    ],
)
def test_settings_are_written_into_any_form_of_a_file(tmp_path: Path, before: str) -> None:
    (tmp_path / "pyproject.toml").write_text(before, encoding="utf-8")

    write_settings(tmp_path, {"title": "A", "macros": {"R": "own"}})

    config = open_site(tmp_path).config
    assert config.title == "A"
    assert config.feed_size == (3 if "feed_size" in before else 20)
    assert config.macros == {"R": "r" if "macros" in before else "own"}


def test_a_file_with_nothing_new_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(b"[tool.site]\r\ntitle='A'")

    write_settings(tmp_path, {"title": "B"})

    assert path.read_bytes() == b"[tool.site]\r\ntitle='A'"


@pytest.mark.parametrize(
    ("before", "settings"),
    [("title = ", {"title": "A"}), ("tool = 3\n", {"title": "A"}), ("", {"time_zone": "Mars"})],
)
def test_settings_that_cannot_be_written_are_told_and_the_file_stays(
    tmp_path: Path, before: str, settings: dict[str, object]
) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(before, encoding="utf-8")

    with pytest.raises(SettingsError) as caught:
        write_settings(tmp_path, settings)

    assert str(caught.value).startswith(str(path))
    assert path.read_text(encoding="utf-8") == before


def test_a_setting_that_cannot_be_is_left_out_and_remarked() -> None:
    made, remarks = settings("timezone: Mars/Olympus")

    assert made == {}
    assert len(remarks) == 1
    assert remarks[0].startswith("time_zone = 'Mars/Olympus' is left out: ")


def test_defaults_of_the_collection_of_posts_and_of_folders() -> None:
    assert settings("collections: {posts: {permalink: '/p/:title/'}}") == (
        {"permalink": "/p/:title/"},
        [],
    )

    made, remarks = settings(
        "defaults:\n- scope: {path: _posts/old, type: posts}\n  values: {permalink: /old/:title/}"
    )

    assert made == {}
    assert remarks == ["permalink: '/old/:title/' of _posts/old: say it in each post there"]


def test_settings_that_cannot_be_read_or_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"pyproject\.toml cannot be read: "):
        write_settings(tmp_path, {"title": "A"})

    with pytest.raises(SettingsError, match=r"pyproject\.toml cannot be written: No such file"):
        write_settings(tmp_path / "none", {"title": "A"})
