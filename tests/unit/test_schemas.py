"""What editors are told and what the builder reads are one thing, on many examples."""

import json
import subprocess
import sys
from dataclasses import fields
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
import yaml

from builder.config import PROJECT, SiteConfig, read_config
from builder.errors import PostError, SettingsError
from builder.model import Source
from builder.parse.front_matter import (
    FRONT_MATTER,
    Head,
    execute_defaults,
    read_front_matter,
)
from builder.parse.options import BLOCK_OPTIONS, make_options, read_options
from builder.schemas import SCHEMAS, schema_of
from builder.settings import READERS

PATH = PurePosixPath("posts/2026-01-01-p.md")
SOURCE = Source(path=PATH, text="", named_date=date(2026, 1, 1), slug="p")
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def validator(what: str) -> Any:
    return jsonschema.Draft202012Validator(schema_of(what))


def as_json(value: object) -> object:
    """A value of YAML or TOML as JSON has it."""
    return json.loads(json.dumps(value, default=str))


@pytest.mark.parametrize("what", SCHEMAS)
def test_a_schema_is_one(what: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(what))


@pytest.mark.parametrize("what", SCHEMAS)
def test_the_command_prints_it(what: str) -> None:
    command = [sys.executable, str(PROJECT / "build.py"), "schema", what]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == as_json(schema_of(what))


OPTIONS = {
    "echo": (["true", "false"], ["1", "'true'", "no way", "null", "[true]"]),
    "label": (["name", "''", "'1'", "' a '"], ["1", "true", "[a]", "null", "2.5", "a b"]),
    "error": (["true", "false", "ValueError", "_E1", "Ошибка"], ["1", "a b", "a.b", "'1a'", "''"]),
    "seed": (["0", "7", "4294967295"], ["-1", "4294967296", "1.5", "true", "x"]),
    "timeout": (["1", "0.5", "1e-3", "999999"], ["0", "-1", "1000000", "true", "'1'", "null"]),
    "memory": (["1", "8000"], ["0", "-1", "1.5", "true", "x"]),
    "processes": (["0", "3"], ["-1", "1.5", "false", "x"]),
    "depends": (["a", "[a, b]", "[]"], ["1", "[1]", "{a: b}", "null"]),
    "tags": (["hide-input", "[hide-input, own]"], ["1", "[[a]]"]),
    "code-fold": (["true", "false", "show"], ["hide", "1", "null", "'true'"]),
    "classes": (["wide", ".wide .full", "[a, b]"], ["1", "{a: b}"]),
    "fig-width": (["0.5", "40", "3"], ["0.4", "40.1", "true", "'3'"]),
    "fig-format": (["svg", "png", "retina"], ["jpg", "true", "1", "[svg]"]),
    "fig-dpi": (["36", "600"], ["35", "601", "72.5", "true"]),
    "sweep": (
        ["{lr: [0.1, 0.5]}", "{a: [1, x], b: [true, false]}", "{größe: [1, 2]}"],
        [
            *("{lr: [1]}", "{lr: [1, 1]}", "{lr: 1}", "{}", "{1a: [1, 2]}", "{for: [1, 2]}"),
            *("{a: [1, 2], b: [1, 2], c: [1, 2]}", "{lr: [1, [2]]}", "[1, 2]", "{lr: [1, null]}"),
            "{lr: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]}",
        ],
    ),
    "emphasize-lines": (
        ["2", "'2, 4-6'", "2-4 7", "[1, 4-6]", "'1,2'", "007"],
        ["0", "'0'", "x", "true", "1.5", "[0]", "[a]", "'1-'", "'2,,x'", "[true]", "''", "null"],
    ),
    "ehco": ([], ["true"]),
}


@pytest.mark.parametrize("key", OPTIONS)
def test_block_options_agree(key: str) -> None:
    kinds = validator("block-options")
    for is_good, values in zip((True, False), OPTIONS[key], strict=True):
        for value in values:
            text = f"{key}: {value}"
            try:
                make_options(read_options(text, PATH, 1))
                is_read = True
            except PostError:
                is_read = False

            told = kinds.is_valid(as_json(yaml.safe_load(text.replace("1e-3", "0.001"))))
            assert (is_read, told) == (is_good, is_good), text


FRONT = {
    "title": (["Words", "2026", "true", "null", "''", "1.5"], ["[a]", "{a: b}"]),
    "date": (
        ["2026-01-02", "2026-1-2", "2026/01/02", "2026-01-02 10:00", "2026-01-02 10:00:00 +0100"],
        ["soon", "2026", "[2026-01-02]", "true", "2026-01", "2026-01/02"],
    ),
    "layout": (["post", "null"], ["[post]"]),
    "tags": (["a b", "[a, b]", "[]", "null", "2026", "[1, [a, b]]"], ["{a: b}", "[{a: b}]"]),
    "tag": (["a b", "[a]"], ["{a: b}"]),
    "categories": (["a b"], ["{a: b}"]),
    "category": (["a b"], ["{a: b}"]),
    "description": (["Words", "null"], ["[a]"]),
    "permalink": (
        ["/a/", "a", "/:year/:title/", "/a.b/", "null", "/a..b/"],
        [
            *("https://a.b/", "/a//b", "/../a", "../a", "/a/..", "/a?b", "/a#b", "/:yaer/"),
            *("[a]", "/./a", "."),
        ],
    ),
    "aliases": (
        ["/old/", "[/old/, old2, /a.html]", "[]", "null"],
        ["/:year/", "[/a//b]", "{a: b}", "[[/a/]]", "/", "[/../a]", "[https://a.b]", "['']"],
    ),
    "redirect_from": (["/old/"], ["/a?b"]),
    "draft": (["true", "false", "null"], ["1", "maybe", "'true'"]),
    "published": (["true"], ["maybe"]),
    "liquid": (["true", "null"], ["1"]),
    "series": (["Words", "null", "1"], ["[a]"]),
    "after": (["momentum", "[a, b]", "[]", "null", "[1]"], ["{a: b}", "[{a: b}]", "[[a]]", "['']"]),
    "updated": (["2026-02-01", "null"], ["soon", "1"]),
    "last_modified_at": (["2026-02-01"], ["soon"]),
    "math": (
        ["true", "false", "null", "{dollar: pandoc}", "{dollar: false}", "{dollar: kramdown}"],
        ["{dollar: true}", "{}", "{dollar: latex}", "pandoc", "{dollar: false, a: b}"],
    ),
    "macros": (
        ["{R: x}", "{n: [x, 1]}", "{}", "null"],
        ["{R1: x}", "{R: 1}", "{R: [x, 0]}", "{R: [x, 10]}", "{R: [x]}", "x", "{R: [1, 1]}"],
    ),
    "execute": (["{echo: false}", "{}"], ["{ehco: false}", "true", "null", "{echo: 1}"]),
    "excerpt": (["Words"], ["[a]"]),
    "slug": (["own"], []),
    "my_key": (["1", "[a]", "{a: {b: c}}"], []),
}


@pytest.mark.parametrize("key", FRONT)
def test_front_matter_agrees(key: str) -> None:
    kinds = validator("front-matter")
    for is_good, values in zip((True, False), FRONT[key], strict=True):
        for value in values:
            head = Head(f"{key}: {value}", 0)
            try:
                read_front_matter(head, SOURCE, SiteConfig(), {"post"})
                make_options(execute_defaults(head, SOURCE))
                is_read = True
            except PostError:
                is_read = False

            told = kinds.is_valid(as_json(yaml.safe_load(head.text)))
            assert (is_read, told) == (is_good, is_good), head.text


SETTINGS: dict[str, tuple[list[object], list[object]]] = {
    "title": (["A"], ["", " ", "a\nb", 1]),
    "author": (["", "Ada"], [1]),
    "description": ([""], [True]),
    "url": (["https://a.b", "http://a.b/"], ["a.b", "ftp://a.b", "https://a.b/c", 1]),
    "base_path": (["", "/a", "a/b/"], ["/a b", "/../a", "/ä", 1]),
    "permalink": (["/:year/", "/a"], ["a", "/:yaer/", "/../a", "/a/..", 1]),
    "language": (["de", "pt-BR", "zh-Hant-TW"], ["", "en_US", "English", "de\nx", "en-", 1]),
    "time_zone": (["Europe/Berlin"], [1]),
    "feed_size": ([1, 20], [0, "1", True, 1.5]),
    "home_size": ([1], [0]),
    "navigation": ([{"A": "/a/"}, {}], [{"A": "a"}, {"A": 1}, [], {"A": "//a"}, {"A": "/a b"}]),
    "links": ([{"A": "https://a.b"}, {"A": "mailto:a@b"}], ["x"]),
    "social_cards": ([True], [1]),
    "timeout": ([1, 0.5], [0, True, "1", 1_000_000]),
    "memory": ([1], [0]),
    "processes": ([1], [0]),
    "output_limit": ([1], [0]),
    "execute": ([{"echo": False}, {}], [1]),
    "checkpoints": ([1], [0]),
    "checkpoint_memory": ([1], [0]),
    "cache_size": ([1], [0]),
    "macros": ([{"R": "x"}, {"n": ["x", 1]}], [{"R1": "x"}, {"n": ["x", 0]}, 1]),
    "math": ([{"dollar": False}, {"dollar": "pandoc"}], [True, {"dollar": True}, {}]),
    "smart_quotes": ([False], ["no"]),
    "untrusted": ([True], ["no"]),
    "liquid": ([True], ["yes"]),
    "variables": ([{"a": [1, {"b": 2}]}], [1]),
    "layouts": ([{"single": "post"}], [{"single": 1}, 1]),
    "feed-size": ([3], [0]),
    "titel": ([], ["x"]),
}


@pytest.mark.parametrize("key", SETTINGS)
def test_settings_agree(key: str) -> None:
    kinds = validator("settings")
    for is_good, values in zip((True, False), SETTINGS[key], strict=True):
        for value in values:
            try:
                read_config({key: value}, Path("pyproject.toml"))
                is_read = True
            except SettingsError:
                is_read = False

            told = kinds.is_valid({"tool": {"site": {key: value}, "other": 1}})
            assert (is_read, told) == (is_good, is_good), (key, value)


def test_every_key_has_examples_a_meaning_and_its_place_in_the_schema() -> None:
    front: Any = schema_of("front-matter")["properties"]
    options: Any = schema_of("block-options")["properties"]
    settings: Any = schema_of("settings")
    site = settings["properties"]["tool"]["properties"]["site"]["properties"]

    assert list(front) == list(FRONT_MATTER)
    assert list(options) == list(BLOCK_OPTIONS)
    assert set(site) == set(READERS) == {field.name for field in fields(SiteConfig)}
    assert set(FRONT_MATTER) <= set(FRONT)
    assert set(site) <= set(SETTINGS)
    assert all(each["description"] for group in (front, options, site) for each in group.values())


def test_the_projects_own_settings_and_posts_are_valid() -> None:
    front = validator("front-matter")
    for path in sorted((PROJECT / "posts").glob("*.md")):
        head = path.read_text(encoding="utf-8").split("---\n")[1]

        assert list(front.iter_errors(as_json(yaml.safe_load(head)))) == []
