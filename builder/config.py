"""The settings of a site, `[tool.site]` of its `pyproject.toml`, and where its parts lie."""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from builder.errors import SettingsError, did_you_mean
from builder.model import Dollar
from builder.settings import READERS

PROJECT = Path(__file__).resolve().parent.parent
"""Where the project's own posts, templates, assets and settings lie."""

CACHE = ".cache"
"""The folder for results of earlier builds, below a site's root."""

SETTINGS_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConfig:
    """What `[tool.site]` may say, with what holds where it says nothing."""

    title: str = "One topic a day"
    """Stands at the head of every page and of the feeds."""

    author: str = ""
    """Who writes, at the foot of every page and in the feeds."""

    description: str = ""
    """What the blog is about, in a sentence."""

    url: str = "https://example.org"
    """Scheme and host, for addresses that must be absolute (feeds)."""

    base_path: str = ""
    """The path below which the site is served, such as `/repository`; no slash at its end."""

    permalink: str = "/:year/:month/:day/:title/"
    """The addresses of posts."""

    language: str = "en"
    """That posts are written in, as in `en` or `de`."""

    time_zone: str = "UTC"
    """Decides which day it is, and so which posts still lie in the future."""

    feed_size: int = 20
    """Posts in a feed, the latest."""

    home_size: int = 10
    """Posts on the home page below the latest one."""

    navigation: Mapping[str, str] = field(default_factory=dict)
    """More links at the head of each page, by name: `{About = "/about/"}`."""

    links: Mapping[str, str] = field(default_factory=dict)
    """Where the author is elsewhere, at the foot of each page: `{GitHub = "https://…"}`."""

    social_cards: bool = True
    """Draw a picture of each post for those who pass its address on."""

    timeout: float = 60.0
    """Seconds that a block may run, where it sets no time limit itself."""

    memory: int = 4096
    """Megabytes that the processes of one post may hold together."""

    processes: int = 64
    """Processes that one post may have started at a time."""

    output_limit: int = 1_000_000
    """Bytes of text that one block may print; what is beyond is counted, not shown."""

    execute: Mapping[str, object] = field(default_factory=dict)
    """Options for all blocks, such as `{echo = false}`."""

    checkpoints: int = 12
    """Copies of a post's process that wait, in a process that stays, to go on from."""

    checkpoint_memory: int = 2000
    """Megabytes that the copies for one post may take."""

    cache_size: int = 2000
    """Megabytes that results of earlier builds may take."""

    macros: Mapping[str, str | tuple[str, int]] = field(default_factory=dict)
    """TeX macros by name, without the backslash: the TeX, or it and its number of arguments."""

    smart_quotes: bool = False
    """Straight quotes, `--` and `...` become typographic ones, in the language's own way."""

    math: Dollar | None = None
    """What single dollars mean, `{dollar = "pandoc"}`; where None, they are dollars."""

    liquid: bool = False
    """Liquid runs in every post, as in Jekyll, before anything else."""

    untrusted: bool = False
    """Posts are not trusted: nothing in them runs, and only harmless HTML and files stay."""

    variables: Mapping[str, object] = field(default_factory=dict)
    """What `{{ site.NAME }}` says, beside the settings."""

    layouts: Mapping[str, str] = field(default_factory=dict)
    """Layouts that posts name, and which one of the templates' is meant: `{single = "post"}`."""

    def today(self, now: datetime) -> date:
        """Say which day it is in the site's time zone."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site folder: its settings and where each of its parts lies."""

    root: Path
    config: SiteConfig

    @property
    def posts(self) -> Path:
        """Falls back to the project's own posts."""
        return self._own_or_project("posts")

    @property
    def templates(self) -> Path:
        """Falls back to the project's own templates."""
        return self._own_or_project("templates")

    @property
    def assets(self) -> Path:
        """Falls back to the project's own assets."""
        return self._own_or_project("assets")

    @property
    def content_root(self) -> Path:
        """The folder that paths of posts are relative to."""
        return self.posts.parent

    def _own_or_project(self, name: str) -> Path:
        own = self.root / name
        return own if own.is_dir() else PROJECT / name


def open_site(root: Path, *, is_untrusted: bool = False) -> Site:
    """Read the settings of the site at `root`; `is_untrusted` is one that goes before them.

    Raises:
        SettingsError: `root` is no folder, or a setting is unknown or of the wrong kind.
    """
    if not root.is_dir():
        raise SettingsError(f"{root}: there is no such folder (name a site's folder with --root)")
    said = {"untrusted": True} if is_untrusted else {}
    for folder in (root, PROJECT):
        path = folder / SETTINGS_FILE
        table = _read_table(path)
        if table is not None:
            return Site(root=root, config=read_config({**table, **said}, path))
    return Site(root=root, config=read_config(said, root))


def read_config(table: Mapping[str, object], path: Path) -> SiteConfig:
    """Turn a `[tool.site]` table into settings; `path` names its file in errors.

    Raises:
        SettingsError: a key is unknown, or its value is of the wrong kind.
    """
    values: dict[str, object] = {}
    for key, value in table.items():
        try:
            name, read = _read_setting(key, value)
            if name in values:
                other = name.replace("_", "-")
                raise ValueError(f"{key} is said twice, as {name} and as {other} (leave one out)")
        except ValueError as error:
            raise SettingsError(f"{_place(path, 'tool', 'site', key)}: {error}") from None
        values[name] = read
    return SiteConfig(**values)  # type: ignore[arg-type]  # each was read by its reader


def _read_setting(key: str, value: object) -> tuple[str, object]:
    """The name of a setting, and its value.

    Raises:
        ValueError: it is unknown, or its value is of the wrong kind.
    """
    name = key.replace("-", "_")
    if name not in READERS:
        hint = did_you_mean(name, READERS) or f"known are {', '.join(sorted(READERS))}"
        raise ValueError(f"unknown key {key!r} in [tool.site] ({hint})")
    try:
        written = repr(value)
    except ValueError:
        raise ValueError(f"{key} is a number of thousands of digits") from None
    try:
        return name, READERS[name](value)
    except ValueError as error:
        raise ValueError(f"{key} = {written}: {error}") from None


def _read_table(path: Path) -> Mapping[str, object] | None:
    """The `[tool.site]` table of a settings file; None where there is none."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from None
    tools = settings.get("tool", {})
    table = tools.get("site") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        where = _place(path, "tool", "site")
        raise SettingsError(f"{where}: tool.site must be a table, as [tool.site]")
    return table


def _place(path: Path, *keys: str) -> str:
    """`pyproject.toml:12`: the first line of what sets a key within tables."""
    lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    begins = 1
    for number in range(1, len(lines) + 1):
        with suppress(tomllib.TOMLDecodeError):  # in the middle of a value
            settings: object = tomllib.loads("\n".join(lines[:number]))
            for key in keys:
                settings = settings.get(key) if isinstance(settings, dict) else None
            if settings is not None:
                return f"{path}:{begins}"
            begins = number + 1
    return str(path)
