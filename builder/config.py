"""The settings of a site, `[tool.site]` of its `pyproject.toml`, and of one build."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from builder.errors import SettingsError, did_you_mean
from builder.kinds import Kind, kind, read_macros, read_math
from builder.model import Dollar

PLACEHOLDERS = (
    *("categories", "day", "i_day", "i_month", "month"),
    *("short_year", "slug", "slugified_categories", "title", "y_day", "year"),
)
"""What `:name` may be in a permalink."""

NO_CLIMBING = r"(?!.*(^|/)\.\.?(/|$))"
KNOWN_PLACEHOLDERS = rf"(?!.*:(?!({'|'.join(PLACEHOLDERS)})(?!\w))\w)"
"""What patterns say of addresses: no part climbs, and what `:name` may be."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """How to build."""

    output: Path
    today: date
    """The last day whose posts are not held back."""

    jobs: int | None = None
    """Posts that run at once; as many as there are cores where None."""

    with_drafts: bool = False
    with_future: bool = False
    keeps_going: bool = False
    """Publish what can be, with each problem shown in its place."""

    is_strict: bool = False
    """Warnings fail the build."""

    is_fresh: bool = False
    """Run every block, whatever is known."""

    is_frozen: bool = False
    """Run no block: a post whose results are not all known is an error."""

    is_forking: bool = True
    """Fork each post from a warm interpreter, where the system can."""

    cluster: str | None = None
    """Where the Dask scheduler is whose workers run the posts: `tcp://HOST:PORT`."""


def open_site(root: Path) -> Site:
    """Read the settings of the site at `root`.

    Raises:
        SettingsError: `root` is no folder, or a setting is unknown or of the wrong kind.
    """
    if not root.is_dir():
        raise SettingsError(f"{root}: there is no such folder (name a site's folder with --root)")
    for folder in (root, PROJECT):
        path = folder / SETTINGS_FILE
        table = _read_table(path)
        if table is not None:
            return Site(root=root, config=read_config(table, path))
    return Site(root=root, config=SiteConfig())


def read_config(table: Mapping[str, object], path: Path) -> SiteConfig:
    """Turn a `[tool.site]` table into settings; `path` names its file in errors.

    Raises:
        SettingsError: a key is unknown, or its value is of the wrong kind.
    """
    known = {f.name for f in fields(SiteConfig)}
    values: dict[str, object] = {}
    for key, value in table.items():
        where = _place(path, key)
        name = key.replace("-", "_")
        if name not in known:
            hint = did_you_mean(name, known) or f"known are {', '.join(sorted(known))}"
            raise SettingsError(f"{where}: unknown key {key!r} in [tool.site] ({hint})")
        try:
            values[name] = READERS[name](value)
        except ValueError as error:
            raise SettingsError(f"{where}: {key} = {value!r}: {error}") from None
    return SiteConfig(**values)  # type: ignore[arg-type]  # each was read by its reader


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
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from None
    tools = settings.get("tool", {})
    table = tools.get("site") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{_place(path, 'site')}: tool.site must be a table, as [tool.site]")
    return table


def _place(path: Path, key: str) -> str:
    """`pyproject.toml:12`: the first line that sets `key` after the `[tool.site]` line."""
    is_inside = False
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, start=1):
        is_inside = is_inside or line.strip().startswith("[tool.site")
        if is_inside and re.match(rf"\s*(\[tool\.site\.)?\"?{re.escape(key)}\"?\s*[=\]]", line):
            return f"{path}:{number}"
    return str(path)


@kind({"type": "string"})
def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


@kind({"type": "string", "pattern": r"^(?=.*\S)[^\n]*$"})
def _one_line(value: object) -> str:
    if not _text(value).strip() or "\n" in _text(value):
        raise ValueError("must be one line of text")
    return _text(value)


@kind({"type": "string", "pattern": r"^https?://[^/\s]+/?$"})
def _url(value: object) -> str:
    match = re.fullmatch(r"(https?://[^/\s]+)/?", _text(value))
    if not match:
        raise ValueError(
            "must be scheme and host, such as 'https://name.github.io'; a path goes into base_path"
        )
    return match[1]


@kind({"type": "string", "pattern": r"^(?!.*\.\.)[A-Za-z0-9_.~/-]*$"})
def _base_path(value: object) -> str:
    path = _text(value).strip("/")
    if not re.fullmatch(r"[\w.~/-]*", path, re.ASCII) or ".." in path:
        raise ValueError("must be a path of letters, digits, '-', '.', '_' and '~'")
    return f"/{path}" if path else ""


@kind({"type": "string", "pattern": rf"^{NO_CLIMBING}{KNOWN_PLACEHOLDERS}/"})
def _permalink(value: object) -> str:
    path = _text(value)
    if not path.startswith("/") or {".", ".."} & set(path.split("/")):
        raise ValueError("must begin with '/', such as '/:year/:month/:day/:title/'")
    unknown = next((n for n in re.findall(r":(\w+)", path) if n not in PLACEHOLDERS), None)
    if unknown is not None:
        hint = did_you_mean(unknown, PLACEHOLDERS) or f"known are {', '.join(PLACEHOLDERS)}"
        raise ValueError(f"there is no ':{unknown}' ({hint})")
    return path


@kind({"type": "string"})
def _time_zone(value: object) -> str:
    try:
        ZoneInfo(_text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a known time zone, such as 'Europe/Berlin'") from None
    return _text(value)


@kind({"type": "integer", "minimum": 1})
def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("must be a whole number of at least 1")
    return value


@kind({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1_000_000})
def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e6:
        raise ValueError("must be a number of seconds above 0")
    return float(value)


@kind({"type": "boolean"})
def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


@kind({"type": "object"})
def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("must be a table, such as {echo = false}")
    return value


@kind(
    {
        "type": "object",
        "additionalProperties": {
            "type": "string",
            "pattern": r"^(https?://|mailto:|/(?!/))\S*$",
        },
    }
)
def _links(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError("must be a table of addresses, such as {About = '/about/'}")
    for name, address in value.items():
        if not re.match(r"https?://|mailto:|/(?!/)", address) or re.search(r"\s", address):
            raise ValueError(
                f"{name}: {address!r} is no address: begin it with '/', 'https://' or 'mailto:'"
            )
    return value


@kind({"type": "object", "additionalProperties": {"type": "string"}})
def _layouts(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError("must be a table of names, such as {single = 'post'}")
    return value


READERS: Mapping[str, Kind[Any]] = {
    "title": _one_line,
    "author": _text,
    "description": _text,
    "url": _url,
    "base_path": _base_path,
    "permalink": _permalink,
    "language": _one_line,
    "time_zone": _time_zone,
    "feed_size": _whole,
    "home_size": _whole,
    "navigation": _links,
    "links": _links,
    "social_cards": _flag,
    "timeout": _seconds,
    "memory": _whole,
    "processes": _whole,
    "output_limit": _whole,
    "execute": _table,
    "checkpoints": _whole,
    "checkpoint_memory": _whole,
    "cache_size": _whole,
    "macros": read_macros,
    "math": read_math,
    "smart_quotes": _flag,
    "liquid": _flag,
    "variables": _table,
    "layouts": _layouts,
}
